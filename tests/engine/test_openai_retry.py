import threading
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai_support import PATIENCE, Pauses

from workbench.engine.openai.pool import Pool
from workbench.engine.openai.retry import Backoff, Unavailable, retry_after, with_retries
from workbench.errors import EngineError


@given(st.integers(1, 60), st.floats(0, 1), st.none() | st.floats(0, 1e6))
def test_a_pause_grows_to_its_limit_and_heeds_the_server(
    failures: int, chance: float, asked: float | None
) -> None:
    backoff = Backoff(chance=lambda: chance)
    full = min(8.0, 0.5 * 2.0 ** (failures - 1))
    pause = backoff.seconds(failures, asked)
    if asked is None:
        assert full / 2 <= pause <= full
    else:
        assert min(asked, 60.0) <= pause <= 60.0


def test_what_keeps_failing_ends_with_its_last_error() -> None:
    tries: list[int] = []

    def run() -> str:
        tries.append(len(tries))
        raise Unavailable(EngineError(f"no {len(tries)}"))

    pauses = Pauses()
    with pytest.raises(EngineError, match="no 3"):
        with_retries(run, Backoff(attempts=3), pauses, threading.Event())
    assert len(pauses) == 2


def test_nothing_is_tried_again_once_stopped() -> None:
    stopping = threading.Event()
    tries: list[int] = []

    def run() -> str:
        tries.append(1)
        stopping.set()
        raise Unavailable(EngineError("no"))

    with pytest.raises(EngineError):
        with_retries(run, Backoff(), Pauses(), stopping)
    assert tries == [1]


NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 0 ", 0.0),
        ("-3", None),
        ("1.5", None),
        ("soon", None),
        ("９", None),
        ("9" * 400, None),
        (format_datetime(NOW.replace(minute=1), usegmt=True), 60.0),
        (format_datetime(NOW.replace(hour=1), usegmt=True), 0.0),
        ("Sun, 01 Mar 2026 12:00:30 -0000", 30.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW.timestamp()) == seconds


@given(st.text(max_size=40))
def test_any_header_is_read(header: str) -> None:
    seconds = retry_after(header, NOW.timestamp())
    assert seconds is None or seconds >= 0


def test_a_pool_runs_the_most_urgent_first_and_equals_in_order() -> None:
    pool, begun, go_on, over = Pool(1), threading.Event(), threading.Event(), threading.Event()
    order: list[str] = []

    def first() -> None:
        begun.set()
        go_on.wait(PATIENCE)
        order.append("first")

    pool.hand_in(first)
    assert begun.wait(PATIENCE)
    for name, priority in [("b", 0), ("d", -1), ("a", 3), ("c", 0)]:
        pool.hand_in(partial(order.append, name), priority)
    pool.hand_in(over.set, -9)
    go_on.set()
    assert over.wait(PATIENCE)
    assert order == ["first", "a", "b", "c", "d"]


def test_a_pool_works_again_after_it_was_idle() -> None:
    pool = Pool(2)
    for _round in range(3):
        done = threading.Event()
        pool.hand_in(done.set)
        assert done.wait(PATIENCE)
