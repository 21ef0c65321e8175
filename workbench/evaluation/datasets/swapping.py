"""Questions made unanswerable: each is put to the article of another."""

from collections.abc import Sequence
from dataclasses import replace

from workbench.evaluation.datasets.sampling import sample
from workbench.evaluation.items import QUESTION, Item
from workbench.evaluation.metrics.normal import characters

SUFFIX = "~swapped"


def with_swapped(items: Sequence[Item], seed: int) -> tuple[tuple[Item, ...], int]:
    """Return the items with a swapped copy of each answerable question, and how many have none.

    The other article must be of another title and hold none of the answers, nor may the articles
    be the same; which one it is follows from the seed. The swapped question stands among those of
    the article it is put to.
    """
    texts = {item.group: _plain(item) for item in items}
    one_each = list({item.group: item for item in items}.values())
    found = list(items)
    without = 0
    for item in items:
        if item.kind != QUESTION or item.answerable is False:
            continue
        other = _other(item, one_each, texts, seed)
        if other is None:
            without += 1
            continue
        found.append(
            replace(
                item,
                name=item.name + SUFFIX,
                article=other.article,
                references=(),
                expected=(),
                answerable=False,
                group=other.group,
            )
        )
    return tuple(found), without


def _other(item: Item, candidates: Sequence[Item], texts: dict[str, str], seed: int) -> Item | None:
    answers = [characters(answer) for answer in item.references]
    fit = [
        one
        for one in candidates
        if one.group != item.group
        and (not one.article.title or one.article.title != item.article.title)
        and not any(answer and answer in texts[one.group] for answer in answers)
    ]
    chosen, _total = sample(
        [_Pair(f"{item.name}\0{one.group}", one) for one in fit], limit=1, offset=0, seed=seed
    )
    return chosen[0].item if chosen else None


class _Pair:
    """A candidate, named so that each question draws its own."""

    def __init__(self, name: str, item: Item):
        self.name = name
        self.item = item


def _plain(item: Item) -> str:
    return characters(item.article.text)
