"""Backups are whole single files; restoring one keeps what was there."""

import contextlib
import sqlite3
from pathlib import Path

import pytest
from library_support import article_of, child, next_line, numbered

from workbench.errors import LibraryError
from workbench.store import copies
from workbench.store.library import Library
from workbench.store.restoring import restore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A library of three articles."""
    path = tmp_path / "data" / "library.db"
    with Library.open(path) as library:
        for number in range(3):
            library.add(article_of(numbered(number), f"/nowhere/{number}"))
        library.tag(1, ["水"])
    return path


def backup(path: Path, target: Path) -> Path:
    with Library.open(path, readonly=True) as library:
        library.backup(target)
    return target


def count(path: Path) -> int:
    with Library.open(path, readonly=True) as library:
        return library.count()


def test_a_backup_is_one_file_that_holds_everything(path: Path, tmp_path: Path) -> None:
    target = backup(path, tmp_path / "copies" / "copy.db")
    assert [file.name for file in target.parent.iterdir()] == ["copy.db"]
    with Library.open(path) as library, Library.open(target, readonly=True) as copy:
        assert copy.listed() == library.listed()
        assert copy.get(2) == library.get(2)
        assert copy.tags() == {"水": 1}


def test_a_backup_is_made_while_another_process_writes(path: Path, tmp_path: Path) -> None:
    script = """
        import sys
        from workbench.store.library import Library
        with Library.open() as library, library.writing():
            library.remove(1)
            print("writing", flush=True)
            sys.stdin.read()
    """
    with child(script, path.parents[1]) as process:
        assert next_line(process) == "writing"
        assert count(backup(path, tmp_path / "copy.db")) == 3
        process.communicate()
    assert count(path) == 2


def test_a_backup_replaces_an_earlier_one_and_nothing_else(path: Path, tmp_path: Path) -> None:
    target = backup(path, tmp_path / "copy.db")
    with Library.open(path) as library:
        library.remove(1)
    assert count(backup(path, target)) == 2
    notes = tmp_path / "notes.txt"
    notes.write_text("mine", encoding="utf-8")
    for wrong in (notes, tmp_path, path):
        with pytest.raises(LibraryError) as caught:
            backup(path, wrong)
        assert str(wrong) in str(caught.value)
    assert notes.read_text(encoding="utf-8") == "mine"
    assert count(path) == 2


def test_a_backup_that_fails_leaves_the_earlier_one(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = backup(path, tmp_path / "copy.db")
    before = target.read_bytes()

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copies, "_fill", full)
    with pytest.raises(LibraryError, match="No space left"):
        backup(path, target)
    assert target.read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} == {"data", "copy.db"}


def test_restoring_puts_the_backup_in_place_and_keeps_the_old(path: Path, tmp_path: Path) -> None:
    target = backup(path, tmp_path / "copy.db")
    with Library.open(path) as library:
        library.add(article_of(numbered(9), "/nowhere/9"))
        library.remove(1)
    kept = restore(target, path)
    assert count(path) == 3
    assert kept is not None
    with Library.open(kept, readonly=True) as old:
        assert [one.id for one in old.listed()] == [2, 3, 4]
    assert target.is_file()


def test_restoring_where_there_is_nothing(path: Path, tmp_path: Path) -> None:
    target = backup(path, tmp_path / "copy.db")
    other = tmp_path / "other" / "library.db"
    assert restore(target, other) is None
    assert count(other) == 3
    assert other.stat().st_mode & 0o077 == 0


def test_a_process_that_has_the_library_open_sees_what_was_restored(
    path: Path, tmp_path: Path
) -> None:
    target = backup(path, tmp_path / "copy.db")
    with Library.open(path) as library:
        library.remove(1)
        assert library.count() == 2
        restore(target, path)
        assert library.count() == 3
        library.tag(1, ["新"])
    with Library.open(path) as library:
        assert library.tags() == {"新": 1, "水": 1}


@pytest.mark.parametrize("damage", [b"not a library " * 400, None])
def test_a_damaged_library_is_kept_aside_and_replaced(
    path: Path, tmp_path: Path, damage: bytes | None
) -> None:
    target = backup(path, tmp_path / "copy.db")
    data = path.read_bytes() if damage is None else damage
    data = data[:50] + b"\xff" * 3000 + data[3050:] if damage is None else data
    for log in path.parent.glob("library.db-*"):
        log.unlink()
    path.write_bytes(data)
    kept = restore(target, path)
    assert count(path) == 3
    assert kept is not None
    assert kept.read_bytes() == data


def test_what_is_no_sound_backup_is_not_restored(path: Path, tmp_path: Path) -> None:
    good = backup(path, tmp_path / "copy.db").read_bytes()
    with contextlib.closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE notes (id INTEGER)")
        other.commit()
    half = len(good) // 2
    bad = {
        "text.db": b"no database " * 100,
        "empty.db": b"",
        "torn.db": good[: half - half % 4096],
        "pages.db": good[:8192] + b"\xa5" * 8192 + good[16384:],
    }
    for name, data in bad.items():
        (tmp_path / name).write_bytes(data)
    for name in (*bad, "other.db", "missing.db"):
        with pytest.raises(LibraryError) as caught:
            restore(tmp_path / name, path)
        assert name in str(caught.value)
    with pytest.raises(LibraryError, match="the library itself"):
        restore(path, path)
    assert count(path) == 3
    assert {file.name for file in path.parent.glob("*.db")} == {"library.db"}
