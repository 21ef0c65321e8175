"""Measures how fast a loaded model reads and writes here, in about a minute.

Sizes follow from a first quick probe, so that a slow laptop ends in time and a fast GPU still has
something to measure. What is compared is measured by turns, forward and backward, so that a
machine that grows warm or busy harms all of it alike.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.resources import files

from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import Done, LoadOptions, Message, Request, Restarted, Usage
from workbench.errors import Cancelled, EngineError
from workbench.i18n import _
from workbench.tasks.calibration import Sample

SEQUENCE_COUNTS = (1, 2, 4, 8)
DRAFTS = (3, 5, 8)

_SECONDS = 60.0
_PIECE_SECONDS = 1.6
_READ_SECONDS = 8.0
_READ_TOKENS = (160, 2048)
_WRITE_TOKENS = (16, 128)
_LEAST_TOKENS = 5
_REPEATS = (2, 5)
_LEAST_CONTEXT = 1024
_AROUND = 32
"""The most tokens that the chat template and an instruction add to the text."""
_INSTRUCTION = 8
"""The tokens they usually add behind it."""

_COPY = "抄写上文："
_COMPOSE = "写一首咏海长诗："
_ANYTHING = "。"
_PROBE_CHARACTERS, _PROBE_TOKENS = 48, 8


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to measure.

    ``read`` is the size of the prompt in tokens, ``alone`` the tokens a single sequence writes,
    ``together`` those each of so many writes. All of it is done ``repeats`` times.
    """

    read: int
    alone: int
    together: dict[int, int]
    repeats: int

    @property
    def prose_repeats(self) -> int:
        """How often text that does not quote is written for each draft: once in a hurry."""
        return self.repeats if self.repeats > _REPEATS[0] else 1

    def seconds(self, read_tps: float, write_tps: float) -> float:
        """Return about how long it takes at these speeds, were nothing gained by any means."""
        instruction = _INSTRUCTION / read_tps
        alone = self.alone / write_tps + instruction
        together = sum(
            n * (tokens / write_tps + instruction) for n, tokens in self.together.items()
        )
        reading = len(DRAFTS) * (self.read / read_tps + 2 * instruction)
        lookup = len(DRAFTS) * (2 * self.repeats + self.prose_repeats) * alone
        return reading + self.repeats * together + lookup


@dataclass(frozen=True, slots=True)
class Measuring:
    """What is done now, and how many parts of all are done.

    ``what`` is ``probing``, ``reading``, ``writing`` or ``lookup``.
    """

    what: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Speeds:
    """What was measured, as in Calibration."""

    prompt_tokens: int
    reading: Sample
    writing: dict[int, Sample]
    quoting: dict[int, Sample]
    prose: dict[int, Sample]


