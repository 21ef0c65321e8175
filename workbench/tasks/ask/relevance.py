"""Whether the articles speak of what is asked, and whether an answer stands where they do.

A small model borrows: asked for the users of one product, it gives those of another. So a question
whose words no article has is not put to it, and an answer has to stand near what was asked about.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.retrieval.question import Question
from workbench.retrieval.terms import terms
from workbench.tasks.ask.extraction import Located
from workbench.tasks.ask.kinds import Kind
from workbench.tasks.ask.plain import PlainPassage, letters
from workbench.tasks.ask.shelf import Shelf

UNRELATED_SHARE = 0.2
"""A question of which the articles have less than this is not put to the model."""
_SPECIFIC = 2.0
"""A question that weighs less than this names nothing one could miss."""
_FIGURE = re.compile(r"[\d〇零一二三四五六七八九十百千万亿两半]")


@dataclass(frozen=True, slots=True)
class Relevance:
    """What the articles have of a question.

    ``share`` is that of its terms which the best article has (0 to 1), ``missing`` its names that
    no article has. ``unrelated`` says that there is nothing to ask about.
    """

    share: float
    missing: tuple[str, ...]
    unrelated: bool


def relevance(question: Question, kind: Kind, shelf: Shelf) -> Relevance:
    """Look a question's words up in the articles."""
    share = max((question.share_in(held) for held in shelf.article_terms), default=0.0)
    texts = [
        letters(f"{material.title}{material.plain_text}{material.article.date or ''}")
        for material in shelf.materials
    ]
    missing = tuple(
        name for name in question.names if not any(letters(name) in text for text in texts)
    )
    specific = sum(question.weights.values()) >= _SPECIFIC
    unrelated = specific and not kind.overview and share < UNRELATED_SHARE
    return Relevance(round(share, 3), missing, unrelated)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an answer stands in the text: shares (0 to 1) of the question's terms around it.

    ``sentence`` in its own sentence, ``near`` in its passage, those beside it and the title.
    ``fits`` says that a question for a time or a quantity got a figure.
    """

    sentence: float
    near: float
    fits: bool


def standing(
    question: Question, kind: Kind, located: Located, passages: Sequence[PlainPassage]
) -> Standing:
    """Say how an answer that was found in a passage stands there."""
    passage = located.passage
    original, _end = passage.original(located.start, located.end)
    sentence = passage.sentence_at(original)
    title = passage.material.title
    number = passage.passage.number
    beside = [
        one.text
        for one in passages
        if one.article == passage.article and abs(one.passage.number - number) <= 1
    ]
    figure = _FIGURE.search(located.text) is not None
    return Standing(
        round(question.share_in(frozenset(terms(sentence.text))), 3),
        round(question.share_in(frozenset(terms("\n".join([title, *beside])))), 3),
        figure or not (kind.time or kind.quantity),
    )
