"""Choosing some of many items so that the choice stays when there are more."""

import hashlib
import heapq
from collections.abc import Iterable
from typing import Protocol, TypeVar


class _Named(Protocol):
    @property
    def name(self) -> str: ...


Named = TypeVar("Named", bound=_Named)


def sample(
    items: Iterable[Named], *, limit: int | None, offset: int, seed: int
) -> tuple[list[Named], int]:
    """Return ``limit`` items in the order they came, and how many there were.

    Items are drawn in the order of a hash of seed and name, the first ``offset`` passed over: the
    same are drawn in every run, ten of the first twenty are the first ten, and samples that are
    ``limit`` apart share none. Without a limit all are taken, but for those passed over.
    """
    total = 0

    def ranked() -> Iterable[tuple[str, int, Named]]:
        nonlocal total
        for number, item in enumerate(items):
            total += 1
            yield _rank(seed, item.name), number, item

    if limit is None and not offset:
        found = list(ranked())
    elif limit is None:
        found = sorted(ranked(), key=lambda one: one[:2])[offset:]
    else:
        # No more than what is drawn is held, however long the file is.
        found = heapq.nsmallest(offset + limit, ranked(), key=lambda one: one[:2])[offset:]
    return [item for _rank, _number, item in sorted(found, key=lambda one: one[1])], total


def _rank(seed: int, name: str) -> str:
    return hashlib.sha256(f"{seed}\0{name}".encode("utf-8", "surrogatepass")).hexdigest()
