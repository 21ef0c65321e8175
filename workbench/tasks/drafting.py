"""One point, judged: aligned with the article, its facts checked, its faults weighed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.grounding.alignment import Aligned, bigrams, copied_share
from workbench.grounding.checks import ELSEWHERE, Check, Source, check_facts
from workbench.grounding.facts import extract_facts
from workbench.tasks.antecedents import with_antecedent
from workbench.tasks.material import Material
from workbench.tasks.plan import Part
from workbench.tasks.qualifiers import with_qualifiers
from workbench.tasks.wording import LEAST_CHARACTERS, is_balanced

_DANGLING = re.compile(
    r"^(?:在?[他她它]们?(?:看来|认为|表示|指出|说|称|则|还|也)|这|该|其|上述|对此)"
)
_TOO_LONG = 1.25
_SAME = 0.55
_LEAST_IN_STRETCH = 0.45
_SOUND_SUPPORT = 0.75
_LEAST_EVENT = 0.5
_NO_FIGURE = 0.95
_OTHER_MEASURE = 1.0
_NEW_QUALIFIER = 1.2
# Words that change what a figure says; one the article does not use at all was made up.
_QUALIFIERS = (
    *(
        "月均",
        "年均",
        "日均",
        "人均",
        "平均",
        "同比",
        "环比",
        "累计",
        "合计",
        "每年",
        "每月",
        "每天",
    ),
    *("首次", "唯一", "全部", "翻番", "翻倍", "减半", "最高", "最低", "最大", "最多", "最少"),
)
_MEASURED = re.compile(r"(\d[\d,.]*[万亿]?)多?([个家名人位款项条次倍台辆户份所座艘])")
_FIGURES = ("amount", "percent", "number")


@dataclass(frozen=True, slots=True)
class Draft:
    """A candidate for a point: Simplified text, what supports it, and what is wrong with it.

    ``stretch`` is what it is about; ``faults`` adds up what is wrong, 0 is fine.
    """

    text: str
    stretch: Part
    aligned: Aligned
    checks: tuple[Check, ...]
    faults: float


def judge(
    text: str,
    material: Material,
    stretch: Part,
    *,
    characters: int,
    earlier: Sequence[str] = (),
    truncated: bool = False,
) -> Draft:
    """Align and check a text that should be about ``stretch``, and weigh what is wrong with it."""
    text = material.in_own_names(text)
    aligner = material.aligner
    within = material.sentences_between(stretch.first, stretch.last)
    aligned = aligner.align(text, within)
    whole = with_antecedent(
        text, aligner.sentences, aligned.sentences, round(characters * _TOO_LONG)
    )
    if whole != text:
        text, aligned = whole, aligner.align(whole, within)
    faults = 0.0
    if aligned.support < _LEAST_IN_STRETCH:
        anywhere = aligner.align(text)
        if anywhere.support > aligned.support + 0.15:
            faults += 2
            aligned = anywhere
    evidence = "\n".join(aligner.sentences[i] for i in aligned.sentences)
    text = with_qualifiers(without_invented_years(text, material), evidence)
    cited = Source(evidence, date=material.article.date)
    checks = check_facts(text, cited, material.source)
    faults += 4 * sum(check.wrong for check in checks)
    faults += 0.7 * sum(check.status == ELSEWHERE for check in checks)
    faults += 5 * max(0.0, _SOUND_SUPPORT - aligned.support)
    if len(text) > characters * _TOO_LONG:
        faults += 0.75 + len(text) / characters - _TOO_LONG
    if len(text) < LEAST_CHARACTERS:
        faults += 2
    if _DANGLING.match(text):
        faults += 0.9
    if not is_balanced(text):
        faults += 0.5
    faults += 0.15 * max(0, len(aligned.sentences) - 1)
    if truncated:
        faults += 0.8
    if repeats(text, earlier):
        faults += 3
    if repeats_title(text, material):
        faults += 2
    if text.endswith(("?", "？")):
        faults += 1
    if not _figures(checks) and has_figures(material, stretch):
        faults += _NO_FIGURE
    faults += _NEW_QUALIFIER * sum(
        word in text and word not in material.plain_text for word in _QUALIFIERS
    )
    faults += _OTHER_MEASURE * _other_measures(text, material.plain_text)
    faults += 0.4 * copied_share(text, material.plain_text, run=40)
    return Draft(text, stretch, aligned, checks, round(faults, 2))


def _figures(checks: Sequence[Check]) -> int:
    return len({check.text for check in checks if check.kind in _FIGURES})


def _other_measures(text: str, source: str) -> int:
    """Count figures that the source gives only with another measure word: 116个, not 116家.

    Measure words can be exchanged in good faith, so this asks for a second try and marks nothing.
    """
    stated = dict[str, set[str]]()
    for number, measure in _MEASURED.findall(source):
        stated.setdefault(number, set()).add(measure)
    return sum(
        number in stated and measure not in stated[number]
        for number, measure in _MEASURED.findall(text)
    )


def has_figures(material: Material, stretch: Part) -> bool:
    """Say whether some sentence of a stretch states two figures or more, so is worth reporting."""
    return any(
        len(
            {
                fact.text
                for fact in extract_facts(material.sentences[index].text)
                if fact.kind in _FIGURES
            }
        )
        >= 2
        for index in material.sentences_between(stretch.first, stretch.last)
    )


def without_invented_years(text: str, material: Material) -> str:
    """Drop the year of a date that the article states without one and never with this one."""
    for fact in reversed(extract_facts(text)):
        if fact.kind != "date" or material.source.has(fact):
            continue
        year, month, day = fact.value
        bare = re.match(r"\d{4}年(?=\d)", fact.text)
        known = replace(fact, value=(None, month, day))
        if year and month and bare and material.source.has(known):
            text = text[: fact.start] + text[fact.start + bare.end() :]
    return text


def is_dated_event(draft: Draft, material: Material) -> bool:
    """Say whether one cited sentence holds both a date of the draft and most of its event."""
    dates = [fact for fact in extract_facts(draft.text) if fact.kind == "date"]
    event = bigrams(draft.text.partition("：")[2] or draft.text)
    for index in draft.aligned.sentences:
        text = material.sentences[index].text
        shared = len(event & bigrams(text)) / (len(event) or 1)
        source = Source(text, date=material.article.date)
        if shared >= _LEAST_EVENT and any(source.has(date) for date in dates):
            return True
    return False


def repeats_title(text: str, material: Material) -> bool:
    """Say whether a text says no more than the title."""
    title = material.title
    return bool(title) and len(text) < 1.6 * len(title) and _alike(text, title) > _SAME


def repeats(text: str, earlier: Sequence[str]) -> bool:
    """Say whether a text mostly says again what an earlier one said."""
    return any(_alike(text, other) > _SAME for other in earlier)


def without_repetitions(drafts: Sequence[Draft], earlier: Sequence[str]) -> list[Draft]:
    """Leave out drafts that say again what was said, without a fact of their own; the first stays.

    What is worded alike of other figures, as in reports of one kind, says something else.
    """
    kept: list[Draft] = []
    for draft in drafts:
        said = [*earlier, *(other.text for other in kept)]
        new = any(not any(check.text in text for text in said) for check in draft.checks)
        if not kept or new or not repeats(draft.text, said):
            kept.append(draft)
    return kept


def _alike(one: str, other: str) -> float:
    """Return the share of the shorter text's bigrams that the other has too."""
    first, second = bigrams(one), bigrams(other)
    return len(first & second) / (min(len(first), len(second)) or 1)


