"""What goes into the library comes out as it was, once."""

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from library_support import TEXT, article_of, numbered

from workbench.articles.document import ReadOptions
from workbench.articles.model import Article, Encoding, Script, Span
from workbench.errors import LibraryError, UsageError
from workbench.store.filters import Filters
from workbench.store.library import Library
from workbench.store.results import Run
from workbench.store.search import search
from workbench.store.spans import packed, unpacked

RUN = Run(
    "summarize",
    {"name": "tiny", "sha256": "0" * 64, "quantization": "F16", "adapters": []},
    {"name": "news", "sha256": "1" * 64, "variables": {}},
    {"length": "short"},
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "library.db"


@pytest.fixture
def library(path: Path):  # type: ignore[no-untyped-def]
    with Library.open(path) as opened:
        yield opened


def on_disk(folder: Path, name: str, text: str) -> Article:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return article_of(text, path)


def found(library: Library, query: str) -> list[int]:
    with library.reading() as connection:
        return [hit.article_id for hit in search(connection, query).hits]


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=40),
    st.integers(0, 100_000),
)
def test_sentences_come_out_of_their_bytes_as_they_were(
    lengths: list[tuple[int, int]], start: int
) -> None:
    spans, end = [], start
    for gap, length in lengths:
        spans.append(Span(end + gap, end + gap + length))
        end += gap + length
    assert unpacked(packed(spans, start), start) == tuple(spans)


@given(st.binary(max_size=20))
def test_bytes_that_are_no_sentences_are_told(data: bytes) -> None:
    try:
        spans = unpacked(data, 5)
    except ValueError:
        return
    assert all(span.start <= span.end for span in spans)


def test_an_article_comes_out_as_it_went_in(library: Library, tmp_path: Path) -> None:
    article = on_disk(tmp_path, "水闸.txt", TEXT)
    added = library.add(article)
    assert (added.new_article, added.new_place) == (True, True)
    assert library.get(added.id) == article


@pytest.mark.parametrize(
    "changed",
    [
        {"encoding": Encoding("big5hkscs", "scored", 0.91, "gb18030", 0.4, 3, ("utf-8",), "gbk")},
        {"title": None, "date": None, "byline": None, "source": None, "wording": None},
        {"removals": (), "left_out": (), "findings": (), "script": Script.MIXED},
        {"part": "row 12", "format": "csv"},
        {"title": "坏\ud800题", "source": "\udcff"},
    ],
)
def test_whatever_was_found_in_an_article_is_kept(
    library: Library, changed: dict[str, object]
) -> None:
    article = replace(article_of(path="/nowhere/水闸.txt"), **changed)  # type: ignore[arg-type]
    assert library.get(library.add(article).id) == article


@pytest.mark.parametrize(
    "text", ["第一行\n\0第二行，说的是水。", "半个\ud83d字，后面是水。", "🛶" * 40 + "。"]
)
def test_texts_with_odd_characters_are_kept_and_found(library: Library, text: str) -> None:
    added = library.add(article_of(text, "/nowhere/怪.txt", title=None))
    assert library.get(added.id).text == text
    library.remove(added.id)
    assert library.count() == 0


def test_names_that_are_never_converted_are_kept(library: Library) -> None:
    article = replace(article_of(path="/nowhere/1.txt"), names=("乾隆", "后羿"))
    added = library.add(article, ReadOptions(names=article.names))
    assert library.get(added.id) == article


def test_what_came_by_standard_input_is_kept(library: Library) -> None:
    article = article_of(path="-")
    added = library.add(article)
    assert library.get(added.id) == article
    assert not library.add(article).new_place


def test_names_of_files_in_another_encoding_are_kept(library: Library) -> None:
    path = Path(os.fsdecode(b"/nowhere/\xb0\xa1.txt"))
    added = library.add(article_of(path=path))
    assert library.get(added.id).path == path
    assert library.standing_in(path) == [added.id]


