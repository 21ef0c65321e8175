"""Bad days: the engine's process killed, the model's file gone, the app killed while it works."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny_gguf
from desk_support import SUMMARY, Watcher, desk_over, library_in
from tasks_support import ScriptedEngine, extract

from workbench.desk.desk import Desk
from workbench.desk.events import (
    EngineChanged,
    JobAgain,
    JobDone,
    JobFailed,
    JobStopped,
    JobText,
)
from workbench.desk.read_ahead import reading_of
from workbench.engine.client import LlamaEngine
from workbench.settings import Settings
from workbench.store.library import Library

ENDED = (JobDone, JobFailed, JobStopped)

APP = """
    import sys
    from pathlib import Path
    from desk_support import SUMMARY, desk_over
    from tasks_support import ScriptedEngine, extract
    from workbench.desk.events import JobDone, JobPoint, JobProgress, JobText, QueueChanged
    from workbench.store.library import Library

    def told(event):
        print(type(event).__name__, flush=True)

    library = Library.open(Path(sys.argv[1]))
    desk, watcher = desk_over(library, ScriptedEngine(extract), [])
    desk.subscribe(told)
    desk.start()
    sys.stdin.read()
"""


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Library, list[int]]]:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    library, ids = library_in(tmp_path)
    yield library, ids
    library.close()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tiny_gguf.write(tmp_path / "tiny.gguf")


@pytest.fixture
def working(
    shelf: tuple[Library, list[int]], model: Path
) -> Iterator[tuple[Desk, Watcher, list[int]]]:
    """A desk with a real engine in a process of its own."""
    library, ids = shelf
    desk = Desk(Settings(model=str(model), context=4096, gpu_layers=0), library)
    watcher = Watcher()
    desk.subscribe(watcher)
    desk.start()
    yield desk, watcher, ids
    desk.close()


def process_of(desk: Desk) -> int:
    engine = desk._host.engine()
    assert isinstance(engine, LlamaEngine)
    assert engine.process_id is not None
    return engine.process_id


def ends_of(watcher: Watcher, job_id: int) -> list[object]:
    return [
        event for event in watcher.events if isinstance(event, ENDED) and event.job_id == job_id
    ]


def test_an_engine_killed_while_it_writes_begins_anew_and_each_job_ends_once(
    working: tuple[Desk, Watcher, list[int]],
) -> None:
    desk, watcher, ids = working
    first = desk.submit(SUMMARY, ids[:1])
    second = desk.submit(SUMMARY, ids[1:])
    watcher.wait_for_type(JobText)
    os.kill(process_of(desk), signal.SIGKILL)
    watcher.wait_for(lambda event: isinstance(event, ENDED) and event.job_id == second.id)
    assert any(isinstance(event, JobAgain) for event in watcher.events)
    for job in (first, second):
        assert len(ends_of(watcher, job.id)) == 1
        ended = desk.job(job.id)
        assert ended.state in ("done", "failed")
        assert bool(ended.error) == (ended.state == "failed")
        assert (ended.result_id is not None) == (ended.state == "done")


def test_a_model_deleted_while_loaded_holds_the_queue_until_another_is_chosen(
    working: tuple[Desk, Watcher, list[int]], model: Path
) -> None:
    desk, watcher, ids = working
    first = desk.submit(SUMMARY, ids[:1])
    second = desk.submit(SUMMARY, ids[1:])
    watcher.wait_for_type(JobText)
    other = model.with_name("other.gguf")
    other.write_bytes(model.read_bytes())
    model.unlink()
    os.kill(process_of(desk), signal.SIGKILL)
    failed = watcher.wait_for_type(JobFailed)
    assert isinstance(failed, JobFailed)
    assert failed.job_id == first.id
    assert "tiny.gguf" in failed.error
    assert "\n" not in failed.error
    watcher.wait_for(
        lambda event: isinstance(event, EngineChanged) and event.state.phase == "failed"
    )
    watcher.wait_for(lambda _event: desk.paused)
    assert desk.job(second.id).state == "waiting"
    desk.use_model(str(other))
    watcher.wait_for(lambda event: isinstance(event, ENDED) and event.job_id == second.id)
    assert len(ends_of(watcher, first.id)) == 1


def test_an_article_that_is_opened_is_read_while_nothing_else_is_done(
    working: tuple[Desk, Watcher, list[int]],
) -> None:
    desk, watcher, ids = working
    assert desk.count_tokens("早市") is None
    desk.read_ahead(ids[0])
    watcher.wait_for(
        lambda event: isinstance(event, EngineChanged) and event.state.phase == "ready"
    )
    engine = desk._host.engine()
    assert isinstance(engine, LlamaEngine)
    assert desk.count_tokens("早市") == 2 * 3  # bytes are tokens of the tiny model
    reading = reading_of(desk.library.get(ids[0]), engine)
    assert reading is not None
    article = engine.count_tokens([reading.messages[-1].segments[0]])[0]
    between = threading.Event()
    for _question in range(1000):
        if engine.reusable_tokens(reading) > article or between.wait(0.02):
            break
    assert engine.reusable_tokens(reading) > article


def test_an_app_that_is_killed_again_and_again_does_every_job_once(tmp_path: Path) -> None:
    random.seed(20261128)
    texts = {f"{number}.txt": f"第{number}号早市\n\n" + TEXT for number in range(6)}
    library, ids = library_in(tmp_path, texts)
    desk, _watcher = desk_over(library, ScriptedEngine(extract), [])
    for number in ids:
        desk.submit(SUMMARY, [number])
    kills = 0
    while any(job.state in ("waiting", "running") for job in desk.jobs()):
        with app(tmp_path / "library.db") as process:
            assert process.stdout is not None
            for _line in range(random.randint(1, 40)):
                if not any(job.state in ("waiting", "running") for job in desk.jobs()):
                    break
                assert process.stdout.readline()
            process.kill()
        kills += 1
        assert kills < 60
    assert kills > 1
    assert [job.state for job in desk.jobs()] == ["done"] * len(ids)
    for number in ids:
        (result,) = library.results_of(number)
        assert result.result["coverage"]["passages_read"] > 0
    library.close()


TEXT = "镇里修好了一座桥，用了三年，花了460万元。桥上可以走两辆车。\n\n桥下的河水去年涨了两次。\n"


def app(path: Path) -> subprocess.Popen[str]:
    here = Path(__file__).parent
    environment = {
        **os.environ,
        "WORKBENCH_HOME": str(path.parent / "home"),
        "PYTHONPATH": os.pathsep.join([str(here), str(here.parent / "tasks")]),
    }
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(APP), str(path)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
