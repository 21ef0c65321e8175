"""A second look by the model itself: is this claim borne out by what it cites? Yes or no.

The answer is held to the two words, and the evidence stands before the claim. What the checks by
rule cannot see, such as who did what, this may; how often is measured by ``benchmarks/verify.py``.
"""

import json
from collections.abc import Sequence

from workbench.engine.protocol import Message, Request, Sampling
from workbench.tasks.calls import Caller

YES, NO = "是", "否"
_SCHEMA = json.dumps({"enum": [YES, NO]}, ensure_ascii=False)
_SYSTEM = "你是一位严格的事实核查员，只根据给出的原文判断。"
_QUESTION = (
    "原文：“{evidence}”\n\n说法：“{claim}”\n\n"
    "逐项核对说法里的人物、机构、数字、日期、地点、动作和结果：是否每一项都与原文一致？"
    "全部一致答“是”；有任何一项与原文不同或原文没有，答“否”。"
)
_TOKENS = 8


def request(claim: str, evidence: str) -> Request:
    """Ask whether the evidence bears a claim out, both in Simplified script."""
    messages = (
        Message("system", (_SYSTEM,)),
        Message("user", (_QUESTION.format(evidence=evidence, claim=claim),)),
    )
    return Request(messages, _TOKENS, sampling=Sampling(temperature=0.0), schema=_SCHEMA)


def verify(claims: Sequence[tuple[str, str]], caller: Caller) -> list[bool | None]:
    """Ask about pairs of claim and evidence side by side.

    None where there is no evidence to hold a claim against, or where a server answered otherwise.
    """
    asked = [number for number, (_claim, evidence) in enumerate(claims) if evidence]
    found: list[bool | None] = [None] * len(claims)
    if not asked:
        return found
    answers = caller.ask_all([request(*claims[number]) for number in asked], lambda: None)
    for number, answer in zip(asked, answers, strict=True):
        word = answer.text.strip().strip('"')
        found[number] = {YES: True, NO: False}.get(word)
    return found
