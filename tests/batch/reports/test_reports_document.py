import zipfile
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as Opened
from lxml import etree
from reports_support import HOSTILE, hostile_row, many_rows, summary_row

from workbench.batch.reports import Row, document, write_reports

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def written(folder: Path, rows: list[Row], title: str = "三月") -> Path:
    write_reports(folder / "out", rows, ["docx"], title=title)
    return folder / "out" / "results.docx"


def headings(opened: Opened) -> list[str]:
    return [one.text for one in opened.paragraphs if str(one.style.name).startswith("Heading 1")]


def part(path: Path, name: str) -> etree._Element:
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        return etree.fromstring(package.read(name))


def test_wrong_facts_come_first_then_failures_then_results(tmp_path: Path, rows: list[Row]) -> None:
    opened = Document(str(written(tmp_path, rows)))
    assert opened.paragraphs[0].text == "三月"
    assert opened.paragraphs[1].text == "4 results, 1 wrong facts, 1 failed"
    assert headings(opened) == [
        "Wrong facts",
        "Failures",
        "青石镇的早市搬进了新棚",
        "海邊小學的圖書車",
        "青石镇的早市3月1日搬进了河边的新棚，128个摊位全部有了顶。",
        "摊位费每天多少元？",
    ]
    text = "\n".join(one.text for one in opened.paragraphs)
    assert "99億元 – the article says otherwise: 38萬元" in text
    assert "坏.pdf: is damaged. Save it again." in text


def test_points_have_footnotes_that_quote_the_article(tmp_path: Path, rows: list[Row]) -> None:
    path = written(tmp_path, rows)
    notes = {
        one.get(f"{W}id"): "".join(one.itertext())
        for one in part(path, "word/footnotes.xml").iter(f"{W}footnote")
        if one.get(f"{W}type") is None
    }
    body = part(path, "word/document.xml")
    references = [one.get(f"{W}id") for one in body.iter(f"{W}footnoteReference")]
    assert references == list(notes), "each note is referred to once, in order"
    result = rows[0].result
    assert result is not None
    quoted = [c["quote"] for point in result["points"] for c in point["citations"]]
    for quote in quoted:
        assert any(note.endswith(quote) for note in notes.values())
    with zipfile.ZipFile(path) as package:
        relations = package.read("word/_rels/document.xml.rels").decode()
        types = package.read("[Content_Types].xml").decode()
    assert "footnotes.xml" in relations
    assert "wordprocessingml.footnotes+xml" in types
    styles = {one.get(f"{W}styleId") for one in part(path, "word/styles.xml").iter(f"{W}style")}
    used = {
        one.get(f"{W}val")
        for name in ("word/footnotes.xml", "word/document.xml")
        for kind in ("pStyle", "rStyle", "tblStyle")
        for one in part(path, name).iter(f"{W}{kind}")
    }
    assert used - {"CommentReference"} <= styles, "that one is of Word's own"


def test_a_wrong_fact_is_marked_and_has_a_comment(tmp_path: Path, rows: list[Row]) -> None:
    opened = Document(str(written(tmp_path, rows)))
    runs = [run for one in opened.paragraphs for run in one.runs if run.text == "99億元"]
    (run,) = runs
    assert run.bold
    assert run.font.underline
    assert str(run.font.color.rgb) == "B3402E"
    (comment,) = opened.comments
    assert comment.text == "the article says otherwise: 38萬元"


@pytest.mark.parametrize(
    ("number", "language", "font"), [(0, "zh-CN", "SimSun"), (1, "zh-TW", "PMingLiU")]
)
def test_chinese_is_set_in_fonts_of_its_script(
    tmp_path: Path, rows: list[Row], number: int, language: str, font: str
) -> None:
    path = written(tmp_path, [rows[number]])
    (normal,) = [
        one
        for one in part(path, "word/styles.xml").iter(f"{W}style")
        if one.get(f"{W}styleId") == "Normal"
    ]
    fonts = normal.find(f"{W}rPr/{W}rFonts")
    assert fonts.get(f"{W}eastAsia") == font
    assert fonts.get(f"{W}eastAsiaTheme") is None
    assert normal.find(f"{W}rPr/{W}lang").get(f"{W}eastAsia") == language


def test_a_comparison_is_a_table_with_a_column_for_each_article(
    tmp_path: Path, rows: list[Row]
) -> None:
    opened = Document(str(written(tmp_path, rows[2:3])))
    differing = opened.tables[0]
    assert [cell.text for cell in differing.rows[0].cells] == ["", "[1]", "[2]"]
    cells = [cell.text for cell in differing.rows[1].cells]
    assert cells[1].startswith("460万元")
    assert cells[2].startswith("520万元")


def test_hostile_texts_are_texts(tmp_path: Path, rows: list[Row]) -> None:
    path = written(tmp_path, [hostile_row(row) for row in rows[:2]], HOSTILE)
    opened = Document(str(path))
    assert any("<script>alert('x')</script>" in one.text for one in opened.paragraphs)
    assert "<script>" in "".join(part(path, "word/footnotes.xml").itertext())


def test_many_results_go_on_in_other_documents(
    tmp_path: Path, rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document, "MOST_RESULTS", 3)
    written(tmp_path, list(many_rows(rows[:1], 7)))
    made = sorted((tmp_path / "out").glob("*.docx"))
    assert [path.name for path in made] == ["results-2.docx", "results-3.docx", "results.docx"]
    assert sum(len(headings(Document(str(path)))) for path in made) == 7


def test_fields_of_a_template_are_lines_of_their_own(tmp_path: Path, rows: list[Row]) -> None:
    row = rows[0]
    assert row.result is not None
    citation = row.result["points"][0]["citations"][0]
    check = {
        "path": "/people/0/name",
        "text": "王小明",
        "citations": [citation],
        "checks": [
            {"kind": "name", "text": "王小明", "start": 0, "end": 3, "status": "unsupported",
             "instead": ""}
        ],
        "support": 0.2,
    }  # fmt: skip
    fields = {"people": [{"name": "王小明", "role": "镇长"}]}
    made = {**row.result, "points": [], "fields": fields, "field_checks": [check]}
    opened = Document(str(written(tmp_path, [Row(row.article, row.work, made)])))
    texts = [one.text for one in opened.paragraphs]
    assert "• name: 王小明; role: 镇长" in texts
    assert len(list(opened.comments)) == 1


def test_summaries_of_the_same_article_each_have_a_heading(tmp_path: Path) -> None:
    from tasks_support import SIMPLIFIED, article_of

    article = article_of(tmp_path, SIMPLIFIED)
    path = written(tmp_path, [summary_row(article), summary_row(article)])
    assert len(headings(Document(str(path)))) == 2