def test_the_same_bytes_twice_add_nothing(library: Library, tmp_path: Path) -> None:
    article = on_disk(tmp_path, "水闸.txt", TEXT)
    first, second = library.add(article), library.add(article)
    assert (second.id, second.new_article, second.new_place) == (first.id, False, False)
    assert library.statistics().articles == library.statistics().files == 1


def test_the_same_text_in_another_file_adds_the_file(library: Library, tmp_path: Path) -> None:
    first = library.add(on_disk(tmp_path, "一.txt", TEXT))
    other = replace(on_disk(tmp_path, "二.md", TEXT), encoding=Encoding("big5", "scored", 0.9))
    second = library.add(other)
    assert (second.id, second.new_article, second.new_place) == (first.id, False, True)
    assert [Path(place.path).name for place in library.places(first.id)] == ["一.txt", "二.md"]
    assert library.get(first.id).path.name == "一.txt"


def test_a_known_file_is_told_without_reading_it(library: Library, tmp_path: Path) -> None:
    article = on_disk(tmp_path, "水闸.txt", TEXT)
    assert not library.is_known(article.path)
    library.add(article)
    assert library.is_known(article.path)
    assert not library.is_known(article.path, ReadOptions(encoding="big5"))
    assert not library.is_known(tmp_path / "missing.txt")


def test_a_touched_and_a_copied_file_are_known_by_their_bytes(
    library: Library, tmp_path: Path
) -> None:
    article = on_disk(tmp_path, "水闸.txt", TEXT)
    added = library.add(article)
    os.utime(article.path, ns=(1, 1))
    assert library.is_known(article.path)
    copy = on_disk(tmp_path, "抄.txt", TEXT)
    assert library.is_known(copy.path)
    assert library.standing_in(copy.path) == [added.id]
    page = on_disk(tmp_path, "页.html", TEXT)
    assert not library.is_known(page.path), "the same bytes mean something else in another format"


def test_a_changed_file_is_another_and_the_old_text_stays(library: Library, tmp_path: Path) -> None:
    old = library.add(on_disk(tmp_path, "水闸.txt", TEXT))
    path = on_disk(tmp_path, "水闸.txt", TEXT.replace("82", "83")).path
    assert not library.is_known(path)
    new = library.add(article_of(TEXT.replace("82", "83"), path))
    assert new.id != old.id
    assert library.get(old.id).text == TEXT
    assert library.standing_in(path) == [new.id]


def test_a_file_of_several_articles_is_known_once_it_is_finished(
    library: Library, tmp_path: Path
) -> None:
    dump = tmp_path / "dump.jsonl"
    dump.write_text("{}\n{}\n", encoding="utf-8")
    parts = [article_of(numbered(i), dump, part=f"line {i}") for i in (1, 2)]
    ids = [added.id for added in library.add_many(parts)]
    assert not library.is_known(dump)
    library.finish(dump)
    assert library.is_known(dump)
    assert library.standing_in(dump) == ids
    assert library.statistics().files == 1


def test_reading_again_replaces_what_was_found(library: Library, tmp_path: Path) -> None:
    article = on_disk(tmp_path, "水闸.txt", TEXT)
    added = library.add(article)
    better = replace(article, title="新闸门", removals=(), date=None)
    library.add(better)
    assert library.get(added.id) == article
    library.add(better, again=True)
    assert library.get(added.id) == better
    assert found(library, "title:新闸门") == [added.id]
    assert found(library, "title:昨天") == []


def test_an_article_is_found_until_it_is_removed(library: Library) -> None:
    ids = [library.add(article_of(numbered(i), f"/nowhere/{i}")).id for i in range(3)]
    assert found(library, numbered(1)[4:12]) == [ids[1]]
    removed = library.remove(ids[1])
    assert (removed.id, removed.results) == (ids[1], 0)
    assert found(library, numbered(1)[4:12]) == []
    assert [one.id for one in library.listed()] == [ids[0], ids[2]]
    with library.reading() as connection:
        for table in ("passages", "removals", "left_out", "findings", "occurrences"):
            rows = connection.execute(
                f"SELECT count(*) FROM {table} WHERE article_id = ?", (ids[1],)
            )
            assert rows.fetchone() == (0,), table


