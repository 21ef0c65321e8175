"""How many terminal cells a character takes, and what is put in place of one that takes none.

The widths are those of ``rich.cells`` (Unicode's East Asian Width, ambiguous characters narrow),
which is what Textual counts with: lines measured here fill exactly what Textual gives them.
"""

from rich.cells import get_character_cell_size, split_graphemes

_PICTURES = 0x2400
_JOINERS = ("\u200d", "\ufe0f")


def _stand_ins() -> dict[int, str]:
    """Return what is shown for characters that would steer the terminal, one for one."""
    table = {code: chr(_PICTURES + code) for code in range(0x20)}
    table |= dict.fromkeys(range(128, 160), "␦")
    table |= {0x7F: "\u2421", 0x09: " "}
    # Marks of direction would turn the rest of the line round.
    turning = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    table |= dict.fromkeys(turning, "\u200b")
    return table | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


_STAND_INS = _stand_ins()


class _Widths(dict[str, int]):
    """Cells of each character, looked up once."""

    def __missing__(self, char: str) -> int:
        self[char] = width = get_character_cell_size(_STAND_INS.get(ord(char), char))
        return width


_WIDTHS = _Widths()


def shown(text: str) -> str:
    """Return a text as it may be sent to a terminal, as many characters as it had.

    Control characters are shown by their pictures, half a pair of UTF-16 by U+FFFD; marks that
    change the direction of writing become a space of no width.
    """
    return text.translate(_STAND_INS)


def cell_widths(text: str) -> list[int]:
    """Return the cells each character takes; what joins the character before it takes none."""
    if not any(joiner in text for joiner in _JOINERS):
        return list(map(_WIDTHS.__getitem__, text))
    widths = [0] * len(text)
    for start, _end, width in split_graphemes(shown(text))[0]:
        widths[start] = width
    return widths


def width_of(text: str) -> int:
    """Return the cells a text takes in a line."""
    return sum(cell_widths(text))
