"""One article of the library with all that is known of it."""

from dataclasses import asdict
from typing import Any

from workbench.cli.article_views import as_json as read_json
from workbench.cli.article_views import as_text as read_text
from workbench.cli.output import one_line
from workbench.i18n import _
from workbench.store import marks, near_duplicates
from workbench.store.library import Library


def as_json(library: Library, article_id: int) -> dict[str, Any]:
    """Describe an article: what ``read --json`` says, and what the library adds to that."""
    found = library.listed_one(article_id)
    alike = _near_duplicates(library, article_id)
    return {
        "id": article_id,
        "content_sha256": found.content_sha256,
        "added_at": found.added_at,
        "tags": found.tags,
        "collections": _collections(library, article_id),
        "places": [asdict(place) for place in library.places(article_id)],
        "near_duplicates": alike,
        "results": [
            {
                "id": one.id,
                "task": one.task,
                "template": one.template,
                "model": one.model,
                "headline": one.headline,
                "created_at": one.created_at,
            }
            for one in library.results_of(article_id)
        ],
        "article": read_json(library.get(article_id)),
    }


def as_text(library: Library, article_id: int) -> str:
    """Describe an article: what ``read`` says, and what the library adds to that."""
    found = library.listed_one(article_id)
    lines = [f"#{article_id}  {found.content_sha256[:12]}"]
    rows = [
        (_("added"), found.added_at),
        (_("tags"), ", ".join(found.tags)),
        (_("collections"), ", ".join(_collections(library, article_id))),
    ]
    for place in library.places(article_id):
        name = f"{place.path} · {place.part}" if place.part else place.path
        rows.append((_("file"), name))
    alike = ", ".join(f"#{other}" for other in _near_duplicates(library, article_id))
    rows.append((_("nearly the same"), alike))
    rows += [
        (_("result"), f"[{one.id}] {one.created_at} {one.template}, {one.model}: {one.headline}")
        for one in library.results_of(article_id)
    ]
    lines += [f"  {label}: {one_line(value)}" for label, value in rows if value]
    return "\n".join(lines) + "\n" + read_text(library.get(article_id))


def _collections(library: Library, article_id: int) -> list[str]:
    with library.reading() as connection:
        return marks.collections_of(connection, article_id)


def _near_duplicates(library: Library, article_id: int) -> list[int]:
    with library.reading() as connection:
        group = near_duplicates.group_of(connection, article_id)
    return [] if group is None else [other for other in group.articles if other != article_id]
