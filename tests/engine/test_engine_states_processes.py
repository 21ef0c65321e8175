"""KV states on disk that several processes save, remove and die over."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from states_support import DATA, LONGER, ROOM, TOKENS, found, only_file

from workbench.engine import state_file
from workbench.engine.states import StateStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "states"


@pytest.fixture
def store(folder: Path) -> StateStore:
    return StateStore(folder, ROOM)


def test_who_reads_a_file_that_is_removed_reads_on(
    store: StateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = state_file.zlib.crc32
    cleared: list[tuple[int, int]] = []

    def crc32(data: bytes, start: int = 0) -> int:
        if not cleared:
            cleared.append(store.clear())
        return real(data, start)

    data = os.urandom(3 << 20)
    store.save("f", TOKENS, data)
    stored = found(store)
    monkeypatch.setattr(state_file, "zlib", SimpleNamespace(crc32=crc32))
    assert store.load(stored) == data
    assert cleared[0][0] == 1
    assert not stored.path.exists()


CROWD = """
import random, sys
from pathlib import Path
from workbench.engine.states import StateStore

def data_of(tokens):
    return bytes(tokens) * (2000 * len(tokens))

store, chance = StateStore(Path(sys.argv[1]), int(sys.argv[2])), random.Random(int(sys.argv[3]))
print("ready", flush=True)
sys.stdin.readline()
saved = loaded = 0
for _turn in range(150):
    tokens = [chance.randrange(3) + 1 for _position in range(chance.randrange(1, 5))]
    saved += store.save("f", tokens, data_of(tokens))
    asked = [*tokens, 0] if chance.random() < 0.5 else [1, 2, 3, 1, 2]
    stored = store.longest("f", asked)
    state = stored and store.load(stored)
    if state:
        assert state == data_of(asked[:stored.length])
        loaded += 1
print(saved, loaded)
"""


def test_processes_that_save_evict_and_load_at_once_never_see_a_wrong_state(folder: Path) -> None:
    capacity = 300_000  # the states of all tokens together take over ten times as much
    crowd = [
        subprocess.Popen(
            [sys.executable, "-c", CROWD, folder, str(capacity), str(seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in range(3)
    ]
    try:
        for process in crowd:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in crowd:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in crowd:
            out, err = process.communicate(timeout=120)
            assert (process.returncode, err) == (0, "")
            saved, loaded = map(int, out.split())
            assert saved > 100
            assert loaded > 0
    finally:
        for process in crowd:
            process.kill()
            process.communicate()
    store = StateStore(folder, capacity)
    files, size = store.measure()
    assert 0 < size <= capacity
    assert files == len(list(folder.glob("*.state"))) == len(list(folder.iterdir()))


HALTED = """
import sys
from pathlib import Path
from types import SimpleNamespace
from workbench.engine import state_file
from workbench.engine.states import StateStore

stage, folder = sys.argv[1], Path(sys.argv[2])

def halting(owner, name):
    real = getattr(owner, name)
    def halt(*arguments):
        result = real(*arguments)
        print(stage, flush=True)
        sys.stdin.read()
        return result
    setattr(owner, name, halt)

owners = {
    "flock": state_file.fcntl, "crc32": state_file.zlib, "mark_used": state_file,
    "_evict": StateStore,
}
halting(owners[stage], stage)
StateStore(folder, 1 << 30).save("f", [11, 22, 33, 44, 55], bytes(range(100)))
"""


@pytest.mark.parametrize("stage", ["flock", "crc32", "mark_used", "_evict"])
def test_a_process_killed_at_any_stage_of_saving_leaves_no_trace_after_the_next_save(
    store: StateStore, folder: Path, stage: str
) -> None:
    named = stage == "_evict"  # the state has its name and is whole
    with subprocess.Popen(
        [sys.executable, "-c", HALTED, stage, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == stage.encode() + b"\n"
            unfinished = {path for path in folder.iterdir() if path.suffix == ".tmp"}
            assert len(unfinished) == (not named)
            assert store.save("f", [7], b"while it lives")
            assert unfinished <= set(folder.iterdir())
        finally:
            process.send_signal(signal.SIGKILL)
    assert store.measure()[0] == 2
    stored = store.longest("f", LONGER)
    assert (stored is not None) == named
    assert stored is None or store.load(stored) == DATA
    assert store.save("f", [8], b"when it is dead")
    assert not [path for path in folder.iterdir() if path.suffix == ".tmp"]
    assert store.save("f", TOKENS, DATA)
    assert store.load(found(store)) == DATA


SAVING = """
import itertools, sys
from pathlib import Path
from workbench.engine.states import StateStore

store = StateStore(Path(sys.argv[1]), 1 << 30)
for number in itertools.count(1):
    print(number, flush=True)
    store.save("f", [number % 5], bytes([number % 5]) * (2 << 20))
"""


def test_a_process_killed_while_it_saves_and_saves_never_leaves_a_state_that_is_wrong(
    store: StateStore, folder: Path
) -> None:
    for turn in range(12):
        with subprocess.Popen(
            [sys.executable, "-c", SAVING, folder], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            for _line in range(turn % 4 + 1):
                assert process.stdout.readline()
            process.send_signal(signal.SIGKILL)
        held = [stored for token in range(5) if (stored := store.longest("f", [token, 9]))]
        assert len(held) == len(list(folder.glob("*.state")))
        for stored in held:
            state = store.load(stored)
            assert state is not None
            assert state == bytes([state[0]]) * (2 << 20)
    assert store.save("f", TOKENS, DATA)
    assert not [path for path in folder.iterdir() if path.suffix == ".tmp"]


def test_clear_removes_what_dead_processes_left(store: StateStore, folder: Path) -> None:
    store.save("f", TOKENS, DATA)
    size = only_file(folder).stat().st_size
    start, end = state_file._TEMPORARY
    (folder / f"{start}abc{end}").write_bytes(b"12345")
    assert store.measure() == (2, size + 5)
    assert store.clear() == (2, size + 5)
    assert list(folder.iterdir()) == []
