"""Title, date, byline and source as the head and the end of a text state them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from workbench.articles.cleaning import Line, edges
from workbench.articles.model import Removal
from workbench.articles.script import fold

TITLE_LENGTH = 60
_HEAD_CHARACTERS = 300
_HEADING = re.compile(r"#{1,6}\s+(?P<title>\S.{0,200}?)\s*#*")
_DATE = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)\s?[-/.年]\s?(?P<month>\d{1,2})\s?[-/.月]\s?(?P<day>\d{1,2})(?!\d)"
)
# What follows a date that is the page's, not the first words of a sentence.
_STAMP = re.compile(r"(?<=\d)\s*(?:[\sT]\d{1,2}:\d\d(?::\d\d)?(?!\d)|[,\s]*正文:)")
_DATE_LABEL = re.compile(r"(?:时间|日期|发布于|发表于|发布|date)\s*:?\s*\"?$", re.IGNORECASE)
_BYLINE = re.compile(
    r"(?:作者|撰文|文字|(?:^|[\s(\[|;,])文\s?(?=[/|])|[\u4e00-\u9fff]{0,8}?记者)\s*[:/|]\s*"
    r"(?P<names>[^\s:;|/()\[\]【】,。]{1,20}(?:[、·\s](?![^\s:]{1,6}[:/])[^\s:;|/()\[\]【】,。]{2,4}){0,5})"
)
_REPORTERS = re.compile(
    r"[(\[](?:[^()\[\]:。]{0,12})?记者\s?"
    r"(?P<names>[\u4e00-\u9fff·]{2,4}(?:[、 ][\u4e00-\u9fff·]{2,4}){0,5})(?<!摄)"
    r"(?:[,\s][^()\[\]]{0,12})?[)\]]"
)
_SOURCE = re.compile(
    r"(?<![\u4e00-\u9fff])(?:本文|新闻|文章)?(?:来源|稿源)\s*:\s*(?P<source>[^\s:;|,()\[\]【】。]{1,30})"
)
_SENTENCE_END = "。；;，,、：:…"
_LABELLED_TITLE = re.compile(r"(?:标题|题目|title)\s*:\s*(?P<title>\S.{0,120})", re.IGNORECASE)
_FRONT_MATTER = re.compile(r"(?P<key>title|date|author|source)\s*:\s*(?P<value>\S.{0,200})", re.I)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file says of itself; ``date`` is ISO 8601, yyyy-mm-dd."""

    title: str | None = None
    date: str | None = None
    byline: str | None = None
    source: str | None = None

    def or_else(self, other: "Metadata") -> "Metadata":
        """Fill what is missing from another."""
        return Metadata(
            self.title or other.title,
            self.date or other.date,
            self.byline or other.byline,
            self.source or other.source,
        )


def find_metadata(
    text: str, removals: Sequence[Removal] = (), *, markdown: bool = False
) -> Metadata:
    """Read title, date, byline and source off the first and last lines of a text.

    Only statements count, such as a page date alone on its line or 来源:…; a date or a name in a
    sentence does not. The title is a Markdown heading, or a first short line that does not close
    like a sentence; ``removals`` tells which lines are furniture.
    """
    head, tail = edges(text)
    furniture = {removal.start for removal in removals}
    found = _front_matter(head) if markdown else Metadata()
    lines = [*head, *(line for line in tail if not head or line.start > head[-1].start)]
    stated = [line for line in lines if _states(line, furniture)]
    found = found.or_else(
        Metadata(
            title=_markdown_title(text, head) if markdown else _title(text, head, furniture),
            date=_first_date(head, furniture),
            byline=_byline(stated, text),
            source=_named(_SOURCE, "source", text, stated),
        )
    )
    return replace(found, title=_tidy(found.title))


def iso_date(value: str | None) -> str | None:
    """Return the first full date in a text as yyyy-mm-dd, None where there is none that exists."""
    found = _DATE.search(fold(value)) if value else None
    if not found:
        return None
    try:
        return date(*(int(found.group(part)) for part in ("year", "month", "day"))).isoformat()
    except ValueError:
        return None


def _tidy(value: str | None) -> str | None:
    return " ".join(value.split()) or None if value else None


def _states(line: Line, furniture: set[int]) -> bool:
    """Tell a line that states something about the page from one of the article."""
    return (
        line.start in furniture
        or (line.end - line.start <= 80 and "。" not in line.folded)
        or line.folded.rstrip().endswith((")", "]", "】"))
    )


def _front_matter(head: Sequence[Line]) -> Metadata:
    if not head or head[0].folded != "---":
        return Metadata()
    values: dict[str, str] = {}
    for line in head[1:]:
        if line.folded in {"---", "..."}:
            break
        if found := _FRONT_MATTER.fullmatch(line.folded):
            values[found.group("key").lower()] = found.group("value").strip("\"' ")
    return Metadata(
        values.get("title"),
        iso_date(values.get("date")),
        values.get("author"),
        values.get("source"),
    )


def _original(text: str, line: Line) -> str:
    return text[line.start : line.end].strip("\u200b\ufeff")


def _markdown_title(text: str, head: Sequence[Line]) -> str | None:
    for line in head:
        if found := _HEADING.fullmatch(_original(text, line)):
            return found.group("title")
    return None


def _title(text: str, head: Sequence[Line], furniture: set[int]) -> str | None:
    first = next((line for line in head if line.start not in furniture), None)
    if first is None or len(head) < 2 or head[-1].start == first.start:
        return None
    line = _original(text, first)
    if labelled := _LABELLED_TITLE.fullmatch(first.folded):
        return line[labelled.start("title") :]
    bare = line.rstrip("”’」』》）)\"'")
    if len(line) > TITLE_LENGTH or bare.endswith(tuple(_SENTENCE_END)) or "。" in line:
        return None
    body = [one for one in head if one.start > first.start and one.start not in furniture]
    if not any(
        one.end - one.start > len(line) or one.folded.endswith(("。", "。”", "。」"))
        for one in body
    ):
        return None
    return line if sum(char.isalnum() for char in line) >= 2 else None


def _first_date(head: Sequence[Line], furniture: set[int]) -> str | None:
    for line in head:
        start = line.folded[:_HEAD_CHARACTERS]
        found = _DATE.search(start)
        if not found:
            continue
        alone = line.start in furniture and found.start() <= 20
        bracketed = found.start() <= 3 and start[:1] in "[(【"
        stamped = line is head[0] and found.start() <= 3 and _STAMP.match(start, found.end())
        if alone or bracketed or stamped or _DATE_LABEL.search(start[: found.start()]):
            return iso_date(found.group())
        # A short line of date and origin, such as "某报 2024-05-06 08:00".
        rest = start[: found.start()] + start[found.end() :]
        if line.end - line.start <= 50 and not any(mark in rest for mark in "。,!?"):
            clock = re.search(r"\d{1,2}:\d\d", rest)
            if clock or len(rest.strip()) <= 12:
                return iso_date(found.group())
    return None


def _byline(stated: Sequence[Line], text: str) -> str | None:
    if name := _named(_BYLINE, "names", text, stated):
        return name
    # "（记者某某）" stands in the first words of an agency's report.
    start = fold(text[:_HEAD_CHARACTERS])
    found = _REPORTERS.search(start)
    return text[found.start("names") : found.end("names")] if found else None


def _named(pattern: re.Pattern[str], group: str, text: str, lines: Iterable[Line]) -> str | None:
    for line in lines:
        if found := pattern.search(line.folded[-200:]):
            offset = line.start + max(len(line.folded) - 200, 0)
            return text[offset + found.start(group) : offset + found.end(group)].strip() or None
    return None
