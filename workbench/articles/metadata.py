"""Title, date, byline and source, as a file states them or the first and last lines of its text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePath

from workbench.articles.bylines import Found, find_byline, find_source
from workbench.articles.dates import DATE, iso_date, read_date
from workbench.articles.known import FIELDS, Metadata
from workbench.articles.lines import Line, edges
from workbench.articles.model import Finding, Removal
from workbench.articles.script import fold

__all__ = ["Metadata", "find_metadata", "iso_date", "joined"]

TITLE_LENGTH = 60
_HEAD_CHARACTERS = 300
_TAIL_STATED = 15
_HEADING = re.compile(r"#{1,6}\s+(?P<title>\S.{0,200}?)\s*#*")
# What follows a date that is the page's, not the first words of a sentence.
_STAMP = re.compile(r"(?<=\d)\s*(?:[\sT]\d{1,2}:\d\d(?::\d\d)?(?!\d)|[,\s]*正文:)")
_DATE_LABEL = re.compile(
    r"(?:时间|日期|发布于|发表于|发布|发表|出版|更新|上稿|刊登|发稿|首发|date)\s*:?\s*\"?$",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d{1,2}:\d\d")
_SENTENCE_END = "。；;，,、：:…"
_LABELLED_TITLE = re.compile(r"(?:标题|题目|title)\s*:\s*(?P<title>\S.{0,120})", re.IGNORECASE)
_ORIGINAL_TITLE = re.compile(r"[(\[【]?(?:原标题|原题)\s?为?:\s?(?P<title>\S.{2,98}?)[)\]】]?")
_FRONT_MATTER = re.compile(r"(?P<key>title|date|author|source)\s*:\s*(?P<value>\S.{0,200})", re.I)
_DATED = frozenset({"page-date", "date-line", "crawl-head"})
_SIGNED = 6
_DATES = 2
_FRONT_KEYS = {"title": "title", "date": "date", "author": "byline", "source": "source"}
_ENDINGS = ("。", "。”", "。」", "！", "？", "!", "?", "”", "」")
_NAME_NOISE = re.compile(r"^(?:\d{1,4}[._ -]+)+|[_ ]+(?:\(\d+\)|副本|copy|final)$", re.IGNORECASE)
_NO_TITLE = re.compile(
    r"(?:(?:新建|未命名|无标题|文本|文档|文章|下载|网页|微信|图片|副本|文件)+|index|article|document|download|untitled"
    r"|default|page|text|file|news|test|doc|scan|img|output|input|new|stdin)[\s\d()_-]*",
    re.IGNORECASE,
)
_HANZI = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


def joined(stated: Metadata, stated_in: str, found: Metadata, path: PurePath) -> Metadata:
    """Return what a file states, else what was found in its text, else a title from its name.

    What is stated counts as found in ``stated_in`` (see Finding) unless it says more itself.
    """
    known = {finding.field for finding in stated.findings}
    more = tuple(
        Finding(name, stated_in) for name in FIELDS if getattr(stated, name) and name not in known
    )
    result = replace(stated, findings=(*stated.findings, *more)).or_else(found)
    if not result.title and (name := title_of_name(path.stem)):
        result = result.or_else(Metadata(name, findings=(Finding("title", "name"),)))
    order = {name: place for place, name in enumerate(FIELDS)}
    findings = sorted(result.findings, key=lambda one: order.get(one.field, len(order)))
    return replace(result, findings=tuple(findings))


def title_of_name(stem: str) -> str | None:
    """Return a file's name as a title, if it reads like one: some Chinese words, no code."""
    name = " ".join(_NAME_NOISE.sub("", stem).replace("_", " ").split())
    hanzi = len(_HANZI.findall(name))
    if hanzi < 4 or len(name) > 80 or _NO_TITLE.fullmatch(name):
        return None
    others = sum(char.isalnum() for char in name) - hanzi
    return name if others <= 2 * hanzi else None


def find_metadata(
    text: str, removals: Sequence[Removal] = (), *, markdown: bool = False
) -> Metadata:
    """Read title, date, byline and source off the first and last lines of a text.

    Only statements count, such as a page date alone on its line or 来源:…; a date or a name in a
    sentence does not. The title is a Markdown heading, or a first short line that does not close
    like a sentence; ``removals`` tells which lines are furniture.
    """
    head, tail = edges(text)
    furniture = {removal.start for removal in removals if removal.rule != "invisible"}
    found = _front_matter(head) if markdown else Metadata()
    last = [line for line in tail if not head or line.start > head[-1].start]
    stated = [line for line in (*head, *last[-_TAIL_STATED:]) if _states(line, furniture)]
    stated += list(_ends(text, removals))
    opening = next((line for line in head if line.length > 40 or "。" in line.folded), None)
    title = _markdown_title(text, head) if markdown else _title(text, head, stated, furniture)
    named = {
        "title": title,
        "date": _date(text, head, last, removals),
        "byline": find_byline(text, stated, opening),
        "source": find_source(text, stated, opening),
    }
    return found.or_else(
        Metadata(
            **{name: " ".join(one.value.split()) for name, one in named.items() if one},
            findings=tuple(
                Finding(name, "text", start=one.start, end=one.end)
                for name, one in named.items()
                if one
            ),
        )
    )


