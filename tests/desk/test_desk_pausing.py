"""A queue that is held back: nothing begins, now or at the next start, until it is let go on."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from desk_support import SUMMARY, Gate, desk_over
from tasks_support import ScriptedEngine, extract

from workbench.desk.events import (
    JobDone,
    QueueChanged,
)
from workbench.store import jobs
from workbench.store.library import Library


def test_a_paused_queue_holds_back_what_waits(shelf: tuple[Library, list[int]]) -> None:
    library, ids = shelf
    engine = Gate()
    desk, watcher = desk_over(library, engine, [])
    desk.start()
    desk.submit(SUMMARY, ids[:1])
    assert engine.writing.wait(90)
    desk.pause()
    second = desk.submit(SUMMARY, ids[1:])
    engine.go.set()
    watcher.wait_for_type(JobDone)
    assert desk.job(second.id).state == "waiting"
    desk.resume()
    watcher.wait_for(lambda event: isinstance(event, JobDone) and event.job_id == second.id)
    desk.close()


def test_nothing_begins_that_was_handed_in_after_a_pause_while_the_next_job_was_looked_for(
    shelf: tuple[Library, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    library, ids = shelf
    engine = Gate()
    desk, watcher = desk_over(library, engine, [])
    desk.start()
    watcher.wait_for_type(QueueChanged)
    looks, paused, looked = threading.Event(), threading.Event(), threading.Event()
    writing = library.writing

    @contextmanager
    def slow() -> Iterator[sqlite3.Connection]:
        mine = threading.current_thread().name == "desk"
        if mine:
            looks.set()
            assert paused.wait(90)
        with writing() as connection:
            yield connection
        if mine:
            looked.set()

    monkeypatch.setattr(library, "writing", slow)
    desk.read_ahead(ids[0])  # wakes it
    assert looks.wait(90)
    desk.pause()
    job = desk.submit(SUMMARY, ids[:1])
    paused.set()
    assert looked.wait(90)
    assert desk.job(job.id).state == "waiting"
    engine.go.set()
    desk.close()


def test_what_the_user_held_back_is_held_back_at_the_next_start_too(
    shelf: tuple[Library, list[int]],
) -> None:
    library, ids = shelf
    first, _watcher = desk_over(library, ScriptedEngine(extract), [])
    first.start()
    first.pause()
    job = first.submit(SUMMARY, ids[:1])
    first.close()

    second, watcher = desk_over(library, ScriptedEngine(extract), [])
    second.start()
    watcher.wait_for_type(QueueChanged)
    assert second.paused
    assert second.job(job.id).state == "waiting"
    second.resume()
    watcher.wait_for(lambda event: isinstance(event, JobDone) and event.job_id == job.id)
    second.close()

    third, watcher = desk_over(library, ScriptedEngine(extract), [])
    third.start()
    watcher.wait_for_type(QueueChanged)
    assert not third.paused
    third.pause(keep=False)
    third.close()
    with library.understanding() as connection:
        assert not jobs.is_held(connection)
