"""Whether an answer says that the text does not say.

What the workbench answers says so itself. Of free text the wording tells: a phrase of refusal in
its first sentence, no longer than a refusal is.
"""

import re

from workbench.evaluation.metrics.case import Case, Output, Ratio
from workbench.evaluation.metrics.normal import simplified

_LONGEST = 80
_SENTENCE = re.compile(r"[^。！？!?\n]*")
_REFUSES = re.compile(
    r"(?:文|章|段落?|材料|内容|资料|原文|信息|上文|上述|其中|里面?|中)?(?:并)?"
    r"(?:未|没有?|无|不曾)(?:有|被|能|直接|明确|具体|任何|相关|进一步)*"
    r"(?:提及|提到|提供|说明|说到|指出|涉及|给出|包含|写明|谈到|描述|介绍|透露|交代|记载|这方面|相关(?:的)?信息|关于)"
    r"|(?:无法|不能|难以)(?:从[^，。]{0,20})?(?:回答|确定|得知|判断|得出|找到|知道|获知|推断|给出)"
    r"|(?:不清楚|不知道|未知|不详|无从(?:得知|知晓|判断)|找不到(?:答案|相关|有关))"
    r"|not (?:mentioned|stated|provided|specified|given)|cannot (?:be )?(?:answer|determine)"
    r"|(?:does not|doesn't) (?:mention|say|state|provide|specify)"
)


def is_refusal(text: str) -> bool:
    """Say whether a text says that it cannot answer."""
    plain = simplified(text).strip().lstrip("“\"'「『 ")
    if not plain:
        return False
    opening = _SENTENCE.match(plain)
    first = opening.group() if opening else plain
    return len(first) <= _LONGEST and _REFUSES.search(first) is not None


def refused(output: Output) -> bool:
    """Say whether an output refuses: as it says itself, else by its wording."""
    return is_refusal(output.text) if output.refused is None else output.refused


def refused_unanswerable(case: Case) -> Ratio | None:
    """Say whether a question that the text does not answer was refused, as it should be."""
    return Ratio(float(refused(case.output))) if case.item.answerable is False else None


def refused_answerable(case: Case) -> Ratio | None:
    """Say whether a question that the text does answer was refused all the same."""
    return Ratio(float(refused(case.output))) if case.item.answerable else None