def _states(line: Line, furniture: set[int]) -> bool:
    """Tell a line that states something about the page from one of the article."""
    return line.start in furniture or (line.length <= 80 and "。" not in line.folded)


def _ends(text: str, removals: Iterable[Removal]) -> Iterable[Line]:
    """Yield the credits behind a last sentence, and what was in front of the first."""
    for removal in removals:
        if removal.rule in {"ends-line", "reposted-from"}:
            yield Line(removal.start, removal.end, fold(text[removal.start : removal.end]))


def _front_matter(head: Sequence[Line]) -> Metadata:
    if not head or head[0].folded != "---":
        return Metadata()
    values: dict[str, str] = {}
    for line in head[1:]:
        if line.folded in {"---", "..."}:
            break
        if found := _FRONT_MATTER.fullmatch(line.folded):
            field = _FRONT_KEYS[found.group("key").lower()]
            values[field] = found.group("value").strip("\"' ")
    if date := iso_date(values.pop("date", None)):
        values["date"] = date
    findings = tuple(Finding(name, "file", "front matter") for name in FIELDS if name in values)
    return Metadata(**values, findings=findings)


def _named(text: str, line: Line, match: re.Match[str], group: str | int) -> Found:
    start, end = line.start + match.start(group), line.start + match.end(group)
    return Found(text[start:end], start, end)


def _markdown_title(text: str, head: Sequence[Line]) -> Found | None:
    for line in head:
        if found := _HEADING.fullmatch(line.folded):
            return _named(text, line, found, "title")
    return None


def _title(
    text: str, head: Sequence[Line], stated: Sequence[Line], furniture: set[int]
) -> Found | None:
    for line in head:
        if labelled := _LABELLED_TITLE.fullmatch(line.folded):
            return _named(text, line, labelled, "title")
    body = [line for line in head if line.start not in furniture]
    if len(head) > 1 and body and _is_title(body[0], body[1:]):
        return Found(text[body[0].start : body[0].end], body[0].start, body[0].end)
    for line in stated:
        if original := _ORIGINAL_TITLE.fullmatch(line.folded):
            return _named(text, line, original, "title")
    return None


def _is_title(first: Line, body: Sequence[Line]) -> bool:
    """Tell a first line that does not close like a sentence, and has sentences behind it."""
    bare = first.folded.rstrip("”’」』》）)\"'")
    return (
        first.length <= TITLE_LENGTH
        and not bare.endswith(tuple(_SENTENCE_END))
        and "。" not in first.folded
        and sum(char.isalnum() for char in first.folded) >= 2
        and not DATE.fullmatch(first.folded)
        and any(line.length > first.length or line.folded.endswith(_ENDINGS) for line in body)
    )


def _date(
    text: str, head: Sequence[Line], tail: Sequence[Line], removals: Sequence[Removal]
) -> Found | None:
    """Find a date that is the page's: on a line of its own, labelled, in brackets or stamped."""
    dated = {one.start for one in removals if one.rule in _DATED}
    alone = {line.start for line in head if DATE.fullmatch(line.folded.strip("()[] "))}
    chronology = alone if len(alone) > _DATES else set[int]()
    for line in head:
        if line.start in chronology:
            continue
        start = line.folded[:_HEAD_CHARACTERS]
        for found in DATE.finditer(start):
            day = read_date(found)
            if day and _is_pages_date(line, found, dated, line is head[0]):
                return Found(day, line.start + found.start(), line.start + found.end())
    # A document ends with the date it was signed.
    for line in reversed([] if chronology else tail[-_SIGNED:]):
        found_last = DATE.fullmatch(line.folded.strip("()[] "))
        if found_last and (day := read_date(found_last)):
            return Found(day, line.start, line.end)
    return None


def _is_pages_date(line: Line, found: re.Match[str], dated: set[int], first: bool) -> bool:
    start = line.folded[:_HEAD_CHARACTERS]
    if line.start in dated:
        return True
    if (
        found.start() <= 3
        and start[:1] in "[(【"
        and start[found.end() : found.end() + 1] in ")]】 "
    ):
        return True
    if first and found.start() <= 3 and _STAMP.match(start, found.end()):
        return True
    if _DATE_LABEL.search(start[: found.start()]):
        return True
    # A short line of date and origin, such as "某报 2024-05-06 08:00".
    rest = start[: found.start()] + start[found.end() :]
    if line.length > 50 or any(mark in rest for mark in "。,!?"):
        return False
    return bool(_CLOCK.search(rest)) or len(rest.strip()) <= 12
