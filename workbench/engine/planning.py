"""Which rows the next batch computes: those who write, chunks of prompts, or both.

Runs in the child only.
"""

from collections.abc import Sequence

from workbench.engine.context import ContextOptions, Rows
from workbench.engine.job import Job

Parts = list[tuple[Job, Rows]]


class Planner:
    """Plans step after step; ``active`` is the scheduler's own list of the jobs that run."""

    def __init__(self, options: ContextOptions, active: Sequence[Job]):
        self._options = options
        self._active = active
        self._wrote = False

    def plan(self) -> tuple[Parts, dict[Job, list[int]]]:
        """Return the rows of the next batch, and what those who write guess in it.

        Where writing and reading do not go together, they take turns.
        """
        reads = any(job.reading for job in self._active)
        if reads and self._wrote and not self._options.reads_beside:
            self._wrote = False
            return self._to_read(), {}
        parts, drafts = self._to_write()
        self._wrote = bool(parts)
        if not parts or self._options.reads_beside:
            parts += self._to_read()
        return parts, drafts

    def _to_write(self) -> tuple[Parts, dict[Job, list[int]]]:
        """Return a row for each job that writes, those it guesses behind it, and the guesses."""
        parts: Parts = []
        drafts: dict[Job, list[int]] = {}
        for job in self._active:
            if not job.reading:
                assert job.sequence is not None
                draft = drafts[job] = job.draft(self._options.draft)
                tokens = [job.tokens[-1], *draft]
                parts.append((job, Rows(job.sequence, job.length, tokens, len(tokens))))
        return parts, drafts

    def _to_read(self) -> Parts:
        """Return the next chunk of each prompt, as far as there is room for them."""
        parts: Parts = []
        room = self._options.prompt_rows
        groups = [job.group for job in self._active]
        # Rows on one article look at the same cells: side by side they are computed faster.
        for job in sorted(self._active, key=lambda job: (-job.priority, groups.index(job.group))):
            if job.reading and job.ends[0] - job.length <= room:
                assert job.sequence is not None
                end = job.ends[0]
                room -= end - job.length
                last = end == len(job.tokens) and not job.ahead
                rows = Rows(job.sequence, job.length, job.tokens[job.length : end], int(last))
                parts.append((job, rows))
        return parts
