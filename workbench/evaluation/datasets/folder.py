"""The user's own folder: articles, each with a file beside it that says what is expected."""

from collections.abc import Iterator
from pathlib import Path

from workbench.articles.model import Article
from workbench.articles.reader import read_article
from workbench.errors import ArticleError, UsageError
from workbench.evaluation.datasets.expected import SUFFIXES, read_expectations
from workbench.evaluation.datasets.faults import unreadable, wrong
from workbench.evaluation.items import QUESTION, SUMMARY, Item
from workbench.i18n import _
from workbench.tasks.keys import digest


def read_folder(folder: Path, notices: list[str]) -> Iterator[Item]:
    """Yield the items of a folder, its subfolders too, in the order of their names.

    Articles are read and cleaned as everywhere else. Adds to ``notices`` the articles of which
    nothing is expected. UsageError where a file of expectations is wrong or has no article.
    """
    try:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
    except OSError as error:
        raise unreadable(folder, error) from None
    expectations = [path for path in files if path.name.endswith(SUFFIXES)]
    if not expectations:
        raise wrong(
            folder,
            _("holds no file of expected facts"),
            _("Put NAME.facts.txt beside NAME.txt: see docs/evaluation.md."),
        )
    used: dict[Path, Path] = {}
    for path in expectations:
        article_path = _article_of(path, files)
        if article_path in used:
            raise wrong(
                path,
                _("is about the same article as {other}").format(other=used[article_path].name),
                _("Put all that is expected of an article in one file."),
            )
        used[article_path] = path
        yield from _items(folder, path, article_path)
    others = [one for one in files if one not in used and not one.name.endswith(SUFFIXES)]
    notices += [
        _("{path}: nothing is expected of it, so it is left out").format(path=one)
        for one in others
        if not one.name.startswith(".")
    ]


def _stem(expectations: Path) -> str:
    suffix = next(one for one in SUFFIXES if expectations.name.endswith(one))
    return expectations.name.removesuffix(suffix)


def _article_of(path: Path, files: list[Path]) -> Path:
    """Return the article a file of expectations is about: same folder, same name."""
    stem = _stem(path)
    found = [
        one
        for one in files
        if one.parent == path.parent
        and not one.name.endswith(SUFFIXES)
        and (one.stem == stem or one.name == stem)
    ]
    if len(found) == 1:
        return found[0]
    names = ", ".join(one.name for one in found)
    raise wrong(
        path,
        _("is about several articles: {names}").format(names=names)
        if found
        else _("there is no article named {name} beside it").format(name=stem),
        _("Each article has one file of expected facts, named after it."),
    )


def _items(folder: Path, path: Path, article_path: Path) -> Iterator[Item]:
    expectations = read_expectations(path)
    article = _read(article_path)
    name = article_path.relative_to(folder).as_posix()
    group = digest([name, article.sha256])
    if expectations.asks_for_summary:
        yield Item(
            name,
            SUMMARY,
            article,
            references=tuple(expectations.references),
            expected=tuple(expectations.expected),
            forbidden=tuple(expectations.forbidden),
            group=group,
        )
    for number, (question, answers) in enumerate(expectations.questions, start=1):
        yield Item(
            f"{name} ?{number}",
            QUESTION,
            article,
            question=question,
            references=answers,
            answerable=bool(answers),
            group=group,
        )


def _read(path: Path) -> Article:
    try:
        article = read_article(path)
    except ArticleError as error:
        raise UsageError(error.what, path=error.place, fix=error.fix) from None
    if not article.passages:
        raise wrong(path, _("nothing is left of the article after cleaning"), _("Look at it."))
    return article
