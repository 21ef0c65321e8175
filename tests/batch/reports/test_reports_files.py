import csv
import json
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from reports_support import (
    FORMULA,
    answer_row,
    failed_row,
    hostile_row,
    many_rows,
)

from workbench.batch.reports import FORMATS, Row, spreadsheet, write_reports
from workbench.batch.reports.groups import groups_of
from workbench.batch.reports.naming import group_folders
from workbench.batch.reports.spreadsheet import MOST_CHARACTERS, fitting
from workbench.errors import UsageError, WorkbenchError

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def sheets(path: Path) -> dict[str, list[list[str]]]:
    """Read a workbook as ECMA-376 describes it, without the library that wrote it."""
    with zipfile.ZipFile(path) as book:
        assert book.testzip() is None
        shared = (
            [
                "".join(one.itertext())
                for one in etree.fromstring(book.read("xl/sharedStrings.xml")).iter(f"{MAIN}si")
            ]
            if "xl/sharedStrings.xml" in book.namelist()
            else []
        )
        names = [
            sheet.get("name")
            for sheet in etree.fromstring(book.read("xl/workbook.xml")).iter(f"{MAIN}sheet")
        ]
        found = {}
        for number, name in enumerate(names, start=1):
            root = etree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            assert not list(root.iter(f"{MAIN}f")), "no cell is a formula"
            lines = []
            for row in root.iter(f"{MAIN}row"):
                cells: list[str] = []
                for cell in row.iter(f"{MAIN}c"):
                    place = re.match("[A-Z]+", cell.get("r"))[0]
                    at = 0
                    for letter in place:
                        at = at * 26 + ord(letter) - 64
                    cells += [""] * (at - 1 - len(cells))
                    text = "".join(cell.itertext())
                    cells.append(shared[int(text)] if cell.get("t") == "s" else text)
                lines.append(cells)
            found[name] = lines
        return found


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_every_format_is_written_and_nothing_else_is_left(tmp_path: Path, rows: list[Row]) -> None:
    out = tmp_path / "out"
    made = write_reports(out, rows, FORMATS)
    assert all(path.is_file() for path in made)
    assert [path.name for path in made] == [
        "index.md", "results.jsonl", "failures.csv", "flagged.csv", "points.csv", "results.csv",
        "results.xlsx", "report.html", "results.docx",
    ]  # fmt: skip
    assert not list(out.glob(".reports-unfinished"))
    assert len(list((out / "markdown").iterdir())) == 5


def test_lines_hold_what_the_tasks_returned(tmp_path: Path, rows: list[Row]) -> None:
    write_reports(tmp_path / "out", rows, ["jsonl"])
    text = (tmp_path / "out" / "results.jsonl").read_text(encoding="utf-8")
    found = [json.loads(line) for line in text.splitlines()]
    assert [one["result"] for one in found] == [json.loads(json.dumps(row.result)) for row in rows]
    assert found[-1]["error"] == rows[-1].error
    assert [len(one["articles"]) for one in found] == [1, 1, 2, 1, 1]
    assert not any("text" in article for one in found for article in one["articles"])
    assert "海邊小學" in text, "Chinese is written as it is"