def plan(read_tps: float, write_tps: float, context: int) -> Plan:
    """Choose how much to measure on a machine of about these speeds, within a context in tokens.

    Raises EngineError where the context is too small for eight sequences.
    """
    if context < _LEAST_CONTEXT:
        raise EngineError(
            _("a context of {context} tokens is too small to measure in").format(context=context),
            fix=_("Give --context {least} or more.").format(least=_LEAST_CONTEXT),
        )
    read = min(_between(read_tps * _READ_SECONDS, _READ_TOKENS), context // 2)
    most = (context - read - _AROUND) // max(SEQUENCE_COUNTS) - _AROUND
    alone = _between(write_tps * _PIECE_SECONDS, (_WRITE_TOKENS[0], min(_WRITE_TOKENS[1], most)))
    # Several write faster together, nobody knows yet by how much: between not at all and n times.
    together = {n: max(_LEAST_TOKENS, 2 * alone // (n + 1)) for n in SEQUENCE_COUNTS[1:]}
    for repeats in range(_REPEATS[1], _REPEATS[0] - 1, -1):
        chosen = Plan(read, alone, together, repeats)
        if chosen.seconds(read_tps, write_tps) <= _SECONDS:
            break
    return chosen


def measure(engine: LlamaEngine, options: LoadOptions, tell: Callable[[Measuring], None]) -> Speeds:
    """Measure through an engine, loading the model once for each draft.

    Raises EngineError where the model cannot be run, Cancelled where it was stopped.
    """
    return _Measurement(engine, options, tell).run()


@dataclass
class _Measurement:
    engine: LlamaEngine
    options: LoadOptions
    tell: Callable[[Measuring], None]
    reading: list[float] = field(default_factory=list)
    writing: dict[int, list[float]] = field(default_factory=dict)
    quoting: dict[int, list[float]] = field(default_factory=dict)
    prose: dict[int, list[float]] = field(default_factory=dict)
    prompt_tokens: int = 0
    done: int = 0
    total: int = 0

    def run(self) -> Speeds:
        self._load(DRAFTS[0])
        self.tell(Measuring("probing", 0, 0))
        probe = self._probe()
        chosen = plan(*probe, self.engine.model.context)
        text = self._text(chosen.read)
        # A model that cannot take guesses back has nothing to look up.
        drafts = DRAFTS if self.engine.model.reuse == "prefix" else ()
        loads = max(1, len(drafts))
        self.total = len(chosen.together) * chosen.repeats
        self.total += loads * (1 + chosen.repeats)
        self.total += len(drafts) * (chosen.repeats + chosen.prose_repeats)
        began = time.monotonic()
        for number in range(loads):
            self.done = max(self.done, self.total * number // loads)
            if number:
                self._load(DRAFTS[number])
                self._write(_request(text[-8:], _ANYTHING, 1))
            self._read(text)
            for repeat in range(chosen.repeats):
                if repeat and time.monotonic() - began > _SECONDS * (number + 1) / loads:
                    break  # the machine became slower than the probe said
                self._repeat(text, chosen, drafts[number] if drafts else 0, number, repeat)
        return Speeds(
            prompt_tokens=self.prompt_tokens,
            reading=_sample(self.reading),
            writing=_samples(self.writing),
            quoting=_samples(self.quoting),
            prose=_samples(self.prose),
        )

    def _load(self, draft: int) -> None:
        sequences = max(SEQUENCE_COUNTS)
        # What is on disk would be loaded in place of being read.
        options = replace(self.options, sequences=sequences, draft=draft, adapters=(), states="")
        self.engine.load(options)

    def _probe(self) -> tuple[float, float]:
        """Return roughly how many tokens are read and written a second."""
        text = _article()
        self._write(_request(text[-8:], _ANYTHING, 2))
        usage = self._write(_request(text[-_PROBE_CHARACTERS:], _ANYTHING, _PROBE_TOKENS))
        return _read_speed(usage), _write_speed(usage)

    def _text(self, tokens: int) -> str:
        """Return the beginning of an article that is about so many tokens long."""
        article = _article()
        whole = self.engine.count_tokens([article])[0]
        return article[: max(1, len(article) * tokens // whole)]

    def _read(self, text: str) -> None:
        """Read a text that no sequence holds; from then on it is kept."""
        self._announce("reading")
        usage = self._write(_request(text, _ANYTHING, 1))
        self.prompt_tokens = usage.prompt_tokens
        self.reading.append(_read_speed(usage))

    def _repeat(self, text: str, chosen: Plan, draft: int, load: int, repeat: int) -> None:
        """Measure everything once, forward or backward."""
        steps = [("plain", partial(self._alone, text, _COPY, chosen.alone, quotes=False))]
        if draft:
            steps.append(("quoting", partial(self._alone, text, _COPY, chosen.alone, quotes=True)))
        if draft and repeat < chosen.prose_repeats:
            steps.append(("prose", partial(self._alone, text, _COMPOSE, chosen.alone, quotes=True)))
        for sequences, tokens in chosen.together.items() if load == 0 else ():
            steps.append((str(sequences), partial(self._together, text, sequences, tokens)))
        found = {name: step() for name, step in (steps if repeat % 2 == 0 else reversed(steps))}
        plain = found.pop("plain")
        self.writing.setdefault(1, []).append(plain)
        for name, speed in found.items():
            if name == "quoting":
                self.quoting.setdefault(draft, []).append(speed / plain)
            elif name == "prose":
                self.prose.setdefault(draft, []).append(speed / plain)
            else:
                self.writing.setdefault(int(name), []).append(speed)

    def _alone(self, text: str, instruction: str, tokens: int, *, quotes: bool) -> float:
        """Return the tokens that one sequence writes a second."""
        self._announce("lookup" if quotes else "writing")
        return _write_speed(self._write(_request(text, instruction, tokens, quotes=quotes)))

    def _together(self, text: str, sequences: int, tokens: int) -> float:
        """Return the tokens that so many sequences write a second, all at the same time."""
        self._announce("writing")
        request = _request(text, _ANYTHING, tokens)
        answers = self.engine.submit_together([request] * sequences)
        return sum(_write_speed(_usage(answer)) for answer in answers)

    def _write(self, request: Request) -> Usage:
        return _usage(self.engine.submit(request))

    def _announce(self, what: str) -> None:
        self.tell(Measuring(what, self.done, self.total))
        self.done += 1


def _request(text: str, instruction: str, tokens: int, *, quotes: bool = False) -> Request:
    message = Message("user", (text, instruction))
    return Request((message,), tokens, quotes=quotes, adapters=(), ignore_end=True)


def _usage(events: Iterator[object]) -> Usage:
    for event in events:
        if isinstance(event, Restarted):
            raise EngineError(
                _("the engine died while it was measured: {reason}").format(reason=event.reason)
            )
        if isinstance(event, Done):
            if event.finish == "cancelled":
                raise Cancelled(_("stopped"))
            return event.usage
    raise EngineError(_("the engine gave no answer"))


def _read_speed(usage: Usage) -> float:
    return (usage.prompt_tokens - usage.reused_tokens) / max(usage.read_seconds, 1e-6)


def _write_speed(usage: Usage) -> float:
    """Return the speed behind the first token, which belongs to reading."""
    return max(1, usage.generated_tokens - 1) / max(usage.write_seconds, 1e-6)


def _article() -> str:
    """Return prose of about 3,000 tokens in which nothing is said twice: a sample article."""
    sample = files("workbench").joinpath("samples", "county-meals-for-the-old.txt")
    return sample.read_text(encoding="utf-8")


def _between(value: float, bounds: tuple[int, int]) -> int:
    least, most = bounds
    return int(max(least, min(value, most)))


def _samples(found: dict[int, list[float]]) -> dict[int, Sample]:
    return {number: _sample(values) for number, values in sorted(found.items())}


def _sample(values: list[float]) -> Sample:
    """Keep the four digits that mean something."""
    return Sample(tuple(float(f"{value:.4g}") for value in values))
