"""The command palette: ``noun: verb`` for what can be done, and the keys of where one is."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from workbench.i18n import N_, _
from workbench.tui.keys import noun_of

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

COMMANDS = (
    (N_("library: show"), "app.show('library')", N_("Articles, the text, its results")),
    (N_("library: add files or folders"), "app.add", N_("Take articles into the library")),
    (N_("library: watched folders"), "app.show('watched')", N_("What comes in is taken in")),
    (
        N_("article: summarise"),
        "app.summarize_selected",
        N_("The open article, or all marked ones"),
    ),
    (N_("articles: compare"), "app.show('compare')", N_("The marked articles, claim by claim")),
    (N_("articles: ask"), "app.show('ask')", N_("A question to an article, some, or all")),
    (N_("queue: show"), "app.show('queue')", N_("What runs, waits and has ended")),
    (N_("models: show"), "app.show('models')", N_("Get, change and set up models")),
    (N_("prompts: show"), "app.show('prompts')", N_("Templates: preview, edit, write new ones")),
    (N_("settings: change"), "app.show('settings')", N_("Every setting, explained")),
    (N_("log: show"), "app.show('log')", N_("What was told in passing")),
    (N_("help: first steps"), "app.first_steps", N_("A model and articles")),
    (N_("help: keys that work here"), "app.help", N_("And how to change them")),
    (N_("theme: dark"), "app.use_theme('workbench-dark')", N_("Light letters on dark")),
    (N_("theme: light"), "app.use_theme('workbench-light')", N_("Dark letters on light")),
    (N_("app: quit"), "app.quit", N_("What runs goes on at the next start")),
)


class WorkbenchCommands(Provider):
    """Offers the commands of the app and the keys of the screen."""

    def _offered(self) -> Iterator[tuple[str, str, str]]:
        for name, action, about in COMMANDS:
            yield _(name), action, _(about)
        app = cast("WorkbenchApp", self.app)
        for active in self.screen.active_bindings.values():
            binding = active.binding
            inner = (binding.id or "").partition(".")[0] in ("", "app", "lines", "dialog")
            if active.enabled and binding.description and not inner:
                name = f"{noun_of(binding.id)}: {_(binding.description)}"
                yield name, binding.action, app.get_key_display(binding)

    def _run(self, action: str) -> Any:
        async def run() -> None:
            focused = self.screen.focused or self.screen
            await self.app.run_action(action, default_namespace=focused)

        return partial(self.app.call_later, run)

    async def discover(self) -> Hits:
        """Offer everything while nothing is typed."""
        for name, action, about in self._offered():
            yield DiscoveryHit(name, self._run(action), help=about)

    async def search(self, query: str) -> Hits:
        """Offer what matches."""
        matcher = self.matcher(query)
        for name, action, about in self._offered():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), self._run(action), help=about)
