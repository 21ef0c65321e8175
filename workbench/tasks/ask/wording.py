"""The wording of what a model answers: its first line, and whether that refuses."""

import re

_REFUSAL = re.compile(
    r"^[“\"「]?(?:文章?中?|原文|本文|文中的)?(?:并|也|都|还)?(?:没有?|未)(?:被|有)?(?:直接|明确)?"
    r"(?:提及|提到|说明|提供|给出|说|涉及|记载|描述|介绍|找到|相关|指出|讲)"
    r"|未提及|没有提到|没有提及|未提到|无法(?:确定|回答|得知|从)|^不清楚|^不知道|没有(?:相关|关于).{0,20}(?:信息|内容)"
)
_MARKS = re.compile(
    r"^(?:\[\d+\]\s*)+|(?:\s*\[\d+\])+(?=[。.]?$)|\*\*|^[-*]\s+|^(?:答案|答)[：:]\s*"
)


def tidy(text: str) -> str:
    """Return the first line that says something, without numbers of passages and marks."""
    for line in text.splitlines():
        if shown := _MARKS.sub("", line.strip()).strip():
            return shown
    return ""


def is_refusal(text: str) -> bool:
    """Tell whether an answer says that the text does not say, or nothing."""
    return not text.strip() or _REFUSAL.search(text) is not None
