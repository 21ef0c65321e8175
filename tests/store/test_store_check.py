"""What is wrong with a library is found, and repaired where it can be."""

import contextlib
import random
import shutil
import sqlite3
from pathlib import Path

import pytest
from library_support import article_of, child, next_line, numbered

from workbench.errors import LibraryError
from workbench.store import schema
from workbench.store.checking import Report, check
from workbench.store.library import Library
from workbench.store.opening import open_in_memory
from workbench.store.results import Run
from workbench.store.salvage import TABLES
from workbench.store.search import search

COUNT = 40
RUN = Run("summarize", {"name": "tiny"}, {"name": "news", "sha256": "1"}, {})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with something in every table, and the files it came from."""
    folder = tmp_path_factory.mktemp("library")
    path = folder / "library.db"
    with Library.open(path) as library:
        for number in range(COUNT):
            file = folder / "files" / f"{number:02}.txt"
            file.parent.mkdir(exist_ok=True)
            text = numbered(number) * 30
            file.write_text(text, encoding="utf-8", newline="")
            library.add(article_of(text, file))
        library.tag(3, ["水"])
        library.collect("春", [5, 4])
        run = library.start_run(RUN)
        result = library.record(run, [7], {"headline": "题"})
        library.rate(result, 5)
    checkpoint(path)
    return folder


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return Path(shutil.copy(made / "library.db", folder / "library.db"))


def checkpoint(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def spoil(path: Path, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
    checkpoint(path)


def kinds(report: Report) -> set[str]:
    return {problem.kind for problem in report.problems}


def sound_after_repair(path: Path) -> Report:
    report = check(path, repair=True)
    assert report.problems
    assert report.sound, report.problems
    assert check(path).problems == []
    return report


def test_a_sound_library_is_sound(path: Path) -> None:
    before = path.read_bytes()
    for repair in (False, True):
        report = check(path, repair=repair)
        assert (report.problems, report.missing_files, report.articles) == ([], [], COUNT)
        assert report.kept is None
    checkpoint(path)
    assert path.read_bytes() == before


def test_no_library_is_no_problem(tmp_path: Path) -> None:
    assert check(tmp_path / "library.db").sound
    assert not (tmp_path / "library.db").exists()


def test_rows_that_belong_to_nothing_are_dropped(path: Path) -> None:
    spoil(
        path,
        "INSERT INTO tags VALUES ('水', 999)",
        "INSERT INTO occurrences SELECT 500, 999, '', 999, '', 0, '', '' FROM articles LIMIT 1",
    )
    assert kinds(check(path)) == {"links"}
    assert not check(path).sound
    sound_after_repair(path)


def test_a_changed_text_is_put_back_from_its_file(path: Path) -> None:
    spoil(path, "UPDATE articles SET text = replace(text, '第3篇', '第4篇') WHERE id = 4")
    assert "text" in kinds(check(path))
    sound_after_repair(path)
    with Library.open(path) as library:
        assert library.get(4).text == numbered(3) * 30


def test_a_changed_text_whose_file_is_gone_stays_a_problem(path: Path) -> None:
    spoil(
        path,
        "UPDATE articles SET text = text || '。' WHERE id = 4",
        "UPDATE files SET path = '/nowhere/' || id || '.txt'",
    )
    report = check(path, repair=True)
    assert not report.sound
    assert [problem.kind for problem in report.problems if not problem.repaired] == ["text"]
    assert len(report.missing_files) == COUNT


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM passages WHERE article_id = 3",
        'UPDATE passages SET "end" = 99999 WHERE article_id = 3',
        "UPDATE passages SET sentences = x'31ff' WHERE article_id = 3",
        "UPDATE passages SET sentences = x'31ffff' WHERE article_id = 3",
        "UPDATE passages SET sentences = 'text' WHERE article_id = 3",
    ],
)
def test_passages_that_do_not_fit_are_split_anew(path: Path, made: Path, statement: str) -> None:
    spoil(path, statement)
    assert kinds(check(path)) == {"passages"}
    sound_after_repair(path)
    with Library.open(path) as library, Library.open(made / "library.db") as good:
        assert library.get(3).passages == good.get(3).passages


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE articles SET script = 'klingon' WHERE id = 3",
        "UPDATE articles SET wording = 'klingon' WHERE id = 3",
        "UPDATE occurrences SET encoding = '{\"speed\": 3}' WHERE article_id = 3",
        "UPDATE files SET options = 'none' WHERE id = 3",
        "UPDATE results SET result = 'none'",
    ],
)
def test_values_that_mean_nothing_are_told_and_dropped(
    path: Path, made: Path, statement: str
) -> None:
    spoil(path, statement)
    assert kinds(check(path)) == {"values"}
    with Library.open(path, readonly=True) as library:
        read = library.results_of if "results" in statement else library.get
        with pytest.raises(LibraryError, match="damaged"):
            read(7 if "results" in statement else 3)
    report = check(path, repair=True)
    assert report.kept is not None
    assert kinds(report) == {"values", "lost"} or "results" in statement
    assert check(path).problems == []
    with Library.open(path) as library, Library.open(made / "library.db") as good:
        assert library.get(3).text == good.get(3).text
        assert library.get(4) == good.get(4)
        assert library.tags() == good.tags()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM search_digests WHERE article_id = 3",
        "UPDATE search_digests SET digest = digest + 1",
        "INSERT INTO search_index (search_index) VALUES ('delete-all')",
    ],
)
def test_a_search_index_out_of_step_is_made_anew(path: Path, statement: str) -> None:
    spoil(path, statement)
    assert kinds(check(path)) == {"search"}
    sound_after_repair(path)
    with Library.open(path) as library:
        hits = search(library.connection, f'"{numbered(2)[5:15]}"').hits
        assert [hit.article_id for hit in hits] == [3]


def test_near_duplicates_out_of_step_are_made_anew(path: Path) -> None:
    spoil(path, "DELETE FROM near_duplicate_sketches WHERE article_id = 3")
    assert kinds(check(path)) == {"near-duplicates"}
    sound_after_repair(path)


def test_files_that_are_gone_are_told_and_no_problem(path: Path) -> None:
    spoil(path, "UPDATE files SET path = '/nowhere/gone.txt' WHERE id = 1")
    report = check(path)
    assert report.sound
    assert report.missing_files == ["/nowhere/gone.txt"]


def test_an_index_of_sqlite_that_is_wrong_is_made_anew(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_schema SET sql = 'CREATE INDEX articles_date ON articles (title)'"
            " WHERE name = 'articles_date'"
        )
    assert kinds(check(path)) == {"pages"}
    report = sound_after_repair(path)
    assert report.kept is None


def pages_of(path: Path, table: str) -> list[int]:
    """Return the leaf pages of a table."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        try:
            rows = connection.execute(
                "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf'", (table,)
            ).fetchall()
        except sqlite3.OperationalError:
            pytest.skip("this SQLite does not tell its pages")
    return [page for (page,) in rows]


