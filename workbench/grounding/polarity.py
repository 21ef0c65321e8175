"""Statements turned into their opposite: a negation put in or left out, 增长 for 下降.

Rules over clauses. A clause of a point is compared with the clause of the source that shares most
of its words; only where nearly all of them agree, and the source says it nowhere as the point does,
is the opposite reported. Double negations and questions are left alone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbench.grounding.ngrams import bigrams, shared

_CLAUSE = re.compile(r"[^，。；！？：,;!?\n]+")
_NEGATION = re.compile(
    r"没有|并没|(?<![淹沉埋吞出沦覆])没(?![有收落入头顶])|并未|尚未|从未|仍未|未曾|未能|未(?![来必知免尝婚成满遂])"
    r"|并非|绝非|而非|无法|无意|无需|毫无|(?<![不])不(?![仅但断少同过久足得管论止料顾惜锈动当妨如及到超低高多满"
    r"良法锈时光单乏禁由约日错朽孕齐等一公平])|拒绝"
)
# 能不能 asks, 不得不 and 无不 assert, 不是不 turns twice.
_LEAVE_ALONE = re.compile(
    r"(.)不\1|是否|有没有|不得不|无不|不无|不是不|没有不|不可能不|不会不|未必|难道|吗|莫不|非.{1,6}不|不.{1,6}不"
)
_OPPOSITES = tuple(
    (frozenset(one.split()), frozenset(other.split()))
    for one, other in (
        (
            "增长 上升 上涨 提高 增加 攀升 回升 走高 上调 提升 增多 升高 涨 大涨 飙升",
            "下降 下跌 减少 降低 下滑 回落 走低 下调 缩减 降 跌 大跌 暴跌 下挫 减低",
        ),
        ("扩大 扩张 放宽 加快 加速 加强 增强", "缩小 收缩 收紧 放缓 减速 削弱 减弱"),
        ("同意 赞成 支持 批准 接受 认可 赞同", "反对 否决 抵制 驳回 拒绝"),
        ("超过 高于 多于 超出 大于 突破 逾", "不足 低于 少于 不到 小于 不及"),
        ("盈利 获利", "亏损"),
        ("顺差", "逆差"),
        ("升值", "贬值"),
        ("流入", "流出"),
        ("增持 买入 买进", "减持 卖出 抛售"),
        ("进口", "出口"),
        ("承认 证实", "否认"),
        ("允许 准许", "禁止 不许"),
        ("合法", "非法 违法"),
        ("成功", "失败"),
        ("开始 启动 开启", "结束 停止 终止"),
        ("战胜 击败 打败", "不敌 负于 输给"),
        ("利好", "利空"),
        ("乐观", "悲观"),
        ("有利", "不利"),
        ("最高", "最低"),
        ("最大", "最小"),
        ("最多", "最少"),
        ("提前", "推迟 延迟 延后"),
        ("加入", "退出"),
        ("上半年", "下半年"),
        ("高于预期 好于预期", "低于预期 不及预期"),
    )
)
_WORDS = {
    word: (index, side)
    for index, sides in enumerate(_OPPOSITES)
    for side, words in enumerate(sides)
    for word in words
}
_WORD = re.compile("|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True)))
_LEAST_CHARACTERS = 4
_FEW = 5
_LEAST_ALIKE = 0.7
_LEAST_BACK = 0.5
_NEAR = 0.15


@dataclass(frozen=True, slots=True)
class Turned:
    """A word of a point (offsets into it) with which the source says the opposite: ``instead``."""

    start: int
    end: int
    instead: str


@dataclass(frozen=True, slots=True)
class _Clause:
    """A clause, its words without negations and opposites, and how it is turned."""

    text: str
    start: int
    grams: frozenset[str]
    negations: tuple[tuple[int, int], ...]
    words: tuple[tuple[int, int, int, int], ...]
    simple: bool


def turned(point: str, sentences: Sequence[str]) -> Iterator[Turned]:
    """Yield what a point says the other way round; ``sentences`` are those it may be about."""
    sources: list[_Clause] | None = None
    for clause in _clauses(point):
        if len(clause.text) < _LEAST_CHARACTERS or not clause.simple:
            continue
        if sources is None:
            sources = [found for sentence in sentences for found in _clauses(sentence)]
        # Of a few words, all must agree.
        least = 1.0 if len(clause.grams) < _FEW else _LEAST_ALIKE
        alike = [
            (score, source)
            for source in sources
            if (score := shared(clause.grams, source.grams)) >= least
            and shared(source.grams, clause.grams) >= _LEAST_BACK
        ]
        if not alike:
            continue
        best = max(score for score, _source in alike)
        near = [source for score, source in alike if score >= best - _NEAR]
        if all(source.simple for source in near):
            yield from _negated(clause, near)
            yield from _opposed(clause, near)


def _negated(clause: _Clause, near: Sequence[_Clause]) -> Iterator[Turned]:
    """Yield a negation that the clause has and no source has, or the reverse."""
    mine = len(clause.negations)
    theirs = {len(source.negations) for source in near}
    if mine > 1 or theirs - {0, 1} or mine in theirs:
        return
    source = near[0]
    if _opposite_words(clause, source):
        return
    if mine:
        start, end = clause.negations[0]
        if not _goes_on(clause.text[end:], source.text):
            return
        yield Turned(clause.start + start, clause.start + end, source.text)
        return
    start, end = source.negations[0]
    if at := _goes_on(source.text[end:], clause.text):
        position = clause.text.find(at)
        yield Turned(clause.start + position, clause.start + position + len(at), source.text)


def _opposed(clause: _Clause, near: Sequence[_Clause]) -> Iterator[Turned]:
    """Yield a word of the clause in whose place every source has its opposite."""
    if clause.negations or any(source.negations for source in near):
        return
    for start, end, index, side in clause.words:
        others = [[word for word in source.words if word[2] == index] for source in near]
        if all(words and all(word[3] != side for word in words) for words in others):
            yield Turned(clause.start + start, clause.start + end, near[0].text)


def _opposite_words(clause: _Clause, source: _Clause) -> bool:
    """Say whether the clauses also have opposite words: 没有下降 says what 增长 says."""
    return any(
        mine[2] == theirs[2] and mine[3] != theirs[3]
        for mine in clause.words
        for theirs in source.words
    )


def _goes_on(negated: str, other: str) -> str:
    """Return what stands after a negation if it stands in the other clause too, else nothing."""
    for size in (3, 2):
        if len(negated) >= size and negated[:size] in other:
            return negated[:size]
    return ""


def _clauses(text: str) -> list[_Clause]:
    found = []
    for match in _CLAUSE.finditer(text):
        clause = match.group()
        negations = tuple(item.span() for item in _NEGATION.finditer(clause))
        words = tuple((*item.span(), *_WORDS[item.group()]) for item in _WORD.finditer(clause))
        bare = list(clause)
        for start, end in (*negations, *((word[0], word[1]) for word in words)):
            bare[start:end] = " " * (end - start)
        grams = frozenset(bigrams("".join(bare)))
        simple = _LEAVE_ALONE.search(clause) is None
        found.append(_Clause(clause, match.start(), grams, negations, words, simple))
    return found
