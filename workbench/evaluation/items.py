"""What a dataset comes to: articles, with a question about each or what a summary must say."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from workbench.articles.document import Document, ReadOptions
from workbench.articles.metadata import Metadata
from workbench.articles.model import Article, Encoding
from workbench.articles.reader import understand
from workbench.tasks.keys import digest

SUMMARY = "summary"
QUESTION = "question"
KINDS = (SUMMARY, QUESTION)
TASKS = {SUMMARY: "summarize", QUESTION: "ask"}
"""Which task of the templates does each kind of item."""

_UTF8 = Encoding("utf-8", "given", 1.0)


@dataclass(frozen=True, slots=True)
class ExpectedFact:
    """Something an output must say, or must not: any one of ``alternatives`` says it.

    An alternative is plain text, or a regular expression where ``pattern`` is set; ``text`` is the
    line as the dataset has it.
    """

    text: str
    alternatives: tuple[str, ...]
    pattern: bool = False


@dataclass(frozen=True)
class Item:
    """One thing to be done: an article to summarise, or a question to be answered from one.

    ``name`` is unique in its dataset. ``references`` are right answers, or summaries by people.
    ``answerable`` says whether the text answers the question, None where nobody said.
    """

    name: str
    kind: str
    article: Article
    question: str = ""
    references: tuple[str, ...] = ()
    answerable: bool | None = None
    expected: tuple[ExpectedFact, ...] = ()
    forbidden: tuple[ExpectedFact, ...] = ()
    group: str = field(default="", compare=False)
    """Key of the article, the same for all items about it."""

    @cached_property
    def fingerprint(self) -> str:
        """Return the SHA-256 of what a model sees of the item: not what is expected of it."""
        article = self.article
        seen = [self.kind, self.question, article.title, article.date, article.content_sha256]
        spans = [[passage.start, passage.end] for passage in article.passages]
        return digest([*seen, spans])


@dataclass(frozen=True, slots=True)
class Dataset:
    """The items of a dataset that were chosen, of ``total`` that it holds.

    ``notices`` say what was decided where the file did not tell.
    """

    name: str
    items: tuple[Item, ...]
    total: int
    notices: tuple[str, ...] = ()

    def of_kind(self, kind: str) -> tuple[Item, ...]:
        """Return the items of a kind, those on one article together, else in the file's order."""
        groups: dict[str, list[Item]] = {}
        for item in self.items:
            if item.kind == kind:
                groups.setdefault(item.group, []).append(item)
        return tuple(item for group in groups.values() for item in group)


@dataclass(frozen=True, slots=True)
class Raw:
    """An item as a file gives it, its article a plain text that nobody has looked at yet."""

    name: str
    kind: str
    text: str
    title: str = ""
    question: str = ""
    references: tuple[str, ...] = ()
    answerable: bool | None = None


def made_of(raw: Sequence[Raw], path: Path) -> tuple[Item, ...]:
    """Turn raw items into items; texts that are equal become one article.

    Nothing is cleaned out of a dataset's text: it is taken for the article itself.
    """
    articles: dict[tuple[str, str], Article] = {}
    items = []
    for one in raw:
        key = (one.title, one.text)
        if key not in articles:
            articles[key] = _article(one, path)
        article = articles[key]
        items.append(
            Item(
                one.name,
                one.kind,
                article,
                one.question,
                one.references,
                one.answerable,
                group=digest([one.title, article.content_sha256]),
            )
        )
    return tuple(items)


def _article(raw: Raw, path: Path) -> Article:
    data = raw.text.encode("utf-8", "surrogatepass")
    stated = Metadata(title=raw.title or None)
    document = Document(path, data, "json", raw.text, _UTF8, part=raw.name, stated=stated)
    return understand(document, ReadOptions(raw=True))
