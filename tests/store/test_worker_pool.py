import os
import signal
from contextlib import closing

import psutil
import pytest

from workbench.store.worker_pool import Lost, ordered_results


def squares(items):
    return [item * item for item in items]


def ends_at_thirteen(items):
    for item in items:
        if item == 13:
            os.kill(os.getpid(), signal.SIGKILL)
    return squares(items)


def large(items):
    return ["x" * 1_000_000 for _ in items]


def raises(items):
    raise RuntimeError(str(items))


def pieces(number, size=4):
    return ([*range(start, min(start + size, number))] for start in range(0, number, size))


def test_results_come_in_order():
    assert list(ordered_results(squares, pieces(103), 3)) == [n * n for n in range(103)]


def test_nothing_is_made_of_nothing():
    assert list(ordered_results(squares, iter(()), 2)) == []


def test_a_process_that_ends_loses_the_item_that_ended_it_alone():
    expected = [Lost(13) if n == 13 else n * n for n in range(60)]
    assert list(ordered_results(ends_at_thirteen, pieces(60), 2)) == expected


def test_a_function_that_fails_loses_its_items():
    assert list(ordered_results(raises, pieces(3, 2), 1)) == [Lost(0), Lost(1), Lost(2)]


def test_large_items_both_ways_do_not_block():
    items = ([b"y" * 1_000_000] for _ in range(30))
    assert [len(found) for found in ordered_results(large, items, 2)] == [1_000_000] * 30


def test_work_is_taken_as_it_is_done():
    taken = []

    def watched():
        for piece in pieces(4000, 1):
            taken.append(piece)
            yield piece

    with closing(ordered_results(squares, watched(), 2)) as results:
        next(results)
        assert len(taken) < 100


def test_closing_ends_the_processes():
    before = {process.pid for process in psutil.Process().children()}
    with closing(ordered_results(squares, pieces(4000), 2)) as results:
        next(results)
        started = {process.pid for process in psutil.Process().children()} - before
        assert started
    assert not {pid for pid in started if psutil.pid_exists(pid)}


def test_an_exception_of_the_work_comes_through():
    def broken():
        yield [1]
        raise KeyError("x")

    with pytest.raises(KeyError):
        list(ordered_results(squares, broken(), 1))
