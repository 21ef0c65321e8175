"""What llama.cpp refuses costs nobody else the answer, and leaves the scheduler usable."""

from pathlib import Path

import pytest
from scheduler_support import ARTICLES, FATAL, SAID, Desk, about, ends, loaded

from workbench.engine.context import Rows, Status
from workbench.errors import EngineError


@pytest.mark.parametrize("file", ["reciter_file", "recurrent_file"])
@pytest.mark.parametrize("status", [Status.NO_ROOM, Status.ABORTED, FATAL])
@pytest.mark.parametrize("batch", range(8))
def test_one_refusal_costs_nobody_the_answer(
    file: str, status: int, batch: int, request: pytest.FixtureRequest
) -> None:
    path: Path = request.getfixturevalue(file)
    with loaded(path, sequences=3) as desk:
        desk.run(about("先"))
        desk.statuses = [None] * batch + [int(status)]
        done = desk.run(*(about(article, f"{n}") for article in ARTICLES for n in range(2)))
        assert not desk.statuses
        if file == "reciter_file":
            assert {(one.text, one.finish) for one in done} == {(SAID, "stop")}
        desk.check_at_rest()


def test_a_cache_that_stays_full_puts_back_the_youngest_until_there_is_room(desk: Desk) -> None:
    numbers = [
        desk.submit(about(article, priority=p))
        for article, p in zip(ARTICLES, (1, 0, 0), strict=True)
    ]
    desk.until(lambda: len(desk.active()) == 3)
    desk.statuses = [Status.NO_ROOM] * 2
    desk.step()
    desk.step()
    assert desk.active() == numbers[:1]
    assert sorted(desk.waiting()) == numbers[1:]
    # Nobody comes back before somebody has left, or the same would happen again.
    desk.until(lambda: desk.ended(numbers[0]))
    desk.run_out()
    assert {desk.done(number).text for number in numbers} == {SAID}
    assert desk.scheduler.statistics().preempted == 2


def test_a_cache_without_room_for_a_single_request_fails_it(desk: Desk) -> None:
    desk.statuses = [Status.NO_ROOM] * 3
    number = desk.submit(about("短"))
    desk.run_out()
    assert "status 1" in desk.failure(number).what
    desk.statuses.clear()
    [done] = desk.run(about("短"))
    assert done.text == SAID


def test_a_malformed_batch_fails_those_in_it_and_no_others(desk: Desk) -> None:
    numbers = [desk.submit(about(f"{n}")) for n in range(6)]
    desk.step()
    inside = desk.active()
    desk.statuses = [Status.MALFORMED]
    desk.step()
    assert sorted(ends(desk)) == sorted(inside)
    assert all("status -1" in desk.failure(number).what for number in inside)
    desk.run_out()
    others = [number for number in numbers if number not in inside]
    assert len(others) == 2
    assert {desk.done(number).text for number in others} == {SAID}
    desk.check_at_rest()


def test_after_a_fatal_error_all_begin_again_once_and_only_once(desk: Desk) -> None:
    numbers = [desk.submit(about(f"{n}")) for n in range(6)]
    desk.until(lambda: bool(desk.written(numbers[0])))
    shown = {number: desk.written(number) for number in numbers}
    inside = desk.active()
    desk.statuses = [FATAL]
    desk.step()
    assert not ends(desk)
    assert desk.scheduler.statistics().kept == 0
    desk.until(lambda: set(inside) <= set(desk.active()))
    desk.statuses = [FATAL]
    desk.step()
    assert sorted(ends(desk)) == sorted(inside)
    assert all(f"status {FATAL}" in desk.failure(number).what for number in inside)
    desk.run_out()
    for number in set(numbers) - set(inside):
        assert desk.done(number).text == SAID
    assert all(desk.written(number).startswith(shown[number]) for number in numbers)
    desk.check_at_rest()


def test_an_exception_inside_a_step_ends_all_with_it_and_leaves_the_scheduler_usable(
    desk: Desk,
) -> None:
    def fail(_rows: list[Rows]) -> None:
        raise RuntimeError("broken")

    numbers = [desk.submit(about(f"{n}")) for n in range(6)]
    desk.step()
    desk.before_decode = fail
    with pytest.raises(RuntimeError, match="broken"):
        desk.scheduler.step()
    desk.before_decode = lambda rows: None
    desk.scheduler.fail_all(EngineError("broken"))
    assert sorted(ends(desk)) == numbers
    desk.check_at_rest()
    [done] = desk.run(about("再"))
    assert done.text == SAID
