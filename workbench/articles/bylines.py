"""Who wrote an article and where it came from, as the lines of its page say."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.articles.lines import Line

_NAME = (
    r"(?:[\u4e00-\u9fff○〇]{2,4}(?:·[\u4e00-\u9fff]{1,8}){0,3}"
    r"|[\u4e00-\u9fff] {1,2}[\u4e00-\u9fff](?![\u4e00-\u9fff])"
    r"|[A-Z][A-Za-z.'-]{0,15}(?: [A-Z][A-Za-z.'-]{0,15}){0,3})"
)
# A word after a name that is itself a label, as in "作者:某某 编辑:某某", is no second name.
_NAMES = (
    rf"(?P<names>{_NAME}(?:(?:[、,&]\s?|[ \u3000]{{1,2}})"
    rf"(?!通讯员|实习生|摄影|编辑|责编|校对|[\u4e00-\u9fff]{{1,6}}\s?[:/|丨]){_NAME}){{0,5}})"
)
_AFTER = r"(?=$|[\s:;|丨/()\[\]【】〔〕,。;]|报[导道]|摄|电)"
_LABELLED = re.compile(
    r"(?:作者|撰文|撰稿|采写|文字|(?:^|[\s(\[【|丨;,/])文\s?(?=[/|丨:])|记者)\s?[:/|丨]\s?" + _NAMES
)
_SPACED = re.compile(
    r"(?:^|[\s(\[【〔,;。])(?:[\u4e00-\u9fff]{0,8}?(?:记者|作者))\s{1,2}" + _NAMES + _AFTER
)
_REPORTER = re.compile(
    r"(?:^|[(\[【〔])(?:[\u4e00-\u9fff]{0,8}?)记者\s?"
    + _NAMES
    + r"\s?(?:/|\s)\s?[\u4e00-\u9fff]{0,8}?(?:报导|报道|电|专电|整理|编译)"
)
_AGENCY = re.compile(
    r"(?:^|[(\[【〔])(?:[\u4e00-\u9fff]{2,6}社)记者(?P<names>[\u4e00-\u9fff○〇]{2,3})"
    r"(?=[\u4e00-\u9fff]{2,4}\d{1,2}日(?:专)?电)"
)
_BRACKETED = re.compile(
    r"[(\[〔【](?:[^()\[\]:。]{0,12}?)记者\s?"
    + _NAMES
    + r"(?<!摄)(?:[,\s/][^()\[\]]{0,14})?[)\]〕】]"
)
_TEAM = re.compile(
    r"[\u4e00-\u9fff]{2,8}(?:中心|组)\s?/\s?(?P<names>[\u4e00-\u9fff]{2,4}?)(?:报导|报道)"
)
_SOURCE = re.compile(
    r"(?<![\u4e00-\u9fff])(?:本文|新闻|文章|信息|稿件|内容|消息)?(?:来源|稿源|转自|转载自)\s?(?:于)?\s?[:/|丨]\s?"
    r"(?P<source>[^\s:;|丨,()\[\]【】〔〕。!?]{1,30})"
)
_REPOSTED = re.compile(r"本文(?:转自|转载自|来自)\s?:?\s?【(?P<source>[^】]{1,20})】")
_WIRE = re.compile(
    r"^[(\[〔【]?(?P<source>新华社|中新社|中央社|中新网|人民网|央视网|中通社|财联社|美联社|路透社|法新社)"
    r"(?=[\u4e00-\u9fff]{2,10}?\d{1,2}(?:月\d{1,2})?日(?:专)?(?:电|讯)|消息|记者)"
)
# Each of the patterns above for names holds one of these words: few lines need be looked at.
_TELLS = re.compile(r"记者|作者|撰[文稿]|采写|文字|文\s?[/|丨:]|报[导道]")
_NOT_NAMES = frozenset({"综合", "即时", "台北", "北京", "上海", "香港", "本报", "本网", "佚名"})
_NOT_SOURCE = frozenset({"网络", "互联网", "本站", "原创", "未知", "佚名"})


@dataclass(frozen=True, slots=True)
class Found:
    """A name and where it stands in the text."""

    value: str
    start: int
    end: int


def find_byline(text: str, stated: Sequence[Line], opening: Line | None) -> Found | None:
    """Find who wrote it: a label's name, or the reporter in front of the first sentence."""
    telling = [line for line in stated if _TELLS.search(line.folded)]
    for pattern in (_LABELLED, _REPORTER, _AGENCY, _TEAM, _SPACED):
        if found := _first(pattern, "names", text, telling):
            return found
    if opening is None or not _TELLS.search(opening.folded[:120]):
        return None
    for pattern in (_REPORTER, _AGENCY, _BRACKETED, _TEAM):
        match = pattern.search(opening.folded[:120])
        if match and (named := _found(match, "names", text, opening)):
            return named
    return None


def find_source(text: str, stated: Sequence[Line], opening: Line | None) -> Found | None:
    """Find where it was published: a label's value, or the agency that the dateline names."""
    for pattern in (_REPOSTED, _SOURCE):
        if found := _first(pattern, "source", text, stated):
            return found
    wire = _WIRE.search(opening.folded) if opening else None
    return _found(wire, "source", text, opening) if wire and opening else None


def _first(pattern: re.Pattern[str], group: str, text: str, stated: Sequence[Line]) -> Found | None:
    for line in stated:
        for found in pattern.finditer(line.folded):
            if named := _found(found, group, text, line):
                return named
    return None


def _found(match: re.Match[str], group: str, text: str, line: Line) -> Found | None:
    start, end = line.start + match.start(group), line.start + match.end(group)
    value = text[start:end].strip()
    if not value or match.group(group).strip() in _NOT_NAMES | _NOT_SOURCE:
        return None
    return Found(value, start, end)
