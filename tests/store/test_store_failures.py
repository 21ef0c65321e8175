"""Whatever is wrong with the library's file is told in one line, and nothing is lost by it."""

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from library_support import article_of, child, next_line, numbered

from workbench.errors import LibraryError
from workbench.store import opening, schema
from workbench.store.checking import check
from workbench.store.library import Library
from workbench.store.schema import Migration


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "library.db"


@contextlib.contextmanager
def told(path: Path, *said: str) -> Iterator[None]:
    with pytest.raises(LibraryError) as caught:
        yield
    line = str(caught.value)
    assert "\n" not in line
    assert str(path) in line
    assert caught.value.fix
    for words in said:
        assert words in line


def filled(path: Path, number: int = 5) -> None:
    with Library.open(path) as library:
        for _added in library.add_many(
            article_of(numbered(i), f"/nowhere/{i}") for i in range(number)
        ):
            pass


def in_one_file(path: Path) -> None:
    """Bring the log into the file, as the last connection that closes does."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def test_a_full_disk_undoes_the_step_and_keeps_the_rest(path: Path) -> None:
    filled(path)
    with Library.open(path) as library:
        (pages,) = library.connection.execute("PRAGMA page_count").fetchone()
        library.connection.execute(f"PRAGMA max_page_count = {pages}")
        with told(path, "disk is full"):
            for _added in library.add_many(
                article_of(numbered(i) * 20, f"/nowhere/{i}") for i in range(100, 400)
            ):
                pass
        library.connection.execute("PRAGMA max_page_count = 100000")
        assert library.count() == 5
        assert library.add(article_of(numbered(100), "/nowhere/100")).new_article
        assert library.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_limit_on_the_size_of_files_is_told(path: Path) -> None:
    script = """
        import resource
        from library_support import article_of, numbered
        from workbench.errors import LibraryError
        from workbench.paths import library_file
        from workbench.store.library import Library
        with Library.open() as library:
            library.add(article_of(numbered(1), "/nowhere/1"))
            resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
            try:
                for _ in library.add_many(
                    article_of(numbered(i) * 50, f"/nowhere/{i}") for i in range(2, 400)
                ):
                    pass
            except LibraryError as error:
                print(str(error))
    """
    home = path.parents[1]
    with child(script, home) as process:
        line = next_line(process)
    assert str(path) in line
    assert "disk" in line
    with Library.open(path) as library:
        assert library.get(1).text == numbered(1)
        assert library.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder of a user who may not do everything, while this process is that user."""
    folder = Path(tempfile.mkdtemp(prefix="workbench-test-"))
    was = os.geteuid()
    try:
        if was == 0:
            os.chown(folder, 65534, 65534)
            os.seteuid(65534)
        yield folder
    finally:
        folder.chmod(0o700)
        for inside in folder.iterdir():
            inside.chmod(0o700)
        os.seteuid(was)
        shutil.rmtree(folder)


def test_a_folder_that_may_not_be_written_is_told(unprivileged: Path) -> None:
    unprivileged.chmod(0o500)
    path = unprivileged / "data" / "library.db"
    with told(path, "cannot be used as the library"):
        Library.open(path)
    with Library.open(path, readonly=True) as library:
        assert library.count() == 0


def test_a_library_that_may_not_be_written_can_be_read(unprivileged: Path) -> None:
    folder = unprivileged / "data"
    path = folder / "library.db"
    filled(path)
    in_one_file(path)
    path.chmod(0o400)
    folder.chmod(0o500)
    with Library.open(path, readonly=True) as library:
        assert library.get(3).text == numbered(2)
        with told(path), library.writing():
            library.tag(1, ["水"])
    report = check(path)
    assert (report.problems, report.articles) == ([], 5)
    with told(path):
        check(path, repair=True)
    with told(path):
        Library.open(path)


def test_a_library_that_may_not_be_read_is_told(unprivileged: Path) -> None:
    path = unprivileged / "data" / "library.db"
    filled(path)
    path.chmod(0)
    with told(path):
        Library.open(path, readonly=True)


@pytest.mark.parametrize("readonly", [False, True])
@pytest.mark.parametrize(
    "data", [b"not a database at all, but some text\n" * 200, b"SQLite format 3\0" + bytes(4000)]
)
def test_a_file_that_is_no_database_is_told_and_left(
    path: Path, data: bytes, readonly: bool
) -> None:
    path.parent.mkdir()
    path.write_bytes(data)
    with told(path):
        Library.open(path, readonly=readonly)
    assert path.read_bytes() == data


