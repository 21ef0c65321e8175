"""KV states on disk: what is found, what is refused, what a killed process leaves."""

import ctypes
import itertools
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine import state_file, states
from workbench.engine.states import StateStore, Stored, fingerprint

ROOM = 1 << 30
TOKENS = [11, 22, 33, 44, 55]
LONGER = [*TOKENS, 66]
DATA = bytes(range(100))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "states"


@pytest.fixture
def store(folder: Path) -> StateStore:
    return StateStore(folder, ROOM)


def found(store: StateStore, tokens: list[int] = LONGER, of: str = "f") -> Stored:
    stored = store.longest(of, tokens)
    assert stored is not None
    return stored


def only_file(folder: Path) -> Path:
    [path] = folder.iterdir()
    return path


def file_size(of: str, tokens: list[int], size: int) -> int:
    return state_file.size(state_file.head(of, state_file.pack(tokens)), bytes(size))


# --- What is saved is found -----------------------------------------------------------------


def test_a_state_comes_back_as_it_was(store: StateStore) -> None:
    assert store.save("f", TOKENS, DATA)
    stored = found(store)
    assert stored.length == len(TOKENS)
    state = store.load(stored)
    assert state == DATA
    store.clear()
    assert state == DATA  # what was found stays readable


@pytest.mark.parametrize("size", [1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_states_of_any_size_come_back(store: StateStore, size: int) -> None:
    data = os.urandom(size)
    assert store.save("f", TOKENS, data)
    assert store.load(found(store)) == data


def test_what_native_code_filled_is_saved_as_it_is(store: StateStore) -> None:
    assert store.save("f", TOKENS, (ctypes.c_uint8 * 4)(1, 2, 3, 4))
    assert store.load(found(store)) == b"\1\2\3\4"
    assert store.save("f", TOKENS, memoryview(bytearray(DATA))[10:20])
    assert store.load(found(store)) == DATA[10:20]


def test_another_process_finds_it(folder: Path) -> None:
    StateStore(folder, ROOM).save("f", TOKENS, DATA)
    code = (
        "import sys; from pathlib import Path; from workbench.engine.states import StateStore;"
        f"store = StateStore(Path(sys.argv[1]), 0); stored = store.longest('f', {LONGER});"
        "sys.stdout.write(store.load(stored).hex())"
    )
    ended = subprocess.run([sys.executable, "-c", code, folder], check=True, capture_output=True)
    assert bytes.fromhex(ended.stdout.decode()) == DATA


def test_the_longest_prefix_that_leaves_a_token_is_found(store: StateStore) -> None:
    for length in (1, 3, 5):
        store.save("f", TOKENS[:length], bytes([length]))
    store.save("f", [11, 22, 99, 44], b"other")
    for count, expected in ((6, 5), (5, 3), (4, 3), (3, 1), (2, 1)):
        stored = found(store, LONGER[:count])
        assert stored.length == expected
        assert store.load(stored) == bytes([expected])
    assert store.longest("f", [11]) is None
    assert store.longest("f", []) is None
    assert store.longest("f", [22, 33]) is None
    assert found(store, [11, 22, 99, 44, 0]).length == 4


def test_only_accepted_lengths_are_found(store: StateStore) -> None:
    for length in (1, 2, 4):
        store.save("f", TOKENS[:length], b"x")
    for accept, expected in (((1, 2, 4), 4), ((1, 2), 2), ((1,), 1)):
        stored = store.longest("f", LONGER, lambda length, accept=accept: length in accept)
        assert stored is not None
        assert stored.length == expected
    assert store.longest("f", LONGER, lambda length: length == 3) is None


def test_states_of_another_fingerprint_are_not_found(store: StateStore) -> None:
    store.save("f", TOKENS, DATA)
    assert store.longest("g", LONGER) is None


def test_finding_reads_no_file(store: StateStore, folder: Path) -> None:
    store.save("f", TOKENS, DATA)
    only_file(folder).write_bytes(b"")
    assert found(store).length == len(TOKENS)


def test_saving_again_replaces(store: StateStore) -> None:
    store.save("f", TOKENS, b"old")
    store.save("f", TOKENS, b"newer")
    assert store.load(found(store)) == b"newer"
    assert store.measure()[0] == 1


def test_nothing_is_created_before_the_first_save(store: StateStore, folder: Path) -> None:
    assert store.longest("f", LONGER) is None
    assert store.measure() == (0, 0)
    assert store.clear() == (0, 0)
    assert not folder.exists()


def test_only_the_owner_may_read(store: StateStore, folder: Path) -> None:
    before = os.umask(0)
    try:
        store.save("f", TOKENS, DATA)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(only_file(folder).stat().st_mode) == 0o600


# --- The store against a dictionary ---------------------------------------------------------

CAPACITY = 1500
_tokens = st.lists(st.sampled_from([1, 2]), min_size=1, max_size=5)
_fingerprints = st.sampled_from(["a", "b"])
_operations = st.lists(
    st.one_of(
        st.tuples(st.just("save"), _fingerprints, _tokens, st.integers(1, 800)),
        st.tuples(st.just("load"), _fingerprints, _tokens, st.sampled_from([1, 2])),
    ),
    max_size=25,
)


class Model:
    """What the store should hold: a dictionary in the order of use."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, tuple[int, ...]], bytes] = {}

    def save(self, of: str, tokens: list[int], data: bytes) -> bool:
        if file_size(of, tokens, len(data)) > CAPACITY // 2:
            return False
        key = of, tuple(tokens)
        self.held.pop(key, None)
        self.held[key] = data
        while self.bytes() > CAPACITY:
            del self.held[next(iter(self.held))]
        return True

    def longest(self, of: str, tokens: list[int], step: int) -> tuple[int, ...] | None:
        for length in range(len(tokens) - 1, 0, -1):
            if length % step == 0 and (of, tuple(tokens[:length])) in self.held:
                return tuple(tokens[:length])
        return None

    def load(self, of: str, tokens: tuple[int, ...]) -> bytes:
        self.held[of, tokens] = self.held.pop((of, tokens))
        return self.held[of, tokens]

    def bytes(self) -> int:
        return sum(
            file_size(of, list(tokens), len(data)) for (of, tokens), data in self.held.items()
        )


@given(_operations)
def test_saves_finds_and_evictions_are_those_of_a_dictionary(
    operations: list[tuple[str, str, list[int], int]],
) -> None:
    clock = SimpleNamespace(time_ns=itertools.count(10**18).__next__)
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as name:
        patch.setattr(state_file, "time", clock)
        store, model = StateStore(Path(name), CAPACITY), Model()
        for number, (what, of, tokens, value) in enumerate(operations):
            if what == "save":
                data = bytes([number]) * value
                assert store.save(of, tokens, data) == model.save(of, tokens, data)
            else:
                stored = store.longest(of, tokens, lambda length, step=value: length % step == 0)
                expected = model.longest(of, tokens, value)
                assert (stored and stored.length) == (expected and len(expected))
                if stored and expected:
                    assert store.load(stored) == model.load(of, expected)
            assert store.measure() == (len(model.held), model.bytes())
        assert store.clear() == (len(model.held), model.bytes())
        assert list(Path(name).iterdir()) == []


# --- Damage ---------------------------------------------------------------------------------


def is_refused_and_removed(store: StateStore, path: Path) -> None:
    stored = found(store)
    assert stored.path == path
    assert store.load(stored) is None
    assert not path.exists()
    assert store.longest("f", LONGER) is None


def test_a_flip_of_any_byte_is_found_out(store: StateStore, folder: Path) -> None:
    store.save("f", TOKENS, DATA)
    path = only_file(folder)
    whole = path.read_bytes()
    assert len(whole) == file_size("f", TOKENS, len(DATA))
    for position, mask in itertools.product(range(len(whole)), (0x01, 0x80, 0xFF)):
        damaged = bytearray(whole)
        damaged[position] ^= mask
        path.write_bytes(damaged)
        is_refused_and_removed(store, path)
    path.write_bytes(whole)
    assert store.load(found(store)) == DATA


def test_a_file_cut_anywhere_is_found_out(store: StateStore, folder: Path) -> None:
    store.save("f", TOKENS, DATA)
    path = only_file(folder)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        is_refused_and_removed(store, path)
    for more in (b"\0", whole):
        path.write_bytes(whole + more)
        is_refused_and_removed(store, path)


def test_blocks_that_never_reached_the_disk_are_found_out(store: StateStore, folder: Path) -> None:
    data = os.urandom(3 << 20)
    store.save("f", TOKENS, data)
    path = only_file(folder)
    whole = path.read_bytes()
    for begun in range(0, len(whole) - 4096, 512 << 10):
        path.write_bytes(whole[:begun] + bytes(4096) + whole[begun + 4096 :])
        is_refused_and_removed(store, path)


def test_after_damage_the_state_can_be_saved_again(store: StateStore, folder: Path) -> None:
    store.save("f", TOKENS, DATA)
    only_file(folder).write_bytes(b"")
    assert store.load(found(store)) is None
    assert store.save("f", TOKENS, DATA)
    assert store.load(found(store)) == DATA


def test_a_damaged_state_gives_way_to_a_shorter_one(store: StateStore) -> None:
    store.save("f", TOKENS[:2], b"short")
    store.save("f", TOKENS, DATA)
    found(store).path.write_bytes(b"")
    assert store.load(found(store)) is None
    assert store.load(found(store)) == b"short"


def test_a_file_under_the_name_of_another_is_refused(store: StateStore, folder: Path) -> None:
    store.save("f", TOKENS, DATA)
    path = only_file(folder)
    others: list[tuple[str, list[int]]] = [
        ("g", TOKENS),
        ("f", TOKENS[:-1]),
        ("f", [*TOKENS[:-1], 56]),
        ("ff", TOKENS),
    ]
    for of, tokens in others:
        store.save(of, tokens, DATA)
        foreign = next(other for other in folder.iterdir() if other != path)
        whole = path.read_bytes()
        foreign.replace(path)
        is_refused_and_removed(store, path)
        path.write_bytes(whole)
    assert store.load(found(store)) == DATA


def test_tokens_are_compared_even_where_their_hashes_agree(
    store: StateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def agree(_packed: bytes, lengths: list[int]) -> Iterator[tuple[int, str]]:
        return ((length, "0" * 32) for length in lengths)

    monkeypatch.setattr(state_file, "digests", agree)
    store.save("f", [1, 2, 3], DATA)
    stored = found(store, [1, 2, 4, 5])
    assert store.load(stored) is None


def test_fingerprints_are_compared_even_where_their_hashes_agree(
    store: StateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_file, "family", lambda _fingerprint: "0" * 16)
    store.save("f", TOKENS, DATA)
    assert store.load(found(store, of="g")) is None


def test_what_is_not_of_the_store_is_left_alone(store: StateStore, folder: Path) -> None:
    store.save("f", TOKENS, DATA)
    path = only_file(folder)
    others = ["notes.txt", path.name + ".bak", "x" + path.name, path.name.replace("-5-", "-05-")]
    for name in others:
        (folder / name).write_bytes(path.read_bytes())
    length_of_ages = path.name.replace("-5-", f"-{'9' * 30}-")
    (folder / length_of_ages).write_bytes(b"")
    assert store.measure() == (1, path.stat().st_size)
    assert store.clear()[0] == 1
    assert {other.name for other in folder.iterdir()} == {*others, length_of_ages}


def test_folders_and_links_under_the_name_of_a_state_are_left_alone(
    store: StateStore, folder: Path, tmp_path: Path
) -> None:
    store.save("f", TOKENS, DATA)
    path = only_file(folder)
    elsewhere = path.replace(tmp_path / "elsewhere")
    path.symlink_to(elsewhere)
    assert store.longest("f", LONGER) is None
    assert store.clear() == (0, 0)
    assert elsewhere.exists()
    path.unlink()
    path.mkdir()
    assert store.longest("f", LONGER) is None
    assert store.measure() == (0, 0)
    assert not store.save("f", TOKENS, DATA)
    assert path.is_dir()


def test_a_state_that_is_gone_is_not_loaded(store: StateStore) -> None:
    store.save("f", TOKENS, DATA)
    stored = found(store)
    store.clear()
    assert store.load(stored) is None
    store.save("f", TOKENS, DATA)
    assert store.load(stored) == DATA


# --- Room -----------------------------------------------------------------------------------


def test_the_least_recently_used_go_first(folder: Path) -> None:
    each = file_size("f", [1], 1000)
    store = StateStore(folder, 3 * each)
    for token in (1, 2, 3):
        assert store.save("f", [token], bytes(1000))
    assert store.load(found(store, [1, 0])) is not None
    assert store.save("f", [4], bytes(1000))
    held = [token for token in (1, 2, 3, 4) if store.longest("f", [token, 0])]
    assert held == [1, 3, 4]
    assert store.measure() == (3, 3 * each)


def test_a_capacity_that_shrank_holds_from_the_next_save(folder: Path) -> None:
    wide = StateStore(folder, ROOM)
    for token in range(10):
        wide.save("f", [token], bytes(1000))
    narrow = StateStore(folder, 2 * file_size("f", [1], 1000))
    assert narrow.save("f", [10], bytes(1000))
    assert [token for token in range(11) if narrow.longest("f", [token, 0])] == [9, 10]


def test_a_state_larger_than_half_the_capacity_is_not_kept(folder: Path) -> None:
    size = file_size("f", TOKENS, len(DATA))
    assert not StateStore(folder, 2 * size - 1).save("f", TOKENS, DATA)
    assert not StateStore(folder, 0).save("f", TOKENS, DATA)
    assert not folder.exists()
    assert StateStore(folder, 2 * size).save("f", TOKENS, DATA)


def test_the_state_just_saved_stays_whatever_the_clock_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = StateStore(folder, 2 * file_size("f", [1], 1000))
    for token in (1, 2):
        store.save("f", [token], bytes(1000))
    monkeypatch.setattr(state_file, "time", SimpleNamespace(time_ns=lambda: 10**9))
    assert store.save("f", [3], bytes(1000))
    assert [token for token in (1, 2, 3) if store.longest("f", [token, 0])] == [2, 3]


def test_the_last_of_a_disk_is_not_taken(
    store: StateStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(
        states, "shutil", SimpleNamespace(disk_usage=lambda _path: usage._replace(free=200 << 20))
    )
    assert not store.save("f", TOKENS, DATA)
    assert list(folder.iterdir()) == []


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let writes fail halfway, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_write_that_fails_halfway_leaves_what_was_there(store: StateStore, folder: Path) -> None:
    store.save("f", TOKENS, DATA)
    with largest_file(1 << 20):
        assert not store.save("f", TOKENS, bytes(4 << 20))
    assert store.load(found(store)) == DATA
    assert store.measure()[0] == len(list(folder.iterdir())) == 1


# --- Never an error -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tokens", "data"),
    [([], DATA), (TOKENS, b""), ([1 << 31], DATA), (TOKENS, memoryview(DATA)[::2])],
)
def test_what_is_no_state_is_not_saved(
    store: StateStore, folder: Path, tokens: list[int], data: bytes
) -> None:
    assert not store.save("f", tokens, data)
    assert store.measure() == (0, 0)


def test_a_folder_that_cannot_be_made_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = StateStore(tmp_path / "file" / "states", ROOM)
    assert not store.save("f", TOKENS, DATA)
    assert store.longest("f", LONGER) is None
    assert store.measure() == (0, 0)
    assert store.clear() == (0, 0)


@contextmanager
def somebody_else() -> Iterator[None]:
    """Give up root's right to write everywhere, where the tests run as root."""
    mine = os.geteuid()
    if mine == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(mine)


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder with one state that anybody can get to, unlike pytest's own."""
    top = Path(tempfile.mkdtemp())
    top.chmod(0o755)
    folder = top / "states"
    assert StateStore(folder, ROOM).save("f", TOKENS, DATA)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(top)


def make_read_only(folder: Path) -> None:
    only_file(folder).chmod(0o444)
    folder.chmod(0o555)


def test_a_folder_without_the_right_to_write_is_read(public: Path) -> None:
    make_read_only(public)
    store = StateStore(public, ROOM)
    with somebody_else():
        assert store.load(found(store)) == DATA
        assert not store.save("f", LONGER, DATA)
        assert store.clear() == (0, 0)
        assert store.measure()[0] == 1


def test_damage_that_cannot_be_removed_is_found_once(public: Path) -> None:
    only_file(public).write_bytes(b"damaged")
    make_read_only(public)
    store = StateStore(public, ROOM)
    with somebody_else():
        assert store.load(found(store)) is None
        assert store.longest("f", LONGER) is None


def test_a_sound_state_that_cannot_be_read_is_kept_and_found_once(
    store: StateStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise OSError

    store.save("f", TOKENS, DATA)
    with monkeypatch.context() as patch:
        patch.setattr(state_file.mmap, "mmap", fail)
        assert store.load(found(store)) is None
        assert store.longest("f", LONGER) is None
    other = StateStore(folder, ROOM)
    assert other.load(found(other)) == DATA
    store.save("f", TOKENS, DATA)
    assert store.load(found(store)) == DATA


# --- Others at the same time ----------------------------------------------------------------


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


# --- Fingerprints ---------------------------------------------------------------------------


def test_a_fingerprint_does_not_depend_on_the_order_of_its_parts() -> None:
    one = fingerprint({"model": "ab", "adapters": [("cd", 0.5)], "flash": True})
    two = fingerprint({"flash": True, "adapters": [["cd", 0.5]], "model": "ab"})
    assert one == two
    assert len(one) == 32


@given(
    st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3), max_size=3),
)
def test_different_parts_have_different_fingerprints(
    one: dict[str, object], two: dict[str, object]
) -> None:
    assert (fingerprint(one) == fingerprint(two)) == (one == two)
