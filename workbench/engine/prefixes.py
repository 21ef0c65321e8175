"""Beginnings of prompts that stay in the KV cache, each frozen in a sequence of its own."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from workbench.engine.layout import shared_length


@dataclass(eq=False, slots=True)
class Prefix:
    """Tokens in a sequence of the cache, computed with some adapters; ``users`` read on from it.

    ``ends`` are the places at which its reading was divided, None where any will do. ``group``
    names the jobs that share all of it, or nearly all, None where not known. ``stored``: so much
    of it is on disk too.
    """

    sequence: int
    tokens: tuple[int, ...]
    adapters: Hashable
    group: Hashable = None
    ends: frozenset[int] | None = None
    users: int = 0
    last_use: int = 0
    stored: bool = False

    def reaches(self, end: int, shared: int) -> bool:
        """Tell whether reading can go on from ``end``, where the first ``shared`` tokens are."""
        return end <= shared and (self.ends is None or end in self.ends)


class Prefixes:
    """The prefixes kept, and which of them can go.

    ``divides``: any part of a prefix can be shared, else only the whole.
    """

    def __init__(self, *, divides: bool):
        self._divides = divides
        self._kept: list[Prefix] = []
        self._clock = 0

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Prefix]:
        return iter(tuple(self._kept))

    @property
    def tokens(self) -> int:
        """Cells of the cache the prefixes take at most: what they share is counted for each."""
        return sum(len(prefix.tokens) for prefix in self._kept)

    @property
    def groups(self) -> set[Hashable]:
        """The jobs for which all that they share is here, or nearly all."""
        return {prefix.group for prefix in self._kept if prefix.group is not None}

    def best(
        self, tokens: Sequence[int], ends: Sequence[int], adapters: Hashable
    ) -> tuple[Prefix | None, int]:
        """Return the prefix that saves most of reading ``tokens``, and how many it saves.

        Reading can go on only from one of the ``ends`` at which it is divided, where that of the
        prefix was divided too: else the last bits would differ. The last of the ends must be
        computed, to say what follows.
        """
        found, saved = None, 0
        for prefix in self._kept:
            if prefix.adapters != adapters:
                continue
            shared = shared_length(prefix.tokens, tokens)
            if not self._divides and shared < len(prefix.tokens):
                continue
            usable = max((end for end in ends[:-1] if prefix.reaches(end, shared)), default=0)
            if not self._divides and usable != shared:
                continue
            if usable > saved:
                found, saved = prefix, usable
        if found is not None:
            self.touch(found)
        return found, saved

    def covering(self, tokens: Sequence[int], adapters: Hashable) -> Prefix | None:
        """Return a prefix that makes another of these tokens needless."""
        for prefix in self._kept:
            if prefix.adapters == adapters and len(prefix.tokens) >= len(tokens):
                whole = len(prefix.tokens) == len(tokens)
                part = self._divides and prefix.reaches(len(tokens), len(prefix.tokens))
                if (whole or part) and prefix.tokens[: len(tokens)] == tuple(tokens):
                    return prefix
        return None

    def add(
        self,
        sequence: int,
        tokens: Sequence[int],
        adapters: Hashable,
        group: Hashable = None,
        ends: Iterable[int] | None = None,
    ) -> Prefix:
        """Keep what is in a sequence."""
        divided = None if ends is None else frozenset(ends)
        prefix = Prefix(sequence, tuple(tokens), adapters, group, divided)
        self._kept.append(prefix)
        self.touch(prefix)
        return prefix

    def touch(self, prefix: Prefix) -> None:
        """Say that a prefix was of use just now."""
        self._clock += 1
        prefix.last_use = self._clock

    def idle(self) -> Prefix | None:
        """Return the unused prefix whose last use is longest ago, None where all are in use."""
        unused = [prefix for prefix in self._kept if not prefix.users]
        return min(unused, key=lambda prefix: prefix.last_use, default=None)

    def redundant(self, prefix: Prefix) -> list[Prefix]:
        """Return the unused prefixes that a longer one makes needless."""
        if not self._divides:
            return []
        return [
            other
            for other in self._kept
            if other is not prefix
            and not other.users
            and other.adapters == prefix.adapters
            and other.tokens == prefix.tokens[: len(other.tokens)]
            and prefix.reaches(len(other.tokens), len(prefix.tokens))
        ]

    def remove(self, prefix: Prefix) -> None:
        """Keep it no more."""
        self._kept.remove(prefix)
