"""The pure parts of a batch: pace, dispatch, groups, keys."""

import threading
from collections import deque
from dataclasses import replace
from pathlib import Path

import pytest
from batch_support import Script, batch, run, text_of
from hypothesis import given
from hypothesis import strategies as st

from workbench.articles.reader import read_article
from workbench.batch.assignments import Assignment, assignments, questions
from workbench.batch.dispatch import Dispatch, Load, Task
from workbench.batch.job import Job
from workbench.batch.pace import Pace
from workbench.batch.plan import planned
from workbench.batch.units import evenly
from workbench.settings import Settings
from workbench.tasks.calibration import Calibration, Conditions, Sample
from workbench.tasks.keys import fingerprint
from workbench.tasks.result import ModelIdentity

MODEL = ModelIdentity("m", "0" * 64, "Q4_K_M")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_time_left_is_told_only_once_it_was_measured() -> None:
    clock = Clock()
    pace = Pace(100.0, clock)
    pace.skip(20.0)
    pace.begin()
    for _piece in range(4):
        clock.now += 10
        pace.add(1.0, 50)
    assert pace.seconds_left is None  # 40 seconds say nothing of a night
    clock.now += 20
    pace.add(2.0, 100)
    assert pace.seconds_left == pytest.approx(74 * 60 / 6)
    assert pace.tokens_a_second == pytest.approx(5.0)
    assert pace.share == pytest.approx(0.26)


def test_the_time_left_follows_a_pace_that_changes() -> None:
    clock = Clock()
    pace = Pace(10_000.0, clock)
    pace.begin()
    for _piece in range(200):
        clock.now += 10
        pace.add(10.0, 1)
    fast = pace.seconds_left
    for _piece in range(200):
        clock.now += 10
        pace.add(1.0, 1)
    assert fast == pytest.approx(8000, rel=0.05)
    assert pace.seconds_left == pytest.approx(7800 * 10, rel=0.05)


@given(st.integers(2, 200), st.integers(2, 20))
def test_groups_are_divided_so_that_all_parts_can_be_compared(count: int, most: int) -> None:
    parts = list(evenly(range(count), most))
    assert [one for part in parts for one in part] == list(range(count))
    assert max(map(len, parts)) <= most
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    if most > 2:
        assert min(map(len, parts)) >= 2


def load(name: str, tokens: int, pieces: int) -> Load:
    made = Load(name, (), tokens, 1.0)
    nothing: Assignment = None  # type: ignore[assignment]
    made.waiting = deque(Task(made, nothing, number, 1.0) for number in range(pieces))
    return made


def test_a_second_article_is_begun_beside_the_first_only_where_both_fit() -> None:
    dispatch = Dispatch(8)
    for name, tokens in (("a", 500), ("b", 400), ("c", 400)):
        assert dispatch.offer(load(name, tokens, 2))
    dispatch.close()
    taken = [dispatch.take("post", 1000) for _task in range(4)]
    assert [task.load.name for task in taken if task] == ["a", "a", "b", "b"]
    waiting = threading.Thread(target=lambda: taken.append(dispatch.take("post", 1000)))
    waiting.start()
    for task in taken[:2]:
        assert task
        dispatch.done(task)
    waiting.join(30)
    assert taken[4]
    assert taken[4].load.name == "c"


def test_an_article_larger_than_the_context_is_done_alone() -> None:
    dispatch = Dispatch(8)
    dispatch.offer(load("large", 5000, 1))
    dispatch.close()
    task = dispatch.take("post", 1000)
    assert task
    dispatch.done(task)
    assert dispatch.take("post", 1000) is None


def test_what_is_put_off_comes_after_what_waits_and_is_not_lost() -> None:
    dispatch = Dispatch(8)
    dispatch.offer(load("a", 10, 1))
    dispatch.offer(load("b", 10, 1))
    dispatch.close()
    first = dispatch.take("post", 1000)
    assert first
    dispatch.put_off(first)
    order = []
    while (task := dispatch.take("post", 1000)) is not None:
        order.append(task.load.name)
        dispatch.done(task)
    assert order == ["b", "a"]