def overwrite(path: Path, pages: list[int]) -> None:
    data = bytearray(path.read_bytes())
    noise = random.Random(7)
    for page in pages:
        data[(page - 1) * 4096 : page * 4096] = noise.randbytes(4096)
    path.write_bytes(data)


def test_of_a_damaged_library_all_that_can_be_read_is_saved(path: Path, made: Path) -> None:
    pages = pages_of(path, "articles")
    overwrite(path, pages[3:5])
    assert kinds(check(path)) == {"pages"}
    report = check(path, repair=True)
    lost = [problem.what for problem in report.problems if problem.kind == "lost"]
    assert lost
    assert report.kept is not None
    assert report.kept.is_file()
    with Library.open(path) as library, Library.open(made / "library.db") as good:
        saved = [one.id for one in library.listed()]
        assert COUNT / 2 < len(saved) < COUNT
        for article_id in saved:
            assert library.get(article_id) == good.get(article_id)
        for number in set(range(1, COUNT + 1)) - set(saved):
            assert f"article {number} could not be read" in lost
            file = good.get(number).path
            assert any(str(file) in line for line in lost)
            assert not library.is_known(file)
        assert library.tags() == good.tags()
    assert check(path).sound


def test_a_library_that_was_cut_short_is_saved_as_far_as_it_goes(path: Path, made: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3 // 4096 * 4096])
    assert kinds(check(path)) == {"pages"}
    report = check(path, repair=True)
    assert report.kept is not None
    with Library.open(path) as library, Library.open(made / "library.db") as good:
        saved = [one.id for one in library.listed()]
        assert saved
        for article_id in saved:
            assert library.get(article_id).text == good.get(article_id).text
    assert check(path).sound


@pytest.mark.parametrize("table", ["passages", "search_index_data", "near_duplicate_sketches"])
def test_what_can_be_made_anew_is_not_lost(path: Path, made: Path, table: str) -> None:
    overwrite(path, pages_of(path, table)[:3])
    report = check(path, repair=True)
    assert report.sound, report.problems
    with Library.open(path) as library, Library.open(made / "library.db") as good:
        assert library.listed() == good.listed()
        assert [library.get(one.id).passages for one in library.listed()] == [
            good.get(one.id).passages for one in good.listed()
        ]
    assert check(path).sound


def test_a_malformed_list_of_migrations_is_damage_and_saved(path: Path, made: Path) -> None:
    spoil(path, "UPDATE migrations SET number = 70, name = x'00ff' WHERE number = 1")
    assert kinds(check(path)) == {"pages"}
    with pytest.raises(LibraryError, match="damaged"):
        Library.open(path)
    assert sound_after_repair(path).kept is not None
    with Library.open(path) as library, Library.open(made / "library.db") as good:
        assert library.listed() == good.listed()


def test_a_library_without_its_beginning_is_told_and_kept(path: Path) -> None:
    overwrite(path, [1])
    before = path.read_bytes()
    for repair in (False, True):
        with pytest.raises(LibraryError) as caught:
            check(path, repair=repair)
        assert "restore" in str(caught.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize("seed", range(12))
def test_no_damage_ends_in_anything_but_a_line(path: Path, seed: int) -> None:
    noise = random.Random(seed)
    data = bytearray(path.read_bytes())
    for _place in range(noise.choice((1, 20, 400))):
        start = noise.randrange(100, len(data))
        data[start : start + 40] = noise.randbytes(len(data[start : start + 40]))
    if seed % 4 == 3:
        del data[noise.randrange(4096, len(data)) :]
    path.write_bytes(data)
    for step in (
        lambda: check(path),
        lambda: check(path, repair=True),
        lambda: check(path),
    ):
        with contextlib.suppress(LibraryError):
            step()
    with contextlib.suppress(LibraryError), Library.open(path, readonly=True) as library:
        for one in library.listed():
            library.get(one.id)


def test_a_library_in_use_is_not_taken_apart(path: Path) -> None:
    home = path.parents[1]
    script = """
        import sys
        from workbench.store.library import Library
        with Library.open() as library:
            print(library.count(), flush=True)
            sys.stdin.read()
    """
    with child(script, home) as process:
        assert next_line(process) == str(COUNT)
        overwrite(path, pages_of(path, "articles")[3:5])
        with pytest.raises(LibraryError, match=rf"\({process.pid}\)"):
            check(path, repair=True)


def test_every_table_is_saved_or_made_anew() -> None:
    derived = {"migrations", "search_index", "search_digests"}
    with contextlib.closing(open_in_memory()) as connection:
        rows = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        names = {
            name
            for (name,) in rows
            if not name.startswith(("sqlite_", "search_index_", "near_duplicate_"))
        }
    assert names - derived == set(TABLES)
    assert schema.shipped()[0].name == "0001_library"
