"""Columns of Chinese text in a terminal, wrapped by the cells that characters take."""

from collections.abc import Sequence

from rich.cells import cell_len

_GAP = "  "
_NEVER_FIRST = "，。、；：！？）》」』”’…%,.;:!?)]"


def hanging(label: str, text: str, width: int) -> list[str]:
    """Return a text wrapped after a label, its further lines set in below the first."""
    indent = cell_len(label)
    lines = wrapped(text, max(10, width - indent)) or [""]
    return [(label if at == 0 else " " * indent) + line for at, line in enumerate(lines)]


def grid(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return rows of equal columns, the first row ruled off; an empty line between rows."""
    count = max(map(len, rows))
    each = max(4, (width - cell_len(_GAP) * (count - 1)) // count)
    lines: list[str] = []
    for at, row in enumerate(rows):
        columns = [wrapped(text, each) for text in row]
        for line in range(max((len(column) for column in columns), default=0)):
            parts = [column[line] if line < len(column) else "" for column in columns]
            padded = [part + " " * (each - cell_len(part)) for part in parts]
            lines.append(_GAP.join(padded).rstrip())
        lines.append(_GAP.join("-" * each for _column in row) if at == 0 else "")
    while lines and not lines[-1]:
        lines.pop()
    return lines


def wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines of at most ``width`` cells, none beginning with 。 or ，.

    Words and numbers in Latin characters stay whole where they fit on a line.
    """
    lines: list[str] = []
    line = ""
    for piece in _pieces(" ".join(text.split()), width):
        if cell_len(line) + cell_len(piece) <= width:
            line += piece if line or piece != " " else ""
            continue
        if piece[0] in _NEVER_FIRST and len(line) > 1:
            line, piece = line[:-1], line[-1] + piece
        if line.strip():
            lines.append(line.rstrip())
        line = piece.lstrip()
    if line.strip():
        lines.append(line.rstrip())
    return lines


def _pieces(text: str, width: int) -> list[str]:
    """Return what may not be broken: a Hanzi, a sign, a run of Latin letters and digits."""
    pieces: list[str] = []
    for char in text:
        joins = pieces and _is_latin(char) and _is_latin(pieces[-1][-1])
        if joins and cell_len(pieces[-1]) < width:
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _is_latin(char: str) -> bool:
    return char.isascii() and not char.isspace()
