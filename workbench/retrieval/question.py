"""What a question is about: its terms, weighed by how much they say, and the names in it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from workbench.articles.script import fold, to_simplified
from workbench.retrieval.terms import terms

_ASKING = (
    "什么时候 什么样 什么 甚么 啥 哪一年 哪一个 哪一位 哪一种 哪一天 哪一项 哪一 哪年 哪月"
    " 哪天 哪个 哪些 哪里 哪儿 哪位 哪种 哪国 哪家 哪两 哪几 哪 谁 何时 何地 何处 何年 何月"
    " 何日 何人 何种 何事 何物 何名 为何 因何 如何 几何 多少 多大 多长 多久 多高 多远 多重"
    " 多深 多快 几个 几年 几月 几日 几号 几次 几位 几种 几人 几岁 几家 几天 怎么样 怎么 怎样"
    " 怎 为什么 是否 是不是 有没有 能不能 能否 可否 会不会 可不可以 请问 告诉我 吗 呢 这篇文章"
    " 该文章 文章中 文中 本文 文章 上文"
)
_FUNCTION = frozenset(
    "的地得了着过是在和与及或被把将于由对从向到让使给因所而则也都就并且但如有为以其它他她们这"
    "那该此之者等不没时候当中里上下内外后前最很更还又只才曾已会能可要应出来去起至我你您个一位"
    "种些项"
)
_SPLIT = re.compile(
    "|".join(map(re.escape, sorted(_ASKING.split(), key=len, reverse=True))) + r"|[^\w.·'%-]+"
)
_QUOTED = re.compile(r"[《“「『〈\"](?P<name>[^《》“”「」『』〈〉\"]{1,40})[》”」』〉\"]")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-.'][A-Za-z0-9]+)*|\d+(?:[.,]\d+)*")
_WEAK, _TELLING, _STRONG = 0.3, 1.0, 1.5


@dataclass(frozen=True)
class Question:
    """A question as it is searched for; ``text`` is Simplified."""

    text: str

    @classmethod
    def of(cls, text: str) -> "Question":
        """Read a question in either script."""
        return cls(to_simplified(" ".join(text.split())))

    @cached_property
    def chunks(self) -> tuple[str, ...]:
        """Return the stretches between the words that only ask."""
        return tuple(chunk for part in _SPLIT.split(self.text) if (chunk := part.strip(" .-'·%")))

    @cached_property
    def weights(self) -> dict[str, float]:
        """Return the terms of its content and how much each says of what is asked.

        A pair of function words says nothing, one function word with another character little, a
        word of letters or digits most. Single characters count where there is nothing else.
        """
        found = {term: weight(term) for chunk in self.chunks for term in terms(chunk)}
        longer = {term: value for term, value in found.items() if value}
        return longer or dict.fromkeys(found or terms(self.text), _WEAK)

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """Return the terms of its content, each once, in order."""
        return tuple(self.weights)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return what is surely a name or a figure in it: quoted, in Latin letters, in digits."""
        found = [match["name"] for match in _QUOTED.finditer(self.text)]
        rest = _QUOTED.sub(" ", self.text)
        found += [match.group() for match in _LATIN.finditer(rest)]
        return tuple(dict.fromkeys(name.strip() for name in found if name.strip()))

    def share_in(self, text_terms: "set[str] | frozenset[str]") -> float:
        """Return the weighed share of its terms that a text has, 0 to 1."""
        total = sum(self.weights.values())
        held = sum(value for term, value in self.weights.items() if term in text_terms)
        return held / total if total else 0.0

    def share_of(self, meets: Callable[[str], bool]) -> float:
        """Return the weighed share of its terms that are telling and meet a condition, 0 to 1."""
        total = sum(self.weights.values())
        met = sum(
            value for term, value in self.weights.items() if value >= _TELLING and meets(term)
        )
        return met / total if total else 0.0


def weight(term: str) -> float:
    """Return how much a term says, whatever the text: 0 for a pair of function words."""
    if term.isascii():
        return _STRONG if len(term) > 1 or term.isdecimal() else 1.0
    if len(term) == 1:
        return 0.0 if term in _FUNCTION else _WEAK
    return (1.0, _WEAK, 0.0)[sum(fold(char) in _FUNCTION for char in term[:2])]
