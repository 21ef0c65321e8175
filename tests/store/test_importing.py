import pickle
import signal
import subprocess
import sys
import textwrap
from contextlib import closing
from multiprocessing.reduction import ForkingPickler

import pytest

from workbench.articles.document import ReadOptions
from workbench.errors import ArticleError
from workbench.store import near_duplicates, search_index
from workbench.store.importing import Imported, Known, import_files
from workbench.store.library import Library
from workbench.store.preparing import prepare
from workbench.store.search import search

OPENINGS = ("渔港", "图书馆", "养老食堂", "公交线路", "老街", "果园", "水厂", "剧团")
ENDINGS = ("今年春天开始改造", "请居民提了意见", "换上了新的设备", "延长了开放时间", "添了三名师傅")


def text_of(number):
    place, change = OPENINGS[number % 8], ENDINGS[number // 8 % 5]
    return (
        f"{place}第{number}号点{change}。负责人说，工程分{number + 2}期，"
        f"头一期花了{number * 7 + 31}万元，住在附近的{number * 3 + 120}户人家最先用上。\n"
        f"记者在现场看到，{place}门口立着编号{number * number + 5}的牌子，工人正在收拾场地。\n"
    )


def write_files(folder, number):
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{place:03}.txt" for place in range(number)]
    for place, path in enumerate(paths):
        path.write_text(text_of(place), "utf-8")
    return paths


@pytest.fixture
def library(tmp_path):
    with Library.open(tmp_path / "library.db") as opened:
        yield opened


def imported(library, paths, **options):
    return list(import_files(library, paths, **options))


def whole(library):
    """Return every text by its id, having checked what was made of them."""
    connection = library.connection
    assert not search_index.verify(connection)
    assert near_duplicates.verify(connection) == ()
    return dict(connection.execute("SELECT id, text FROM articles ORDER BY id"))


def test_ids_are_the_same_however_many_processes_read(tmp_path):
    paths = write_files(tmp_path / "files", 60)
    texts = []
    for workers in (0, 3):
        with Library.open(tmp_path / f"{workers}.db") as library:
            outcomes = imported(library, paths, workers=workers)
            assert [one.name for one in outcomes] == [str(path) for path in paths]
            assert [one.added.id for one in outcomes] == list(range(1, 61))
            texts.append(whole(library))
            assert search(library.connection, "第37号点").total == 1
    assert texts[0] == texts[1]
    assert list(texts[0].values()) == [text_of(number) for number in range(60)]


def test_what_is_known_is_passed_over(library, tmp_path):
    paths = write_files(tmp_path / "files", 30)
    imported(library, paths[:20], workers=2)
    outcomes = imported(library, paths, workers=2)
    assert [type(one) for one in outcomes] == [Known] * 20 + [Imported] * 10
    paths[3].write_text("换了内容的一篇：果园里新栽了两百棵树，请大家来看。", "utf-8")
    (changed,) = [one for one in imported(library, paths) if isinstance(one, Imported)]
    assert changed.name == str(paths[3])


def test_the_same_text_twice_is_one_article_in_two_places(library, tmp_path):
    first, second = write_files(tmp_path / "files", 2)
    second.write_bytes(b"\xef\xbb\xbf" + first.read_bytes())
    outcomes = imported(library, [first, second])
    assert [(one.added.id, one.added.new_article) for one in outcomes] == [(1, True), (1, False)]
    assert len(library.places(1)) == 2


def test_what_cannot_be_read_is_told_in_its_place(library, tmp_path):
    paths = write_files(tmp_path / "files", 40)
    paths[5].write_bytes(b"\x7fELF" + bytes(200))
    paths[7].unlink()
    outcomes = imported(library, paths, workers=2)
    assert [place for place, one in enumerate(outcomes) if isinstance(one, ArticleError)] == [5, 7]
    assert len(whole(library)) == 38


def test_a_dump_is_read_by_several_processes_and_known_after_that(library, tmp_path):
    dump = tmp_path / "dump.txt"
    lines = [text_of(number).replace("\n", "") * 2 for number in range(80)]
    dump.write_text("\n".join(lines), "utf-8")
    options = ReadOptions(lines=True)
    outcomes = list(import_files(library, [dump], options, workers=2))
    assert [one.added.id for one in outcomes] == list(range(1, 81))
    assert list(import_files(library, [dump], options)) == [Known(dump)]


def test_a_dump_with_a_broken_line_tells_it_again(library, tmp_path):
    dump = tmp_path / "dump.jsonl"
    rows = [f'{{"text": "{text_of(number).strip()}"}}'.replace("\n", "\\n") for number in (1, 2)]
    dump.write_text(f"{rows[0]}\n{{broken\n{rows[1]}\n", "utf-8")
    for added in (2, 0):
        outcomes = imported(library, [dump])
        assert sum(isinstance(one, ArticleError) for one in outcomes) == 1
        new = [one for one in outcomes if isinstance(one, Imported) and one.added.new_article]
        assert len(new) == added


def test_what_was_yielded_is_kept_when_the_rest_is_not_wanted(library, tmp_path):
    paths = write_files(tmp_path / "files", 300)
    with closing(import_files(library, paths, workers=2)) as outcomes:
        first = next(outcomes)
    assert first.added.id == 1
    assert library.connection.execute("SELECT count(*) FROM articles").fetchone()[0] >= 1
    assert not library.connection.in_transaction
    imported(library, paths, workers=2)
    assert len(whole(library)) == 300


PROGRAM = textwrap.dedent("""
    import sys
    from pathlib import Path
    from workbench.store.importing import import_files
    from workbench.store.library import Library
    if __name__ == "__main__":
        paths = sorted(Path(sys.argv[2]).iterdir())
        with Library.open(Path(sys.argv[1])) as library:
            for number, one in enumerate(import_files(library, paths, workers=2), start=1):
                print(number, flush=True)
""")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_import_goes_on_where_it_was(tmp_path, number):
    paths = write_files(tmp_path / "files", 900)
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, "utf-8")
    database = tmp_path / "library.db"
    with subprocess.Popen(
        [sys.executable, program, database, paths[0].parent],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"
        process.send_signal(number)
        process.wait(30)
    with Library.open(database) as library:
        before = library.connection.execute("SELECT count(*) FROM articles").fetchone()[0]
        assert 0 < before < 900
        outcomes = imported(library, paths, workers=2)
        assert sum(isinstance(one, Known) for one in outcomes) == before
        assert list(whole(library).values()) == [text_of(place) for place in range(900)]


def test_articles_come_through_to_other_processes_whole(tmp_path):
    (path,) = write_files(tmp_path / "files", 1)
    path.write_text(f"来源：镇报\n\n{text_of(3)}\n\n责任编辑：某某", "utf-8")
    ((prepared, _end),) = prepare([(path, ReadOptions())])
    assert prepared.article.removals
    copy = pickle.loads(ForkingPickler.dumps(prepared))
    assert copy == prepared
