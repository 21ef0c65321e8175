"""The app: which screen is shown, what is open and marked, and what the desk tells."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import Screen

from workbench.desk.desk import Desk
from workbench.desk.events import DeskEvent, Notice
from workbench.desk.watching import Watcher
from workbench.errors import LibraryError, SettingsError, WorkbenchError
from workbench.i18n import N_, _
from workbench.settings import Settings, stored_keys
from workbench.store.library import Library
from workbench.tasks.work import Work
from workbench.tui.commands import WorkbenchCommands
from workbench.tui.messages import DeskMessage, LibraryChanged
from workbench.tui.screens import registry
from workbench.tui.screens.log import MOST_TOLD, Told
from workbench.tui.themes import DARK, THEMES, marks_of

_PATIENCE_SECONDS = 2.0
"""So long the keyboard waits for another process that writes to the library."""


class WorkbenchApp(App[None]):
    """One desk and one library behind screens that are made when they are first shown."""

    TITLE = "workbench"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", N_("Help"), id="app.help"),
        Binding("ctrl+p", "command_palette", N_("Commands"), id="app.commands", priority=True),
        # Terminals of the xterm kind send Alt with a digit as ESC and the digit, which Textual 8.2
        # takes for what Option and that digit give on a Mac.
        Binding("f5,alt+1", "show('library')", N_("Library"), id="app.library", show=False),
        Binding("f6,alt+2", "show('compare')", N_("Compare"), id="app.compare", show=False),
        Binding("f7,alt+3", "show('ask')", N_("Ask"), id="app.ask", show=False),
        Binding("f8,alt+4", "show('queue')", N_("Queue"), id="app.queue", show=False),
        Binding("f9,alt+5", "show('models')", N_("Models"), id="app.models", show=False),
        Binding("f10,alt+6", "show('prompts')", N_("Prompts"), id="app.prompts", show=False),
        Binding("ctrl+q", "quit", N_("Quit"), id="app.quit", show=False, priority=True),
    ]
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = dict(registry.MODES)
    DEFAULT_MODE = "library"
    COMMANDS = {WorkbenchCommands}  # noqa: RUF012 - as Textual declares it

    def __init__(
        self,
        settings: Settings,
        library: Library,
        desk: Desk | None = None,
        *,
        welcome: bool = False,
    ) -> None:
        super().__init__()
        self.library = library
        self.desk = desk or Desk(settings, library)
        self.article_id: int | None = None
        self.marked: list[int] = []
        self.told: deque[Told] = deque(maxlen=MOST_TOLD)
        self.watcher = Watcher(library, self._warn_from_thread, self._came)
        self._welcome = welcome
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = settings.theme if settings.theme in self.available_themes else DARK

    @property
    def selected(self) -> list[int]:
        """Return the marked articles, else the open one."""
        return self.marked or ([self.article_id] if self.article_id is not None else [])

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give marks a colour in themes that do not name them."""
        return marks_of(self.current_theme.dark)

    def on_mount(self) -> None:
        """Begin to work, and to listen."""
        try:
            self.set_keymap(stored_keys())
        except SettingsError as error:
            self.notify(str(error), severity="warning")
        with suppress(LibraryError):
            self.library.hurry(_PATIENCE_SECONDS)
        self._end_listening = self.desk.subscribe(self._hear)
        self.desk.start()
        self.watcher.start()
        if self._welcome:
            self.action_first_steps(again=False)

    async def on_unmount(self) -> None:
        """End the work; what runs goes on at the next start."""
        self._end_listening()
        self.watcher.close()
        self.desk.close()

    def _fatal_error(self) -> None:
        """Leave the terminal; Textual would print a traceback, with pieces of articles in it."""
        if "WORKBENCH_DEBUG" in os.environ:
            super()._fatal_error()
            return
        self.bell()
        self._close_messages_no_wait()

    @property
    def error(self) -> Exception | None:
        """Return the unforeseen error that ended the app, if one did."""
        return self._exception

    def _hear(self, event: DeskEvent) -> None:
        """Pass an event of the desk's thread on to the screens."""
        self.call_later(self._pass_on, event)

    def _pass_on(self, event: DeskEvent) -> None:
        if isinstance(event, Notice):
            self.notify(event.text, severity="warning")
        for screen in self.made_screens():
            screen.post_message(DeskMessage(event))

    def made_screens(self) -> list[Screen[Any]]:
        """Return the screens that were made so far, the shown one last."""
        found = [stack[0] for stack in self._screen_stacks.values() if stack]
        return [screen for screen in found if screen.is_mounted]

    def show(self, name: str) -> None:
        """Show a screen by its name."""
        if name in registry.MODES:
            while len(self.screen_stack) > 1:
                self.pop_screen()
            self.switch_mode(name)
        elif not self._is_shown(name):
            self.push_screen(registry.made(name))

    def _is_shown(self, name: str) -> bool:
        return type(self.screen).__name__ == registry.kind_of(name)

    def action_show(self, name: str) -> None:
        """Show a screen."""
        self.show(name)

    def open_article(self, article_id: int, spans: Sequence[tuple[int, int]] = ()) -> None:
        """Go to the library and show an article there, with spans of the original standing out."""
        from workbench.tui.screens.main import MainScreen

        self.show("library")

        def opened() -> None:
            if isinstance(self.screen, MainScreen):
                self.screen.open_article(article_id, spans)

        self.call_later(opened)

    def action_first_steps(self, *, again: bool = True) -> None:
        """Say what to do first; unasked only where something is missing."""
        self.run_worker(partial(self._look_what_is_missing, again), thread=True, group="first")

    def _look_what_is_missing(self, again: bool) -> None:
        from workbench.desk.first_steps import first_steps
        from workbench.tui.screens.first_start import FirstStartScreen

        try:
            steps = first_steps(self.library, self.desk.settings)
        except WorkbenchError as error:
            self._warn_from_thread(str(error))
            return
        if again or not steps.done:
            self.call_from_thread(self.push_screen, FirstStartScreen(steps))

    def _warn_from_thread(self, line: str) -> None:
        self.call_later(partial(self.notify, line, severity="warning"))

    def _came(self, article_ids: list[int]) -> None:
        said = _("{count} articles came into watched folders").format(count=len(article_ids))
        self.call_later(self.notify, said)
        self.call_later(self.library_changed)

    def action_command_palette(self) -> None:
        """Offer the commands."""
        if not isinstance(self.screen, CommandPalette):
            placeholder = _("What is to be done?")
            self.push_screen(CommandPalette(placeholder=placeholder, id="--command-palette"))

    def action_help(self) -> None:
        """Show the keys that work here."""
        self.show("help")

    def library_changed(self) -> None:
        """Let the screens that list articles look again."""
        for screen in self.made_screens():
            screen.post_message(LibraryChanged())

    def action_use_theme(self, name: str) -> None:
        """Use other colours, and keep them for the next start."""
        from workbench.settings_file import keep_settings

        self.use_theme(name)
        try:
            keep_settings({"theme": name})
        except SettingsError as error:
            self.notify(str(error), severity="error")

    def use_theme(self, name: str) -> None:
        """Use other colours."""
        if name in self.available_themes:
            self.theme = name

    def action_add(self) -> None:
        """Take articles into the library."""
        self.show("add")

    def add_dropped(self, text: str) -> bool:
        """Offer to add what was dropped on the terminal; False where that was no files."""
        from workbench.desk.adding import dropped
        from workbench.tui.screens.add import AddScreen

        paths = dropped(text)
        if paths:
            self.push_screen(AddScreen(paths))
        return bool(paths)

    def action_summarize_selected(self) -> None:
        """Ask how the marked articles, or the open one, are to be summarised, and have it done."""
        from workbench.tui.controllers.many import ask_how

        ask_how(self, self.selected)

    def summarize(self, article_ids: Sequence[int], *, first: bool = False) -> None:
        """Have articles summarised as the settings say, one after another."""
        settings = self.desk.settings
        work = Work(
            task="summarize",
            template=settings.template,
            length=settings.length,
            script=settings.script,
            unsupported=settings.unsupported,
        )
        try:
            if article_ids:
                self.desk.submit_each(work, article_ids, first=first)
        except WorkbenchError as error:
            self.notify(str(error), severity="error")
            return
        if len(article_ids) > 1:
            self.notify(_("{count} articles wait to be summarised").format(count=len(article_ids)))
        elif not article_ids:
            self.notify(_("mark articles with the space bar, or open one"), severity="warning")

    def notify(self, message: str, *, severity: Any = "information", **given: Any) -> None:
        """Tell something in a toast, and keep it in the log."""
        at = datetime.now().astimezone().strftime("%H:%M:%S")
        self.told.append(Told(at, severity, message))
        given.setdefault("markup", False)
        super().notify(message, severity=severity, **given)
