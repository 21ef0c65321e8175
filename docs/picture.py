"""Draw docs/summary.svg from what the program prints.

``workbench summarize FILE | python docs/picture.py "workbench summarize FILE"``
"""

import io
import re
import sys
from pathlib import Path

from rich.cells import chop_cells
from rich.console import Console
from rich.text import Text

WIDTH = 100
OUTPUT = Path(__file__).parent / "summary.svg"
# The picture must ask no server for a font.
_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def draw(command: str, printed: str) -> str:
    """Return the command and what it printed as an SVG of a terminal."""
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(Text(f"$ {command}\n", style="bold green"))
    headline, *rest = printed.rstrip("\n").split("\n")
    console.print(Text(headline, style="bold"))
    for line in rest:
        # Rich keeps a run of Hanzi together as one word; a terminal breaks it anywhere.
        for part in chop_cells(line, WIDTH) or [""]:
            text = Text(part, style="red" if line.lstrip().startswith("!") else "")
            text.highlight_regex(r"\[\d+\]", style="cyan")
            console.print(text)
    return _FONT.sub("", console.export_svg(title="workbench"))


if __name__ == "__main__":
    OUTPUT.write_text(draw(sys.argv[1], sys.stdin.read()), encoding="utf-8")
