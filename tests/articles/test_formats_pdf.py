from pathlib import Path

import pytest
from format_files import BODY, SENTENCES, encrypted_pdf, page_lines, pdf_of, read
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.articles.document import Document, ReadOptions
from workbench.articles.formats import pdf_process
from workbench.articles.formats.pdf_layout import Line, text_of
from workbench.articles.reader import documents_of_bytes, read_article
from workbench.errors import ArticleError

LONG = SENTENCES[0] + SENTENCES[1] + SENTENCES[2]
HEAD = (72, 800, 9, "江边文化周刊")


def numbered(number: int) -> tuple[float, float, float, str]:
    return (290, 40, 9, str(number))


def test_lines_become_paragraphs_and_pages_are_divided(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    first = [HEAD, (180, 770, 20, "江边步道重新开放"), *page_lines(LONG), numbered(1)]
    second = [HEAD, *page_lines(SENTENCES[3] * 2), numbered(2)]
    rest = SENTENCES[1] + SENTENCES[2]
    third = [HEAD, *page_lines(rest), *page_lines(SENTENCES[0], y=600), numbered(3)]
    path.write_bytes(pdf_of([first, second, third], title="江边步道"))
    article = read_article(path, raw=True)
    pages = [page.split("\n") for page in article.text.split("\f")]
    assert pages[0] == ["江边文化周刊", "江边步道重新开放", LONG, "1"]
    assert pages[1] == ["江边文化周刊", SENTENCES[3] * 2, "2"]
    assert pages[2] == ["江边文化周刊", rest, SENTENCES[0], "3"]
    assert (article.format, article.title) == ("pdf", "江边步道")
    cleaned = read_article(path)
    kept = "".join(cleaned.passage_text(one) for one in cleaned.passages)
    assert "江边文化周刊" not in kept
    assert LONG in kept


def test_a_paragraph_over_two_pages_is_one() -> None:
    lines = page_lines(LONG * 2)
    above = [HEAD, *lines[:3], numbered(1)]
    below = [HEAD, *((x, 700, size, text) for x, _y, size, text in lines[3:4]), numbered(2)]
    below[2:2] = [(72, 680.8, 12, lines[4][3])] if len(lines) > 4 else []
    rest = "".join(text for _x, _y, _size, text in lines[5:])
    text = read("a.pdf", pdf_of([above, below]))[0][0].text
    whole = (LONG * 2)[: len(LONG * 2) - len(rest)]
    assert text.split("\f")[0].split("\n") == ["江边文化周刊", whole, "1"]


def test_latin_words_are_joined_and_hyphens_of_lines_taken_out() -> None:
    lines = ["The path along the river was opened again after a long exam-", "ination of its old"]
    page = [(72, 700, 12, lines[0]), (72, 680, 12, lines[1])]
    assert read("a.pdf", pdf_of([page]))[0][0].text == (
        "The path along the river was opened again after a long examination of its old"
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (pdf_of([[], []]), "no text layer: its 2 pages"),
        (encrypted_pdf(), "with a password"),
        (b"%PDF-1.7\n" + b"\0" * 300, "broken PDF"),
    ],
)
def test_a_pdf_without_text_says_why(data: bytes, said: str) -> None:
    good, errors = read("a.pdf", data)
    assert good == []
    assert said in str(errors[0])
    assert errors[0].fix


def test_pages_without_text_are_named() -> None:
    good, _errors = read("a.pdf", pdf_of([page_lines(LONG), [], page_lines(LONG), []]))
    assert [one.reason.endswith("2, 4") for one in good[0].left_out] == [True]


def test_one_process_reads_many_files_and_another_follows_it_when_it_dies() -> None:
    data = pdf_of([page_lines(LONG)])
    read("a.pdf", data)
    first = next(iter(pdf_process._running.values()))
    read("b.pdf", data)
    assert next(iter(pdf_process._running.values())) is first
    first._process.kill()
    first._process.wait()
    assert read("c.pdf", data)[0][0].text == LONG


def test_a_file_that_is_never_done_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_process, "PATIENCE", 0.0)
    _good, errors = read("a.pdf", pdf_of([page_lines(LONG)]))
    assert "longer than" in str(errors[0])
    monkeypatch.undo()
    assert read("a.pdf", pdf_of([page_lines(LONG)]))[0]


def test_a_file_that_kills_its_reader_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for child in list(pdf_process._running.values()):
        child.end()
    monkeypatch.setattr(pdf_process, "_MODULE", "workbench.no_such_module")
    _good, errors = read("a.pdf", pdf_of([page_lines(LONG)]))
    assert "crashes" in str(errors[0])


def line(text: str, left: float, right: float, top: float) -> Line:
    return Line(text, left, right, top - 12, top)


def test_items_and_headings_begin_lines_of_their_own() -> None:
    full = "江边的步道将在秋天以前修完，第一段已经开放，"
    page = [
        line("一、缘起", 72, 120, 700),
        line(full, 72, 336, 680),
        line("二、经过", 72, 120, 660),
        line(full, 72, 336, 640),
        line("居民常来。", 72, 132, 620),
    ]
    assert text_of([page]).split("\n") == ["一、缘起", full, "二、经过", full + "居民常来。"]


def test_radicals_that_fonts_put_for_hanzi_become_hanzi() -> None:
    assert text_of([[line("\u2f00\u2f47，\u2f08\x00步 ", 72, 120, 700)]]) == "一日，人步"


LINES = st.builds(
    line,
    st.text("江边步道。，-\x00\x02ab1 ", max_size=12),
    st.floats(0, 300),
    st.floats(0, 600),
    st.floats(0, 800),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(LINES, max_size=8), max_size=5))
def test_no_letter_is_lost_or_moved_between_pages_backwards(pages: list[list[Line]]) -> None:
    text = text_of(pages)
    letters = sorted(char for page in pages for one in page for char in one.text if char.isalnum())
    assert sorted(char for char in text if char.isalnum()) == letters
    assert text.count("\f") == max(len(pages) - 1, 0)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_files_are_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(pdf_of([[HEAD, *page_lines(BODY.replace("\n", ""))]] * 2))
    for _time in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del whole[data.draw(st.integers(20, len(whole))) :]
    for one in documents_of_bytes("a.pdf", bytes(whole), ReadOptions()):
        assert isinstance(one, (Document, ArticleError))
        assert "Error:" not in str(one)