def test_an_idle_engine_helps_at_the_end_but_not_before() -> None:
    dispatch = Dispatch(8)
    dispatch.offer(load("a", 10, 3))
    mine = dispatch.take("one", 1000)
    assert mine
    dispatch.close()
    other = dispatch.take("two", 1000)
    assert other
    assert other.load is mine.load


def test_nobody_waits_for_more_once_it_is_stopped() -> None:
    dispatch = Dispatch(1)
    dispatch.offer(load("a", 10, 1))
    refused: list[bool] = []
    offering = threading.Thread(target=lambda: refused.append(dispatch.offer(load("b", 1, 1))))
    offering.start()
    dispatch.stop()
    offering.join(30)
    assert refused == [False]
    assert dispatch.take("post", 1000) is None


def test_where_an_article_lies_is_no_part_of_a_key_but_what_it_says_is(tmp_path: Path) -> None:
    keys = []
    for name, number in (("a", 1), ("b", 1), ("c", 2)):
        path = tmp_path / f"{name}.txt"
        path.write_text(text_of(number), encoding="utf-8")
        keys.append(fingerprint(read_article(path)))
    assert keys[0] == keys[1] != keys[2]


def test_what_is_asked_of_which_model_is_part_of_a_key() -> None:
    base = {"inputs": ("x",), "output": "o", "task": "ask"}
    one = questions(Job(**base, questions=("甲？", "乙？")))  # type: ignore[arg-type]
    found = {
        made.piece(["f"])
        for model in (MODEL, ModelIdentity("m", "1" * 64, "Q4_K_M"))
        for adapters in ((), ("a=1",))
        for settings in (Settings(), Settings(context=4096), Settings(kv_type="q8_0"))
        for made in assignments(
            one, ModelIdentity(model.name, model.sha256, "Q4_K_M", adapters), settings
        )
    }
    assert len(found) == 2 * 2 * 3 * 2


def test_the_hours_of_a_plan_follow_from_what_was_measured(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = Calibration(
        Conditions("0" * 64, "cpu", 2, (), "1", (), "f16", 8192, 0),
        "2026-11-28T00:00:00+00:00",
        1000,
        Sample((100.0,)),
        {1: Sample((10.0,)), 4: Sample((20.0,))},
    )
    monkeypatch.setattr("workbench.batch.plan._calibration", lambda _job, _name: measured)
    job = Job(inputs=(str(articles),), output=str(tmp_path / "out"), templates=("news", "brief"))
    plan = planned(job, opened=Script())
    [share] = plan.shares
    assert (plan.articles, share.pieces, share.done) == (6, 12, 0)
    assert share.hours == pytest.approx((share.read_tokens / 100 + share.write_tokens / 20) / 3600)
    one_by_one = planned(replace(job, settings={"sequences": 1}), opened=Script())
    assert one_by_one.shares[0].hours == pytest.approx(
        (share.read_tokens / 100 + share.write_tokens / 10) / 3600
    )
    run(batch(articles, tmp_path / "out", models=(), templates=("news",)))
    half = planned(job, opened=Script()).shares[0]
    assert half.done == 6
    assert 0 < half.write_tokens < share.write_tokens


def test_a_plan_tells_what_cannot_be_read_and_which_model_is_not_there(
    articles: Path, tmp_path: Path
) -> None:
    (articles / "empty.txt").write_text("", encoding="utf-8")
    job = Job(
        inputs=(str(articles), str(tmp_path / "gone.txt")),
        output=str(tmp_path / "out"),
        models=(str(tmp_path / "no.gguf"),),
    )
    plan = planned(job)
    assert plan.unreadable == 2
    assert any("gone.txt" in error for error in plan.errors)
    assert "no.gguf" in plan.shares[0].problem
    assert not (tmp_path / "out").exists()
