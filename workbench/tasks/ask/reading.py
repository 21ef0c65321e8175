"""What the model reads for a question: the whole article, or the passages found for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from workbench.engine.protocol import Engine, Message, Request
from workbench.errors import EngineError
from workbench.i18n import _
from workbench.retrieval.question import Question
from workbench.tasks.ask import layout
from workbench.tasks.ask.plain import PlainPassage
from workbench.tasks.ask.shelf import Shelf

WHOLE_TOKENS = 2000
"""An article of up to so many tokens is read whole: the next question then finds it read."""
PASSAGE_TOKENS = 700
"""So many tokens of passages are read where the whole is not."""
_MOST_PASSAGES = 12
_SAFETY_TOKENS = 64
_MOST_OF_IT = 0.8


@runtime_checkable
class Remembering(Protocol):
    """An engine that tells what it need not read again."""

    def reusable_tokens(self, request: Request) -> int:
        """Count the tokens of a prompt that were read before."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is put before the model, and how it was chosen.

    ``passages`` are in the order of the text, ``by_rank`` the same with the likeliest first.
    """

    method: str
    segment: str
    passages: tuple[PlainPassage, ...]
    by_rank: tuple[PlainPassage, ...]


def plan_reading(
    shelf: Shelf, question: Question, engine: Engine, request: Request, *, again: bool, how: str
) -> Reading:
    """Choose what to read.

    ``request`` is the one to come, its article left out; ``again`` says that the article was read
    for an earlier question. An article that the engine has read already costs nothing whole.
    Raises EngineError where not even one passage fits.
    """
    ranked = shelf.ranked(question)
    room = engine.model.context - engine.prompt_tokens(request) - request.max_tokens
    room -= _SAFETY_TOKENS
    if len(shelf.materials) == 1 and how != "passages":
        segment = layout.whole_segment(shelf.materials[0])
        (size,) = engine.count_tokens([segment])
        cheap = size <= WHOLE_TOKENS or again or how == "whole"
        cheap = cheap or (size <= room and is_warm(engine, segment, request, size))
        if size <= room and cheap:
            rest = [index for index in range(len(shelf.passages)) if index not in set(ranked)]
            by_rank = tuple(shelf.passages[index] for index in (*ranked, *rest))
            return Reading("whole", segment, tuple(shelf.passages), by_rank)
    chosen = _chosen(shelf, ranked, engine, room)
    passages = tuple(shelf.passages[index] for index in sorted(chosen))
    by_rank = tuple(shelf.passages[index] for index in chosen)
    return Reading("passages", layout.passages_segment(passages), passages, by_rank)


def is_warm(engine: Engine, segment: str, request: Request, size: int) -> bool:
    """Say whether most of a segment of ``size`` tokens was read before, as far as engines tell."""
    if not isinstance(engine, Remembering):
        return False
    last = request.messages[-1]
    full = replace(
        request,
        messages=(*request.messages[:-1], Message(last.role, (segment, last.segments[-1]))),
    )
    return engine.reusable_tokens(full) > _MOST_OF_IT * size


def _chosen(shelf: Shelf, ranked: Sequence[int], engine: Engine, room: int) -> list[int]:
    """Return as many of the best passages as the room holds, the best first."""
    order = ranked or range(len(shelf.passages))
    candidates = list(order[: 2 * _MOST_PASSAGES])
    titles = [f"《{shelf.passages[index].material.title}》（2000-01-01）\n" for index in candidates]
    lines = [f"[99] {shelf.passages[index].text}\n" for index in candidates]
    sizes = engine.count_tokens([*lines, *titles])
    left = min(room, PASSAGE_TOKENS)
    chosen: list[int] = []
    shown: set[int] = set()
    for place, index in enumerate(candidates):
        article = shelf.passages[index].article
        size = sizes[place] + (0 if article in shown else sizes[len(lines) + place])
        if size > left and not chosen and size <= room:
            left = size
        if size > left or len(chosen) == _MOST_PASSAGES:
            continue
        left -= size
        chosen.append(index)
        shown.add(article)
    if not chosen:
        raise EngineError(
            _("the context leaves {room} tokens for the article, a passage takes {largest}").format(
                room=max(0, room), largest=min(sizes, default=0)
            ),
            fix=_("Give a larger --context, or choose a model with a longer one."),
        )
    return chosen
