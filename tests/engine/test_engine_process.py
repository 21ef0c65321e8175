import contextlib
import gc
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from engine_support import ARTICLE, LONG, answer, ask, finish
from tiny_gguf import CHATML, Tiny, write

from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import NICENESS, Done, LoadOptions, Reading, Restarted, Usage
from workbench.errors import EngineError

HERE = Path(__file__).parent
SCRIPT = """
import os, signal, sys
from engine_support import ARTICLE, LONG, answer, ask
from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import LoadOptions
engine = LlamaEngine(LoadOptions(sys.argv[1], context=0, threads=1))
engine.load()
print(engine.process_id, flush=True)
"""


def start(code: str, path: Path) -> subprocess.Popen[str]:
    """Run a program that uses the engine, as a user's would; it prints the child's id first."""
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT + code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent)])},
    )


def assert_gone(process: int) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(process).wait(timeout=90)
    assert not psutil.pid_exists(process)


def killed(engine: LlamaEngine, number: int = signal.SIGKILL) -> int:
    process = engine.process_id
    assert process is not None
    os.kill(process, number)
    return process


@pytest.fixture
def mortal(slow_file: Path) -> Iterator[LlamaEngine]:
    engine = LlamaEngine(LoadOptions(str(slow_file), context=0, threads=1))
    yield engine
    engine.close()
    assert engine.process_id is None


def kill_while_it_runs(engine: LlamaEngine, after: float) -> threading.Timer:
    """Kill it once; the timer ends when the engine knows that."""
    noticed = threading.Event()

    def kill() -> None:
        with contextlib.suppress(ProcessLookupError, AssertionError):
            process = killed(engine)
            while engine.process_id == process:
                noticed.wait(0.01)

    timer = threading.Timer(after, kill)
    timer.start()
    return timer


def test_a_killed_process_is_started_again_and_every_request_ends_exactly_once(
    mortal: LlamaEngine,
) -> None:
    requests = [ask(ARTICLE, f"问{number}", max_tokens=30) for number in range(3)]
    requests.append(ask(LONG, max_tokens=8))
    expected = [answer(mortal, request).text for request in requests]
    chance = random.Random(3)
    restarts = 0
    for _round in range(4):
        timer = kill_while_it_runs(mortal, chance.uniform(0, 0.4))
        answers = [mortal.submit(request) for request in requests]
        for one, text in zip(answers, expected, strict=True):
            events = list(one)
            assert [isinstance(event, Done) for event in events].count(True) == 1
            restarted = [place for place, e in enumerate(events) if isinstance(e, Restarted)]
            assert len(restarted) <= 1
            restarts += len(restarted)
            assert (
                finish(
                    events[place + 1 :] if (place := max(restarted, default=-1)) >= 0 else events
                ).text
                == text
            )
        timer.join()
    assert restarts


@pytest.mark.parametrize(
    ("events_before", "number"),
    [(1, signal.SIGKILL), (3, signal.SIGKILL), (2, signal.SIGSEGV), (2, signal.SIGABRT)],
)
def test_death_in_the_middle_of_reading_begins_it_anew(
    mortal: LlamaEngine, events_before: int, number: int
) -> None:
    expected = answer(mortal, ask(LONG)).text
    events = mortal.submit(ask(LONG))
    for _event in range(events_before):
        assert isinstance(next(events), Reading)
    process = killed(mortal, number)
    rest = list(events)
    place = next(place for place, event in enumerate(rest) if isinstance(event, Restarted))
    assert f"ended (signal {int(number)}" in rest[place].reason
    assert finish(rest[place + 1 :]).text == expected
    assert_gone(process)
    assert mortal.process_id != process


def test_a_request_that_meets_death_twice_is_given_up(mortal: LlamaEngine) -> None:
    events = mortal.submit(ask(LONG))
    next(events)
    process = killed(mortal)
    while not isinstance(next(events), Restarted):
        pass
    killed(mortal)
    with pytest.raises(EngineError, match=r"ended \(signal 9\)") as death:
        list(events)
    assert death.value.fix
    assert list(events) == []
    assert_gone(process)
    assert answer(mortal, ask(ARTICLE)).usage.generated_tokens


def test_death_while_nothing_runs_is_met_by_a_new_process(mortal: LlamaEngine) -> None:
    mortal.load()
    process = killed(mortal)
    assert_gone(process)
    assert mortal.count_tokens(["abc"]) == [3]
    assert mortal.ping() >= 0


def test_death_by_a_failed_assertion_says_which(tmp_path: Path) -> None:
    path = write(tmp_path / "奇.gguf", Tiny(rope_dimensions=31))
    engine = LlamaEngine(LoadOptions(str(path), threads=1))
    try:
        with pytest.raises(EngineError, match=r"ended \(signal 6\): .*GGML_ASSERT"):
            answer(engine, ask("问"))
    finally:
        engine.close()


def test_a_stopped_process_is_ended_by_force(random_file: Path) -> None:
    engine = LlamaEngine(LoadOptions(str(random_file), threads=1))
    engine.load()
    process = killed(engine, signal.SIGSTOP)
    engine.close()
    assert_gone(process)


def test_a_closed_engine_says_so_until_it_is_loaded_again(random_file: Path) -> None:
    engine = LlamaEngine(LoadOptions(str(random_file), threads=1))
    with engine:
        process = engine.process_id
    assert process is not None
    assert_gone(process)
    engine.close()
    for use in (lambda: engine.model, lambda: answer(engine, ask("问"))):
        with pytest.raises(EngineError, match="closed"):
            use()
    with engine:
        assert answer(engine, ask("问")).usage.generated_tokens


