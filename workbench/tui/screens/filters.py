"""Which articles the library shows: the form of filters."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Select

from workbench.articles.model import Script
from workbench.desk.shelves import STATUSES, Filters, Shelf, Tree
from workbench.errors import UsageError
from workbench.i18n import N_, _
from workbench.tui.screens.form import Form, label

_SCRIPTS = {
    Script.SIMPLIFIED: N_("simplified"),
    Script.TRADITIONAL: N_("traditional"),
    Script.MIXED: N_("mixed"),
    Script.OTHER: N_("neither"),
}


@dataclass(frozen=True, slots=True)
class _Choices:
    statuses: Sequence[tuple[str, str]]
    scripts: Sequence[tuple[str, str]]
    sources: Sequence[tuple[str, str]]
    tags: Sequence[tuple[str, str]]
    collections: Sequence[tuple[str, str]]


class FiltersForm(Form[Shelf]):
    """Returns the shelf with other filters."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "keep", N_("Show these"), show=False, priority=True, id="filters.keep"),
        Binding("ctrl+r", "reset", N_("Filter nothing"), show=False, id="filters.reset"),
    ]

    def __init__(self, shelf: Shelf, tree: Tree, sources: Sequence[tuple[str, int]]) -> None:
        super().__init__(
            _("Filters"), _("Enter or Ctrl+S shows these, Ctrl+R filters nothing, Esc leaves")
        )
        self._shelf = shelf
        self._choices = _Choices(
            [(_(said), name) for name, said in STATUSES.items()],
            [(_(said), script.value) for script, said in _SCRIPTS.items()],
            _counted(sources),
            _counted(tree.tags),
            _counted(tree.collections),
        )

    def fields(self) -> ComposeResult:
        """One field for each filter, as they are now."""
        now = self._shelf.meant
        yield label(_("status"))
        yield _select(self._choices.statuses, now.status, "status")
        yield label(_("script"))
        yield _select(self._choices.scripts, now.script and now.script.value, "script")
        yield label(_("from this date on: 2024-05-31, 2024-05 or 2024"))
        yield Input(now.date_from or "", compact=True, id="filter-from")
        yield label(_("up to this date"))
        yield Input(now.date_to or "", compact=True, id="filter-to")
        yield label(_("source"))
        yield _select(self._choices.sources, now.source, "source")
        yield label(_("tag"))
        yield _select(self._choices.tags, next(iter(now.tags), None), "tag")
        yield label(_("collection"))
        yield _select(self._choices.collections, now.collection, "collection")

    def on_mount(self) -> None:
        """Begin at the first."""
        self.query_one("#filter-status").focus()

    @on(Input.Changed)
    def _check(self) -> None:
        self._made()

    @on(Input.Submitted)
    def action_keep(self) -> None:
        """Hand the filters back; a date that is none is refused."""
        made = self._made()
        if made is not None:
            self.dismiss(replace(self._shelf, filters=made, status="", folder=self._shelf.folder))

    def action_reset(self) -> None:
        """Filter nothing."""
        self.dismiss(Shelf(order=self._shelf.order))

    def _made(self) -> Filters | None:
        script = self._value("script")
        tag = self._value("tag")
        try:
            made = Filters(
                date_from=self.query_one("#filter-from", Input).value.strip() or None,
                date_to=self.query_one("#filter-to", Input).value.strip() or None,
                source=self._value("source"),
                collection=self._value("collection"),
                tags=(tag,) if tag else (),
                script=Script(script) if script else None,
                status=self._value("status"),
            )
        except UsageError as error:
            self.complain(str(error))
            return None
        self.complain("")
        return made

    def _value(self, name: str) -> str | None:
        return str(self.query_one(f"#filter-{name}", Select).value) or None


def _counted(lines: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
    return [(f"{name}  {number:,}", name) for name, number in lines]


def _select(choices: Sequence[tuple[str, str]], now: str | None, name: str) -> Select[str]:
    options = [(_("any"), ""), *choices]
    if now and all(now != value for _said, value in choices):
        options.append((now, now))
    return Select(options, value=now or "", allow_blank=False, compact=True, id=f"filter-{name}")
