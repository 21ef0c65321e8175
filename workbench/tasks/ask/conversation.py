"""Follow-up questions: which lean on what was said before, and what they mean in full."""

import re
from collections.abc import Sequence

from workbench.articles.script import to_simplified
from workbench.retrieval.question import Question
from workbench.retrieval.terms import terms
from workbench.tasks.ask.answer import NOT_MENTIONED, Turn

_PRONOUN = re.compile(
    r"[他她它牠]们?|(?<![其尤])其(?!他|它|中|实|余|次)|此(?!外|前|后|次)|[这那](?:个|些|位|家|项|种|次|里|款|件|部|样|时|本|名|年|天)?"
    r"|该(?![怎如不])|前者|后者|上述|同样|双方|两者|对方|当时|后来|之前|之后"
)
_GOES_ON = re.compile(r"^(?:那么?|然后|还有|另外|再|而)|呢[？?]?$")
_LEAST_WEIGHT = 3.0
_KEPT = 0.5


def leans(question: str, conversation: Sequence[Turn]) -> bool:
    """Tell whether a question leaves out or points at what an earlier turn named.

    It does with a pronoun, with 那…呢, or where it hardly names anything.
    """
    if not conversation:
        return False
    plain = to_simplified(question)
    little = sum(Question.of(question).weights.values()) < _LEAST_WEIGHT
    return little or bool(_PRONOUN.search(plain) or _GOES_ON.search(plain))


def joined(question: str, conversation: Sequence[Turn]) -> str:
    """Put the last question that was answered, and its answer, before a question that leans."""
    said = conversation[-1]
    told = "" if said.answer == NOT_MENTIONED else f"（{said.answer}）"
    return f"{said.question.rstrip('？?。')}{told}；{question}"


def is_sound(rewritten: str, question: str, conversation: Sequence[Turn]) -> bool:
    """Tell whether a rewritten question keeps what was asked and adds only what was said before."""
    asked, found = Question.of(question), Question.of(rewritten)
    if not 2 < len(rewritten) <= 4 * len(question) + 60:
        return False
    told = " ".join(f"{turn.question} {turn.answer}" for turn in conversation)
    known = frozenset(terms(f"{told} {question}"))
    return asked.share_in(frozenset(found.terms)) >= _KEPT and found.share_in(known) >= _KEPT


def in_full(question: str, conversation: Sequence[Turn]) -> str:
    """Return a question with what it leans on, without asking a model."""
    return joined(question, conversation) if leans(question, conversation) else question
