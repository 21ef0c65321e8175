"""The desk's queue: jobs wait, run, end once, and are taken up again."""

import json
import sqlite3
import threading
from importlib.resources import files
from pathlib import Path

import pytest
from desk_support import SUMMARY, Gate, ScriptedSession, Watcher, desk_over, library_in
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tasks_support import ScriptedEngine, extract

from workbench.desk.desk import Desk
from workbench.desk.events import (
    EngineChanged,
    JobDone,
    JobFailed,
    JobPoint,
    JobProgress,
    JobStopped,
    JobText,
    Notice,
)
from workbench.errors import EngineError, LibraryError, UsageError
from workbench.settings import Settings
from workbench.store import jobs
from workbench.store.library import Library
from workbench.tasks.outcome import rendered
from workbench.tasks.stored import result_from


def states(desk: Desk) -> list[str]:
    return [job.state for job in desk.jobs()]


def test_a_job_streams_and_its_result_is_kept(shelf: tuple[Library, list[int]]) -> None:
    library, ids = shelf
    desk, watcher = desk_over(library, ScriptedEngine(extract), [])
    desk.start()
    job = desk.submit(SUMMARY, ids[:1])
    done = watcher.wait_for_type(JobDone)
    assert isinstance(done, JobDone)
    assert done.job_id == job.id
    desk.close()
    kinds = [type(event) for event in watcher.events]
    for kind in (JobProgress, JobText, JobPoint, EngineChanged):
        assert kind in kinds
    (stored,) = library.results_of(ids[0])
    assert stored.id == done.result_id
    assert stored.result == json.loads(json.dumps(done.result))
    assert desk.job(job.id).state == "done"
    assert desk.job(job.id).result_id == stored.id


def test_jobs_on_one_article_run_side_by_side_and_first_goes_before_all(
    shelf: tuple[Library, list[int]],
) -> None:
    library, ids = shelf
    desk, _watcher = desk_over(library, ScriptedEngine(extract), [])
    one = desk.submit(SUMMARY, ids[:1])
    two = desk.submit(SUMMARY, ids[1:])
    three = desk.submit(SUMMARY, ids[:1])
    four = desk.submit(SUMMARY, ids[1:], first=True)
    assert [job.id for job in desk.jobs()] == [four.id, one.id, three.id, two.id]
    desk.move(two.id, -2)
    assert [job.id for job in desk.jobs()] == [four.id, two.id, one.id, three.id]
    desk.move(four.id, 99)
    assert [job.id for job in desk.jobs()] == [two.id, one.id, three.id, four.id]


def test_many_articles_are_handed_in_at_once_in_their_order(
    shelf: tuple[Library, list[int]],
) -> None:
    library, ids = shelf
    desk, watcher = desk_over(library, ScriptedEngine(extract), [])
    later = desk.submit_each(SUMMARY, ids)
    sooner = desk.submit_each(SUMMARY, ids[::-1], first=True)
    assert [job.article_ids for job in later] == [(number,) for number in ids]
    assert [job.id for job in desk.jobs()] == [job.id for job in sooner + later]
    with pytest.raises(UsageError):
        desk.submit_each(SUMMARY, [])
    with pytest.raises(LibraryError):
        desk.submit_each(SUMMARY, [*ids, 99])
    assert len(desk.jobs()) == 4
    desk.start()
    watcher.wait_for(lambda event: isinstance(event, JobDone) and event.job_id == later[-1].id)
    desk.close()
    assert desk.seconds_for(later) is not None


