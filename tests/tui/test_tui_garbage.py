"""Collections that would hold up the keys pass over what lives on."""

import gc
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from workbench.tui import garbage
from workbench.tui.garbage import short_collections


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No collection but those of the test, which may hold more objects than the app."""
    monkeypatch.setattr(garbage, "_MOST_FROZEN", 1_000_000_000)
    gc.disable()
    yield
    gc.enable()


def lasting(seconds: float) -> Callable[[], float]:
    """Return a clock that goes on by so much each time it is looked at."""
    ticks = count()
    return lambda: next(ticks) * seconds


def test_what_a_long_collection_found_alive_is_left_out_of_the_next() -> None:
    kept: list[object] = [[]]
    with short_collections(lasting(0.1)):
        assert any(one is kept for one in gc.get_objects())
        gc.collect()
        assert gc.get_freeze_count() > 10_000
        assert not any(one is kept for one in gc.get_objects())
    assert gc.get_freeze_count() == 0


def test_short_and_young_collections_freeze_nothing() -> None:
    with short_collections(lasting(0.001)):
        gc.collect()
        assert gc.get_freeze_count() == 0
    with short_collections(lasting(0.1)):
        gc.collect(0)
        gc.collect(1)
        assert gc.get_freeze_count() == 0


def test_garbage_that_was_alive_before_is_found_once_much_is_frozen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Loop:
        """Refers to itself, so that only a collection finds it."""

        ended = False

        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            Loop.ended = True

    monkeypatch.setattr(garbage, "_MOST_FROZEN", 1)
    with short_collections(lasting(0.1)):
        gc.collect()  # more than one object: the next looks at everything
        assert gc.get_freeze_count() == 0
        kept = Loop()
        gc.collect()
        frozen = gc.get_freeze_count()
        assert frozen > 10_000
        del kept
        gc.collect()
        assert not Loop.ended  # frozen, so passed over
        more = [[number] for number in range(2 * frozen)]
        gc.collect()
        assert not Loop.ended
        gc.collect()
        assert Loop.ended
        assert len(more) == 2 * frozen
