"""The table of models: where each is, how large, whether it fits, how fast it is here."""

from collections.abc import Sequence
from typing import Any

from rich.text import Text
from textual.widgets import DataTable

from workbench.desk.models import ListedModel, fit, licence, place, speed
from workbench.i18n import N_, _
from workbench.sizes import gigabytes
from workbench.tui.typeset.cells import width_of

_HEADINGS = (
    N_("model"),
    N_("where"),
    N_("size"),
    N_("memory"),
    N_("tokens/s"),
    N_("licence"),
    N_("for"),
)


class ModelTable(DataTable[Text]):
    """A row a model, those that are here first; what is selected stays so when rows change."""

    DEFAULT_CSS = """
    ModelTable { height: 1fr; }
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(cursor_type="row", zebra_stripes=False, **given)
        self.models: list[ListedModel] = []
        self._rows: list[list[Text]] = []

    @property
    def chosen(self) -> ListedModel | None:
        """Return the model of the row one is at."""
        if 0 <= self.cursor_row < len(self.models):
            return self.models[self.cursor_row]
        return None

    def show_models(self, models: Sequence[ListedModel], used: str, suggested: str = "") -> None:
        """Show these; ``used`` is the name of the one in use, ``suggested`` of one to be got."""
        kept = self.chosen.name if self.chosen else used or suggested
        self.models = sorted(
            models, key=lambda one: (one.name != used, one.here is None, one.name != suggested)
        )
        rows = [_cells(one, used) for one in self.models]
        if rows == self._rows:
            return  # a table that is filled anew flickers, and loses where it was scrolled to
        self._rows = rows
        self.clear(columns=True)
        # Textual works widths out when it has time, and draws too narrow a table until then.
        for number, heading in enumerate(map(_, _HEADINGS)):
            cells = [heading, *(row[number].plain for row in rows)]
            self.add_column(heading, width=max(map(width_of, cells)))
        for row in rows:
            self.add_row(*row)
        names = [one.name for one in self.models]
        if kept in names:
            self.move_cursor(row=names.index(kept))


def _cells(one: ListedModel, used: str) -> list[Text]:
    strong = "bold" if one.name == used else ""
    dim = "" if one.here is not None else "dim"
    role = one.known.role if one.known else (one.header.kind if one.header else "")
    return [
        Text(one.name, style=strong or dim),
        Text(place(one, used), style=strong),
        Text(gigabytes(one.bytes), style=dim, justify="right"),
        Text(fit(one), style=dim if one.fits else "italic"),
        Text(speed(one), justify="right"),
        Text(licence(one), style=dim),
        Text(role, style=dim),
    ]
