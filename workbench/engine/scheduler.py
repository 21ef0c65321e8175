"""Many requests on one context: who is admitted, what is computed next. Runs in the child only.

Each step computes one batch: a row for each sequence that writes, or chunks of prompts, or both. A
request is admitted when its prompt and its longest answer have room, so that none dies of a full
cache. What it shares with others is read once and kept; whoever needs what another is reading
waits for it. (Continuous batching: Yu et al., Orca, OSDI 2022; sharing of prefixes: Zheng et al.,
SGLang, 2024, with a list in place of the tree, for there are few.)
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.engine.archive import Archive
from workbench.engine.context import Rows, Status
from workbench.engine.grammar import grammar_of
from workbench.engine.interrupts import Interrupts
from workbench.engine.job import Job
from workbench.engine.layout import check_budget, check_request, lay_out
from workbench.engine.planning import Planner
from workbench.engine.protocol import Adapter, Done, Reading, Request, Statistics, Text
from workbench.engine.room import Room
from workbench.engine.sampler import Sampler, check_sampling
from workbench.errors import EngineError
from workbench.i18n import _

if TYPE_CHECKING:
    from workbench.engine.loading import LoadedModel


_OVERTAKEN = 16
"""Younger requests that may go before one whose article is not at hand; after that it is not
passed over any more."""


_LONG, _LONG_SCORED = 512, 64
"""A request with so many tokens to come is worth emptying the cache for; the second where attention
computes scores of all taken cells (``ContextOptions.flash``)."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who hears of events, of failures and of reading ahead that is over."""

    event: Callable[[int, Reading | Text | Done], None]
    failure: Callable[[int, EngineError], None]
    finished: Callable[[int], None]