def test_ids_are_never_given_twice(library: Library) -> None:
    first = library.add(article_of(numbered(1), "/nowhere/1")).id
    library.remove(first)
    again = library.add(article_of(numbered(1), "/nowhere/1"))
    assert again.new_article
    assert again.id > first


def test_a_removed_article_is_read_again_when_its_file_is_added(
    library: Library, tmp_path: Path
) -> None:
    article = on_disk(tmp_path, "水闸.txt", TEXT)
    library.remove(library.add(article).id)
    assert not library.is_known(article.path)
    assert library.statistics().files == 0


def test_articles_are_named_by_number_and_hash(library: Library) -> None:
    first = library.add(article_of(numbered(1), "/nowhere/1")).id
    sha256 = library.listed_one(first).content_sha256
    for name in (str(first), f"#{first}", sha256, sha256[:6], sha256[:9].upper()):
        assert library.find(name) == first
    for name in ("", "#", "99", sha256[:5], "零", "-1", "9" * 40, "' OR 1"):
        with pytest.raises(LibraryError, match="no article"):
            library.find(name)


def test_a_hash_that_begins_several_is_refused(library: Library) -> None:
    for number in range(2):
        library.add(article_of(numbered(number), f"/nowhere/{number}"))
    with library.writing() as connection:
        connection.execute("UPDATE articles SET content_sha256 = 'abcdef0' || id")
    with pytest.raises(LibraryError, match="several"):
        library.find("abcdef")


def test_filters_choose_by_date_source_tag_collection_and_script(library: Library) -> None:
    dates = ("2023-12-31", "2024-01-01", "2024-05-06", None)
    ids = []
    for number, date in enumerate(dates):
        article = replace(
            article_of(numbered(number), f"/nowhere/{number}"),
            date=date,
            source="甲报" if number % 2 else "乙报",
            script=Script.TRADITIONAL if number == 2 else Script.SIMPLIFIED,
        )
        ids.append(library.add(article).id)
    library.tag(ids[0], ["要闻", "水"])
    library.tag(ids[1], ["要闻"])
    library.collect("春", [ids[2], ids[0]])

    def chosen(**filters: object) -> list[int]:
        wanted = Filters(**filters)  # type: ignore[arg-type]
        listed = [one.id for one in library.listed(wanted)]
        assert library.count(wanted) == len(listed)
        return [ids.index(one) for one in listed]

    assert chosen() == [0, 1, 2, 3]
    assert chosen(date_from="2024") == [1, 2]
    assert chosen(date_to="2024-01") == [0, 1]
    assert chosen(date_from="2024-01-02", date_to="2024-05-06") == [2]
    assert chosen(source="甲报") == [1, 3]
    assert chosen(tags=("要闻",)) == [0, 1]
    assert chosen(tags=("要闻", "水")) == [0]
    assert chosen(collection="春") == [2, 0]
    assert chosen(script=Script.TRADITIONAL) == [2]
    assert chosen(added_from="2999") == []
    assert [one.id for one in library.listed(limit=2, offset=1)] == ids[1:3]
    with pytest.raises(UsageError, match="not a date"):
        Filters(date_from="May")


def test_tags_are_put_on_and_taken_off(library: Library) -> None:
    article = library.add(article_of(path="/nowhere/1")).id
    assert library.tag(article, ["水", " 水 ", "要闻"]) == 2
    assert library.listed_one(article).tags == ("水", "要闻")
    assert library.untag(article, ["水", "没有"]) == 1
    assert library.tags() == {"要闻": 1}
    for bad in ("", " ", "+水", "-水", "#1", "a\nb", "长" * 101, "\ud800"):
        with pytest.raises(UsageError, match="no name"):
            library.tag(article, [bad])
    with pytest.raises(LibraryError, match="no article 99"):
        library.tag(99, ["水"])


