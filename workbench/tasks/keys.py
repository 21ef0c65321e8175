"""Keys of finished work: of all that a result depends on, so that nothing is done twice."""

import hashlib
import json

from workbench import __version__
from workbench.articles.model import Article

PIPELINE = f"{__version__}/3"
"""What made a result beside model, template and options.

Raise the number after the slash when the same model and template would write something else: what
was made before then no longer counts as done. Metrics and reports are no part of it.
"""


def digest(value: object) -> str:
    """Return the SHA-256 of a value that JSON can write."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def fingerprint(article: Article) -> str:
    """Return the SHA-256 of what a task sees of an article, wherever the article lies."""
    spans = [[passage.start, passage.end] for passage in article.passages]
    seen = [article.title, article.date, article.content_sha256, list(article.names)]
    return digest([*seen, spans])
