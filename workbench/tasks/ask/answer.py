"""What asking returns: a short answer with its evidence, or what was searched in vain."""

from dataclasses import asdict, dataclass, field
from typing import Any

from workbench.engine.protocol import Usage
from workbench.grounding.check import Check
from workbench.tasks.result import ArticleIdentity, ModelIdentity, TemplateIdentity

SCHEMA_VERSION = 1
NOT_MENTIONED = "文中未提及"
"""What is answered where the articles do not say; written alike in both scripts."""

UNRELATED = "unrelated"
NAME_MISSING = "name_missing"
MODEL_REFUSED = "model_refused"
UNSUPPORTED_ANSWER = "unsupported"
ELSEWHERE = "elsewhere"
REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of a conversation and what was answered."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of the original text of article ``article`` (from 0), quoted verbatim."""

    article: int
    passage: int
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Searched:
    """What was searched and what of it the model read.

    ``method`` is ``whole`` or ``passages``, or ``words`` where words alone showed that nothing is
    to be found. ``ranked_by`` names what chose the passages. ``library_articles`` counts the
    articles of the library that the ones given were found among.
    """

    method: str
    articles: int
    articles_read: int
    passages_total: int
    passages_read: int
    characters_total: int
    characters_read: int
    ranked_by: tuple[str, ...] = ()
    library_articles: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One question answered.

    ``asked`` is the question as it was understood, alike ``question`` unless it leant on the
    conversation. ``text`` is the short answer in the script of the question; ``span`` the words of
    the original that it was taken from, None where it is worded freely. ``reason`` says why it was
    refused, ``missing`` which words of the question no article has. ``confirmed`` tells what the
    model said when asked whether the evidence answers the question, None where it was not asked.
    """

    question: str
    asked: str
    text: str
    refused: bool
    reason: str
    missing: tuple[str, ...]
    span: Evidence | None
    evidence: tuple[Evidence, ...]
    checks: tuple[Check, ...]
    support: float
    confirmed: bool | None
    articles: tuple[ArticleIdentity, ...]
    model: ModelIdentity
    template: TemplateIdentity
    settings: dict[str, Any]
    searched: Searched
    usage: Usage
    seconds: float
    written: str = field(default="", repr=False)
    """What the model wrote before it was held to the text."""
    shares: dict[str, Any] = field(default_factory=dict)
    """How much of the question the articles have, and its surroundings in the text (0 to 1)."""

    @property
    def turn(self) -> Turn:
        """Return it as a turn that later questions may lean on."""
        return Turn(self.asked, self.text)

    @property
    def cited(self) -> tuple[int, ...]:
        """Return which of ``articles`` the evidence is of; all where there is none."""
        found = dict.fromkeys(one.article for one in self.evidence)
        return tuple(found) or tuple(range(len(self.articles)))

    def to_json(self) -> dict[str, Any]:
        """Return the answer as JSON-ready values, as ``answer.schema.json`` describes them."""
        return {"schema_version": SCHEMA_VERSION, "task": "ask", **asdict(self)}
