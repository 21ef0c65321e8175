"""KV states on disk that are damaged or foreign: never used, and removed."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from states_support import DATA, LONGER, ROOM, TOKENS, file_size, found, only_file

from workbench.engine import state_file
from workbench.engine.states import StateStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "states"


@pytest.fixture
def store(folder: Path) -> StateStore:
    return StateStore(folder, ROOM)


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
