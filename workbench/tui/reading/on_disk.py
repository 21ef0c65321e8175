"""Whether the file an article was read from still says what was read."""

import hashlib
from enum import StrEnum

from workbench.articles.model import Article
from workbench.store.files import STANDARD_INPUT


class OnDisk(StrEnum):
    """What became of an article's file; UNKNOWN where that cannot be told from its bytes."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"
    UNKNOWN = "unknown"


def state_on_disk(article: Article) -> OnDisk:
    """Hold an article's file against the SHA-256 it had when it was read; reads the whole file."""
    if str(article.path) == STANDARD_INPUT:
        return OnDisk.UNKNOWN
    try:
        size = article.path.stat().st_size
        if article.part is not None:
            return OnDisk.UNKNOWN
        if size != article.size:
            return OnDisk.CHANGED
        with article.path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return OnDisk.GONE
    except OSError:
        return OnDisk.UNKNOWN
    return OnDisk.SAME if sha256 == article.sha256 else OnDisk.CHANGED
