"""One thing to be done with articles, as it waits in a queue or stands in a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.articles.model import Article
from workbench.engine.protocol import Engine, Sampling
from workbench.errors import UsageError
from workbench.i18n import _
from workbench.prompting.template import TASKS, Template
from workbench.tasks.ask.answer import Turn
from workbench.tasks.events import Observer, ignore
from workbench.tasks.result import ModelIdentity
from workbench.tasks.stored import rebuilt

if TYPE_CHECKING:
    from workbench.retrieval.ranker import Models
    from workbench.tasks.recording import Recordable


@dataclass(frozen=True, slots=True)
class Work:
    """What is asked of a model, without the articles it is about.

    ``template`` is a name; ``characters``, ``unsupported`` are for summaries, ``question``,
    ``conversation``, ``reading`` and ``library_articles`` for answers, as in the options of these
    tasks.
    """

    task: str
    template: str
    length: str = "medium"
    script: str = "keep"
    sampling: Sampling = field(default_factory=Sampling)
    variables: Mapping[str, str] = field(default_factory=dict)
    characters: int | None = None
    unsupported: str = "mark"
    verify: bool = False
    question: str = ""
    conversation: tuple[Turn, ...] = ()
    reading: str = "auto"
    library_articles: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        found = asdict(self)
        return {
            **found,
            "variables": dict(self.variables),
            "conversation": list(found["conversation"]),
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Work":
        """Return what ``to_json`` made; UsageError where it is nothing of the kind."""
        try:
            work = rebuilt(cls, found)
        except (ValueError, TypeError) as error:
            raise UsageError(
                _("work that was kept means nothing ({reason})").format(reason=error)
            ) from error
        if work.task not in TASKS:
            raise UsageError(_("there is no task '{name}'").format(name=work.task))
        return work


def perform(
    work: Work,
    articles: Sequence[Article],
    template: Template,
    engine: Engine,
    model: ModelIdentity,
    observer: Observer = ignore,
    *,
    encoders: "Models | None" = None,
) -> "Recordable":
    """Do a piece of work; the errors are those of the task.

    ``encoders`` are the small models that rank passages for answers.
    """
    match work.task:
        case "summarize":
            if len(articles) != 1:
                raise UsageError(
                    _("a summary is of one article, not of {count}").format(count=len(articles))
                )
            from workbench.tasks.summarize import SummaryOptions, summarize

            summary = SummaryOptions(
                length=work.length,
                script=work.script,
                sampling=work.sampling,
                variables=work.variables,
                characters=work.characters,
                unsupported=work.unsupported,
                verify=work.verify,
            )
            return summarize(articles[0], template, engine, model, summary, observer)
        case "compare":
            from workbench.tasks.compare.task import CompareOptions, compare

            comparison = CompareOptions(
                length=work.length,
                script=work.script,
                sampling=work.sampling,
                variables=work.variables,
            )
            return compare(articles, template, engine, model, comparison, observer)
        case "ask":
            from workbench.retrieval.ranker import Models
            from workbench.tasks.ask.options import AskOptions
            from workbench.tasks.ask.task import ask

            answer = AskOptions(
                length=work.length,
                script=work.script,
                sampling=work.sampling,
                verify=work.verify,
                variables=work.variables,
                reading=work.reading,
                models=encoders or Models(),
                library_articles=work.library_articles,
            )
            return ask(
                work.question,
                articles,
                template,
                engine,
                model,
                answer,
                observer,
                work.conversation,
            )
        case _:
            raise UsageError(_("there is no task '{name}'").format(name=work.task))
