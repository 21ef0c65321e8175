"""What the tests of asking share: articles, and a model that says what a test has it say."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tasks_support import MODEL, SIMPLIFIED, TRADITIONAL, ScriptedEngine, article_of

from workbench.articles.model import Article
from workbench.engine.protocol import Request
from workbench.prompting.library import find_template
from workbench.tasks.ask.task import Answer, AskOptions, Turn, ask

MARKET, BOOKS = SIMPLIFIED, TRADITIONAL


def market(folder: Path) -> Article:
    return article_of(folder, MARKET, "早市.txt")


def books(folder: Path) -> Article:
    return article_of(folder, BOOKS, "圖書車.txt")


def saying(*answers: str) -> ScriptedEngine:
    """Return an engine that gives these answers in turn, the last one for ever."""
    left = list(answers)

    def answer(_request: Request) -> str:
        return left.pop(0) if len(left) > 1 else left[0]

    return ScriptedEngine(answer)


def knowing(answers: Mapping[str, str], other: str = "文中未提及") -> ScriptedEngine:
    """Return an engine that answers by what the instruction holds."""

    def answer(request: Request) -> str:
        said = request.messages[-1].segments[-1]
        return next((text for key, text in answers.items() if key in said), other)

    return ScriptedEngine(answer)


def asked(
    question: str,
    articles: Article | Sequence[Article],
    engine: ScriptedEngine,
    conversation: Sequence[Turn] = (),
    **options: object,
) -> Answer:
    given = [articles] if isinstance(articles, Article) else list(articles)
    return ask(
        question,
        given,
        find_template("answer"),
        engine,
        MODEL,
        AskOptions(**options),  # type: ignore[arg-type]
        conversation=conversation,
    )


Say = Callable[..., Answer]
