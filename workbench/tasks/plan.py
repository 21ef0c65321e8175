"""Planning the calls: parts that fit the context, stretches that each yield a point."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from workbench.errors import EngineError
from workbench.i18n import _

_LEAST_CHARACTERS_A_POINT = 90


@dataclass(frozen=True, slots=True)
class Part:
    """Passages ``first`` to ``last`` (numbers, inclusive), read by the model in one go."""

    first: int
    last: int


def split_into_parts(
    passage_tokens: Sequence[int], room: int, *, path: str | None = None
) -> list[Part]:
    """Split an article on passage boundaries into the fewest parts of at most ``room`` tokens.

    The parts are made about equally long. Raises EngineError where one passage does not fit.
    """
    largest = max(passage_tokens, default=0)
    if room < largest or room <= 0:
        raise EngineError(
            _("the context leaves {room} tokens for the article, a passage takes {largest}").format(
                room=max(0, room), largest=largest
            ),
            path=path,
            fix=_(
                "Give at least {missing} tokens more with --context, or choose a model with a"
                " longer one."
            ).format(missing=largest - room),
        )
    total = sum(passage_tokens)
    count = max(1, math.ceil(total / room))
    while True:
        parts = _balanced(passage_tokens, count)
        if all(sum(passage_tokens[part.first - 1 : part.last]) <= room for part in parts):
            return parts
        if count >= len(passage_tokens):
            return [Part(number, number) for number in range(1, len(passage_tokens) + 1)]
        count += 1


def split_into_stretches(sizes: Sequence[int], first: int, last: int, count: int) -> list[Part]:
    """Divide passages ``first`` to ``last`` into ``count`` stretches of about equal size.

    ``sizes`` are those of all passages, in characters.
    """
    inside = sizes[first - 1 : last]
    count = max(1, min(count, len(inside)))
    return [
        Part(part.first + first - 1, part.last + first - 1) for part in _balanced(inside, count)
    ]


def stretches_for(sizes: Sequence[int], part: Part, points: int) -> int:
    """Say how many of ``points`` fall to a part, by its share of the text; at least one."""
    total = sum(sizes) or 1
    share = sum(sizes[part.first - 1 : part.last])
    fitting = max(1, share // _LEAST_CHARACTERS_A_POINT)
    return max(1, min(fitting, round(points * share / total)))


def _balanced(sizes: Sequence[int], count: int) -> list[Part]:
    """Cut a sequence into ``count`` runs whose borders lie nearest the even shares."""
    if not sizes:
        return []
    ends = list(accumulate(sizes))
    total = ends[-1] or 1
    borders = [0]
    for index in range(1, count):
        target = total * index / count
        low, high = borders[-1] + 1, len(sizes) - (count - index)
        nearest = min(range(low, high + 1), key=lambda i: abs(ends[i - 1] - target))
        borders.append(nearest)
    borders.append(len(sizes))
    return [Part(a + 1, b) for a, b in zip(borders, borders[1:], strict=False)]
