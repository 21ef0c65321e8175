"""Other articles that say the same as an answer: the reader sees that it does not hang on one."""

import re
from collections.abc import Sequence

from workbench.retrieval.question import Question
from workbench.retrieval.terms import terms
from workbench.tasks.ask.extraction import Located
from workbench.tasks.ask.plain import PlainPassage, letters
from workbench.tasks.material import Sentence

_MOST = 2
_LEAST_SAID = 2
_AS_MUCH = 0.7
"""Share of what the answer's own sentence has of the question that another one must have."""


def corroborating(
    located: Located, own: Sentence, question: Question, passages: Sequence[PlainPassage]
) -> list[tuple[int, Sentence]]:
    """Return sentences of other articles with the same answer, the article's number before each.

    ``passages`` are those that were read, the likeliest first; of each article the sentence that
    has most of the question, two at most.
    """
    said = letters(located.text)
    if len(said) < _LEAST_SAID:
        return []
    same = re.compile(rf"(?<!\d){re.escape(said)}(?!\d)")
    least = _AS_MUCH * _share(question, located.passage, own)
    best: dict[int, tuple[float, Sentence]] = {}
    for passage in passages:
        if passage.article == located.passage.article:
            continue
        for sentence in passage.sentences:
            share = _share(question, passage, sentence)
            before = best.get(passage.article)
            nearer = share >= least and (before is None or share > before[0])
            if nearer and same.search(letters(sentence.text)):
                best[passage.article] = (share, sentence)
    return [(article, sentence) for article, (_share_of_it, sentence) in best.items()][:_MOST]


def _share(question: Question, passage: PlainPassage, sentence: Sentence) -> float:
    """Return how much of the question a sentence has, together with its article's title."""
    return question.share_in(frozenset(terms(passage.material.title + sentence.text)))