def is_stale(draft: Draft, material: Material, earlier: Sequence[str]) -> bool:
    """Say whether what a draft rests on is not worth writing from again."""
    return (
        repeats(draft.text, earlier)
        or repeats_title(draft.text, material)
        or (not _figures(draft.checks) and has_figures(material, draft.stretch))
    )


def best_evidence(material: Material, stretch: Part, earlier: Sequence[str]) -> int | None:
    """Choose the sentence of a stretch most worth reporting.

    One that states facts and shares rare bigrams with the title comes before others, one that an
    earlier point has used after them.
    """
    used = {gram for text in earlier for gram in bigrams(text)}
    title = bigrams(material.title)
    ranked: list[tuple[float, int]] = []
    for index in material.sentences_between(stretch.first, stretch.last):
        text = material.sentences[index].text
        if not 14 <= len(text) <= 220 or repeats_title(text, material):
            continue
        grams = bigrams(text)
        facts = extract_facts(text)
        score = 0.6 * min(4, len({fact.text for fact in facts if fact.kind in _FIGURES}))
        score += 0.3 * min(4, len({fact.text for fact in facts if fact.kind not in _FIGURES}))
        score += 3 * len(grams & title) / (len(title) or 1)
        score -= 4 * len(grams & used) / (len(grams) or 1)
        score -= text.endswith(("?", "？"))
        ranked.append((score, -index))
    return -max(ranked)[1] if ranked else None


def with_context(material: Material, index: int) -> str:
    """Return a sentence, after the one before it where it leans on that one for its subject."""
    sentence = material.sentences[index]
    leans = re.match(r"[“\"「]?(?:在?[他她它]们?|这|该|其|此外|同时|上述|对此)", sentence.text)
    if leans and index and material.sentences[index - 1].passage >= sentence.passage - 1:
        return material.sentences[index - 1].text + sentence.text
    return sentence.text
