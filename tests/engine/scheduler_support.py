"""A scheduler in this process, on the real llama.cpp, whose books are checked after every step."""

# ruff: noqa: SLF001

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from engine_support import ask

from workbench.engine.archive import Archive
from workbench.engine.child import _archive
from workbench.engine.context import Context, Rows
from workbench.engine.interrupts import Interrupts
from workbench.engine.job import Job
from workbench.engine.loading import LoadedModel, load
from workbench.engine.native_log import NativeLog
from workbench.engine.protocol import Done, LoadOptions, Reading, Request, Text
from workbench.engine.scheduler import Listeners, Scheduler
from workbench.errors import EngineError

LOG = NativeLog()
TEXT = ("一", "二，", "三。", "abc", "终")
SAID = "".join(TEXT)
ARTICLES = ("甲乡水利。" * 30, "乙乡水利。" * 40, "丙乡水利。" * 50)
FATAL = -3


def about(
    article: str, instruction: str = "背", max_tokens: int = 12, priority: int = 0
) -> Request:
    return replace(ask(article, instruction, max_tokens=max_tokens), priority=priority)


def ends(desk: "Desk") -> list[int]:
    return [number for number, event in desk.told if isinstance(event, Done | EngineError)]


@contextmanager
def loaded(path: Path, **options: Any) -> Iterator["Desk"]:
    """Load a model, and give a desk where requests are handed in."""
    LOG.capture()
    interrupts = Interrupts()
    settings = LoadOptions(str(path), **{"context": 2048, "threads": 1, **options})
    model = load(settings, LOG, interrupts, lambda progress: None)
    desk = Desk(model, interrupts, _archive(settings, model))
    try:
        yield desk
    finally:
        desk.scheduler.close()
        model.close()


class Cells:
    """Which cells of the cache each sequence has, as llama.cpp would say if it could be asked."""

    def __init__(self, context: Context):
        self.of: dict[int, list[int]] = {number: [] for number in range(context.options.slots)}
        self._numbers = itertools.count()
        self._after(context, "decode", self._decoded)
        self._after(context, "copy", self._copied)
        self._after(context, "truncate", self._truncated)
        self._after(context, "drop", lambda result, sequence: self.of[sequence].clear())
        self._after(context, "clear", lambda result: [of.clear() for of in self.of.values()])
        self._after(context, "restore", self._restored)
        self._length = context.length

    def _after(self, context: Context, name: str, then: Callable[..., object]) -> None:
        method = getattr(context, name)

        def both(*arguments: Any) -> Any:
            result = method(*arguments)
            then(result, *arguments)
            return result

        setattr(context, name, both)

    def _decoded(self, result: int, parts: list[Rows]) -> None:
        for rows in parts if result == 0 else ():
            cells = self.of[rows.sequence]
            assert len(cells) == rows.start
            cells += itertools.islice(self._numbers, len(rows.tokens))

    def _copied(self, _done: None, source: int, target: int, length: int | None = None) -> None:
        assert not self.of[target]
        self.of[target] = self.of[source][:length]

    def _truncated(self, result: bool, sequence: int, length: int) -> None:
        del self.of[sequence][length if result else self._length(sequence) :]

    def _restored(self, result: bool, sequence: int, _state: object) -> None:
        if result:
            count = self._length(sequence)
            self.of[sequence] = list(itertools.islice(self._numbers, count))


