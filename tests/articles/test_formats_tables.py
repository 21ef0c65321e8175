import csv
import io
from pathlib import Path

import pytest
from format_files import BODY, SENTENCES, read
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.articles.document import Document, ReadOptions
from workbench.articles.formats import table_rows
from workbench.articles.reader import documents, documents_of_bytes, read_articles
from workbench.errors import ArticleError

TABLE = [
    ["标题", "正文", "日期", "作者", "来源"],
    ["步道开放", SENTENCES[0], "2024-05-06 08:00", "林一", "江边周刊"],
    ["工程三段", SENTENCES[1], "20240507", "", "http://example.org/a"],
    ["两座小桥", SENTENCES[2], "昨天", "周二", ""],
]


def table(rows: list[list[str]], delimiter: str = ",", **options: object) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, **options).writerows(rows)  # type: ignore[arg-type]
    return out.getvalue().encode()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_each_row_is_an_article_with_what_its_columns_say(delimiter: str, encoding: str) -> None:
    data = table(TABLE, delimiter).decode().encode(encoding)
    good, errors = read("a.csv", data)
    assert errors == []
    assert [one.text for one in good] == list(SENTENCES[:3])
    assert [one.part for one in good] == ["row 1", "row 2", "row 3"]
    assert good[0].data == SENTENCES[0].encode()
    first, second, third = (one.stated for one in good)
    assert (first.title, first.date, first.byline) == ("步道开放", "2024-05-06", "林一")
    assert {(one.field, one.detail) for one in first.findings} >= {("title", "标题")}
    assert (second.date, second.source) == ("2024-05-07", "http://example.org/a")
    assert (third.date, third.byline, third.source) == (None, "周二", None)


def test_a_table_is_read_from_disk_into_articles(tmp_path: Path) -> None:
    path = tmp_path / "新闻合集二〇二四.csv"
    path.write_bytes(table(TABLE))
    articles = list(read_articles(path, ReadOptions()))
    assert [one.title for one in articles if not isinstance(one, ArticleError)] == [
        row[0] for row in TABLE[1:]
    ]
    assert articles[0].name.endswith("csv · row 1")  # type: ignore[union-attr]


def test_the_users_column_is_taken_by_name_or_number() -> None:
    for column in ("标题", "1"):
        good, _errors = read("a.csv", table(TABLE), column)
        assert [one.text for one in good] == ["步道开放", "工程三段", "两座小桥"]
    _good, errors = read("a.csv", table(TABLE), "nope")
    assert "标题, 正文, 日期, 作者, 来源" in str(errors[0])


def test_a_column_of_prose_is_found_without_a_name() -> None:
    rows = [["x1", "x2"], *([str(n), text * 2] for n, text in enumerate(SENTENCES))]
    good, errors = read("a.csv", table(rows))
    assert (len(good), errors) == (4, [])
    good, errors = read("a.tsv", table(rows[1:], "\t"))
    assert [one.text for one in good] == [text * 2 for text in SENTENCES]


def test_columns_that_are_alike_are_listed_and_not_guessed() -> None:
    rows = [["aa", "bb"], *([text, text] for text in SENTENCES)]
    good, errors = read("a.csv", table(rows))
    assert good == []
    assert "aa, bb" in str(errors[0])
    assert "--column" in str(errors[0])


def test_broken_rows_are_listed_and_the_others_read() -> None:
    data = table(TABLE[:2]) + "甲,乙\r\n".encode() + table(TABLE[2:])
    data += "题,,2024-01-01,,\r\n".encode()
    good, errors = read("a.csv", data)
    assert [one.text for one in good] == list(SENTENCES[:3])
    assert ["more or fewer cells: lines 3" in str(one) for one in errors].count(True) == 1
    assert ["nothing to read in this column: lines 6" in str(one) for one in errors].count(
        True
    ) == 1


def test_a_quote_that_is_never_closed_costs_one_row() -> None:
    lines = [f'"题,{n}",{text}' for n, text in enumerate(SENTENCES)]
    lines[1] = '题,"' + SENTENCES[1]
    good, errors = read("a.csv", ("title,text\n" + "\n".join(lines) + "\n").encode())
    assert [one.text for one in good] == [SENTENCES[0], *SENTENCES[2:]]
    assert "broken quotes: lines 3" in str(errors[0])


def test_quotes_inside_a_cell_are_kept_as_written() -> None:
    text = SENTENCES[0].replace("江边的步道", '"江边的步道"')
    good, errors = read("a.tsv", f"title\ttext\n一\t{text}\n二\t{SENTENCES[1]}\n".encode())
    assert (good[0].text, errors) == (text, [])


def test_html_in_a_cell_is_read_as_a_page_shows_it() -> None:
    html = f"<p>{SENTENCES[0]}</p><p>{SENTENCES[1]}<script>x()</script></p>"
    good, _errors = read("a.csv", table([["title", "content"], ["一", html]]))
    assert good[0].text == "\n".join(SENTENCES[:2])
    good, _errors = read("a.csv", table([["title", "content"], ["一", html]]), raw=True)
    assert good[0].text == html


def test_paragraphs_inside_a_quoted_cell_stay_one_article() -> None:
    good, errors = read("a.csv", table([["title", "text"], ["一", BODY], ["二", BODY]]))
    assert ([one.text for one in good], errors) == ([BODY, BODY], [])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.text("步道，。\"'\n,;|\t x1", max_size=12), st.sampled_from(SENTENCES)),
        min_size=1,
        max_size=8,
    )
)
def test_what_is_written_as_csv_is_read_back(rows: list[tuple[str, str]]) -> None:
    data = table([["title", "text"], *(list(row) for row in rows)])
    good, errors = read("a.csv", data)
    assert [one.text for one in good] == [text for _title, text in rows]
    assert errors == []


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.tsv", "a.json", "a.jsonl", "a.txt"]))
def test_any_bytes_give_documents_or_errors(data: bytes, name: str) -> None:
    for one in documents_of_bytes(name, data, ReadOptions(column="1")):
        assert isinstance(one, (Document, ArticleError))
        if isinstance(one, ArticleError):
            assert "\n" not in str(one)
            assert "Error:" not in str(one)


def test_a_large_table_is_read_a_row_at_a_time(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "a.csv"
    row = table([["题", BODY * 4]])
    with path.open("wb") as stream:
        stream.write(b"title,text\n")
        for _number in range(10_000):
            stream.write(row)
    tracemalloc.start()
    try:
        count = sum(isinstance(one, Document) for one in documents(path, ReadOptions()))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 10_000
    assert peak < path.stat().st_size // 2


def test_quotes_that_open_on_every_line_do_not_read_the_table_ever_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count = 30_000
    read_lines = 0
    plain = table_rows._Feed.__next__

    def counted(feed: table_rows._Feed) -> str:
        nonlocal read_lines
        read_lines += 1
        assert read_lines < 100 * count
        return plain(feed)

    monkeypatch.setattr(table_rows._Feed, "__next__", counted)
    # Each of these opens a cell, and inside an open cell closes it and opens another.
    lines = [(number, 'y","\n') for number in range(1, count + 1)]
    lines.append((count + 1, f"1,{SENTENCES[0]}\n"))
    rows = list(table_rows._parsed(iter(lines), ",", True, width=2))
    assert len(rows) == count + 1
    assert rows[-1] == table_rows.Row(count + 1, count + 1, ("1", SENTENCES[0]))
