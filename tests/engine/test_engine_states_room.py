"""KV states on disk within the room they may take: the least recently used go first."""

import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from states_support import DATA, ROOM, TOKENS, file_size, found

from workbench.engine import state_file, states
from workbench.engine.states import StateStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "states"


@pytest.fixture
def store(folder: Path) -> StateStore:
    return StateStore(folder, ROOM)


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