def test_what_is_stopped_keeps_the_points_there_are(shelf: tuple[Library, list[int]]) -> None:
    library, ids = shelf
    engine = Gate(after=2)
    desk, watcher = desk_over(library, engine, [])
    desk.start()
    job = desk.submit(SUMMARY, ids[:1])
    assert engine.writing.wait(90)
    desk.cancel(job.id)
    stopped = watcher.wait_for_type(JobStopped)
    desk.close()
    assert engine.cancelled
    assert isinstance(stopped, JobStopped)
    assert stopped.result_id is not None
    found = library.result(stopped.result_id).result
    assert found["stopped"] is True
    assert len(found["points"]) == 1
    assert found["points"][0]["citations"]
    schema = json.loads((files("workbench.tasks") / "result.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(found)
    for view in ("text", "markdown"):
        assert "stopped before its end: 1 of 3 points" in rendered(result_from(found), view)
    assert desk.job(job.id).state == "cancelled"


def test_what_is_stopped_before_anything_was_written_leaves_no_result(
    shelf: tuple[Library, list[int]],
) -> None:
    library, ids = shelf
    engine = Gate(after=1)
    desk, watcher = desk_over(library, engine, [])
    desk.start()
    job = desk.submit(SUMMARY, ids[:1])
    assert engine.writing.wait(90)
    desk.cancel(job.id)
    stopped = watcher.wait_for_type(JobStopped)
    desk.close()
    assert isinstance(stopped, JobStopped)
    assert stopped.result_id is None
    assert library.results_of(ids[0]) == []


def test_a_job_is_stopped_while_its_model_is_loaded_which_goes_on(
    shelf: tuple[Library, list[int]],
) -> None:
    library, ids = shelf
    loading, go = threading.Event(), threading.Event()

    def open_session(_settings: Settings, _on_load: object, _notify: object) -> object:
        loading.set()
        assert go.wait(90)
        return ScriptedSession(ScriptedEngine(extract), "scripted")

    desk = Desk(Settings(model="slow"), library, open_session)  # type: ignore[arg-type]
    watcher = Watcher()
    desk.subscribe(watcher)
    desk.start()
    first, second = desk.submit_each(SUMMARY, ids)
    assert loading.wait(90)
    desk.cancel(first.id)
    watcher.wait_for_type(JobStopped)
    assert desk.job(first.id).state == "cancelled"
    again = desk.retry(first.id)
    go.set()
    for job in (second, again):
        watcher.wait_for(lambda event: isinstance(event, JobDone) and event.job_id == job.id)  # noqa: B023
    desk.close()
    assert sum(isinstance(event, JobStopped) for event in watcher.events) == 1
    assert [len(library.results_of(one)) for one in ids] == [1, 1]


def test_what_waits_can_be_taken_out_and_put_in_again(shelf: tuple[Library, list[int]]) -> None:
    library, ids = shelf
    desk, watcher = desk_over(library, ScriptedEngine(extract), [])
    job = desk.submit(SUMMARY, ids[:1])
    desk.cancel(job.id)
    assert states(desk) == ["cancelled"]
    desk.retry(job.id)
    desk.start()
    watcher.wait_for_type(JobDone)
    desk.close()
    assert states(desk) == ["done"]
    desk.forget_finished()
    assert desk.jobs() == []
    assert len(library.results_of(ids[0])) == 1


def test_closing_lets_what_runs_wait_for_the_next_start(shelf: tuple[Library, list[int]]) -> None:
    library, ids = shelf
    engine = Gate()
    desk, _watcher = desk_over(library, engine, [])
    desk.start()
    desk.submit(SUMMARY, ids[:1])
    desk.submit(SUMMARY, ids[1:])
    assert engine.writing.wait(90)
    desk.close()
    assert library.results_of(ids[0]) == []
    assert states(desk) == ["waiting", "waiting"]

    again, watcher = desk_over(library, ScriptedEngine(extract), [])
    again.start()
    watcher.wait_for(lambda event: isinstance(event, JobDone) and event.job_id == 2)
    again.close()
    assert states(again) == ["done", "done"]
    assert [len(library.results_of(one)) for one in ids] == [1, 1]


def test_a_job_may_name_its_model_and_the_one_in_use_can_be_changed_between_jobs(
    shelf: tuple[Library, list[int]],
) -> None:
    library, ids = shelf
    opened: list[str] = []
    engine = Gate()
    desk, watcher = desk_over(library, [engine, ScriptedEngine(extract)], opened)
    desk.start()
    desk.submit(SUMMARY, ids[:1])
    assert engine.writing.wait(90)
    named = desk.submit(SUMMARY, ids[1:], model="other")
    desk.use_model("third")
    last = desk.submit(SUMMARY, ids[1:])
    engine.go.set()
    watcher.wait_for(lambda event: isinstance(event, JobDone) and event.job_id == last.id)
    desk.close()
    assert desk.job(named.id).state == "done"
    assert opened[0] == "scripted"
    assert set(opened) == {"scripted", "other", "third"}


def test_a_model_that_cannot_be_loaded_fails_one_job_and_holds_the_others_back(
    shelf: tuple[Library, list[int]],
) -> None:
    library, ids = shelf

    def open_session(_settings: Settings, _on_load: object, _notify: object) -> object:
        raise EngineError("the file is gone", fix="Choose another model.")

    desk = Desk(Settings(model="gone"), library, open_session)  # type: ignore[arg-type]
    watcher = Watcher()
    desk.subscribe(watcher)
    first = desk.submit(SUMMARY, ids[:1])
    second = desk.submit(SUMMARY, ids[1:])
    desk.start()
    failed = watcher.wait_for_type(JobFailed)
    watcher.wait_for(lambda _event: desk.paused)
    desk.close()
    assert isinstance(failed, JobFailed)
    assert failed.job_id == first.id
    assert "the file is gone" in failed.error
    assert desk.job(second.id).state == "waiting"


def test_an_article_removed_while_its_job_waits_is_told(shelf: tuple[Library, list[int]]) -> None:
    library, ids = shelf
    desk, watcher = desk_over(library, ScriptedEngine(extract), [])
    desk.submit(SUMMARY, ids[:1])
    library.remove(ids[0])
    desk.start()
    failed = watcher.wait_for_type(JobFailed)
    desk.close()
    assert isinstance(failed, JobFailed)
    assert "no article" in failed.error


def test_a_result_waits_for_a_locked_library_and_is_then_kept(tmp_path: Path) -> None:
    library, ids = library_in(tmp_path)
    library.close()
    library = Library.open(tmp_path / "library.db", busy_seconds=0.1)
    engine = Gate()
    desk, watcher = desk_over(library, engine, [])
    desk.start()
    desk.submit(SUMMARY, ids[:1])
    assert engine.writing.wait(90)
    other = sqlite3.connect(tmp_path / "library.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    engine.go.set()
    watcher.wait_for_type(Notice)
    assert states(desk) == ["running"]
    other.execute("COMMIT")
    other.close()
    watcher.wait_for_type(JobDone)
    desk.close()
    assert len(library.results_of(ids[0])) == 1
    library.close()


def test_a_second_desk_on_one_library_leaves_the_queue_alone(
    shelf: tuple[Library, list[int]],
) -> None:
    library, ids = shelf
    engine = Gate()
    desk, watcher = desk_over(library, engine, [])
    desk.start()
    desk.submit(SUMMARY, ids[:1])
    assert engine.writing.wait(90)
    other, heard = desk_over(library, ScriptedEngine(extract), [])
    other.start()
    heard.wait_for_type(Notice)
    assert other.elsewhere
    assert states(other) == ["running"]
    other.close()
    engine.go.set()
    watcher.wait_for_type(JobDone)
    desk.close()


def test_work_without_articles_or_with_an_unknown_template_is_refused(
    shelf: tuple[Library, list[int]],
) -> None:
    library, ids = shelf
    desk, _watcher = desk_over(library, ScriptedEngine(extract), [])
    with pytest.raises(UsageError):
        desk.submit(SUMMARY, [])
    assert desk.jobs() == []
    assert library.get(ids[0]).title


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.integers(0, 1), st.booleans()),
            st.tuples(st.sampled_from(["end", "fail", "cancel", "retry"]), st.integers(1, 8)),
            st.tuples(st.just("move"), st.integers(1, 8), st.integers(-9, 9)),
            st.tuples(st.sampled_from(["claim", "die", "forget"])),
        ),
        max_size=30,
    )
)
@settings(deadline=None)
def test_whatever_happens_to_a_queue_a_job_is_in_one_state_and_ends_once(
    steps: list[tuple[object, ...]],
) -> None:
    with Library.open(Path("/nowhere/library.db"), readonly=True) as library:
        known: set[int] = set()
        with library.writing() as connection:
            for step in steps:
                match step:
                    case ("add", int(article), bool(first)):
                        known.add(jobs.add(connection, {}, [article], "t", "", first=first))
                    case ("claim",):
                        before = jobs.waiting(connection)
                        claimed = jobs.claim_next(connection)
                        waits = [one.id for one in before if one.state == jobs.WAITING]
                        assert (claimed.id if claimed else None) == (waits[0] if waits else None)
                    case ("die",):
                        jobs.put_back(connection)
                        assert all(one.state == jobs.WAITING for one in jobs.waiting(connection))
                    case ("move", int(job), int(by)):
                        jobs.move(connection, job, by)
                    case ("retry", int(job)):
                        jobs.wait_again(connection, job)
                    case ("forget",):
                        gone = {one.id for one in jobs.ended(connection, 99)}
                        jobs.forget_ended(connection)
                        known -= gone
                    case (str(how), int(job)):
                        ended = {one.id: one for one in jobs.ended(connection, 99)}
                        state = {"end": jobs.DONE, "fail": jobs.FAILED}.get(how, jobs.CANCELLED)
                        jobs.end(connection, job, state)
                        after = {one.id: one for one in jobs.ended(connection, 99)}
                        assert all(after[number] == one for number, one in ended.items())
                live = jobs.waiting(connection)
                shown = [one.id for one in live + jobs.ended(connection, 99)]
                assert sorted(shown) == sorted(known)
