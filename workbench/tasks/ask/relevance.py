"""Whether the articles speak of what is asked, and whether an answer stands where they do.

A small model borrows: asked for the users of one product, it gives those of another. So a question
whose words no article has is not put to it, and an answer has to stand near what was asked about.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from workbench.articles.script import to_simplified
from workbench.grounding.facts import extract_facts
from workbench.retrieval.question import Question
from workbench.retrieval.terms import terms
from workbench.tasks.ask.extraction import Located
from workbench.tasks.ask.kinds import Kind
from workbench.tasks.ask.plain import PlainPassage, letters
from workbench.tasks.ask.shelf import Shelf
from workbench.tasks.material import Sentence

UNRELATED_SHARE = 0.2
"""A question of which the articles have less than this is not put to the model."""
_SPECIFIC = 2.0
"""A question that weighs less than this names nothing one could miss."""
_ELSEWHERE, _ABSENT, _APART, _BESIDE = 0.135, 0.36, 0.3, 0.1
_YEAR = re.compile(r"(?<!\d)(?:1\d|20)\d\d(?=年)")
_PLACE = re.compile(r"^(?![全各每某哪该本这那一两几])(?P<stem>[\u4e00-\u9fff]{2,3})[县市省镇乡州]")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9.+-]+|[“「《](?P<quoted>[^”」》]{2,12})[”」》]")
_ROLE = re.compile(
    r"创始人|创办人|董事长|总裁|总经理|负责人|CEO|校长|院长|主席|主任|[局部市县省会]长|作者|导演|教练|队长"
)
_ORGANISATION = re.compile(r"(?:公司|集团|大学|学院|平台|网络|机构|组织|银行|企业|团队)[”」）]?$")
_FIGURE = re.compile(r"[\d〇零一二三四五六七八九十百千万亿两半]")


@dataclass(frozen=True, slots=True)
class Relevance:
    """What the articles have of a question.

    ``share`` is that of its terms which the best article has (0 to 1), ``missing`` its names that
    no article has. ``unrelated`` says that there is nothing to ask about, ``astray`` that it is
    about a year or a place of which the articles say nothing.
    """

    share: float
    missing: tuple[str, ...]
    unrelated: bool
    astray: bool


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
    known = [*_YEAR.findall(question.text)]
    known += [match["stem"] for match in [_PLACE.match(question.text)] if match]
    astray = any(not any(name in text for text in texts) for name in known)
    return Relevance(round(share, 3), missing, unrelated, astray)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an answer stands in the text: shares (0 to 1) of the question's terms around it.

    ``sentence`` in its own sentence, ``near`` in its passage, those beside it and the title.
    Of its telling terms, ``elsewhere`` is the share that the article has, but neither before the
    answer in its passage nor in the opening; ``absent`` that which it has nowhere; ``apart`` that
    which it has, but not in the sentences next to the answer. ``rival`` says that the answer's
    sentence names something by a name of its own that the question does not. ``fits`` says that a
    question for a time or a quantity got a figure, one for who holds a role no organisation.
    ``unnamed`` says that what the question names in quotation marks or Latin letters stands in the
    article, but not near the answer, or that the answer's sentence tells of another month.
    """

    sentence: float
    near: float
    elsewhere: float
    absent: float
    fits: bool
    apart: float = 1.0
    rival: bool = True
    unnamed: bool = False

    @property
    def borrowed(self) -> bool:
        """Say whether a figure that stands so is likely that of something else.

        The users of another product, the wages of another person: what the question names is
        elsewhere in the article, or nowhere. Where the sentences around the figure have it all and
        name nothing else, it is that of what was asked, though it stands before what it is of.
        """
        if self.absent >= _ABSENT:
            return True
        missing = self.elsewhere + self.absent
        if self.elsewhere < _ELSEWHERE and not (self.elsewhere > 0 and missing >= _APART):
            return False
        return self.rival or self.apart >= _BESIDE or self.apart + self.absent >= _APART


def standing(
    question: Question,
    kind: Kind,
    located: Located,
    passages: Sequence[PlainPassage],
    held: Collection[str],
) -> Standing:
    """Say how an answer that was found in a passage stands there.

    ``passages`` are all of the articles, ``held`` are the terms of the answer's article.
    """
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
    opening = next(one for one in passages if one.article == passage.article).sentences[0].text
    before = [one.text for one in passage.sentences if one.span.start <= sentence.span.start]
    around = frozenset(terms("\n".join([title, opening, *before])))
    beside_it = frozenset(
        terms("\n".join([title, opening, *_next_to(sentence, passage, passages)]))
    )
    return Standing(
        round(question.share_in(frozenset(terms(sentence.text))), 3),
        round(question.share_in(frozenset(terms("\n".join([title, *beside])))), 3),
        round(question.share_of(lambda term: term in held and term not in around), 3),
        round(question.share_of(lambda term: term not in held), 3),
        _fits(question, kind, located.text),
        round(question.share_of(lambda term: term in held and term not in beside_it), 3),
        _names_another(to_simplified(sentence.text), question),
        _dated_otherwise(question, sentence.text)
        or _named_elsewhere(
            question,
            "".join(one.text for one in passages if one.article == passage.article),
            "".join([title, opening, *beside]),
        ),
    )


def _next_to(
    sentence: Sentence, passage: PlainPassage, passages: Sequence[PlainPassage]
) -> list[str]:
    """Return a sentence with the two before it and the one after it."""
    all_of_it = [
        one for other in passages if other.article == passage.article for one in other.sentences
    ]
    place = all_of_it.index(sentence)
    return [one.text for one in all_of_it[max(0, place - 2) : place + 2]]


def _names_another(sentence: str, question: Question) -> bool:
    """Say whether a sentence has a name in quotation marks or Latin letters, none of them asked."""
    asked = letters(question.text)
    names = [letters(match["quoted"] or match.group()) for match in _NAME.finditer(sentence)]
    return bool(names) and not any(name in asked for name in names)


def _fits(question: Question, kind: Kind, answer: str) -> bool:
    """Say whether an answer may be of the kind asked for: a figure, somebody who holds a role."""
    if kind.time or kind.quantity:
        return has_figure(answer)
    asks_holder = kind.person and _ROLE.search(question.text) is not None
    return not (asks_holder and _ORGANISATION.search(answer) is not None)


def _named_elsewhere(question: Question, article: str, near: str) -> bool:
    """Say whether a name of the question stands in the article, and not near the answer."""
    names = [letters(match["quoted"] or match.group()) for match in _NAME.finditer(question.text)]
    everywhere, here = letters(to_simplified(article)), letters(to_simplified(near))
    return any(name in everywhere and name not in here for name in names if name)


def _dated_otherwise(question: Question, sentence: str) -> bool:
    """Say whether a sentence tells of another month than the question, and of that one nothing."""
    asked, told = _months(question.text), _months(to_simplified(sentence))
    return bool(asked and told) and not asked & told


def _months(text: str) -> set[int]:
    return {fact.value[1] for fact in extract_facts(text) if fact.kind == "date" and fact.value[1]}


def has_figure(text: str) -> bool:
    """Say whether a Simplified text holds a figure, in digits or as a numeral."""
    return _FIGURE.search(text) is not None
