"""One article out of a dump: its text and what its fields say of it."""

import contextlib
import re
from collections.abc import Iterator, Mapping

from workbench.articles.document import Document, ReadOptions
from workbench.articles.formats.columns import FIELDS, canonical
from workbench.articles.formats.source import Source
from workbench.articles.metadata import Metadata, iso_date
from workbench.articles.model import Encoding, Finding
from workbench.errors import ArticleError
from workbench.i18n import _

_LISTED = 20
_TAG = re.compile(
    r"</?(?:p|div|br|span|img|strong|section|h[1-6]|ul|li|table)\b[^<>]{0,2000}>", re.I
)
_COMPACT_DATE = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:\d{4}|\d{6})?")


def row_document(
    source: Source,
    options: ReadOptions,
    *,
    kind: str,
    part: str,
    text: str,
    encoding: Encoding,
    fields: Mapping[str, str],
) -> Document | None:
    """Return the article of a row, None where its text says nothing.

    ``fields`` are the row's other columns. Text with tags of HTML is read as a web page shows it.
    """
    text = whole(text)
    left_out = ()
    if not options.raw and len(_TAG.findall(text[:20_000])) >= 2:
        from workbench.articles.formats.html import visible_text

        # What is no page after all stays as it stands.
        with contextlib.suppress(ArticleError):
            text = visible_text(text)
    if not any(char.isalnum() for char in text):
        return None
    return Document(
        source.path,
        text.encode("utf-8"),
        kind,
        text,
        encoding,
        source.part_name(part),
        stated(fields),
        "file",
        left_out,
    )


def whole(text: str) -> str:
    """Return a text that UTF-8 can write: lone halves of surrogate pairs become U+FFFD."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def stated(fields: Mapping[str, str]) -> Metadata:
    """Read title, date, byline and source off the columns whose names say so."""
    values: dict[str, str] = {}
    findings: list[Finding] = []
    for field, names in FIELDS.items():
        for column in sorted(
            (one for one in fields if canonical(one) in names),
            key=lambda one: names.index(canonical(one)),
        ):
            value: str | None = " ".join(whole(fields[column]).split())
            if field == "date" and value:
                value = _date(value)
            if value and len(value) <= 300:
                values[field] = value
                findings.append(Finding(field, "file", column))
                break
    return Metadata(**values, findings=tuple(findings))


def _date(value: str) -> str | None:
    if found := _COMPACT_DATE.fullmatch(value):
        value = "-".join(found.groups())
    return iso_date(value)


class Faults:
    """The rows of a dump that could not be read, gathered by what is wrong with them."""

    def __init__(self) -> None:
        self._numbers: dict[str, list[int]] = {}
        self._counts: dict[str, int] = {}

    def add(self, number: int, problem: str, column: str = "") -> None:
        """Note a row; ``problem`` is a text with {count} and {numbers}, in the user's language.

        ``column`` stands in it where it says {column}.
        """
        problem = problem.replace("{column}", column.replace("{", "{{").replace("}", "}}"))
        self._counts[problem] = self._counts.get(problem, 0) + 1
        numbers = self._numbers.setdefault(problem, [])
        if len(numbers) < _LISTED:
            numbers.append(number)

    def errors(self, fix: str) -> Iterator[ArticleError]:
        """Yield one error for each thing that was wrong."""
        for problem, numbers in self._numbers.items():
            count = self._counts[problem]
            listed = ", ".join(map(str, numbers))
            if count > len(numbers):
                listed = _("{numbers} and {count} more").format(
                    numbers=listed, count=count - len(numbers)
                )
            yield ArticleError(problem.format(count=count, numbers=listed), fix=fix)
