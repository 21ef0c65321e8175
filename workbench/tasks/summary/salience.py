"""How much each sentence of an article deserves to be reported, told without a model.

A sentence counts by how common its content is in the article (SumBasic: A. Nenkova and
L. Vanderwende, The Impact of Frequency on Summarization, 2005), by what it shares with the title
and by its place (H. P. Edmundson, New Methods in Automatic Extracting, 1969), and by the facts it
states. What earlier points have told counts against it (maximal marginal relevance: J. Carbonell
and J. Goldstein, 1998).
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from workbench.grounding.alignment import bigrams
from workbench.grounding.facts import Fact, extract_facts
from workbench.tasks.drafting import repeats_title
from workbench.tasks.material import Material

_FUNCTION = frozenset(
    "的了着过在是和与及或对为以将从到被把等也都就而其之于中上下个这那有不并但由向让使更最很还又已会"
    "能可要我你他她它们本该各每所则却因如若且至所只"
)
_FIGURES = ("amount", "percent", "number", "duration", "rank")
_LEAD = (1.2, 0.6, 0.3)
_FURNITURE = re.compile(
    r"^(?:图为|图片来源|图源|来源|责任编辑|编辑|校对|免责声明|声明|原标题|爆料|广告|资料图|文字|制图)"
    r"|(?:视觉中国|供图|图/|摄)$|以上内容|投资建议|转载请|版权|点击.{0,6}播放"
)
_FIRST_PERSON = re.compile(r"(?:^|[“‘，。])(?:我|我们|咱们)")
_LEANS = re.compile(r"^[“\"「]?(?:在?[他她它]们?|这|该|其|此外|同时|上述|对此|那么)")
_SHORTEST = 14
_LONGEST = 220
_READABLE = 110
_DAMPING = 8


@dataclass(frozen=True)
class Salience:
    """The worth of the sentences of one article."""

    material: Material
    _facts: dict[int, tuple[Fact, ...]] = field(default_factory=dict)

    @cached_property
    def content(self) -> tuple[frozenset[str], ...]:
        """Return the content bigrams of every sentence."""
        return tuple(content_bigrams(sentence.text) for sentence in self.material.sentences)

    @cached_property
    def _common(self) -> Counter[str]:
        return Counter(gram for grams in self.content for gram in grams)

    @cached_property
    def scores(self) -> tuple[float, ...]:
        """Return the worth of every sentence, before what earlier points have told."""
        title = content_bigrams(self.material.title)
        found: list[float] = []
        place = 0
        for index, sentence in enumerate(self.material.sentences):
            text = sentence.text
            if not self._is_reportable(text):
                found.append(-9.0)
                continue
            grams = self.content[index]
            repeated = sum(self._common[gram] - 1 for gram in grams) / (len(grams) + _DAMPING)
            stated = self._stated(index)
            score = 0.8 * min(1.0, repeated)
            score += 1.5 * len(grams & title) / (len(title) or 1)
            score += (_LEAD[place] if place < len(_LEAD) else 0.0) * (1.0 if stated else 0.4)
            score += stated
            score -= 0.8 * text.endswith(("?", "？"))
            score -= 0.5 * bool(_FIRST_PERSON.search(text))
            score -= 0.3 * bool(_LEANS.match(text))
            score -= 0.004 * max(0, len(text) - _READABLE)
            found.append(score)
            place += 1
        return tuple(found)

    def facts(self, index: int) -> tuple[Fact, ...]:
        """Return the facts of a sentence."""
        if index not in self._facts:
            self._facts[index] = tuple(extract_facts(self.material.sentences[index].text))
        return self._facts[index]

    def best(
        self, among: Iterable[int], told: Sequence[str], taken: Iterable[int] = ()
    ) -> int | None:
        """Return the sentence most worth reporting beside what was ``told``; None if none is."""
        used = frozenset(gram for text in told for gram in content_bigrams(text))
        left = set(among) - set(taken)
        ranked = [
            (self.scores[index] - 2.5 * _share(self.content[index], used), -index)
            for index in left
            if self.scores[index] > -9
        ]
        return -max(ranked)[1] if ranked else None

    def _is_reportable(self, text: str) -> bool:
        return (
            _SHORTEST <= len(text) <= _LONGEST
            and not _FURNITURE.search(text)
            and not repeats_title(text, self.material)
        )

    def _stated(self, index: int) -> float:
        figures = {fact.text for fact in self.facts(index) if fact.kind in _FIGURES}
        others = {fact.text for fact in self.facts(index) if fact.kind not in _FIGURES}
        return 0.5 * min(4, len(figures)) + 0.25 * min(4, len(others))


def content_bigrams(text: str) -> frozenset[str]:
    """Return the character bigrams of a text that hold no function character."""
    return frozenset(gram for gram in bigrams(text) if not _FUNCTION & set(gram))


def _share(grams: frozenset[str], used: frozenset[str]) -> float:
    return len(grams & used) / (len(grams) or 1)
