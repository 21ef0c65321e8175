"""The tables of spreadsheets: results, statements, facts that are wrong, failures."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.batch.reports.told import Told, article_title, clean, said_of
from workbench.i18n import N_, _
from workbench.tasks.result import Result

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, what it holds, how wide it is (characters), how it is shown.

    ``shown`` is ``text``, ``number``, ``share`` (0 to 1) or ``seconds``.
    """

    heading: str
    width: int
    shown: str = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """A table: what its file is called, its title, its columns, the rows one result gives."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Callable[[Told], Iterator[Sequence[Value]]]

    def headings(self) -> list[str]:
        """Return the headings in the language of the interface."""
        return [_(column.heading) for column in self.columns]


def _of_article(told: Told) -> list[Value]:
    article = told.row.article
    return [
        told.name,
        clean(article.get("title") or ""),
        clean(article.get("source") or ""),
        clean(article.get("date") or ""),
    ]


def _results(told: Told) -> Iterator[Sequence[Value]]:
    if told.made is None:
        return
    made: Any = told.made
    usage = made.usage
    coverage = made.coverage if isinstance(made, Result) else None
    yield [
        *_of_article(told),
        clean(told.row.article.get("script") or ""),
        ", ".join(clean(tag) for tag in told.row.article.get("tags") or ()),
        told.row.task,
        told.template,
        told.model,
        told.title,
        _numbered([one.text for one in told.statements]),
        len(told.statements),
        len(told.checks),
        len(told.wrong),
        ", ".join(dict.fromkeys(clean(check.text) for check, _where in told.wrong)),
        told.support,
        coverage.passages_read if coverage else None,
        coverage.passages_total if coverage else None,
        told.article_characters,
        told.characters,
        usage.prompt_tokens,
        usage.reused_tokens,
        usage.generated_tokens,
        round(told.row.seconds or made.seconds, 2),
    ]


def _statements(told: Told) -> Iterator[Sequence[Value]]:
    for number, one in enumerate(told.statements, start=1):
        about = told.row.articles
        cited = about[one.article] if one.article < len(about) else {}
        yield [
            *_of_article(told),
            told.template,
            told.model,
            number,
            one.label,
            article_title(cited) if told.row.others else "",
            one.text,
            "".join(f"[{passage}]" for passage in dict.fromkeys(q.passage for q in one.quotes)),
            "\n".join(quote.text for quote in one.quotes),
            one.support,
            len(one.checks),
            len(one.wrong),
            "\n".join(one.remarks),
        ]


def _wrong(told: Told) -> Iterator[Sequence[Value]]:
    for check, where in told.wrong:
        yield [
            *_of_article(told),
            told.template,
            told.model,
            clean(check.text),
            check.kind,
            check.status,
            said_of(check),
            where,
        ]


def _failures(told: Told) -> Iterator[Sequence[Value]]:
    if told.made is None:
        yield [
            *_of_article(told),
            told.row.task,
            told.template,
            told.model,
            clean(told.row.work.get("question") or ""),
            told.error,
        ]


def _numbered(texts: Sequence[str]) -> str:
    if len(texts) == 1:
        return texts[0]
    return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1))


_ARTICLE = (
    Column(N_("article"), 30),
    Column(N_("title"), 30),
    Column(N_("source"), 14),
    Column(N_("date"), 11),
)
_BY = (Column(N_("template"), 14), Column(N_("model"), 18))

TABLES = (
    Table(
        "results",
        N_("Results"),
        (
            *_ARTICLE,
            Column(N_("script"), 11),
            Column(N_("tags"), 14),
            Column(N_("task"), 11),
            *_BY,
            Column(N_("headline"), 34),
            Column(N_("points"), 70),
            Column(N_("number of points"), 9, "number"),
            Column(N_("facts"), 8, "number"),
            Column(N_("wrong facts"), 8, "number"),
            Column(N_("which"), 24),
            Column(N_("support"), 9, "share"),
            Column(N_("passages read"), 9, "number"),
            Column(N_("of passages"), 9, "number"),
            Column(N_("characters of the article"), 11, "number"),
            Column(N_("characters of the points"), 11, "number"),
            Column(N_("prompt tokens"), 9, "number"),
            Column(N_("reused tokens"), 9, "number"),
            Column(N_("written tokens"), 9, "number"),
            Column(N_("seconds"), 9, "seconds"),
        ),
        _results,
    ),
    Table(
        "points",
        N_("Points"),
        (
            *_ARTICLE,
            *_BY,
            Column(N_("number"), 8, "number"),
            Column(N_("subject"), 20),
            Column(N_("says"), 20),
            Column(N_("point"), 60),
            Column(N_("passages"), 10),
            Column(N_("evidence"), 60),
            Column(N_("support"), 9, "share"),
            Column(N_("facts"), 8, "number"),
            Column(N_("wrong facts"), 8, "number"),
            Column(N_("remarks"), 40),
        ),
        _statements,
    ),
    Table(
        "flagged",
        N_("Wrong facts"),
        (
            *_ARTICLE,
            *_BY,
            Column(N_("fact"), 24),
            Column(N_("kind"), 12),
            Column(N_("status"), 12),
            Column(N_("what is wrong"), 40),
            Column(N_("stated in"), 60),
        ),
        _wrong,
    ),
    Table(
        "failures",
        N_("Failures"),
        (
            *_ARTICLE,
            Column(N_("task"), 11),
            *_BY,
            Column(N_("question"), 30),
            Column(N_("reason"), 80),
        ),
        _failures,
    ),
)
