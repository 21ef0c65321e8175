"""One request, from its messages to the end of its answer. Runs in the child only."""

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field

from workbench.engine.cancellation import Cancellation
from workbench.engine.chat import ChatTemplate, Prompt
from workbench.engine.context import Aborted
from workbench.engine.loading import LoadedModel
from workbench.engine.protocol import Done, Event, Reading, Request, Text, Usage
from workbench.engine.sampler import Sampler, check_sampling
from workbench.engine.stream import AnswerStream
from workbench.errors import EngineError
from workbench.i18n import _

CHUNK = 128
"""Prompt tokens computed at once on a CPU: the step of progress. It is fixed, for how a prompt is
divided shows in the last bits of the logits, and temperature 0 promises the same text each time."""
OFFLOADED_CHUNK = 512
"""The same on a GPU, which is fast enough to show progress in larger steps and needs them."""


@dataclass
class _Costs:
    """Usage while it grows."""

    prompt: int
    reused: int = 0
    generated: int = 0
    started: float = field(default_factory=time.monotonic)
    read: float | None = None

    def usage(self) -> Usage:
        now = time.monotonic()
        read = self.read if self.read is not None else now
        return Usage(self.prompt, self.reused, self.generated, read - self.started, now - read)


def lay_out(model: LoadedModel, request: Request) -> tuple[Prompt, list[int]]:
    """Render a request with the model's template and tokenise it; EngineError where impossible."""
    if not isinstance(model.template, ChatTemplate):
        raise model.template
    prompt = model.template.render(request)
    return prompt, model.vocabulary.prompt(prompt.pieces)


def run(model: LoadedModel, request: Request, cancellation: Cancellation) -> Iterator[Event]:
    """Carry out a request; its events end with Done.

    What cannot be done is refused with EngineError before any work.
    """
    _check(request)
    prompt, tokens = lay_out(model, request)
    _check_budget(len(tokens), request.max_tokens, model.context.size)
    stream = AnswerStream(
        request.stop,
        inside_thought=prompt.inside_thought,
        may_think=not request.answer_start,
    )
    costs = _Costs(len(tokens))
    try:
        yield from _read(model, tokens, costs, cancellation)
        costs.read = time.monotonic()
        finish = yield from _write(model, request, stream, costs, cancellation)
    except Aborted:
        finish = "cancelled"
    if rest := stream.finish():
        yield Text(rest)
    yield Done(stream.text, finish, costs.usage(), stream.thought)


def _read(
    model: LoadedModel, tokens: Sequence[int], costs: _Costs, cancellation: Cancellation
) -> Iterator[Event]:
    """Prefill: put into the cache what of the prompt is not there yet."""
    context = model.context
    done = costs.reused = context.keep_prefix(tokens)
    chunk = OFFLOADED_CHUNK if model.info.gpu_offload and context.stops_inside else CHUNK
    yield Reading(done, len(tokens), costs.reused)
    while done < len(tokens):
        if cancellation.raised:
            raise Aborted
        part = tokens[done : done + chunk]
        context.decode(part, output=done + len(part) == len(tokens))
        done += len(part)
        yield Reading(done, len(tokens), costs.reused)


def _write(
    model: LoadedModel,
    request: Request,
    stream: AnswerStream,
    costs: _Costs,
    cancellation: Cancellation,
) -> Generator[Event, None, str]:
    """Sample tokens until one ends the answer; return why it ended."""
    with Sampler(request.sampling, model.vocabulary.size) as sampler:
        while True:
            if cancellation.raised:
                raise Aborted
            token = sampler.sample(model.context)
            if model.vocabulary.ends(token):
                return "stop"
            costs.generated += 1
            if text := stream.push(model.vocabulary.piece(token)):
                yield Text(text)
            if stream.stopped:
                return "stop"
            if costs.generated == request.max_tokens:
                return "length"
            model.context.decode([token], output=True)


def _check(request: Request) -> None:
    if not any(segment for message in request.messages for segment in message.segments):
        raise EngineError(_("the request says nothing"))
    if request.max_tokens < 1:
        raise EngineError(_("the answer must be allowed at least one token"))
    if "" in request.stop:
        raise EngineError(_("a stop string is empty"))
    check_sampling(request.sampling)


def _check_budget(prompt: int, answer: int, context: int) -> None:
    if prompt + answer > context:
        raise EngineError(
            _(
                "the prompt has {prompt} tokens and the answer may take {answer}, together more "
                "than the context of {context}"
            ).format(prompt=prompt, answer=answer, context=context),
            fix=_("Give less text, ask for a shorter answer or set a larger context."),
        )