def test_a_database_of_another_program_is_told_and_left(path: Path) -> None:
    path.parent.mkdir()
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE articles (id INTEGER)")
        other.commit()
    before = path.read_bytes()
    with told(path, "another program"):
        Library.open(path)
    assert path.read_bytes() == before


def test_a_folder_in_its_place_is_told(path: Path) -> None:
    path.mkdir(parents=True)
    for readonly in (False, True):
        with told(path):
            Library.open(path, readonly=readonly)


def test_a_newer_library_is_refused_and_left(path: Path) -> None:
    filled(path)
    with Library.open(path) as library, library.writing() as connection:
        connection.execute("INSERT INTO migrations VALUES (9999, '9999_future', '', '')")
    in_one_file(path)
    before = path.read_bytes()
    for readonly in (False, True):
        with told(path, "newer version", "9999_future"):
            Library.open(path, readonly=readonly)
    assert path.read_bytes() == before


def test_another_process_that_writes_is_waited_for_and_named(path: Path) -> None:
    filled(path)
    script = """
        import sys
        from workbench.store.library import Library
        with Library.open() as library, library.writing() as connection:
            connection.execute("DELETE FROM findings")
            print("writing", flush=True)
            sys.stdin.read()
    """
    with child(script, path.parents[1]) as process:
        assert next_line(process) == "writing"
        with Library.open(path, busy_seconds=0.05) as library:
            assert library.count() == 5, "readers do not wait"
            with told(path, "in use by another process", f"({process.pid})"):
                library.tag(1, ["水"])
        with Library.open(path, busy_seconds=60) as library:
            assert process.stdin is not None
            process.stdin.close()
            assert library.tag(1, ["水"]) == 1


def test_migrations_are_applied_once_in_order_with_a_copy_of_before(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(path)
    added = Migration(9998, "9998_more", "CREATE TABLE more (id INTEGER);\nDROP TABLE feedback;")
    shipped = schema.shipped()
    monkeypatch.setattr(schema, "shipped", lambda: (*shipped, added))
    with Library.open(path, readonly=True) as library:
        assert library.count() == 5
        names = library.connection.execute("SELECT name FROM migrations ORDER BY number").fetchall()
    assert [name for (name,) in names] == [one.name for one in (*shipped, added)]
    before = path.with_name("library.before-9998_more.db")
    monkeypatch.setattr(schema, "shipped", lambda: shipped)
    with Library.open(before) as library:
        assert library.count() == 5
    with told(path, "newer"):
        Library.open(path)


def test_a_migration_that_fails_leaves_the_library_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(path)
    wrong = Migration(9998, "9998_wrong", "CREATE TABLE more (id INTEGER);\nDROP TABLE no_such;")
    shipped = schema.shipped()
    monkeypatch.setattr(schema, "shipped", lambda: (*shipped, wrong))
    with told(path):
        Library.open(path)
    monkeypatch.setattr(schema, "shipped", lambda: shipped)
    with Library.open(path) as library:
        assert library.count() == 5
        (found,) = library.connection.execute(
            "SELECT count(*) FROM sqlite_schema WHERE name = 'more'"
        ).fetchone()
        assert found == 0


def test_a_migration_that_was_changed_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(path, 1)
    first, *others = schema.shipped()
    changed = Migration(first.number, first.name, first.sql + "\n-- changed")
    monkeypatch.setattr(schema, "shipped", lambda: (changed, *others))
    with told(path, first.name):
        Library.open(path)


def test_two_processes_make_one_library(path: Path) -> None:
    script = """
        import sys
        from library_support import article_of, numbered
        from workbench.store.library import Library
        sys.stdin.readline()
        with Library.open() as library:
            for i in range(20):
                library.add(article_of(numbered(i), f"/nowhere/{i}"))
        print("done")
    """
    processes = [child(script, path.parents[1]) for _ in range(3)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        assert next_line(process) == "done"
        process.communicate()
    with Library.open(path) as library:
        assert library.count() == 20


def test_statements_of_a_migration_are_told_apart() -> None:
    sql = (
        "-- first; not an end\nCREATE TABLE a (b TEXT DEFAULT ';');\n"
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n  DELETE FROM a;\n  SELECT 1;\nEND;\n-- last"
    )
    found = list(schema.statements(sql))
    assert len(found) == 3
    with contextlib.closing(opening.open_in_memory()) as connection:
        for statement in found:
            connection.execute(statement)
