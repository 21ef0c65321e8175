"""Stances and negations: 支持 here and 反对 there, 需要预约 here and 无需预约 there.

Two sentences that say nearly the same of the same thing contradict each other where one negates a
word the other affirms, or uses its opposite. Opposites are a list; what it does not hold and no
negation shows is not seen.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from workbench.grounding.periods import Period, period_of

if TYPE_CHECKING:
    from workbench.grounding.differences import Comparison, Finding
    from workbench.grounding.statements import Reading

_OPPOSITES = (
    ("支持 赞成 同意 拥护 力挺", "反对 抵制 拒绝 不满"),
    ("上涨 增长 上升 提高 增加 攀升 走高 回升", "下跌 下降 减少 降低 下滑 回落 走低"),
    ("免费 不收费 免收 无需付费", "收费 付费 自费"),
    ("保留 留用", "拆除 拆掉 废除"),
    ("通过 批准 获批", "否决 驳回 搁置"),
    ("盈利 获利", "亏损 赔钱"),
    ("提前", "推迟 延后 延期 延迟"),
    ("扩大 扩建 扩张", "缩小 缩减 收缩"),
    ("恢复 重启 继续", "停止 终止 中止 暂停 取消 放弃"),
    ("承认 证实", "否认"),
    ("允许 准许 可以", "禁止 不得 严禁"),
    ("成功", "失败"),
    ("充足 足够 充裕", "不足 短缺 紧缺"),
    ("看好 乐观", "看淡 悲观"),
    ("延长", "缩短"),
    ("开放 营业", "关闭 停业 闭馆"),
    ("必须 强制", "自愿"),
    ("加快 加速", "放慢 放缓 减慢"),
    ("合格 达标", "超标"),
)
_NOT = (
    "没有|并没有|尚未|并未|从未|未能|未曾|无需|无须|不再|不会|不能|不用|不必|不曾|并不|并非|不是"
    "|不|没|未|无|拒绝"
)
# What begins with a negation and is none.
_NO_NEGATION = (
    "不仅|不但|不断|不少|不同|不过|不久|不到|不超过|不得不|不可避免|不足|不料|不光|不只|不满|不及|不论|不管|"
    "不低于|不少于|不高于|不多于|不妨|不如|不惜|不愧|不禁|不乏|不等|不一|差不多|无论|无疑|无不|无非|无数|"
    "无人机|无障碍|无线|无偿|无缝|无奈|未来|未必|未免|没想到|毫不|不无"
)
_NEGATED = re.compile(rf"(?P<skip>{_NO_NEGATION})|(?P<not>{_NOT})")
_REACH = 2
_BARE = 3
"""A clause of no more characters beside the negated word leans on the one before it."""
_LIKE = 0.42
_LIKE_NEGATED = 0.48
_LEAST_WEIGHT = 2.5
_WORDS = {
    word: (number, sign)
    for number, sides in enumerate(_OPPOSITES)
    for sign, words in zip((1, -1), sides, strict=True)
    for word in words.split()
}
_PATTERN = re.compile("|".join(sorted(_WORDS, key=len, reverse=True)))


@dataclass(frozen=True, slots=True)
class _Stance:
    """A word of a stance in a sentence: its class of opposites, its sign after negation."""

    group: int
    sign: int
    start: int
    end: int


def negations(text: str) -> list[tuple[int, int]]:
    """Return the spans of the words that negate what comes after them."""
    return [match.span() for match in _NEGATED.finditer(text) if match["not"]]


def _stances(text: str) -> list[_Stance]:
    negated = negations(text)
    found = []
    for match in _PATTERN.finditer(text):
        group, sign = _WORDS[match.group()]
        start, end = match.span()
        before = [span for span in negated if span[1] <= start <= span[1] + _REACH]
        found.append(_Stance(group, -sign if before else sign, start, end))
    return found


def opposed(comparison: "Comparison") -> list["Finding"]:
    """Find sentences of two articles that say opposite things of the same."""
    from workbench.grounding.differences import CHANGES, DIFFER, Finding, Mention, shared_words

    found = []
    for one, i, other, j, score in _pairs(comparison):
        clash = _clash(one, i, other, j)
        if clash is None or not _same_speakers(one, i, other, j):
            continue
        if comparison.parallel(one.number, other.number):
            continue
        if clash.negated and score < _LIKE_NEGATED:
            continue
        mine, theirs = _when(one, i, clash.mine), _when(other, j, clash.theirs)
        verdict = CHANGES if mine.excludes(theirs) else DIFFER
        shared = one.sentence_grams[i] & other.sentence_grams[j]
        sentence = one.text.sentences[i]
        found.append(
            Finding(
                "stance",
                verdict,
                shared_words(sentence, set(shared), clash.mine),
                (
                    Mention(one.number, i, *clash.mine, when=str(mine)),
                    Mention(other.number, j, *clash.theirs, when=str(theirs)),
                ),
                (
                    sentence[slice(*clash.mine)],
                    other.text.sentences[j][slice(*clash.theirs)],
                ),
                round(score, 3),
            )
        )
    return found


def _pairs(comparison: "Comparison") -> Iterator[tuple["Reading", int, "Reading", int, float]]:
    for one, other in combinations(comparison.readings, 2):
        for i, j, score in alike_sentences(comparison, one.number, other.number):
            yield one, i, other, j, score


@dataclass(frozen=True, slots=True)
class _Clash:
    mine: tuple[int, int]
    theirs: tuple[int, int]
    negated: bool


def _clash(one: "Reading", i: int, other: "Reading", j: int) -> _Clash | None:
    """Return where two sentences oppose each other, widened to the clauses."""
    mine, theirs = one.plain[i], other.plain[j]
    if mine == theirs:
        return None
    for stance in _stances(mine):
        against = [item for item in _stances(theirs) if item.group == stance.group]
        own = {item.sign for item in _stances(mine) if item.group == stance.group}
        if len(own) == 1 and against and {item.sign for item in against} == {-stance.sign}:
            first = _clause(one, i, stance.start)
            second = _clause(other, j, against[0].start)
            if _share(one, i, first, other, j, second):
                return _Clash(first, second, negated=False)
    for a, b, text, rival, rival_index, swapped in (
        (one, i, mine, other, j, False),
        (other, j, theirs, one, i, True),
    ):
        place = _negated_only_here(text, rival.plain[rival_index])
        if place is None:
            continue
        first, second = _clause(a, b, place[0]), _clause(rival, rival_index, place[1])
        word = text[place[0] : place[0] + 2]
        left = len(_NEGATED.sub("", text[slice(*first)])) - len(word)
        common = (a.grams(b, *first) & rival.grams(rival_index, *second)) - {word}
        if left > _BARE and not common:
            continue
        if _share(a, b, first, rival, rival_index, second):
            return _Clash(second, first, True) if swapped else _Clash(first, second, True)
    return None


def _negated_only_here(text: str, rival: str) -> tuple[int, int] | None:
    """Return where a word is negated in a text and stands without negation in its rival."""
    theirs = negations(rival)
    for _start, end in negations(text):
        word = text[end : end + 2]
        if len(word) < 2 or not word.isalpha() or word.isascii():
            continue
        at = rival.find(word)
        affirmed = (
            at >= 0
            and not any(span[1] <= at <= span[1] + _REACH for span in theirs)
            and rival.count(word) == 1
            and text.count(word) == 1
        )
        if affirmed:
            return end, at
    return None


def _clause(reading: "Reading", index: int, position: int) -> tuple[int, int]:
    for start, end in reading.clauses(index):
        if start <= position < end:
            return start, end
    return 0, len(reading.plain[index])


def _share(
    one: "Reading",
    i: int,
    first: tuple[int, int],
    other: "Reading",
    j: int,
    second: tuple[int, int],
) -> bool:
    """Say whether each of the two clauses has words of the other's sentence."""
    mine, theirs = one.grams(i, *first), other.grams(j, *second)
    return bool(mine & other.sentence_grams[j]) and bool(theirs & one.sentence_grams[i])