def test_collections_keep_their_order(library: Library) -> None:
    ids = [library.add(article_of(numbered(i), f"/nowhere/{i}")).id for i in range(4)]
    assert library.collect("春", [ids[2], ids[0]]) == 2
    assert library.collect("春", [ids[0], ids[3]]) == 1
    assert library.collected("春") == [ids[2], ids[0], ids[3]]
    assert library.uncollect("春", [ids[0], ids[1]]) == 1
    library.collect("春", [ids[0]])
    assert library.collected("春") == [ids[2], ids[3], ids[0]]
    library.collect("夏", [])
    assert library.collections() == {"夏": 0, "春": 3}
    with pytest.raises(LibraryError, match="春"):
        library.rename_collection("夏", "春")
    library.rename_collection("春", "秋")
    library.delete_collection("夏")
    assert library.collections() == {"秋": 3}
    with pytest.raises(LibraryError, match="there are: 秋"):
        library.collected("冬")
    with pytest.raises(LibraryError, match="no article 99"):
        library.collect("秋", [99])


def test_results_are_kept_with_their_articles_and_what_is_thought_of_them(
    library: Library,
) -> None:
    ids = [library.add(article_of(numbered(i), f"/nowhere/{i}")).id for i in range(2)]
    run = library.start_run(RUN)
    one = library.record(run, [ids[0]], {"headline": "一", "points": [{"text": "点"}]})
    both = library.record(run, ids, {"headline": "二"})
    library.rate(one, 4, "不错")
    library.rate(one, 2)
    kept = library.results_of(ids[0])
    assert [(found.id, found.article_ids) for found in kept] == [
        (one, (ids[0],)),
        (both, tuple(ids)),
    ]
    assert kept[0].result == {"headline": "一", "points": [{"text": "点"}]}
    assert (kept[0].model, kept[0].template, kept[0].task) == ("tiny", "news", "summarize")
    assert [(given.rating, given.note) for given in kept[0].feedback] == [(4, "不错"), (2, "")]
    with pytest.raises(UsageError, match="1 to 5"):
        library.rate(one, 6)
    with pytest.raises(LibraryError, match="no result 99"):
        library.rate(99, 3)
    assert library.remove(ids[0]).results == 1
    assert [found.id for found in library.results_of(ids[1])] == [both]


def test_a_transaction_is_all_or_nothing(library: Library) -> None:
    def half() -> None:
        with library.writing():
            library.add(article_of(numbered(1), "/nowhere/1"))
            library.tag(1, ["水"])
            raise KeyError("stop")

    with pytest.raises(KeyError):
        half()
    assert library.count() == 0
    assert library.tags() == {}
    assert library.add(article_of(numbered(1), "/nowhere/1")).new_article


def test_a_dump_goes_on_after_a_transaction_that_was_undone(
    library: Library, tmp_path: Path
) -> None:
    dump = tmp_path / "dump.jsonl"
    dump.write_text("{}\n", encoding="utf-8")
    part = article_of(numbered(1), dump, part="line 1")

    def half() -> None:
        with library.writing():
            library.add(part)
            raise KeyError("stop")

    with pytest.raises(KeyError):
        half()
    assert library.get(library.add(part).id).part == "line 1"


def test_threads_write_side_by_side(library: Library) -> None:
    wrong: list[BaseException] = []

    def work(first: int) -> None:
        try:
            for number in range(first, first + 15):
                library.add(article_of(numbered(number), f"/nowhere/{number}"))
                library.count()
        except BaseException as error:  # noqa: BLE001
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(first,)) for first in (0, 100, 200, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert library.count() == 15 * 3 + 5


def test_without_a_library_reading_finds_nothing_and_makes_nothing(path: Path) -> None:
    with Library.open(path, readonly=True) as library:
        assert library.listed() == []
        assert library.statistics().bytes == 0
        with pytest.raises(LibraryError, match="nothing to back up"):
            library.backup(path.parent / "copy.db")
    assert not path.parent.exists()


def test_only_the_owner_may_read_a_library(library: Library, path: Path) -> None:
    library.add(article_of(path="/nowhere/1"))
    modes = {file.name: file.stat().st_mode & 0o077 for file in path.parent.glob("library.db*")}
    assert set(modes.values()) == {0}, modes
