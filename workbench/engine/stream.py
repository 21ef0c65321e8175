"""From the bytes of tokens to the text of an answer, as it is written.

Pure functions of what was pushed: how the bytes were divided over pushes never shows in the text.
"""

import codecs
from collections.abc import Sequence

THINK_OPEN = "<think>"
THINK_CLOSE = "</think>"


def partial_suffix(text: str, wanted: str) -> int:
    """Return the length of the longest end of ``text`` that is a proper beginning of ``wanted``."""
    for length in range(min(len(text), len(wanted) - 1), 0, -1):
        if text.endswith(wanted[:length]):
            return length
    return 0


class ThoughtSplitter:
    """Tells a model's ``<think>…</think>`` from its answer.

    Only thinking at the very beginning counts: an answer may well speak of the tags. ``inside``
    says that the prompt ended with an open ``<think>``; ``expected`` False lets all pass.
    """

    def __init__(self, *, inside: bool = False, expected: bool = True):
        self.thought = ""
        self._held = ""
        self._state = "thought" if inside else "start" if expected else "answer"

    @property
    def thinking(self) -> bool:
        """Whether the thinking has begun and not ended."""
        return self._state == "thought"

    def push(self, text: str) -> str:
        """Return what of the text so far is known to be answer and was not returned before."""
        if self._state == "answer":
            return text
        self._held += text
        if self._state == "start":
            self._start()
        if self._state == "thought":
            self._think()
        if self._state == "after" and (rest := self._held.lstrip()):
            self._state, self._held = "answer", rest
        return self._release() if self._state == "answer" else ""

    def finish(self) -> str:
        """Return what was held back, at the end of the stream."""
        if self._state == "thought":
            self.thought += self._release()
        elif self._state == "after":
            self._held = ""
        self.thought = self.thought.strip()
        return self._release()

    def _release(self) -> str:
        held, self._held = self._held, ""
        return held

    def _start(self) -> None:
        begun = self._held.lstrip()
        if begun.startswith(THINK_OPEN):
            self._state, self._held = "thought", begun[len(THINK_OPEN) :]
        elif not THINK_OPEN.startswith(begun):
            self._state = "answer"

    def _think(self) -> None:
        thought, closed, rest = self._held.partition(THINK_CLOSE)
        if closed:
            self.thought = (self.thought + thought).strip()
            self._state, self._held = "after", rest
        else:
            cut = len(self._held) - partial_suffix(self._held, THINK_CLOSE)
            self.thought += self._held[:cut]
            self._held = self._held[cut:]


class StopMatcher:
    """Ends a text before the stop string that is complete first, without showing any of it."""

    def __init__(self, stops: Sequence[str]):
        self.hit = False
        self._stops = tuple(stops)
        self._held = ""

    def push(self, text: str) -> str:
        """Return what can be shown; nothing after a hit."""
        if self.hit:
            return ""
        self._held += text
        found = [
            (start + len(stop), start)
            for stop in self._stops
            if (start := self._held.find(stop)) >= 0
        ]
        if found:
            self.hit = True
            shown, self._held = self._held[: min(found)[1]], ""
            return shown
        keep = max((partial_suffix(self._held, stop) for stop in self._stops), default=0)
        cut = len(self._held) - keep
        shown, self._held = self._held[:cut], self._held[cut:]
        return shown

    def finish(self) -> str:
        """Return what was held back, at the end of the stream."""
        held, self._held = self._held, ""
        return held


class AnswerStream:
    """Decodes, splits off the thinking and watches for stop strings, token by token."""

    def __init__(
        self, stops: Sequence[str] = (), *, inside_thought: bool = False, may_think: bool = True
    ):
        # Bytes that are no UTF-8 become U+FFFD; a character cut off by the end is left out.
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._splitter = ThoughtSplitter(inside=inside_thought, expected=may_think)
        self._stops = StopMatcher(stops)
        self._shown: list[str] = []

    @property
    def stopped(self) -> bool:
        """Whether a stop string was met."""
        return self._stops.hit

    @property
    def thinking(self) -> bool:
        """Whether the model is amid its thinking."""
        return self._splitter.thinking

    @property
    def text(self) -> str:
        """The answer shown so far."""
        return "".join(self._shown)

    @property
    def thought(self) -> str:
        """The thinking so far; whole after ``finish``."""
        return self._splitter.thought

    def push(self, piece: bytes) -> str:
        """Take the bytes of one token; return the text to show now, often none."""
        return self._show(self._stops.push(self._splitter.push(self._decoder.decode(piece))))

    def finish(self) -> str:
        """Return the last of the text, at the end of the tokens."""
        return self._show(self._stops.push(self._splitter.finish()) + self._stops.finish())

    def _show(self, text: str) -> str:
        self._shown.append(text)
        return text
