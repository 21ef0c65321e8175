"""KV states on disk: what is saved and what is found."""

import ctypes
import itertools
import os
import shutil
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
from states_support import DATA, LONGER, ROOM, TOKENS, file_size, found, only_file

from workbench.engine import state_file
from workbench.engine.states import StateStore, fingerprint


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "states"


@pytest.fixture
def store(folder: Path) -> StateStore:
    return StateStore(folder, ROOM)


# --- What is saved is found ------------------------------------------------------------------


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


# --- The store against a dictionary ----------------------------------------------------------

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


# --- Never an error --------------------------------------------------------------------------


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


# --- Fingerprints ----------------------------------------------------------------------------


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