def test_spreadsheets_tell_the_same_in_both_formats(tmp_path: Path, rows: list[Row]) -> None:
    write_reports(tmp_path / "out", rows, ["csv", "xlsx"])
    results = table(tmp_path / "out" / "results.csv")
    book = sheets(tmp_path / "out" / "results.xlsx")
    assert list(book) == ["Results", "Points", "Wrong facts", "Failures"]
    names = ("results", "points", "flagged", "failures")
    for name, sheet in zip(names, book.values(), strict=True):
        lines = table(tmp_path / "out" / f"{name}.csv")
        assert len(lines) == len(sheet) - 1
        assert list(lines[0]) == sheet[0]
        for line, cells in zip(lines, sheet[1:], strict=True):
            shown = dict(zip(sheet[0], cells, strict=False))
            for heading, value in line.items():
                if value and not value.startswith("'"):
                    if heading in ("support", "seconds"):
                        assert float(shown[heading]) == pytest.approx(float(value))
                    else:
                        assert shown[heading] == value
    assert [line["headline"] for line in results] == [
        "青石镇的早市搬进了新棚", "海邊小學的圖書車",
        "青石镇的早市3月1日搬进了河边的新棚，128个摊位全部有了顶。", "摊位费每天多少元？",
    ]  # fmt: skip
    assert results[1]["wrong facts"] == "1"
    assert results[1]["which"] == "99億元"
    assert (tmp_path / "out" / "results.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_wrong_facts_and_failures_have_tables_with_reasons(tmp_path: Path, rows: list[Row]) -> None:
    write_reports(tmp_path / "out", rows, ["csv"])
    (wrong,) = table(tmp_path / "out" / "flagged.csv")
    assert (wrong["fact"], wrong["status"]) == ("99億元", "differs")
    assert wrong["what is wrong"] == "the article says otherwise: 38萬元"
    (failed,) = table(tmp_path / "out" / "failures.csv")
    assert failed["reason"] == "坏.pdf: is damaged. Save it again."
    points = table(tmp_path / "out" / "points.csv")
    compared = [line for line in points if line["template"] == "comparison"]
    assert {line["says"] for line in compared} == {"青石镇的早市搬进了新棚", "河边的新棚开市"}
    assert {"460万元", "520万元"} <= {line["point"].partition(":")[0] for line in compared}


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_no_cell_of_a_csv_file_begins_as_a_formula_does(
    tmp_path: Path, rows: list[Row], start: str
) -> None:
    error = f"{start}cmd|' /C calc'!A0"
    write_reports(tmp_path / "out", [failed_row(f"{start}a.txt", error)], ["csv", "xlsx"])
    (failed,) = table(tmp_path / "out" / "failures.csv")
    assert failed["reason"].lstrip("'") == error.strip()
    assert not failed["reason"].startswith(FORMULA_STARTS)
    assert not failed["article"].startswith(FORMULA_STARTS)
    assert sheets(tmp_path / "out" / "results.xlsx")["Failures"][1][-1] == error.strip()


def test_hostile_texts_are_texts_in_every_table(tmp_path: Path, rows: list[Row]) -> None:
    write_reports(tmp_path / "out", [hostile_row(row) for row in rows[:2]], ["csv", "xlsx"])
    for line in table(tmp_path / "out" / "points.csv"):
        assert not any(value.startswith(FORMULA_STARTS) for value in line.values())
        assert line["point"].startswith(f"'{FORMULA}")
    cells = sheets(tmp_path / "out" / "results.xlsx")["Points"][1]
    assert any(cell.startswith(FORMULA) for cell in cells)
    assert not any("\x1b" in cell or "_x001B_" in cell for cell in cells)


@given(st.text(st.characters(codec="utf-8"), max_size=50).map(lambda text: text * 1_500))
def test_a_cell_never_overflows(text: str) -> None:
    found = fitting(text)
    assert len(found.encode("utf-16-le")) <= 2 * MOST_CHARACTERS
    assert found == text or found.endswith("(a cell holds no more)")


def test_a_full_sheet_goes_on_in_another(
    tmp_path: Path, rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 4)
    write_reports(tmp_path / "out", many_rows(rows[:1], 7), ["xlsx"])
    book = sheets(tmp_path / "out" / "results.xlsx")
    parts = [book[name] for name in ("Results", "Results 2", "Results 3")]
    assert [len(part) for part in parts] == [4, 4, 2]
    assert len({part[0][0] for part in parts}) == 1, "each has the headings"


def test_a_result_in_markdown_has_front_matter_and_its_evidence(
    tmp_path: Path, rows: list[Row]
) -> None:
    write_reports(tmp_path / "out", rows, ["markdown"])
    (path,) = (tmp_path / "out" / "markdown").glob("圖書車.news.*.md")
    _empty, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    front = yaml.safe_load(head)
    assert front["title"] == front["article_title"] == "海邊小學的圖書車"
    assert front["wrong_facts"] == ["99億元"]
    assert front["tags"] == ["教育"]
    assert (front["template"], front["model"], front["date"]) == ("news", "scripted", "2026-03-05")
    assert "## Evidence" in body
    assert "! the article says otherwise" in body


def test_the_index_links_to_files_that_are_there_wrong_facts_first(
    tmp_path: Path, rows: list[Row]
) -> None:
    from urllib.parse import unquote

    write_reports(tmp_path / "out", rows, ["markdown"])
    folder = tmp_path / "out" / "markdown"
    index = (folder / "index.md").read_text(encoding="utf-8")
    links = {unquote(link) for link in re.findall(r"\]\(<(.*?)>\)", index)}
    assert links == {path.name for path in folder.iterdir()} - {"index.md"}
    assert index.index("## Wrong facts") < index.index("## Failures") < index.index("## Results")
    assert "is damaged" in index


def test_hostile_texts_stay_in_their_front_matter(tmp_path: Path, rows: list[Row]) -> None:
    hostile = [hostile_row(row) for row in rows[:2]]
    write_reports(tmp_path / "out", hostile, ["markdown"])
    for path in (tmp_path / "out" / "markdown").glob("*.news.*.md"):
        text = path.read_text(encoding="utf-8")
        front = yaml.safe_load(text.split("---\n", 2)[1])
        assert front["title"].startswith(FORMULA)
        assert "<script>" not in text.split("---\n", 2)[2]
        assert "\x1b" not in text


def test_names_are_the_same_whatever_else_is_in_the_batch(tmp_path: Path, rows: list[Row]) -> None:
    twin = Row({**rows[0].article, "path": "elsewhere/早市.txt"}, rows[0].work, rows[0].result)
    write_reports(tmp_path / "one", [rows[0], twin, rows[1]], ["markdown"])
    write_reports(tmp_path / "two", [rows[1], twin], ["markdown"])
    first, second = (files(tmp_path / name / "markdown") for name in ("one", "two"))
    assert set(second) < set(first)
    assert len(first) == 4


def test_long_names_fit_a_file_system(tmp_path: Path, rows: list[Row]) -> None:
    article = {**rows[0].article, "path": "很" * 200 + ".txt", "part": "长" * 200}
    write_reports(tmp_path / "out", [Row(article, rows[0].work, rows[0].result)], ["markdown"])
    assert len(files(tmp_path / "out" / "markdown")) == 2


def test_written_again_nothing_changes_and_what_is_gone_is_removed(
    tmp_path: Path, rows: list[Row]
) -> None:
    out = tmp_path / "out"
    write_reports(out, rows, ["markdown", "jsonl", "html"])
    own = out / "markdown" / "notes.md"
    own.write_text("mine", encoding="utf-8")
    before = {name: (out / name).stat().st_mtime_ns for name in files(out) if name[0] != "."}
    write_reports(out, rows, ["markdown", "jsonl", "html"])
    assert {name: (out / name).stat().st_mtime_ns for name in before} == before
    write_reports(out, rows[:1], ["markdown"])
    left = files(out / "markdown")
    assert len(left) == 3
    assert "notes.md" in left, "what somebody else put there stays"
    assert (out / "report.html").exists(), "formats that were not asked for are left"


def test_a_manifest_that_names_files_elsewhere_removes_none(
    tmp_path: Path, rows: list[Row]
) -> None:
    out = tmp_path / "out"
    precious = tmp_path / "precious.txt"
    precious.write_text("x", encoding="utf-8")
    write_reports(out, rows[:1], ["jsonl"])
    listed = {"files": {"jsonl": ["../precious.txt", str(precious), "."]}}
    (out / ".reports.json").write_text(json.dumps(listed), encoding="utf-8")
    write_reports(out, rows[:1], ["jsonl"])
    assert precious.exists()
    (out / ".reports.json").write_text("[1", encoding="utf-8")
    write_reports(out, rows[:1], ["jsonl"])


def test_where_reading_the_rows_fails_the_files_of_last_time_stand(
    tmp_path: Path, rows: list[Row]
) -> None:
    out = tmp_path / "out"
    write_reports(out, rows, FORMATS)
    before = {name: (out / name).read_bytes() for name in files(out)}

    def broken() -> Iterator[Row]:
        yield rows[0]
        raise OSError("the ledger is gone")

    with pytest.raises(OSError, match="the ledger is gone"):
        write_reports(out, broken(), FORMATS)
    assert {name: (out / name).read_bytes() for name in files(out)} == before


def test_a_folder_that_takes_no_files_is_one_clear_line(tmp_path: Path, rows: list[Row]) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    with pytest.raises(WorkbenchError, match="cannot be written"):
        write_reports(file, rows, ["jsonl"])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("format", ["jsonl", "csv", "html"])
def test_a_full_disk_is_one_clear_line(
    tmp_path: Path, rows: list[Row], format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    def full(self: Path, mode: str = "r", *rest: object, **named: object) -> object:
        target = Path("/dev/full") if "w" in mode and ".reports" in str(self) else self
        return real(target, mode, *rest, **named)  # type: ignore[arg-type,call-overload]

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(WorkbenchError, match="cannot be written"):
        write_reports(tmp_path / "out", rows, [format])
    monkeypatch.undo()
    assert files(tmp_path / "out") == []


def test_what_a_killed_program_left_is_removed(tmp_path: Path, rows: list[Row]) -> None:
    left = tmp_path / "out" / ".reports-unfinished" / "jsonl" / "old.jsonl"
    left.parent.mkdir(parents=True)
    left.write_text("half", encoding="utf-8")
    write_reports(tmp_path / "out", rows, ["jsonl"])
    assert files(tmp_path / "out") == [".reports.json", "results.jsonl"]


def test_a_result_that_means_nothing_is_a_failure_with_its_reason(
    tmp_path: Path, rows: list[Row]
) -> None:
    broken = Row(rows[0].article, rows[0].work, {"task": "summarize", "points": 7})
    write_reports(tmp_path / "out", [broken], FORMATS)
    (failed,) = table(tmp_path / "out" / "failures.csv")
    assert failed["reason"].startswith("the result cannot be understood")


def test_no_rows_make_files_that_say_so(tmp_path: Path) -> None:
    made = write_reports(tmp_path / "out", [], FORMATS)
    assert all(path.is_file() for path in made)
    assert sheets(tmp_path / "out" / "results.xlsx")["Results"][0][0] == "article"


@pytest.mark.parametrize(
    ("split_by", "expected"),
    [
        ("tag", {"民生", "市场", "教育", "untagged"}),
        ("template", {"news", "comparison", "answer"}),
        ("model", {"scripted"}),
        ("month", {"2026-03", "undated"}),
        ("source", {"unknown"}),
    ],
)
def test_each_group_has_a_set_of_files(
    tmp_path: Path, rows: list[Row], split_by: str, expected: set[str]
) -> None:
    out = tmp_path / "out"
    made = write_reports(out, rows, ["jsonl", "markdown", "html"], split_by)
    assert {path.name for path in (out / split_by).iterdir()} == expected
    assert len(made) == 3 * len(expected)
    counted = sum(
        len((out / split_by / name / "results.jsonl").read_text("utf-8").splitlines())
        for name in expected
    )
    assert counted == (6 if split_by == "tag" else 5), "a row is in the group of each of its tags"


def test_split_by_folder_names_folders_that_do_not_collide(tmp_path: Path, rows: list[Row]) -> None:
    places = ["新闻/三月/a.txt", "新闻/四月/a.txt", "x/三月/a.txt"]
    moved = [
        Row({**rows[0].article, "path": place}, rows[0].work, rows[0].result) for place in places
    ]
    write_reports(tmp_path / "out", moved, ["jsonl"], "folder")
    assert len(list((tmp_path / "out" / "folder").iterdir())) == 3


@given(st.sets(st.text(min_size=1, max_size=40), max_size=6))
def test_folders_of_groups_are_names_of_their_own_anywhere(groups: set[str]) -> None:
    names = group_folders(sorted(groups))
    folded = {name.casefold() for name in names.values()}
    assert len(folded) == len(groups)
    for name in names.values():
        assert name not in ("", ".", "..")
        assert not set(name) & set('/\\<>:"|?*\0')
        assert len(os.fsencode(name.encode("utf-8", "replace"))) < 255


def test_a_row_lies_with_the_tags_of_all_its_articles(rows: list[Row]) -> None:
    both = Row(
        {"path": "a", "tags": ["甲"]}, {}, None, "", 0.0, ({"path": "b", "tags": ["乙", "甲"]},)
    )
    assert groups_of(both, "tag") == ["甲", "乙"]


def test_hostile_rows_are_divided_as_they_are(tmp_path: Path, rows: list[Row]) -> None:
    hostile = hostile_row(rows[0])
    write_reports(tmp_path / "plain", [hostile], ["jsonl"])
    made = write_reports(tmp_path / "split", [hostile], ["jsonl"], "tag")
    assert {path.read_bytes() for path in made} == {
        (tmp_path / "plain" / "results.jsonl").read_bytes()
    }


def test_unknown_formats_and_splits_are_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no format pdf"):
        write_reports(tmp_path, [], ["pdf"])
    with pytest.raises(UsageError, match="split by author"):
        write_reports(tmp_path, [], ["csv"], "author")


def test_memory_does_not_grow_with_the_rows(tmp_path: Path, rows: list[Row]) -> None:
    import tracemalloc

    kept = [row for row in rows if row.task == "summarize"]
    formats = ["jsonl", "csv", "xlsx", "html"]
    write_reports(tmp_path / "warm", many_rows(kept, 20), formats)
    peaks = []
    for count in (50, 350):
        tracemalloc.start()
        write_reports(tmp_path / f"{count}", many_rows(kept, count), formats)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 300 * 2_000, "less than 2 kB a row: its place and its figures"


def test_an_answer_that_was_refused_is_a_result_not_a_failure(
    tmp_path: Path, rows: list[Row]
) -> None:
    from tasks_support import SIMPLIFIED, article_of

    refused = answer_row(article_of(tmp_path, SIMPLIFIED), "火箭何时发射？", "文中未提及")
    write_reports(tmp_path / "out", [refused], ["csv"])
    (line,) = table(tmp_path / "out" / "results.csv")
    assert line["points"] == "文中未提及"
    assert line["support"] == ""
    assert table(tmp_path / "out" / "failures.csv") == []
