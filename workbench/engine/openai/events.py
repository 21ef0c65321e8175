"""What a server streams: server-sent events, and the chunks of a chat completion in them.

Pure: how the bytes were divided over reads never shows in what comes out.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 1 << 22
"""No line of a sane server is longer; more is not kept in memory."""

END = "[DONE]"
_MOST_TOKENS = 1 << 40


class MalformedStream(ValueError):
    """The bytes are not those of a chat completion's stream."""


class EventReader:
    """Cuts bytes into the data of server-sent events.

    As https://html.spec.whatwg.org/multipage/server-sent-events.html has it: lines end with LF,
    CRLF or CR, an event with an empty line; comments and the other fields mean nothing here.
    """

    def __init__(self) -> None:
        self._line = bytearray()
        self._data: list[str] = []
        self._after_return = False
        self._begun = False

    def push(self, piece: bytes) -> Iterator[str]:
        """Yield the data of each event that is now complete; MalformedStream for endless lines."""
        if self._after_return and piece:
            self._after_return = False
            piece = piece.removeprefix(b"\n")
        if piece.endswith(b"\r"):
            self._after_return = True
        self._line += piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, self._line = self._line.split(b"\n")
        if len(self._line) > MOST_BYTES:
            raise MalformedStream("endless line")
        for line in lines:
            if (data := self._take(line)) is not None:
                yield data

    def finish(self) -> Iterator[str]:
        """Yield the last event where the end of the stream stands for its empty line."""
        for line in (self._line, b""):
            if (data := self._take(bytes(line))) is not None:
                yield data
        self._line = bytearray()

    def _take(self, line: bytes | bytearray) -> str | None:
        if not self._begun:
            self._begun = True
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line:
            data, self._data = self._data, []
            return "\n".join(data) if data else None
        name, _colon, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" ").decode("utf-8", "replace"))
        return None


@dataclass(frozen=True, slots=True)
class Counts:
    """Tokens as far as a server tells; None for what it does not tell, or cannot be true."""

    prompt: int | None = None
    cached: int | None = None
    generated: int | None = None
    drafted: int | None = None
    accepted: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Prefill as llama-server reports it: ``done`` of ``total`` tokens, ``cached`` of them reused.

    0 ≤ cached ≤ done ≤ total.
    """

    done: int
    total: int
    cached: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk of a completion; ``finish`` empty until the server says why it stopped.

    ``error`` is what the server says went wrong, where it says so in the stream.
    """

    text: str = ""
    thought: str = ""
    finish: str = ""
    counts: Counts | None = None
    progress: Progress | None = None
    error: str = ""


def read_chunk(data: str) -> Chunk:
    """Parse the data of one event, taking what is sound of it; MalformedStream where none is."""
    value = _parsed(data)
    if "error" in value:
        return Chunk(error=error_text(value))
    choice = _first(value.get("choices"))
    # Some servers answer at once although a stream was asked for.
    delta = _table(choice.get("delta")) or _table(choice.get("message"))
    finish = choice.get("finish_reason")
    counts = _counts(_table(value.get("usage")), _table(value.get("timings")))
    progress = _progress(_table(value.get("prompt_progress")))
    if not choice and counts is None and progress is None and "choices" not in value:
        raise MalformedStream(data[:80])
    return Chunk(
        text=_text(delta.get("content")),
        thought=_text(delta.get("reasoning_content")) or _text(delta.get("reasoning")),
        finish=finish if isinstance(finish, str) else "",
        counts=counts,
        progress=progress,
    )


def error_text(value: Any) -> str:
    """Return the message of an error as servers write it, empty where there is none."""
    if not isinstance(value, dict):
        return ""
    error = value.get("error", value)
    if isinstance(error, str):
        return error
    if isinstance(error, dict):
        for name in ("message", "detail", "code", "type"):
            if isinstance(error.get(name), str | int):
                return str(error[name])
        return "error" if "error" in value else ""
    return "error" if error is not None and "error" in value else ""


def _parsed(data: str) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise MalformedStream(data[:80]) from None
    if not isinstance(value, dict):
        raise MalformedStream(data[:80])
    return value


def _counts(usage: Mapping[str, Any], timings: Mapping[str, Any]) -> Counts | None:
    """Take counts from OpenAI's ``usage``, the rest from llama-server's ``timings``."""
    if not usage and not timings:
        return None
    details = _table(usage.get("prompt_tokens_details"))
    cached = _count(timings.get("cache_n"), _count(details.get("cached_tokens")))
    read = _count(timings.get("prompt_n"))
    both = read + (cached or 0) if read is not None else None
    return Counts(
        prompt=_count(usage.get("prompt_tokens"), both),
        cached=cached,
        generated=_count(usage.get("completion_tokens"), _count(timings.get("predicted_n"))),
        drafted=_count(timings.get("draft_n")),
        accepted=_count(timings.get("draft_n_accepted")),
    )


def _progress(value: Mapping[str, Any]) -> Progress | None:
    total, done = _count(value.get("total")), _count(value.get("processed"))
    cached = _count(value.get("cache"), 0)
    if total is None or done is None or cached is None:
        return None
    done = min(done, total)
    return Progress(done, total, min(cached, done))


def _count(value: Any, other: int | None = None) -> int | None:
    sound = type(value) is int and 0 <= value <= _MOST_TOKENS
    return value if sound else other


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _first(value: Any) -> dict[str, Any]:
    return _table(value[0]) if isinstance(value, list) and value else {}
