"""Text of several styles, broken into lines as Chinese is, whatever the width of its widget."""

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.geometry import Size
from textual.widget import Widget

from workbench.tui.typeset.breaking import break_text
from workbench.tui.typeset.cells import shown

Run = tuple[str, str]
"""A stretch of text and the name of its style, '' for the plain one."""


def lines_of(text: str, width: int) -> list[str]:
    """Return a text as lines of at most ``width`` cells, spaces and line breaks as one space."""
    line = " ".join(text.split())
    return [shown(line[start:end]) for start, end in break_text(line, max(1, width))]


def clipped(text: str, width: int, lines: int) -> list[str]:
    """Return the first lines of a text; where there is more, the last of them ends in two dots."""
    found = lines_of(text, width)
    if len(found) <= lines:
        return found
    last = next(iter(lines_of(found[lines - 1], width - 2)), "")
    return [*found[: lines - 1], f"{last}.."]


def style_of(widget: Widget, name: str) -> Style:
    """Return the style of a component class, quieter colours mixed with what is behind them."""
    partial = widget.get_component_rich_style(name, partial=True)
    return partial + Style(color=widget.get_component_rich_style(name).color)


class Flowing(Widget):
    """Paragraphs made of runs; ``indent`` cells are kept free before all lines but the first.

    The styles are component classes, so they follow the theme.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "flowing--strong",
        "flowing--quiet",
        "flowing--mark",
        "flowing--warning",
        "flowing--supported",
        "flowing--differs",
        "flowing--label",
    }
    DEFAULT_CSS = """
    Flowing {
        height: auto;
        width: 1fr;
        & > .flowing--strong { text-style: bold; }
        & > .flowing--quiet { color: $foreground-muted; }
        & > .flowing--mark { background: $citation; color: $citation-text; text-style: bold; }
        & > .flowing--warning { color: $warning; }
        & > .flowing--supported { color: $supported; }
        & > .flowing--differs { color: $differs; text-style: bold; }
        & > .flowing--label { color: $primary; text-style: bold; }
    }
    """

    def __init__(
        self,
        paragraphs: Sequence[Sequence[Run]] = (),
        *,
        indent: int = 0,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._paragraphs = [list(one) for one in paragraphs]
        self._indent = indent
        self._broken: tuple[int, list[list[tuple[int, int]]]] = (0, [])

    @property
    def plain(self) -> str:
        """Return the text without its styles, a line for each paragraph."""
        return "\n".join("".join(text for text, _style in one) for one in self._paragraphs)

    def show(self, paragraphs: Sequence[Sequence[Run]]) -> None:
        """Show other paragraphs."""
        self._paragraphs = [list(one) for one in paragraphs]
        self._broken = (0, [])
        self.refresh(layout=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Take all the room there is."""
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many lines the text takes."""
        return sum(max(1, len(one)) for one in self._lines(width))

    def render(self) -> Text:
        """Return the lines as they are shown."""
        width = self.content_size.width
        lines = []
        for runs, spans in zip(self._paragraphs, self._lines(width), strict=True):
            styled = Text(no_wrap=True)
            for text, style in runs:
                look = style_of(self, f"flowing--{style}") if style else Style()
                styled.append(shown(text), style=look)
            for number, (start, end) in enumerate(spans):
                before = " " * self._indent if number else ""
                lines.append(Text(before).append_text(styled[start:end]))
            if not spans:
                lines.append(Text())
        return Text("\n", no_wrap=True).join(lines)

    def _lines(self, width: int) -> list[list[tuple[int, int]]]:
        if self._broken[0] != width:
            broken = [
                break_text("".join(text for text, _style in runs), max(1, width), 0, self._indent)
                for runs in self._paragraphs
            ]
            self._broken = (width, broken)
        return self._broken[1]
