"""Points that begin in the middle of a sentence: what the article says before it is put back."""

import re
from collections.abc import Sequence

from workbench.tasks.wording import AFTER_A_CHANGE, SENTENCE_END, in_chinese_marks

_LEANS = re.compile(f"^{AFTER_A_CHANGE}")
_MARKS = "，；。！？"


def with_antecedent(
    text: str, sentences: Sequence[str], evidence: Sequence[int], characters: int
) -> str:
    """Return a text with what the article says before the clause that it begins with.

    调整后预计为126万元 does not say what is so much. Asked again, a small model finds a subject
    that is none. ``evidence`` are the indices of the ``sentences`` it rests on; one that ends in a
    semicolon goes on in the next. A text of more than ``characters`` would be too long.
    """
    if not _LEANS.match(text):
        return text
    first = re.split(f"[{_MARKS}]", text, maxsplit=1)[0]
    for index in evidence:
        start = index
        while start and sentences[start - 1].rstrip().endswith(("；", ";")):
            start -= 1
        said = in_chinese_marks("".join(sentences[start : index + 1]))
        before, found, _rest = said.partition(first)
        if found and before[-1:] in tuple(_MARKS):
            whole = re.split(f"[{SENTENCE_END}]", before)[-1] + text
            return whole if len(whole) <= characters else text
    return text
