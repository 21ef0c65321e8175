"""The terms a text is found by: pairs of Hanzi, and words of letters and digits.

Character bigrams stand in for words: as index terms for Chinese they do as well as words from a
segmenter, and need none (Nie, Gao, Zhang, Zhou 2000, "On the use of words and n-grams for Chinese
information retrieval").
"""

import re
from itertools import pairwise

from workbench.articles.script import fold

_RUN = re.compile(
    r"(?P<word>[a-z0-9]+(?:[.'][a-z0-9]+)*)"
    r"|(?P<hanzi>[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]+)"
    r"|(?P<other>[^\W\d_]+)"
)


def terms(text: str) -> list[str]:
    """Return the terms of a text in order, the same whatever its script, width and case.

    A single Hanzi between signs is a term of its own.
    """
    found: list[str] = []
    for match in _RUN.finditer(fold(text).lower()):
        run = match.group()
        if match.lastgroup == "hanzi" and len(run) > 1:
            found += (first + second for first, second in pairwise(run))
        else:
            found.append(run)
    return found
