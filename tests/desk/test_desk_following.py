"""From what a task reports to phases, speeds and time left."""

import pytest

from workbench.desk.events import JobAgain, JobProgress, JobText
from workbench.desk.following import Follower
from workbench.desk.pace import Pace
from workbench.errors import Cancelled
from workbench.tasks.events import Again, Checking, ReadingProgress, Step, Writing


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_reading_tells_its_speed_and_what_it_still_takes() -> None:
    told: list[object] = []
    clock, pace = Clock(), Pace()
    follower = Follower(7, told.append, pace, clock)
    follower(Step(1, 4, 1, 1))
    follower(ReadingProgress(500, 2000, 500))
    clock.now = 2.0
    follower(ReadingProgress(1000, 2000, 500))
    progress = told[-1]
    assert isinstance(progress, JobProgress)
    assert (progress.phase, progress.done, progress.total) == ("reading", 1000, 2000)
    assert progress.rate == pytest.approx(250)
    assert progress.seconds_left is None  # nobody knows yet how long writing takes
    assert (progress.step, progress.steps) == (1, 4)


def test_reading_counts_the_writing_after_it_once_a_call_ended_earlier() -> None:
    told: list[object] = []
    clock, pace = Clock(), Pace()
    pace.called(10)
    follower = Follower(7, told.append, pace, clock)
    follower(Step(1, 3, 1, 1))
    follower(ReadingProgress(500, 2000, 500))
    clock.now = 2.0
    follower(ReadingProgress(1000, 2000, 500))
    progress = told[-1]
    assert isinstance(progress, JobProgress)
    assert progress.seconds_left == pytest.approx(4 + 3 * 10)


def test_writing_tells_the_time_that_is_left_from_the_calls_that_ended() -> None:
    told: list[object] = []
    clock, pace = Clock(), Pace()
    follower = Follower(7, told.append, pace, clock)
    follower(Step(1, 3, 1, 1))
    clock.now = 10.0
    follower(Step(2, 3, 1, 1))
    clock.now = 14.0
    follower(Writing("早市"))
    progress = next(one for one in told if isinstance(one, JobProgress))
    assert progress.phase == "writing"
    assert progress.seconds_left == pytest.approx(10 + 6)
    assert JobText(7, "早市") in told


def test_a_call_that_begins_anew_is_told_and_counts_its_tokens_anew() -> None:
    told: list[object] = []
    clock, pace = Clock(), Pace()
    follower = Follower(7, told.append, pace, clock)
    follower(Step(1, 1, 1, 1))
    follower(Writing("早"))
    follower(Again("the engine died"))
    clock.now = 1.0
    follower(Writing("早"))
    assert JobAgain(7, "the engine died") in told
    assert [one.done for one in told if isinstance(one, JobProgress)] == [1, 1]


def test_a_follower_that_is_stopped_ends_the_task_at_its_next_event() -> None:
    follower = Follower(7, lambda _event: None)
    follower(Checking(1, 2))
    follower.stop()
    with pytest.raises(Cancelled):
        follower(Checking(2, 2))


def test_what_waits_is_guessed_from_what_was_done() -> None:
    pace = Pace()
    assert pace.seconds_for(3) is None
    pace.did(2, 20.0)
    assert pace.seconds_for(3) == pytest.approx(30)
    pace.did(1, 20.0)
    assert 30 < (pace.seconds_for(3) or 0) < 60
