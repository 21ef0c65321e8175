"""What is shown of an article before it is opened: how it begins, where it stands, its tags."""

from dataclasses import dataclass

from workbench.store.library import Library
from workbench.store.listing import listed_one

_SHOWN = 600


@dataclass(frozen=True, slots=True)
class Preview:
    """An article at a glance; ``begins`` is the start of its text in one line."""

    article_id: int
    begins: str
    path: str
    tags: tuple[str, ...]
    results: int


def preview(library: Library, article_id: int) -> Preview:
    """Return what is shown of an article; LibraryError where it is gone."""
    with library.understanding() as connection:
        listed = listed_one(connection, article_id)
        (begins,) = connection.execute(
            "SELECT substr(text, 1, ?) FROM articles WHERE id = ?", (_SHOWN, article_id)
        ).fetchone()
        (results,) = connection.execute(
            "SELECT count(*) FROM result_articles WHERE article_id = ?", (article_id,)
        ).fetchone()
    return Preview(
        article_id, " ".join(str(begins).split()), listed.path or "", listed.tags, int(results)
    )