class Desk:
    """A scheduler, what it told in the order it told it, and a decode that can be tampered with.

    ``statuses`` are returned by the next decodes in place of computing; None computes.
    ``before_decode`` is called with the rows of each batch. ``margins`` tells of each request how
    far, in logits, the likeliest token was ahead of the next at each choice.
    """

    def __init__(self, model: LoadedModel, interrupts: Interrupts, archive: Archive | None):
        self.model = model
        self.interrupts = interrupts
        # The flag that llama.cpp reads is that of the interrupts the context was made with.
        self.told: list[tuple[int, Reading | Text | Done | EngineError]] = []
        self.finished: list[int] = []
        self.statuses: list[int | None] = []
        self.before_decode: Callable[[list[Rows]], None] = lambda rows: None
        self.batches: list[list[Rows]] = []
        self.margins: dict[int, list[float]] = {}
        self.numbers = 0
        self.cells = Cells(model.context)
        self._decode = model.context.decode
        model.context.decode = self._tampered  # type: ignore[method-assign]
        self.scheduler = Scheduler(
            model, interrupts, Listeners(self._hear, self._hear, self._hear_finished), archive
        )

    def submit(self, request: Request) -> int:
        number = self._expect()
        self.scheduler.submit(number, request)
        self._watch(self.scheduler._waiting[-1])
        return number

    def prefetch(self, request: Request) -> int:
        number = self._expect()
        self.scheduler.prefetch(number, request)
        return number

    def cancel(self, number: int) -> None:
        self.interrupts.cancel(number)

    def step(self) -> None:
        self.scheduler.step()
        self.check()

    def run(self, *requests: Request) -> list[Done]:
        """Carry out requests that are handed in together; all must end well."""
        numbers = [self.submit(request) for request in requests]
        self.run_out()
        return [self.done(number) for number in numbers]

    def run_out(self, most: int = 3_000) -> None:
        for _step in range(most):
            if not self.scheduler.busy:
                return
            self.step()
        raise AssertionError("the scheduler comes to no end")

    def until(self, wanted: Callable[[], bool], most: int = 5_000) -> None:
        for _step in range(most):
            if wanted():
                return
            self.step()
        raise AssertionError("what was waited for did not come")

    def events(self, number: int) -> list[Reading | Text | Done | EngineError]:
        return [event for of, event in self.told if of == number]

    def done(self, number: int) -> Done:
        last = self.events(number)[-1]
        assert isinstance(last, Done), last
        return last

    def failure(self, number: int) -> EngineError:
        last = self.events(number)[-1]
        assert isinstance(last, EngineError), last
        return last

    def ended(self, number: int) -> bool:
        return any(isinstance(event, Done | EngineError) for event in self.events(number))

    def active(self) -> list[int]:
        return [job.number for job in self.scheduler._active]

    def waiting(self) -> list[int]:
        return [job.number for job in self.scheduler._waiting]

    def written(self, number: int) -> str:
        return "".join(event.text for event in self.events(number) if isinstance(event, Text))

    def check(self) -> None:
        """Whatever happened, the books must be right."""
        scheduler, context = self.scheduler, self.model.context
        active, prefixes = scheduler._active, list(scheduler._room.prefixes)
        assert len(active) <= context.options.sequences
        assert len(prefixes) <= context.options.kept
        held = [job.sequence for job in active] + [prefix.sequence for prefix in prefixes]
        assert sorted([*held, *scheduler._room.free]) == list(range(context.options.slots))
        for sequence in scheduler._room.free:
            assert context.length(sequence) == 0
        for prefix in prefixes:
            assert context.length(prefix.sequence) == len(prefix.tokens)
            assert prefix.users == sum(job.prefix is prefix for job in active)
        for job in active:
            assert context.length(job.sequence) == job.length
            assert 0 <= job.reserved <= job.most
            assert job.prefix is None or job.prefix in prefixes
            assert job.length < job.most or job.ahead
        for job in scheduler._waiting:
            assert (job.sequence, job.prefix, job.reserved, job.length) == (None, None, 0, 0)
        self._check_room(held)
        ends = Counter(of for of, event in self.told if isinstance(event, Done | EngineError))
        assert set(ends.values()) <= {1}
        at_work = [job.number for job in (*active, *scheduler._waiting)]
        assert len(set(at_work)) == len(at_work)
        assert not set(at_work) & {*ends, *self.finished}
        assert {*at_work, *ends, *self.finished} == set(range(1, self.numbers + 1))

    def check_at_rest(self) -> None:
        """When all is done nothing is held but prefixes."""
        self.check()
        now = self.scheduler.statistics()
        assert (now.active, now.waiting, now.reserved_tokens) == (0, 0, 0)
        assert now.kept_tokens <= self.model.context.size

    def _check_room(self, held: list[int]) -> None:
        """All who are at work must find room for all they may still write."""
        cells = self.cells.of
        for sequence, owned in cells.items():
            assert len(owned) == self.model.context.length(sequence)
            assert not owned or sequence in held
        if not self.model.context.options.rewinds:
            return
        active = self.scheduler._active
        needed = [job.sequence for job in active]
        needed += [job.prefix.sequence for job in active if job.prefix]
        taken = set[int]().union(*(cells[sequence] for sequence in needed))
        to_come = sum(job.most - job.length for job in active)
        assert len(taken) + to_come <= self.model.context.size

    def _watch(self, job: Job) -> None:
        sampler = job.sampler
        assert sampler is not None
        choose = sampler.choose
        margins = self.margins[job.number] = []

        def watched(context: Any, row: int, **options: Any) -> int:
            second, first = np.partition(sampler._logits(context, row), -2)[-2:]
            margins.append(float(first - second))
            return choose(context, row, **options)

        sampler.choose = watched  # type: ignore[method-assign]

    def _tampered(self, parts: Iterable[Rows]) -> int:
        rows = list(parts)
        self.batches.append(rows)
        self.before_decode(rows)
        status = self.statuses.pop(0) if self.statuses else None
        return self._decode(rows) if status is None else status

    def _expect(self) -> int:
        self.numbers += 1
        self.interrupts.expect(self.numbers)
        return self.numbers

    def _hear(self, number: int, event: Reading | Text | Done | EngineError) -> None:
        self.told.append((number, event))
        if isinstance(event, Done | EngineError):
            self.interrupts.forget(number)

    def _hear_finished(self, number: int) -> None:
        self.finished.append(number)
        self.interrupts.forget(number)