class Scheduler:
    """Runs jobs on a loaded model, one step at a time."""

    def __init__(
        self,
        model: "LoadedModel",
        interrupts: Interrupts,
        listeners: Listeners,
        archive: Archive | None = None,
    ):
        self._model = model
        self._context = model.context
        self._interrupts = interrupts
        self._tell = listeners
        self._archive = archive
        self._waiting: list[Job] = []
        self._active: list[Job] = []
        self._room = Room(model.context, self._active)
        self._planner = Planner(model.context.options, self._active)
        self._steps = 0
        self._native_seconds = 0.0
        self._python_seconds = 0.0
        self._preempted = 0
        self._restored = 0
        self._crowded = False

    @property
    def busy(self) -> bool:
        """Whether there is anything to do."""
        return bool(self._waiting or self._active)

    def submit(self, number: int, request: Request) -> None:
        """Take in a request; EngineError says why it cannot be carried out."""
        check_request(request)
        check_sampling(request.sampling)
        layout = lay_out(self._model, request)
        check_budget(len(layout.tokens), request.max_tokens, self._context.size)
        adapters = self._model.adapters.get(self._chosen(request))
        sampler = Sampler(request.sampling, self._model.vocabulary, grammar_of(request))
        job = Job(number, request, layout, adapters, sampler)
        options = self._context.options
        if request.quotes and options.draft and options.rewinds:
            job.expect_quotes()
        self._waiting.append(job)

    def prefetch(self, number: int, request: Request) -> None:
        """Read ahead what a request shares, in place of what was to be read ahead before."""
        layout = lay_out(self._model, request)
        adapters = self._model.adapters.get(self._chosen(request))
        job = Job(number, request, layout, adapters, None)
        for other in [other for other in self._jobs() if other.ahead]:
            if other.group == job.group:
                # It is being read already: it goes on under the new number.
                self._tell.finished(other.number)
                other.number = number
                return
        self.stop_reading_ahead()
        if 0 < layout.shared < self._context.size:
            self._waiting.append(job)
        else:
            self._tell.finished(number)

    def reusable(self, request: Request) -> int:
        """Return how many tokens of a prompt are in the cache or on disk, and need not be read."""
        layout = lay_out(self._model, request)
        job = Job(0, request, layout, self._model.adapters.get(self._chosen(request)), None)
        # Nothing is sampled: its last token can be shared like the others.
        ends = [*self._divided(job), layout.shared + 1]
        _prefix, saved = self._room.prefixes.best(job.tokens, ends, job.adapters)
        if self._archive is None:
            return saved
        return self._archive.longest(layout.tokens, ends, saved, job.adapters)

    def stop_reading_ahead(self) -> None:
        """Forget what was to be read ahead, if anything was."""
        for job in [job for job in self._jobs() if job.ahead]:
            self._retire(job)
            self._tell.finished(job.number)

    def step(self) -> None:
        """Do one thing: retire who was cancelled, admit who has room, compute one batch."""
        started = time.monotonic()
        native = self._native_seconds
        self._retire_cancelled()
        self._stand_aside()
        self._admit()
        if self._active:
            self._compute()
        self._steps += 1
        spent = time.monotonic() - started
        self._python_seconds += spent - (self._native_seconds - native)

    def fail_all(self, error: EngineError) -> None:
        """End every job with an error and forget what is in the cache."""
        for job in self._jobs():
            self._fail(job, error)
        self._forget_everything()

    def statistics(self) -> Statistics:
        """Return what is held and what was done."""
        return Statistics(
            active=len(self._active),
            waiting=len(self._waiting),
            kept=len(self._room.prefixes),
            kept_tokens=self._room.prefixes.tokens,
            reserved_tokens=sum(job.reserved for job in self._active),
            steps=self._steps,
            native_seconds=self._native_seconds,
            python_seconds=self._python_seconds,
            preempted=self._preempted,
            restored_tokens=self._restored,
        )

    def save(self, seconds: float) -> None:
        """Wait at most so long until what is to outlive the process is on disk; any thread may."""
        if self._archive is not None:
            self._archive.wait(seconds)

    def close(self) -> None:
        """Free what the jobs hold; those there are get no answer."""
        for job in self._jobs():
            job.close()
        self._waiting.clear()
        self._active.clear()
        if self._archive is not None:
            self._archive.close()

    # Who runs

    def _jobs(self) -> list[Job]:
        return [*self._active, *self._waiting]

    def _chosen(self, request: Request) -> tuple[Adapter, ...]:
        default = self._model.options.adapters
        return default if request.adapters is None else request.adapters

    def _retire_cancelled(self) -> None:
        for job in self._jobs():
            if self._interrupts.cancelled(job.number):
                self._end(job, "cancelled")

    def _stand_aside(self) -> None:
        """Let what is read ahead wait for every request; one that needs it goes on from there."""
        if not all(job.ahead for job in self._jobs()):
            for job in [job for job in self._active if job.ahead]:
                self._put_back(job)

    def _admit(self) -> None:
        if self._crowded and self._active:
            return
        if len(self._active) == self._context.options.sequences:
            least = min(job.priority for job in self._active)
            if all(job.priority <= least for job in self._waiting):
                return
        expected = 0
        for job in self._in_order():
            if job.ahead and len(self._jobs()) > 1:
                continue
            if self._read_by_another(job):
                expected += 1
                continue
            # Places stay free for those who wait for what is being read: several articles in the
            # cache at once slow each other, and each would be written about alone.
            if expected and len(self._active) + expected >= self._context.options.sequences:
                return
            if self._active and self._active[0].adapters != job.adapters:
                if any(other.priority >= job.priority for other in self._active):
                    return
                for other in list(self._active):
                    self._put_back(other)
            if not self._give_place(job):
                return

    def _in_order(self) -> list[Job]:
        """Return those that wait: by priority, then those whose article is at hand, then by age.

        Who was passed over often enough goes by age alone.
        """
        groups = {job.group for job in self._active} | self._room.prefixes.groups

        def place(job: Job) -> tuple[float, bool, int]:
            afar = job.group not in groups and job.overtaken < _OVERTAKEN
            return -job.priority, afar, job.number

        return sorted(self._waiting, key=place)

    def _read_by_another(self, job: Job) -> bool:
        if not job.layout.shared:
            return False
        return any(
            other.group == job.group and other.shares and other.reading for other in self._active
        )

    def _give_place(self, job: Job) -> bool:
        """Start a job, at the cost of less urgent ones where it must be; False: it waits."""
        while True:
            if len(self._active) < self._context.options.sequences and self._start(job):
                return True
            less = [other for other in self._active if other.priority < job.priority]
            if not less:
                return False
            self._put_back(max(less, key=lambda other: (-other.priority, other.number)))

    def _start(self, job: Job) -> bool:
        ends = self._divided(job)
        if job.ahead:
            # Nothing is sampled: its last token can be shared like the others.
            ends = [*ends, job.layout.shared + 1]
        prefix, reused = self._room.prefixes.best(job.tokens, ends, job.adapters)
        whole = prefix if prefix is not None and reused == len(prefix.tokens) else None
        more = job.most - (reused if whole else 0)
        if not self._room.fits(more, whole):
            return False
        # Copied before room is made, for its source may have to go.
        sequence = self._room.sequence()
        if prefix is not None:
            self._context.copy(prefix.sequence, sequence, None if whole else reused)
        self._room.pin(job, whole)
        self._room.make(more)
        job.stored = prefix is not None and prefix.stored and reused >= job.layout.base
        reused = self._restore(job, sequence, ends, reused)
        if job.most - reused >= (_LONG if self._context.options.flash else _LONG_SCORED):
            self._room.thin({other.group for other in self._jobs()})
        job.reserved = job.most - (reused if job.prefix else 0)
        job.start(sequence, reused, [end for end in ends if end <= len(job.tokens)])
        self._waiting.remove(job)
        self._active.append(job)
        for other in self._waiting:
            other.overtaken += other.number < job.number and other.priority == job.priority
        self._tell_progress(job)
        if job.length == job.layout.shared:
            self._keep_shared(job)
        if job.ahead and not job.reading:
            self._end(job, "stop")
        return True

    def _restore(self, job: Job, sequence: int, ends: list[int], reused: int) -> int:
        """Fill the sequence from disk where that saves more; return how many tokens it holds."""
        if self._archive is None:
            return reused
        # What is restored is shared with nothing in the cache.
        pinned = job.prefix
        self._room.pin(job, None)
        found = None
        if self._room.fits(job.most, None):
            found = self._archive.find(job.layout.tokens, ends, reused, job.adapters)
        if found is None:
            self._room.pin(job, pinned)
            return reused
        self._room.make(job.most)
        stored, state = found
        self._context.drop(sequence)
        if not self._context.restore(sequence, state):
            self._archive.refuse(stored)
            return 0
        self._restored += stored.length
        job.stored = stored.length >= job.layout.base
        return stored.length

    # What is kept of prompts

    def _keep_shared(self, job: Job) -> None:
        """Keep what a job shares, now that its sequence holds just that."""
        assert job.sequence is not None
        tokens = job.layout.tokens[: job.layout.shared]
        if not tokens:
            return
        prefix = self._room.prefixes.covering(tokens, job.adapters)
        if prefix is None:
            if not self._room.has_place_for_prefix():
                return
            sequence = self._room.sequence()
            self._context.copy(job.sequence, sequence)
            prefix = self._room.prefixes.add(
                sequence, tokens, job.adapters, job.group, self._divided(job)
            )
            prefix.stored = job.stored
        elif prefix is not job.prefix:
            # Another job may have read the same meanwhile: one of the two is enough.
            whole = len(prefix.tokens) == len(tokens)
            self._context.drop(job.sequence)
            self._context.copy(prefix.sequence, job.sequence, None if whole else len(tokens))
        self._room.pin(job, prefix)
        job.reserved = job.most - len(tokens)
        for other in self._room.prefixes.redundant(prefix):
            self._room.let_go(other)
        self._room.make(0)

    def _store(self, job: Job) -> None:
        """Keep on disk what a job has read, now that its sequence holds just that."""
        if self._archive is None or (sequence := job.sequence) is None:
            return
        job.stored = self._archive.keep(
            job.layout.tokens[: job.length], job.adapters, lambda: self._context.state(sequence)
        )

    def _divided(self, job: Job) -> list[int]:
        return job.divide(self._context.options.chunk)

    def _put_back(self, job: Job) -> None:
        """Let a job wait again; later it goes on from what it wrote."""
        self._preempted += not job.ahead
        self._park(job)
        self._room.take_from(job)
        self._active.remove(job)
        self._waiting.append(job)

    def _park(self, job: Job) -> None:
        """Keep what a job has read of its prompt so far."""
        if job.sequence is None or not job.reading or job.length < self._context.options.chunk:
            return
        if self._context.length(job.sequence) != job.length:
            return  # what was stopped inside a step, of a model that cannot go back
        tokens = job.tokens[: job.length]
        if (
            self._room.prefixes.covering(tokens, job.adapters)
            or not self._room.has_place_for_prefix()
        ):
            return
        prefix = self._room.prefixes.add(
            job.sequence, tokens, job.adapters, ends=self._divided(job)
        )
        job.sequence = None
        self._room.pin(job, None)
        for other in self._room.prefixes.redundant(prefix):
            self._room.let_go(other)

    # What is computed

    def _compute(self) -> None:
        parts, drafts = self._planner.plan()
        try:
            self._model.adapters.apply(self._context.pointer, parts[0][0].adapters)
        except EngineError as error:
            for job, _rows in parts:
                self._fail(job, error)
            return
        # What a model cannot go back to would be read in vain.
        idle = self._context.options.rewinds and all(job.ahead for job in self._jobs())
        self._interrupts.begin((job.number for job, _rows in parts), yields=idle, repeats=True)
        started = time.monotonic()
        try:
            status = self._context.decode(rows for _job, rows in parts)
        finally:
            self._native_seconds += time.monotonic() - started
            self._interrupts.end()
        if status == Status.DONE:
            self._go_on(parts, drafts)
        else:
            self._recover(status, [job for job, _rows in parts])

    def _go_on(self, parts: Iterable[tuple[Job, Rows]], drafts: dict[Job, list[int]]) -> None:
        row = 0
        for job, rows in parts:
            first, row = row, row + len(rows.tokens)
            try:
                if job in drafts:
                    self._written(job, first, drafts[job])
                else:
                    self._have_read(job, row - 1)
            except EngineError as error:
                self._fail(job, error)

    def _have_read(self, job: Job, last_row: int) -> None:
        job.length = job.ends.pop(0)
        self._tell_progress(job)
        if job.length == job.layout.base:
            self._store(job)
        if job.length == job.layout.shared:
            self._keep_shared(job)
        if job.reading:
            return
        if job.ahead:
            self._end(job, "stop")
        else:
            self._take(job, last_row)

    def _written(self, job: Job, first_row: int, draft: list[int]) -> None:
        """Choose what follows the last token, and what follows each guess that was right."""
        job.length += 1
        accepted = 0
        while not self._take(job, first_row + accepted):
            if accepted == len(draft) or job.tokens[-1] != draft[accepted]:
                assert job.sequence is not None
                if accepted < len(draft):
                    self._context.truncate(job.sequence, job.length)
                break
            accepted += 1
            job.length += 1
        job.judge(len(draft), accepted)

    def _take(self, job: Job, row: int) -> bool:
        """Choose a job's next token; True where that ends it."""
        assert job.sampler is not None
        token = job.sampler.choose(self._context.pointer, row, free=job.thinking)
        why = job.take(token, self._model.vocabulary, self._tell.event)
        if why is not None:
            self._end(job, why)
        return why is not None

    def _tell_progress(self, job: Job) -> None:
        if not job.ahead and not job.begun:
            self._tell.event(job.number, job.progress())

    # How jobs end

    def _end(self, job: Job, why: str) -> None:
        if why == "cancelled":
            self._park(job)
        self._retire(job)
        if job.ahead:
            self._tell.finished(job.number)
        else:
            job.finish(why, self._tell.event)

    def _fail(self, job: Job, error: EngineError) -> None:
        self._retire(job)
        if job.ahead:
            self._tell.finished(job.number)
        else:
            self._tell.failure(job.number, error)

    def _retire(self, job: Job) -> None:
        self._crowded = False
        self._room.take_from(job)
        job.close()
        jobs = self._active if job in self._active else self._waiting
        jobs.remove(job)

    # When llama.cpp did not do as asked

    def _recover(self, status: int, computed: list[Job]) -> None:
        if status < Status.MALFORMED:
            self._begin_anew(status)
            return
        for job in computed:
            assert job.sequence is not None
            if not self._context.truncate(job.sequence, job.length):
                # A state without positions to go back to: it is computed again.
                self._put_back(job)
        if status == Status.MALFORMED:
            for job in computed:
                self._fail(job, _cannot_compute(status))
        elif status == Status.NO_ROOM and not self._room.evict():
            # Reserved room makes this impossible; if it happens all the same, nobody is lost.
            if len(self._active) > 1:
                self._crowded = True
                self._put_back(max(self._active, key=lambda job: (-job.priority, job.number)))
            else:
                for job in computed:
                    self._fail(job, _cannot_compute(status))

    def _begin_anew(self, status: int) -> None:
        """After a fatal error the cache is worth nothing: every job begins again, once."""
        active = list(self._active)
        self._active.clear()
        for job in active:
            job.sequence = None
            self._room.pin(job, None)
            self._room.take_from(job)
            self._waiting.append(job)
            if job.retried:
                self._fail(job, _cannot_compute(status))
            job.retried = True
        self._forget_everything()

    def _forget_everything(self) -> None:
        self._room.forget()


def _cannot_compute(status: int) -> EngineError:
    return EngineError(
        _("llama.cpp could not compute the next tokens (status {status})").format(status=status),
        fix=_("Try again with a smaller context."),
    )
