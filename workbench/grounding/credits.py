"""Figures credited to somebody else than the source credits: 甲指出，已有116个 for 乙的调研.

Only where point and source both name, in the sentence of the figure, whose figure it is. A source
that goes on with 该报告 or 他 names nobody there, and gives no alarm.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from workbench.grounding.facts import Fact, extract_facts
from workbench.grounding.lexicon import words
from workbench.grounding.ngrams import split_sentences
from workbench.grounding.people import VERBS
from workbench.grounding.source import Source
from workbench.grounding.speakers import Misattributed

_FIGURES = ("amount", "percent", "number")
_FORMS = ("person", "organisation")
_CREDITS = re.compile(
    rf"(?:{VERBS}|[说称](?=[，：:,“])|调研|调查|统计|测算|估算|数据|报告|显示|发布)"
)
_ENDINGS = "|".join(words("organisations", "endings"))
_OPENING = re.compile(
    rf"(?:^|[，。；：！？])(?:据|根据|按照|由)?(?P<name>(?:(?![的了是在有和与])[\u4e00-\u9fff]){{2,14}}(?:{_ENDINGS}))"
)
_BESIDE = 12
_MOST_HELD = 3


def miscredited(point: str, article: Source) -> Iterator[Misattributed]:
    """Yield whom a point (Simplified) credits with a figure that the article credits to another."""
    named = _names(article)
    # What a point's clause opens with may stand anywhere in the article.
    opening = {match["name"] for match in _OPENING.finditer(point)}
    own = _longest_first({*named, *(name for name in opening if name in article.text)})
    at = 0
    for sentence in split_sentences(point):
        at = point.index(sentence, at)
        for fact in extract_facts(sentence):
            if fact.kind not in _FIGURES:
                continue
            mine = _credited(sentence, fact.start, own)
            if mine is None:
                continue
            instead = _credited_by(article, fact, mine[1], named)
            if instead:
                start = at + mine[0]
                yield Misattributed(start, start + len(mine[1]), instead)
                break
        at += len(sentence)


def credited_figures(article: Source) -> Iterator[tuple[str, str]]:
    """Yield the sentences of an article whose figures are credited to a name, and that name."""
    named = _names(article)
    for sentence, facts in zip(article.sentences, article.sentence_facts, strict=True):
        for fact in facts:
            found = _credited(sentence, fact.start, named) if fact.kind in _FIGURES else None
            if found:
                yield sentence, found[1]


def _names(article: Source) -> list[str]:
    """Return the people and organisations of an article, the longest first.

    Organisations of generic words are told only where a clause opens with them.
    """
    known = {name for name, form in article.names.known.items() if form in _FORMS}
    return _longest_first(known | {match["name"] for match in _OPENING.finditer(article.text)})


def _longest_first(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (-len(name), name))


def _credited(sentence: str, figure: int, named: Sequence[str]) -> tuple[int, str] | None:
    """Return where the nearest name before a figure begins, and it, if the figure is its saying."""
    best: tuple[int, str] | None = None
    for name in named:
        start = sentence.rfind(name, 0, figure)
        if start < 0 or (best and best[0] + len(best[1]) >= start + len(name)):
            continue
        best = start, name
    if best is None:
        return None
    start, name = best
    between = sentence[start + len(name) : figure]
    return best if _CREDITS.search(between) and not re.search("[；;]", between) else None


def _credited_by(article: Source, fact: Fact, name: str, named: Sequence[str]) -> str:
    """Return to whom the article credits a figure, empty where it is ``name`` or not said."""
    found = ""
    held = 0
    for sentence, facts in zip(article.sentences, article.sentence_facts, strict=True):
        places = [
            other.start for other in facts if (other.kind, other.value) == (fact.kind, fact.value)
        ]
        if not places:
            continue
        held += 1
        theirs = _credited(sentence, places[0], named)
        if theirs is None or name in sentence or held > _MOST_HELD:
            return ""
        found = theirs[1]
    if not found or may_be_one_side(article.text, name, found):
        return ""
    return found


def may_be_one_side(text: str, one: str, other: str) -> bool:
    """Say whether two names may mean one side: parts of each other, or side by side somewhere."""
    if one in other or other in one or set(one[:2]) & set(other[:2]):
        return True
    pairs = ((re.escape(one), re.escape(other)), (re.escape(other), re.escape(one)))
    return any(re.search(rf"{a}[^。！？!?，；,;\n]{{0,{_BESIDE}}}{b}", text) for a, b in pairs)
