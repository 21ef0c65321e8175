"""Room in the KV cache: who has which sequence, and what goes when there is too little of it."""

from collections.abc import Container, Hashable, Sequence

from workbench.engine.context import Context
from workbench.engine.job import Job
from workbench.engine.prefixes import Prefix, Prefixes


class Room:
    """The cells and sequences of a context, divided among running jobs and kept prefixes.

    ``active`` is the scheduler's own list of the jobs that run, as it changes.
    """

    def __init__(self, context: Context, active: Sequence[Job]):
        self._context = context
        self._active = active
        self.prefixes = Prefixes(divides=context.options.divides)
        self.free = list(range(context.options.slots))

    def fits(self, tokens: int, needed: Prefix | None) -> bool:
        """Whether so many tokens have room without all the prefixes that nobody needs."""
        idle = sum(
            len(prefix.tokens)
            for prefix in self.prefixes
            if not prefix.users and prefix is not needed
        )
        return self._used() - idle + tokens <= self._context.size

    def make(self, tokens: int) -> None:
        """Let unused prefixes go until so many tokens have room, or none is left."""
        while self._used() + tokens > self._context.size and self.evict():
            pass

    def evict(self) -> bool:
        """Let the prefix go that was unused longest; False where all are in use."""
        prefix = self.prefixes.idle()
        if prefix is None:
            return False
        self.let_go(prefix)
        return True

    def thin(self, wanted: Container[Hashable]) -> None:
        """Let go what is on disk too, and wanted by nobody now.

        Each row that is computed looks over all cells that are taken, its own or not: the KV of
        other articles slows reading and writing, and is back from disk in a moment.
        """
        for prefix in self.prefixes:
            if prefix.stored and not prefix.users and prefix.group not in wanted:
                self.let_go(prefix)

    def let_go(self, prefix: Prefix) -> None:
        """Give up a prefix and the sequence it has."""
        self.prefixes.remove(prefix)
        self.release(prefix.sequence)

    def has_place_for_prefix(self) -> bool:
        """Whether one more prefix may be kept, another let go for it where that must be."""
        return len(self.prefixes) < self._context.options.kept or self.evict()

    def sequence(self) -> int:
        """Take a free sequence: there is one, for jobs and prefixes are limited apart."""
        return self.free.pop()

    def release(self, sequence: int) -> None:
        """Empty a sequence and give it back."""
        self._context.drop(sequence)
        self.free.append(sequence)

    def pin(self, job: Job, prefix: Prefix | None) -> None:
        """Say that a job stands on a prefix, which stays as long, and no longer on another."""
        if job.prefix is not None:
            job.prefix.users -= 1
        job.prefix = prefix
        if prefix is not None:
            prefix.users += 1

    def take_from(self, job: Job) -> None:
        """Take from a job what it has of the cache."""
        self.pin(job, None)
        if job.sequence is not None:
            self.release(job.sequence)
        job.sequence, job.length, job.reserved, job.ends = None, 0, 0, []

    def forget(self) -> None:
        """Empty the cache; no job may hold anything of it."""
        self._context.clear()
        self.prefixes = Prefixes(divides=self._context.options.divides)
        self.free = list(range(self._context.options.slots))

    def _used(self) -> int:
        return self.prefixes.tokens + sum(job.reserved for job in self._active)
