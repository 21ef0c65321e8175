"""The keys that work now, and their names: for the footer, the help and the palette of commands."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from textual.app import App
from textual.binding import Binding
from textual.screen import Screen

from workbench.i18n import N_, _

_NOUNS = {
    "app": N_("everywhere"),
    "main": N_("panes"),
    "library": N_("library"),
    "articles": N_("table"),
    "folders": N_("tree"),
    "reading": N_("article"),
    "article": N_("article"),
    "lines": N_("text"),
    "result": N_("result"),
    "earlier": N_("earlier results"),
    "beside": N_("side by side"),
    "edit": N_("point"),
    "again": N_("writing again"),
    "rate": N_("rating"),
    "compare": N_("comparison"),
    "picker": N_("picking"),
    "ask": N_("conversation"),
    "conversations": N_("conversations"),
    "evidence": N_("evidence"),
    "queue": N_("queue"),
    "models": N_("models"),
    "prompts": N_("prompts"),
    "settings": N_("settings"),
    "log": N_("log"),
    "help": N_("help"),
    "add": N_("adding"),
    "dialog": N_("window"),
    "filters": N_("filters"),
    "watched": N_("watched folders"),
    "missing": N_("screen"),
}
_OTHER = N_("field")
_INNER = frozenset({"lines", "articles", "dialog"})


@dataclass(frozen=True, slots=True)
class LiveKey:
    """A binding that works where the keys go now: what it belongs to, its keys, what it does."""

    id: str
    noun: str
    keys: tuple[str, ...]
    said: str
    action: str
    inner: bool
    """Whether it moves about in a widget: of no use as a command."""


def noun_of(binding_id: str | None) -> str:
    """Name what a binding is about, in the user's language."""
    return _(_NOUNS.get((binding_id or "").partition(".")[0], _OTHER))


def live_keys(screen: Screen[object]) -> list[LiveKey]:
    """Return what can be pressed on a screen as it is, the nearest to the focus first."""
    app = screen.app
    found: dict[tuple[str, str], list[Binding]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if not binding.description or not active.enabled:
            continue
        found.setdefault((binding.id or binding.action, binding.description), []).append(binding)
    return [_live(app, bindings) for bindings in found.values()]


def _live(app: App[object], bindings: list[Binding]) -> LiveKey:
    first = bindings[0]
    return LiveKey(
        first.id or "",
        noun_of(first.id),
        tuple(dict.fromkeys(app.get_key_display(one) for one in bindings)),
        _(first.description),
        first.action,
        (first.id or "").partition(".")[0] in _INNER or not first.id,
    )


def by_noun(keys: Iterable[LiveKey]) -> Iterator[tuple[str, list[LiveKey]]]:
    """Return keys in groups of one noun each, in the order in which the nouns come first."""
    groups: dict[str, list[LiveKey]] = {}
    for key in keys:
        groups.setdefault(key.noun, []).append(key)
    named = groups.pop(_(_OTHER), [])  # those of Textual's own widgets come last
    yield from groups.items()
    if named:
        yield _(_OTHER), named
