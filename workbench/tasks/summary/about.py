"""What a result says of its article: which it is, and how much of it was read."""

from collections.abc import Collection, Sequence

from workbench.articles.model import Article
from workbench.tasks.result import ArticleIdentity, Coverage


def identity_of(article: Article) -> ArticleIdentity:
    """Return what names an article in a result."""
    return ArticleIdentity(
        path=str(article.path),
        sha256=article.sha256,
        title=article.title,
        date=article.date,
        source=article.source,
        script=article.script.value,
        part=article.part,
    )


def coverage_of(
    article: Article, sizes: Sequence[int], read: Collection[int], parts: int
) -> Coverage:
    """Count what was read: the numbers of passages in ``read``, of the ``sizes`` of all."""
    return Coverage(
        passages_read=len(read),
        passages_total=len(sizes),
        characters_read=sum(sizes[number - 1] for number in read),
        characters_total=sum(sizes),
        parts=parts,
        characters_left_out=sum(one.end - one.start for one in article.removals)
        + sum(one.characters for one in article.left_out),
    )
