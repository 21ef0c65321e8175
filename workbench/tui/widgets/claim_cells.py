"""The cells of the table of claims as styled lines of exact width."""

from collections.abc import Callable, Iterable

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from workbench.desk.comparing import status_of
from workbench.i18n import N_, _
from workbench.tasks.compare.comparison import (
    AGREE,
    ALONE,
    CHANGES,
    DIFFER,
    SILENT,
    Cell,
    Compared,
    Row,
)
from workbench.tasks.compare.views import reference
from workbench.tui.widgets.flowing import clipped, lines_of

MARKS = {AGREE: "=", DIFFER: "!=", CHANGES: "~", ALONE: "+", SILENT: "-"}
"""How a cell is marked beside its colour; plain signs, one cell wide in every terminal."""
WORDS = {
    AGREE: N_("agrees"),
    DIFFER: N_("differs"),
    CHANGES: N_("changes over time"),
    ALONE: N_("only here"),
    SILENT: N_("silent"),
}
_MOST_LINES = 6
StyleOf = Callable[[str], Style]
"""Gives the style of a status, or of ``value``, ``quiet`` and ``plain``."""


def cell_text(row: Row, cell: Cell, width: int, style_of: StyleOf) -> Text:
    """Return a cell: its mark, value, time and passages, then what the article says."""
    status = status_of(row, cell)
    mark = style_of(status)
    if status == SILENT:
        return Text(f"{MARKS[SILENT]} {_(WORDS[SILENT])}", style=mark)
    head = [(MARKS[status], mark)]
    if cell.value:
        head.append((cell.value, style_of("value")))
    if cell.when and row.kind != "date":
        head.append((cell.when, style_of("quiet")))
    head.append((reference(cell), style_of("quiet")))
    lines = _flowing(head, width)
    if cell.text and cell.text != cell.value:
        said = clipped(cell.text, width, _MOST_LINES)
        lines += [Text(line, style=style_of("plain")) for line in said]
    if cell.missing:
        lacks = _("(without {facts})").format(facts=", ".join(cell.missing))
        lines += [Text(line, style=style_of("quiet")) for line in lines_of(lacks, width)]
    return Text("\n").join(lines)


def subject_text(number: int, row: Row, width: int, style_of: StyleOf) -> Text:
    """Return the first column of a row: its number, what it is about, and the verdict in words."""
    lines = [Text(line) for line in lines_of(f"{number}. {row.subject}", width)]
    said = f"{MARKS[row.verdict]} {verdict_name(row.verdict)}"
    lines += [Text(line, style=style_of(row.verdict)) for line in lines_of(said, width)]
    return Text("\n").join(lines)


def heading_text(number: int, article: Compared, width: int, lines: int) -> Text:
    """Return the head of a column: the article's number and title, in so many lines at most."""
    identity = article.article
    named = f"[{number}] {identity.title or identity.path.rpartition('/')[2]}"
    return Text("\n".join(clipped(named, width, lines)))


def verdict_name(verdict: str) -> str:
    """Return what a row's verdict is called."""
    return {
        AGREE: _("agree"),
        DIFFER: _("differ"),
        CHANGES: _("changes"),
        ALONE: _("only one"),
    }[verdict]


def height_of(cells: Iterable[Text]) -> int:
    """Return how many lines the highest of these cells has."""
    return max((cell.plain.count("\n") + 1 for cell in cells), default=1)


def _flowing(pieces: list[tuple[str, Style]], width: int) -> list[Text]:
    """Return styled pieces one after the other, a new line where one does not fit."""
    lines: list[Text] = []
    room = 0
    for text, style in pieces:
        if not text:
            continue
        needed = cell_len(text)
        if lines and needed + 1 <= room:
            lines[-1].append(" ").append(text, style=style)
            room -= needed + 1
            continue
        for line in lines_of(text, width):
            lines.append(Text(line, style=""))
            lines[-1].stylize(style)
            room = width - cell_len(line)
    return lines
