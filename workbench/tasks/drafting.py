"""One point, from what the model wrote to what can be shown: tidied, aligned, checked, judged."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.grounding.alignment import Aligned, bigrams, copied_share
from workbench.grounding.checks import ELSEWHERE, UNSUPPORTED, Check, Source, check_facts
from workbench.tasks.material import Material
from workbench.tasks.plan import Part

_BULLET = re.compile(r"^\s*(?:[-*•·●▪]+|\(?\d{1,2}[.、)）](?!\d)|[（(]\d{1,2}[)）])\s*")
_LABEL = re.compile(r"^(?:要点|摘要|总结|概括|标题|改写|答案|回答|一句话概括)[:：]\s*")
_PASSAGE = re.compile(r"\s*[\[【［]\d{1,3}(?:[-–~,，、]\s*\d{1,3})*[\]】］]\s*")
_META = re.compile(
    r"^(?:第?[\[【]?\d+[\]】]?(?:段)?(?:到|至|-)第?[\[【]?\d+[\]】]?段?|这(?:几|一)?段|本段|文章|本文|原文|该文)"
    r"(?:主要)?(?:讲|讲述|介绍|概括|描述|提到|指出|讨论|说)了?[:：，]?"
)
_NOTHING = re.compile(
    r"^[（(]?(?:无|没有|无相关|未提及|文中未提及|没有提到|不适用|n/?a)[^，,]{0,8}[。.）)]?$", re.I
)
_SENTENCE_END = "。！？!?"
_TOO_LONG = 1.4
_SAME = 0.55
_LEAST_IN_STRETCH = 0.45


@dataclass(frozen=True, slots=True)
class Draft:
    """A candidate for a point: Simplified text, what supports it, and what is wrong with it.

    ``faults`` adds up what is wrong; 0 is fine.
    """

    text: str
    aligned: Aligned
    checks: tuple[Check, ...]
    faults: float


def tidy(text: str) -> str:
    """Take the bullet, label and passage numbers off a line the model wrote."""
    line = _BULLET.sub("", text.strip())
    line = _LABEL.sub("", line)
    line = _PASSAGE.sub("", line)
    line = _META.sub("", line)
    line = line.strip().strip("*").strip()
    if len(line) > 2 and line[0] in '“"「' and line[-1] in '”"」' and line.count(line[0]) == 1:
        line = line[1:-1]
    return line.strip()


def is_nothing(text: str) -> bool:
    """Say whether a line only says that there is nothing to say."""
    return not text or bool(_NOTHING.match(text))


def whole_sentences(text: str) -> str:
    """Cut an answer that ran into its limit back to its last whole sentence or clause."""
    for ends in (_SENTENCE_END, "；;", "，,、"):
        cut = max(text.rfind(end) for end in ends)
        if cut >= len(text) // 3:
            return text[: cut + 1].rstrip("，,、；;") + ("" if text[cut] in _SENTENCE_END else "。")
    return text


def judge(
    text: str,
    material: Material,
    stretch: Part | None,
    *,
    characters: int,
    earlier: Sequence[str] = (),
    truncated: bool = False,
) -> Draft:
    """Align and check a text and weigh what is wrong with it.

    ``stretch`` is what it should be about, None for the whole article.
    """
    aligner = material.aligner
    inside = material.sentences_between(stretch.first, stretch.last) if stretch else None
    aligned = aligner.align(text, inside)
    faults = 0.0
    if stretch is not None:
        anywhere = aligner.align(text)
        if aligned.support < _LEAST_IN_STRETCH and anywhere.support > aligned.support + 0.15:
            faults += 2
            aligned = anywhere
    cited = Source("\n".join(aligner.sentences[i] for i in aligned.sentences))
    checks = check_facts(text, cited, material.source)
    faults += 4 * sum(check.status == UNSUPPORTED for check in checks)
    faults += 0.7 * sum(check.status == ELSEWHERE for check in checks)
    faults += 2 * max(0.0, 0.6 - aligned.support)
    if len(text) > characters * _TOO_LONG:
        faults += len(text) / characters - 1
    if len(text) < 10:
        faults += 2
    if truncated:
        faults += 0.8
    if any(_alike(text, other) > _SAME for other in earlier):
        faults += 3
    if material.title and _alike(text, material.title) > _SAME:
        faults += 1.5
    if text.endswith(("?", "？")):
        faults += 1
    faults += 0.4 * copied_share(text, material.plain_text, run=40)
    return Draft(text, aligned, checks, round(faults, 2))


def _alike(one: str, other: str) -> float:
    """Return the share of the shorter text's bigrams that the other has too."""
    first, second = bigrams(one), bigrams(other)
    return len(first & second) / (min(len(first), len(second)) or 1)


def best_evidence(material: Material, stretch: Part, earlier: Sequence[str]) -> list[int]:
    """Choose the one or two sentences of a stretch most worth reporting.

    Sentences that share rare bigrams with the title and with many other sentences of the article,
    that state facts, and that no earlier point has used, come first.
    """
    used = {gram for text in earlier for gram in bigrams(text)}
    title = bigrams(material.title)
    ranked: list[tuple[float, int]] = []
    for index in material.sentences_between(stretch.first, stretch.last):
        text = material.sentences[index].text
        if not 14 <= len(text) <= 220:
            continue
        grams = bigrams(text)
        facts = check_facts(text, material.source, material.source)
        score = 0.6 * min(4, len({check.text for check in facts if check.kind != "name"}))
        score += 0.3 * min(4, sum(check.kind == "name" for check in facts))
        score += 3 * len(grams & title) / (len(title) or 1)
        score -= 4 * len(grams & used) / (len(grams) or 1)
        score -= 1.0 * text.endswith(("?", "？"))
        ranked.append((score, index))
    if not ranked:
        return list(material.sentences_between(stretch.first, stretch.last))[:2]
    best = max(ranked)[1]
    return [best]
