"""Giving a point the facts its model left out: clauses of its evidence, where there is room."""

import re
from collections.abc import Sequence

from workbench.grounding.alignment import bigrams
from workbench.grounding.facts import extract_facts
from workbench.tasks.drafting import Draft
from workbench.tasks.material import Material
from workbench.tasks.summary.clauses import leans_back, split_clauses, without_asides, worth_of
from workbench.tasks.summary.concise import concise
from workbench.tasks.wording import in_chinese_marks, is_balanced, leads_on

_WORTH = 0.9
_LEAST = 6
_STATEMENT = 10
_SAME_SENTENCE = 0.3
_TOLD = 0.6
_ENDS = "。！？；”"
_HEADING = re.compile(r"^(?:\d{1,2}\s|[一二三四五六七八九十]、|（[一二三四五六七八九十]）)")
_PREPOSITION = re.compile(r"^(?:对|在|从|据|按|以|自|随着|针对|截至|关于|作为|面对|通过|除|当)")
_FIGURES = ("amount", "percent", "number", "duration", "rank")


def additions(
    draft: Draft, sentences: Sequence[int], told: Sequence[str], room: int, material: Material
) -> list[str]:
    """Return longer wordings of a draft, the one that tells most for its length first.

    A clause is added after the draft's own words. One that names no subject of its own is taken
    only from a sentence the draft already tells of, so that it is said of nobody else.
    """
    text = draft.text.rstrip("。；，")
    worth = worth_of([text, *told], material.title)
    own = bigrams(text)
    found: list[tuple[float, str]] = []
    for index in sentences:
        plain = in_chinese_marks(material.sentences[index].text)
        plain = without_asides(concise(plain, date=material.article.date))
        clauses = split_clauses(plain)
        opening = bigrams(clauses[0]) if clauses else set()
        of_this = len(opening & own) / (len(opening) or 1) >= _SAME_SENTENCE
        for number, clause in enumerate(clauses):
            bare = clause.strip("，；。！？ ").replace("。”", "”")
            if not _LEAST <= len(bare) <= room - 1 or not is_balanced(bare) or leads_on(bare):
                continue
            if leans_back(bare) or _HEADING.match(bare):
                continue
            grams = bigrams(bare)
            if len(grams & own) / (len(grams) or 1) > _TOLD:
                continue
            opens = number == 0 or clauses[number - 1][-1] in _ENDS
            if not opens and not of_this:
                continue
            closes = clause[-1] in _ENDS
            if opens and not closes and (_PREPOSITION.match(bare) or not _states_figure(bare)):
                continue  # a subject alone, a time, a circumstance
            gain = worth(bare)
            if gain >= _WORTH:
                mark = "；" if opens else "，"
                found.append((gain / (len(bare) + 4), f"{text}{mark}{bare}。"))
    return [longer for _gain, longer in sorted(found, reverse=True)]


def _states_figure(clause: str) -> bool:
    return len(clause) >= _STATEMENT and any(
        fact.kind in _FIGURES for fact in extract_facts(clause)
    )