def test_close_from_another_thread_wakes_who_waits(slow_file: Path) -> None:
    engine = LlamaEngine(LoadOptions(str(slow_file), context=0, threads=1))
    events = engine.submit(ask(LONG))
    next(events)
    thread = threading.Thread(target=engine.close)
    thread.start()
    with pytest.raises(EngineError, match="closed"):
        finish(events)
    thread.join(90)
    assert engine.process_id is None


def test_a_forgotten_engine_leaves_no_process(random_file: Path) -> None:
    engine = LlamaEngine(LoadOptions(str(random_file), threads=1))
    engine.load()
    process = engine.process_id
    assert process is not None
    del engine
    gc.collect()
    assert_gone(process)


def test_the_child_ends_when_its_parent_is_killed_amid_a_prefill(slow_file: Path) -> None:
    program = start("for event in engine.submit(ask(LONG)): print(event, flush=True)", slow_file)
    with program:
        assert program.stdout is not None
        child = int(program.stdout.readline())
        assert "Reading" in program.stdout.readline()
        assert psutil.pid_exists(child)
        program.kill()
    assert_gone(child)


def test_the_child_ends_with_a_program_that_does_not_close_it(slow_file: Path) -> None:
    program = start("events = engine.submit(ask(LONG)); next(events)", slow_file)
    output, errors = program.communicate(timeout=60)
    assert (program.returncode, errors) == (0, "")
    assert_gone(int(output))


def test_ctrl_c_stops_the_request_and_leaves_the_engine_usable(slow_file: Path) -> None:
    program = start(
        """
try:
    for event in engine.submit(ask(LONG)):
        print("reading", flush=True)
except KeyboardInterrupt:
    print("interrupted", engine.process_id)
    print(answer(engine, ask(ARTICLE)).usage.generated_tokens)
""",
        slow_file,
    )
    with program:
        assert program.stdout is not None
        child = int(program.stdout.readline())
        assert program.stdout.readline() == "reading\n"
        # As a terminal does: the signal goes to the whole group.
        os.killpg(program.pid, signal.SIGINT)
        lines = [line for line in program.stdout if line != "reading\n"]
    assert lines[0] == f"interrupted {child}\n"
    assert int(lines[1]) > 0
    assert program.returncode == 0
    assert_gone(child)


def test_nothing_is_written_over_the_screen(random_file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "坏.gguf"
    broken.write_bytes(random_file.read_bytes()[:5000])
    program = start(
        f"""
from workbench.errors import EngineError
answer(engine, ask(ARTICLE))
try:
    engine.load(LoadOptions({str(broken)!r}))
except EngineError:
    print("refused")
engine.close()
""",
        random_file,
    )
    output, errors = program.communicate(timeout=60)
    assert output.splitlines()[1:] == ["refused"]
    assert errors == ""


def test_what_native_code_prints_cannot_reach_the_messages() -> None:
    code = """
import os
from workbench.engine.pipes import own_descriptors
commands, replies = own_descriptors()
os.write(1, b"printed")
os.write(replies, os.read(commands, 100))
print(os.read(0, 100))
"""
    run = subprocess.run(
        [sys.executable, "-c", code], input=b"message", capture_output=True, check=True
    )
    assert run.stdout == b"message"
    assert run.stderr == b"printedb''\n"


def test_noise_on_the_pipe_ends_the_child() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "workbench.engine.child"],
        input=b"noise\n",
        capture_output=True,
        timeout=60,
    )
    assert (run.returncode, run.stdout) == (0, b"")


def test_the_client_needs_nothing_heavy() -> None:
    code = """
import sys, workbench.engine.client
heavy = {"llama_cpp", "numpy", "jinja2", "psutil", "asyncio"} & sys.modules.keys()
sys.exit(repr(heavy) if heavy else 0)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture
def endless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LlamaEngine]:
    """An engine that no cancel reaches: it is busy with a chat template that never ends."""
    monkeypatch.setattr("workbench.engine.process.PATIENCE", 0.2)
    loop = "{% for a in range(99999) %}" * 3 + "{% endfor %}" * 3
    path = write(tmp_path / "无尽.gguf", Tiny(template=CHATML + loop))
    with LlamaEngine(LoadOptions(str(path), threads=1)) as engine:
        yield engine


def test_ctrl_c_ends_a_process_that_does_not_obey(endless: LlamaEngine) -> None:
    process = endless.process_id
    assert process is not None
    interrupt = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        next(endless.submit(ask("问")))
    assert_gone(process)
    assert endless.count_tokens(["abc"]) == [3]


def test_cancel_ends_a_process_that_does_not_obey(endless: LlamaEngine) -> None:
    process = endless.process_id
    assert process is not None
    cancel = threading.Timer(0.1, endless.cancel)
    cancel.start()
    assert answer(endless, ask("问")) == Done("", "cancelled", Usage())
    assert_gone(process)
    assert endless.count_tokens(["abc"]) == [3]


@pytest.mark.parametrize(("asked", "steps"), [("", 0), ("5", 5), ("much", 0)])
def test_the_engine_gives_way_by_as_many_steps_as_the_environment_says(
    slow_file: Path, monkeypatch: pytest.MonkeyPatch, asked: str, steps: int
) -> None:
    monkeypatch.setenv(NICENESS, asked)
    own = psutil.Process().nice()
    with LlamaEngine(LoadOptions(str(slow_file), context=0, threads=1)) as engine:
        engine.load()
        assert psutil.Process(engine.process_id).nice() == min(19, own + steps)
