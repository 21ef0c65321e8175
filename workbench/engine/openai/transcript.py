"""From the chunks of one try to the events of a request. Pure but for the clock."""

from collections.abc import Callable

from workbench.engine.openai.estimate import estimate_prompt, least_tokens
from workbench.engine.openai.events import Chunk, Counts
from workbench.engine.protocol import Done, Event, Reading, Request, Text, Usage
from workbench.engine.stream import AnswerStream
from workbench.errors import EngineError
from workbench.i18n import _

_MARKS = 512
"""Tokens that a server's own template may add to a prompt."""


class BeginningDropper:
    """Drops the beginning of an answer where a server repeats it instead of writing on from it."""

    def __init__(self, beginning: str):
        self._beginning = beginning
        self._held = ""

    def push(self, text: str) -> str:
        """Return what of the text so far is no such repetition and was not returned before."""
        if not self._beginning:
            return text
        self._held += text
        if self._beginning.startswith(self._held) and self._held != self._beginning:
            return ""
        held, self._held = self._held, ""
        beginning, self._beginning = self._beginning, ""
        return held.removeprefix(beginning)

    def finish(self) -> str:
        """Return what was held back, at the end of the text."""
        held, self._held = self._held, ""
        return held


class Transcript:
    """What one try has brought so far.

    ``estimated`` is the size of the prompt for as long as the server tells none, ``beginning`` the
    text it may repeat, ``clock`` gives seconds.
    """

    def __init__(
        self, request: Request, estimated: int, beginning: str, clock: Callable[[], float]
    ):
        self.shown = False
        self._request = request
        self._estimated = estimated
        self._most = estimate_prompt(request.messages, request.answer_start) + _MARKS
        self._clock = clock
        self._dropper = BeginningDropper(beginning)
        self._stream = AnswerStream(request.stop, may_think=not request.answer_start)
        self._thoughts: list[str] = []
        self._finish = ""
        self._counts = Counts()
        self._pieces = 0
        self._began = clock()
        self._first: float | None = None

    @property
    def stopped(self) -> bool:
        """Whether a stop string was met that the server did not heed: it must be cut off."""
        return self._stream.stopped and not self._finish

    @property
    def whole(self) -> bool:
        """Whether the server has said why it stopped."""
        return bool(self._finish)

    def begin(self) -> list[Event]:
        """Return the events before anything has come."""
        return [Reading(0, self._estimated, 0)]

    def take(self, chunk: Chunk) -> list[Event]:
        """Take a chunk; return the events it makes."""
        events: list[Event] = []
        if chunk.counts is not None:
            self._counts = _merged(self._counts, chunk.counts)
        if chunk.progress is not None and self._first is None:
            at = chunk.progress
            self._estimated = at.total
            self._counts = _merged(self._counts, Counts(cached=at.cached))
            events.append(Reading(at.done, at.total, at.cached))
        if chunk.text or chunk.thought:
            self._pieces += 1
            if self._first is None:
                self._first = self._clock()
        if chunk.thought:
            self._thoughts.append(chunk.thought)
        text = self._stream.push(self._dropper.push(chunk.text).encode("utf-8", "replace"))
        self._finish = chunk.finish or self._finish
        return events + self._show(text)

    def end(self) -> list[Event]:
        """Return the last of the text."""
        held = self._stream.push(self._dropper.finish().encode("utf-8", "replace"))
        return self._show(held + self._stream.finish())

    def done(self, *, cancelled: bool = False) -> Done:
        """Return how it ended, after ``end``; EngineError where the server dropped text unread."""
        usage = self._usage()
        if not cancelled:
            self._require_all_read()
        finish = "length" if self._finish == "length" and not self._stream.stopped else "stop"
        if not self._finish and not self._stream.stopped:
            full = usage.generated_tokens >= self._request.max_tokens
            finish = "length" if full else "stop"
        thoughts = ("".join(self._thoughts).strip(), self._stream.thought)
        thought = "\n".join(filter(None, thoughts))
        return Done(self._stream.text, "cancelled" if cancelled else finish, usage, thought)

    @property
    def doubt(self) -> str:
        """What the server counted that cannot be true; empty where nothing is wrong."""
        counts, most = self._counts, self._request.max_tokens
        if counts.generated is not None and counts.generated > most:
            return _("{count} tokens written where {most} were asked for").format(
                count=counts.generated, most=most
            )
        if counts.generated == 0 and self._pieces:
            return _("no token written where there is text")
        if counts.prompt is not None and counts.prompt > self._most:
            return _("{count} tokens read of a prompt of at most {most}").format(
                count=counts.prompt, most=self._most
            )
        return ""

    def _show(self, text: str) -> list[Event]:
        self.shown = self.shown or bool(text)
        return [Text(text)] if text else []

    def _usage(self) -> Usage:
        """Take what the server counted where it can be true; estimate the rest."""
        now = self._clock()
        first = self._first if self._first is not None else now
        counts = self._counts
        prompt = counts.prompt or self._estimated
        prompt = prompt if prompt <= self._most else self._estimated
        written = self._pieces if counts.generated is None else counts.generated
        # A server may give one chunk to many tokens, but never writes more than it was asked for.
        written = min(max(written, 1 if self._pieces else 0), self._request.max_tokens)
        drafted = counts.drafted or 0
        return Usage(
            prompt_tokens=prompt,
            reused_tokens=min(counts.cached or 0, prompt),
            generated_tokens=written,
            read_seconds=first - self._began,
            write_seconds=now - first,
            drafted_tokens=drafted,
            accepted_tokens=min(counts.accepted or 0, drafted),
        )

    def _require_all_read(self) -> None:
        """Refuse an answer to half an article: some servers cut what does not fit, and say nothing.

        What a server counts apart as cached may or may not be part of its count.
        """
        read = (self._counts.prompt or 0) + (self._counts.cached or 0)
        least = least_tokens(self._request.messages)
        if 0 < read < least:
            raise EngineError(
                _("the server read {read} tokens of a prompt of at least {least}").format(
                    read=read, least=least
                ),
                fix=_(
                    "Its context is too small: give it a larger one, or tell the workbench its"
                    " size with --context."
                ),
            )


def _merged(old: Counts, new: Counts) -> Counts:
    """Keep the latest count of each kind."""
    return Counts(
        *(
            later if later is not None else earlier
            for earlier, later in (
                (old.prompt, new.prompt),
                (old.cached, new.cached),
                (old.generated, new.generated),
                (old.drafted, new.drafted),
                (old.accepted, new.accepted),
            )
        )
    )
