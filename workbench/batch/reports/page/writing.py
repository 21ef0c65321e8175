"""Pages written as results come: what is shown of each waits on disk, in memory only its place."""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Any

from workbench.articles.script import fold
from workbench.batch.reports.page.charts import Figures
from workbench.batch.reports.page.texts import texts
from workbench.batch.reports.page.view import failure_of, measures_of, view_of
from workbench.batch.reports.told import Told
from workbench.batch.reports.writer import Take
from workbench.i18n import _
from workbench.pages.frame import environment, page_language, style

MOST_RESULTS = 2_000
"""Results of one page; more go on another page."""
_FOLDER = Path(__file__).parent


@contextmanager
def html(folder: Path, title: str, aside: Path) -> Iterator[Take]:
    """Write ``report.html``, and ``report-2.html`` and so on where there are more results.

    A page holds all it needs: its policy allows one script, by hash, and nothing from elsewhere.
    Results with wrong facts come first, on the first page.
    """
    page = _Page(title)
    with (aside / "page-parts").open("w+b") as parts:
        places: list[tuple[int, int, int]] = []
        failures: list[dict[str, Any]] = []
        figures = Figures()

        def take(told: Told) -> None:
            if told.made is None:
                failures.append(failure_of(told))
                return
            number = len(places) + 1
            view = view_of(told, number)
            places.append((-view["wrong"], number, parts.tell()))
            parts.write(page.part(view))
            figures.add(f"{told.model} / {told.template}", measures_of(told))

        yield take
        places.sort()
        count = max(1, -(-len(places) // MOST_RESULTS))
        flagged = sum(wrong < 0 for wrong, _number, _at in places)
        facts = -sum(wrong for wrong, _number, _at in places)
        for at in range(count):
            shown = places[at * MOST_RESULTS : (at + 1) * MOST_RESULTS]
            with (folder / _name(at)).open("w", encoding="utf-8", newline="\n") as stream:
                about = {
                    "pages": [
                        {"name": _name(other), "number": other + 1, "here": other == at}
                        for other in range(count)
                    ],
                    "results": len(places),
                    "shown": len(shown),
                    "flagged": flagged,
                    "facts": facts,
                    "failed": len(failures),
                    "failures": failures if not at else [],
                    "charts": figures.charts() if not at else [],
                    "ways": figures.ways() if not at else [],
                }
                page.write(stream, about, parts, [place for _wrong, _number, place in shown])


def _name(at: int) -> str:
    return "report.html" if not at else f"report-{at + 1}.html"


class _Page:
    """The frame of the pages and the parts of one result in it."""

    def __init__(self, title: str) -> None:
        self._title = title
        known = environment()
        known.globals["t"] = texts()
        self._parts = {
            name: known.from_string(_read(f"{name}.html.j2")) for name in ("flags", "row", "detail")
        }
        self._frame = known.from_string(_read("page.html.j2"))

    def part(self, view: dict[str, Any]) -> bytes:
        """Return what is shown of a result, as one line."""
        made = {name: template.render(r=view) for name, template in self._parts.items()}
        return json.dumps(made, ensure_ascii=False).encode() + b"\n"

    def write(
        self, stream: IO[str], about: dict[str, Any], parts: IO[bytes], places: list[int]
    ) -> None:
        """Write one page; the parts of its results are read in turn, three times over."""

        def each(name: str) -> Iterator[str]:
            for place in places:
                parts.seek(place)
                yield json.loads(parts.readline())[name]

        script = _script()
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        made = self._frame.stream(
            lang=page_language(),
            title=self._title,
            style=style(_FOLDER / "style.css"),
            script=script,
            digest=digest,
            each=each,
            about=about,
        )
        for chunk in made:
            stream.write(chunk)


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


@cache
def _script() -> str:
    """Return the script of the page, with which characters of one script stand for the other's."""
    folded = {
        char: simple
        for code in (*range(0x3400, 0xA000), *range(0xF900, 0xFB00))
        if (simple := fold(char := chr(code))) != char and len(simple) == 1
    }
    return (
        _read("script.js")
        .replace("TRADITIONAL", json.dumps("".join(folded), ensure_ascii=False))
        .replace("SIMPLIFIED", json.dumps("".join(folded.values()), ensure_ascii=False))
        .replace("COUNTED", json.dumps(_("{shown} of {all}")))
    )
