"""A request as tokens, and where its reading is divided. Runs in the child only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.engine.chat import ChatTemplate
from workbench.engine.protocol import Request
from workbench.errors import EngineError
from workbench.i18n import _

if TYPE_CHECKING:
    from workbench.engine.loading import LoadedModel


SPACING = 64
"""Tokens between two places at which reading is divided, at least."""
SHORTEST_SHARED = 32
"""Tokens below which there is nothing worth sharing."""
SHORTEST_STATE = 256
"""Tokens below which a state is not worth its file."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The tokens of a prompt; the first ``shared`` are those of other requests too.

    ``marks`` are positions at which its reading is divided whatever the chunk: there, what was
    computed for one prompt is bit for bit what another would compute.
    """

    tokens: tuple[int, ...]
    shared: int
    marks: tuple[int, ...]
    inside_thought: bool = False

    @property
    def base(self) -> int:
        """How many tokens are worth a place on disk: ``shared``, or little less, up to a mark.

        Behind an article there may be what the requests of one template share. Without it the same
        state serves those of every template, and the rest is soon read.
        """
        return min(
            (
                mark
                for mark in self.marks
                if mark >= SHORTEST_STATE
                and self.shared - mark < SHORTEST_STATE
                and 2 * (self.shared - mark) <= mark
            ),
            default=self.shared,
        )


def lay_out(model: "LoadedModel", request: Request) -> Layout:
    """Render a request with the model's template and tokenise it; EngineError where impossible."""
    if not isinstance(model.template, ChatTemplate):
        raise model.template
    prompt = model.template.render(request)
    tokens: list[int] = []
    starts: list[int] = []
    for piece in prompt.pieces:
        starts.append(len(tokens))
        tokens += model.vocabulary.tokenize(piece.text, special=piece.special)
    marks = worthwhile(starts[index] for index in prompt.marks)
    shared = marks[-1] if marks else 0
    return Layout(tuple(tokens), shared, marks, prompt.inside_thought)


def worthwhile(marks: Iterable[int]) -> tuple[int, ...]:
    """Leave out the marks that come soon after another, for few tokens are read slowly.

    The last stays, unless there is next to nothing before it: what it divides off is to be shared.
    """
    *others, last = [*marks] or [0]
    kept = [0]
    for mark in others:
        if mark - kept[-1] >= SPACING <= last - mark:
            kept.append(mark)
    return (*kept[1:], last) if last >= SHORTEST_SHARED else ()


def chunk_ends(total: int, marks: Iterable[int], chunk: int) -> list[int]:
    """Return the positions after which reading ``total`` tokens is divided, the last ``total``.

    Chunks run from mark to mark, so that two prompts with the same beginning, up to a mark, are
    divided alike there. What would be left over, less than half a chunk, goes with the last one:
    nine tokens take a fifth of the time of 128 (0.5B on 2 cores).
    """
    ends: list[int] = []
    start, least = 0, max(1, chunk // 2)
    for mark in sorted({mark for mark in marks if 0 < mark < total} | {total}):
        ends += range(start + chunk, mark - least + 1, chunk)
        ends.append(mark)
        start = mark
    return ends


def check_request(request: Request) -> None:
    """Refuse a request that means nothing; EngineError."""
    if not any(segment for message in request.messages for segment in message.segments):
        raise EngineError(_("the request says nothing"))
    if request.max_tokens < 1:
        raise EngineError(_("the answer must be allowed at least one token"))
    if "" in request.stop:
        raise EngineError(_("a stop string is empty"))


def check_budget(prompt: int, answer: int, context: int) -> None:
    """Refuse what cannot fit in the context, before any work; EngineError."""
    if prompt + answer > context:
        raise EngineError(
            _(
                "the prompt has {prompt} tokens and the answer may take {answer}, together more "
                "than the context of {context}"
            ).format(prompt=prompt, answer=answer, context=context),
            fix=_("Give less text, ask for a shorter answer or set a larger context."),
        )


def shared_length(left: Sequence[int], right: Sequence[int]) -> int:
    """Return how many tokens two sequences begin with in common."""
    import numpy as np

    most = min(len(left), len(right))
    if not most or left[0] != right[0]:
        return 0
    differs = np.not_equal(np.asarray(left[:most]), np.asarray(right[:most]))
    return int(differs.argmax()) if differs.any() else most
