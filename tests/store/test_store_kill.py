"""A process that is killed leaves a library that is whole, and adding goes on where it stopped."""

import signal
from pathlib import Path

import pytest
from library_support import child, next_line, numbered

from workbench.store.importing import import_files
from workbench.store.library import Added, Library
from workbench.store.preparing import Known

COUNT = 60

IMPORT = """
    import sys
    from pathlib import Path
    from workbench.store import importing
    from workbench.store.library import Library
    importing.BATCH = 7
    with Library.open() as library:
        paths = sorted(Path(sys.argv[1]).iterdir())
        for number, outcome in enumerate(importing.import_files(library, paths, workers=0), 1):
            print(number, flush=True)
            if number == int(sys.argv[2]):
                sys.stdin.read()
"""

TORN = """
    import sys
    from library_support import article_of, numbered
    from workbench.store.library import Library
    with Library.open() as library, library.writing():
        for i in range(200):
            library.add(article_of(numbered(i) * 40, f"/nowhere/{i}"))
        # More than SQLite keeps in memory: part of it is on disk already.
        library.connection.execute("PRAGMA cache_spill = 1")
        library.connection.execute("PRAGMA cache_size = 10")
        library.tag(1, ["水"])
        print("in the middle", flush=True)
        sys.stdin.read()
"""

MIGRATING = """
    import sys
    from workbench.store import schema
    from workbench.store.library import Library
    shipped = schema.shipped()
    sql = "CREATE TABLE more (id INTEGER);\\nSELECT stop();"
    schema.shipped = lambda: (*shipped, schema.Migration(9998, "9998_more", sql))
    apply = schema.apply
    def applying(connection, migration):
        def stop():
            print("in the middle", flush=True)
            sys.stdin.read()
        connection.create_function("stop", 0, stop)
        return apply(connection, migration)
    schema.apply = applying
    Library.open()
"""


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "articles"
    folder.mkdir()
    for number in range(COUNT):
        (folder / f"{number:03}.txt").write_text(numbered(number), encoding="utf-8")
    return sorted(folder.iterdir())


def whole(library: Library) -> bool:
    found = library.connection.execute("PRAGMA integrity_check").fetchall()
    links = library.connection.execute("PRAGMA foreign_key_check").fetchall()
    return found == [("ok",)] and links == []


@pytest.mark.parametrize("after", [1, 20, COUNT - 1])
def test_an_import_that_is_killed_goes_on_where_it_stopped(
    tmp_path: Path, files: list[Path], after: int
) -> None:
    home = tmp_path / "home"
    with child(IMPORT, home, files[0].parent, after) as process:
        while next_line(process) != str(after):
            pass
        process.send_signal(signal.SIGKILL)
    path = home / "data" / "library.db"
    with Library.open(path) as library:
        assert whole(library)
        kept = library.count()
        assert after <= kept <= COUNT
        outcomes = list(import_files(library, files, workers=0))
        assert sum(isinstance(one, Known) for one in outcomes) == kept
        assert library.count() == COUNT
        assert [one.path for one in library.listed()] == [str(file) for file in files]
        assert whole(library)


def test_what_was_not_committed_is_gone_and_the_rest_whole(tmp_path: Path) -> None:
    home = tmp_path / "home"
    path = home / "data" / "library.db"
    with Library.open(path):
        pass
    with child(TORN, home) as process:
        assert next_line(process) == "in the middle"
        process.send_signal(signal.SIGKILL)
    with Library.open(path) as library:
        assert whole(library)
        assert library.count() == 0
        assert library.tags() == {}


def test_a_killed_migration_leaves_the_library_as_it_was(tmp_path: Path) -> None:
    home = tmp_path / "home"
    path = home / "data" / "library.db"
    with Library.open(path) as library:
        library.tag(_added(library).id, ["水"])
    with child(MIGRATING, home) as process:
        assert next_line(process) == "in the middle"
        process.send_signal(signal.SIGKILL)
    with Library.open(path) as library:
        assert whole(library)
        assert library.tags() == {"水": 1}
        rows = library.connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'more'")
        assert rows.fetchone() is None


def _added(library: Library) -> Added:
    from library_support import article_of

    return library.add(article_of(numbered(1), "/nowhere/1"))
