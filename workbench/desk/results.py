"""What a person changes in results: a point reworded is aligned and checked anew.

A change is a result of its own; the one it was made from stays among the earlier ones.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from workbench.articles.model import Article
from workbench.articles.script import to_simplified
from workbench.errors import UsageError
from workbench.i18n import _
from workbench.store.library import Library
from workbench.store.results import Run, StoredResult
from workbench.tasks.result import Citation, Point, Result
from workbench.tasks.stored import result_from

EDITED_FROM = "edited_from"
"""The setting of a result that names the result it was made from."""


def edit(
    library: Library, result_id: int, points: Mapping[int, str], headline: str | None = None
) -> int:
    """Keep a result with some points (from 0) or its headline reworded; return its id.

    What is new is cited and checked anew. UsageError where there is no such point, or no text.
    """
    stored, result, article = _loaded(library, result_id)
    found = list(result.points)
    for index, text in points.items():
        found[_within(result, index)] = checked(article, _given(text))
    changed = replace(result, points=tuple(found))
    if headline is not None:
        point = checked(article, _given(headline))
        changed = replace(changed, headline=point.text, headline_checks=point.checks)
    return _keep(library, stored, changed)


def remove_point(library: Library, result_id: int, index: int) -> int:
    """Keep a result without point ``index`` (from 0); return its id."""
    stored, result, _article = _loaded(library, result_id)
    index = _within(result, index)
    points = (*result.points[:index], *result.points[index + 1 :])
    return _keep(library, stored, replace(result, points=points))


def checked(article: Article, text: str) -> Point:
    """Return a text a person wrote as a point: what it rests on, and its facts looked up.

    It stays letter for letter as it was written.
    """
    from workbench.grounding.checks import Source, check_facts
    from workbench.tasks.finishing import PointFinisher
    from workbench.tasks.material import Material
    from workbench.tasks.rescript import Rescripter

    material = Material(article)
    plain = to_simplified(text)
    aligned = material.aligner.align(plain)
    cited = Source(
        "\n".join(material.sentences[index].text for index in aligned.sentences),
        date=article.date,
    )
    citations = []
    for index in aligned.sentences:
        sentence = material.sentences[index]
        start, end = sentence.span.start, sentence.span.end
        citations.append(Citation(sentence.passage, start, end, article.text[start:end]))
    finisher = PointFinisher(material, Rescripter(article, "keep"))
    checks = check_facts(plain, cited, material.source)
    if plain != text:
        # Conversion to Simplified keeps places where it keeps the number of characters.
        if len(plain) == len(text):
            checks = tuple(replace(check, text=text[check.start : check.end]) for check in checks)
        else:
            checks = finisher.moved(checks, plain, text)
    return Point(text, tuple(citations), checks, aligned.support)


def _within(result: Result, index: int) -> int:
    if not 0 <= index < len(result.points):
        raise UsageError(_("there is no point {number}").format(number=index + 1))
    return index


def _given(text: str) -> str:
    line = " ".join(text.split())
    if not line:
        raise UsageError(_("the text is empty"), fix=_("Write something, or remove the point."))
    return line


def _loaded(library: Library, result_id: int) -> tuple[StoredResult, Result, Article]:
    stored = library.result(result_id)
    if stored.task != "summarize":
        raise UsageError(_("only summaries can be edited"))
    return stored, result_from(stored.result), library.get(stored.article_ids[0])


def _keep(library: Library, stored: StoredResult, result: Result) -> int:
    settings = {**result.settings, EDITED_FROM: stored.id}
    extent = replace(
        result.extent,
        points=len(result.points),
        characters=sum(len(point.text) for point in result.points),
    )
    found: dict[str, Any] = replace(result, settings=settings, extent=extent).to_json()
    with library.writing():
        run_id = library.start_run(
            Run(found["task"], found["model"], found["template"], found["settings"])
        )
        return library.record(run_id, list(stored.article_ids), found)
