"""One request on its way through the scheduler. Runs in the child only."""

import time
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from workbench.engine.layout import Layout, chunk_ends
from workbench.engine.lookup import Lookup
from workbench.engine.prefixes import Prefix
from workbench.engine.protocol import Done, Reading, Request, Text, Usage
from workbench.engine.sampler import Sampler
from workbench.engine.stream import AnswerStream
from workbench.engine.vocabulary import Vocabulary

if TYPE_CHECKING:
    from workbench.engine.adapters import AdapterSet

Listener = Callable[[int, Reading | Text | Done], None]


class Job:
    """What is known of a request: its tokens, how far it is, what it costs.

    ``tokens`` are the prompt and what was written; the first ``length`` of them are in the cache,
    in ``sequence``. A job without a sampler only reads what it shares, ahead of need. ``group`` is
    the same for all that share their base (``Layout.base``); ``stored``: that is on disk.
    """

    def __init__(
        self,
        number: int,
        request: Request,
        layout: Layout,
        adapters: "AdapterSet",
        sampler: Sampler | None,
    ):
        self.number = number
        self.request = request
        self.layout = layout
        self.adapters = adapters
        self.sampler = sampler
        self.sequence: int | None = None
        self.prefix: Prefix | None = None
        self.length = 0
        self.reserved = 0
        self.retried = False
        self.overtaken = 0
        self.tokens = list(layout.tokens if sampler else layout.tokens[: layout.shared])
        self.group: Hashable = hash((adapters, layout.tokens[: layout.base]))
        self.stored = False
        self.ends: list[int] = []
        self._stream = AnswerStream(
            request.stop,
            inside_thought=layout.inside_thought,
            may_think=not request.answer_start,
        )
        self._lookup: Lookup | None = None
        self._generated = 0
        self._drafted = 0
        self._accepted = 0
        self._reused: int | None = None
        self._started: float | None = None
        self._read: float | None = None

    @property
    def ahead(self) -> bool:
        """Whether it only reads what may be needed."""
        return self.sampler is None

    @property
    def priority(self) -> float:
        """What goes first; reading ahead goes last."""
        return float("-inf") if self.ahead else self.request.priority

    @property
    def most(self) -> int:
        """The tokens it takes in the cache at most."""
        if self.ahead:
            return self.layout.shared
        return len(self.layout.tokens) + self.request.max_tokens

    @property
    def reading(self) -> bool:
        """Whether the prompt is not yet read to its end."""
        return bool(self.ends)

    @property
    def thinking(self) -> bool:
        """Whether what it writes is not yet the answer."""
        return self._stream.thinking

    @property
    def begun(self) -> bool:
        """Whether something of the answer is there: what is read after that is read again."""
        return self._read is not None

    @property
    def shares(self) -> bool:
        """Whether it is still to read what others of its group would share."""
        return self.length < self.layout.shared

    def divide(self, chunk: int) -> list[int]:
        """Return where reading is divided; what was written before is read like the prompt."""
        return chunk_ends(len(self.tokens), self.layout.marks, chunk)

    def start(self, sequence: int, reused: int, ends: list[int]) -> None:
        """Begin or begin again to read, with ``reused`` tokens in the cache."""
        self.sequence = sequence
        self.length = reused
        self.ends = [end for end in ends if end > reused]
        if self._started is None:
            self._started = time.monotonic()
        # What had to be read after all, for it was gone when this began again, was not reused.
        self._reused = reused if self._reused is None else min(reused, self._reused)

    def progress(self) -> Reading:
        """Return how far reading is."""
        return Reading(self.length, len(self.tokens), self._reused or 0)

    def expect_quotes(self) -> None:
        """Guess what is written from what was read."""
        self._lookup = Lookup(self.tokens)

    def draft(self, most: int) -> list[int]:
        """Return tokens that may well be written next; never more than may be written at all."""
        if self._lookup is None:
            return []
        return self._lookup.draft(min(most, self.request.max_tokens - self._generated - 1))

    def judge(self, drafted: int, accepted: int) -> None:
        """Learn how many of the drafted tokens were right."""
        self._drafted += drafted
        self._accepted += accepted
        if self._lookup is not None and drafted:
            self._lookup.told(drafted, accepted)

    def take(self, token: int, vocabulary: Vocabulary, tell: Listener) -> str | None:
        """Add a token to the answer; return why the answer ends with it, None where it goes on."""
        if self._read is None:
            self._read = time.monotonic()
        if vocabulary.ends(token) and not self.request.ignore_end:
            return "stop"
        self._generated += 1
        self.tokens.append(token)
        if self._lookup is not None:
            self._lookup.push(token)
        if text := self._stream.push(vocabulary.piece(token)):
            tell(self.number, Text(text))
        if self._stream.stopped:
            return "stop"
        return "length" if self._generated == self.request.max_tokens else None

    def finish(self, why: str, tell: Listener) -> None:
        """Tell the last of the answer, and that it is the last."""
        if rest := self._stream.finish():
            tell(self.number, Text(rest))
        tell(self.number, Done(self._stream.text, why, self._usage(), self._stream.thought))

    def close(self) -> None:
        """Free what is native."""
        if self.sampler is not None:
            self.sampler.close()

    def _usage(self) -> Usage:
        now = time.monotonic()
        started = now if self._started is None else self._started
        read = now if self._read is None else self._read
        return Usage(
            prompt_tokens=len(self.layout.tokens),
            reused_tokens=self._reused or 0,
            generated_tokens=self._generated,
            read_seconds=read - started,
            write_seconds=now - read,
            drafted_tokens=self._drafted,
            accepted_tokens=self._accepted,
        )
