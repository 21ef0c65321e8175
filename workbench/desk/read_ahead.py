"""Having the model read an article before anything is asked about it."""

from workbench.articles.model import Article
from workbench.engine.protocol import Engine, Request, Sampling
from workbench.tasks import prompts
from workbench.tasks.material import Material
from workbench.tasks.plan import split_into_parts

_FOR_INSTRUCTIONS = 1024
"""Tokens left beside the article, about what the tasks need; a task that needs more reads anew."""


def reading_of(article: Article, engine: Engine) -> Request | None:
    """Return a request that shares its beginning with every task on an article that fits.

    None where there is nothing to read, or the article has to be read in parts: where a part ends
    depends on what is asked.
    """
    if not article.passages:
        return None
    material = Material(article)
    counts = engine.count_tokens([f"{line}\n" for line in material.lines])
    room = engine.model.context - _FOR_INSTRUCTIONS
    if room <= 0 or sum(counts) > room:
        return None
    if len(split_into_parts(counts, room, path=article.name)) != 1:
        return None
    segment = prompts.article_segment(material.lines, material.title)
    return prompts.request(segment, "。", max_tokens=1, stop=(), sampling=Sampling())