def _same_speakers(one: "Reading", i: int, other: "Reading", j: int) -> bool:
    """Say whether no name of one sentence stands against another name of the other."""
    mine = {gram for gram in one.sentence_grams[i] if gram[0] == "="}
    theirs = {gram for gram in other.sentence_grams[j] if gram[0] == "="}
    return not (mine - theirs and theirs - mine)


def _when(reading: "Reading", index: int, clause: tuple[int, int]) -> Period:
    return period_of(
        reading.plain[index], reading.facts[index], clause, clause[1], reading.text.date
    )


def alike_sentences(comparison: "Comparison", one: int, other: int) -> list[tuple[int, int, float]]:
    """Return the sentences of an article that another has nearly alike, with the best of those."""
    mine, theirs = comparison.readings[one], comparison.readings[other]
    having = defaultdict(list)
    for j, grams in enumerate(theirs.sentence_grams):
        for gram in grams:
            having[gram].append(j)
    found = []
    for i, grams in enumerate(mine.sentence_grams):
        weights: dict[int, float] = defaultdict(float)
        for gram in sorted(grams):
            for j in having.get(gram, ()):
                weights[j] += comparison.weight(gram)
        scored = [
            (comparison.sentence_likeness(one, i, other, j), -j)
            for j, weight in weights.items()
            if weight >= _LEAST_WEIGHT
        ]
        if scored and (best := max(scored))[0] >= _LIKE:
            found.append((i, -best[1], best[0]))
    return found
