import io
import struct
import zipfile
from pathlib import Path

import pytest
from format_files import BODY, SENTENCES, docx_of, paragraph, read, zip_of

from workbench.articles.document import Document, ReadOptions
from workbench.articles.formats import limits
from workbench.articles.reader import documents, read_articles
from workbench.errors import ArticleError, ArticleNotice


def test_every_file_in_an_archive_is_read_under_its_name(tmp_path: Path) -> None:
    path = tmp_path / "包.zip"
    inner = zip_of({"b.docx": docx_of(paragraph(SENTENCES[0]))})
    path.write_bytes(
        zip_of(
            {
                "甲/步道.txt": BODY.encode("gbk"),
                "乙.zip": inner,
                "t.csv": f"title,text\n一,{SENTENCES[1]}\n",
                "坏.pdf": b"%PDF-1.4 broken",
                "p.png": b"\x89PNG",
                "__MACOSX/._a.txt": b"x",
            }
        )
    )
    found = list(read_articles(path, ReadOptions()))
    assert [one.part for one in found if not isinstance(one, ArticleError)] == [
        "甲/步道.txt",
        "乙.zip · b.docx",
        "t.csv · row 1",
    ]
    errors = [one for one in found if isinstance(one, ArticleError)]
    assert str(errors[0]).startswith(f"{path} · 坏.pdf: is a broken PDF")
    assert isinstance(errors[1], ArticleNotice)
    assert "p.png" in str(errors[1])


@pytest.mark.parametrize("encoding", ["gbk", "big5", "utf-8"])
def test_names_in_the_encodings_of_other_systems_are_read(encoding: str) -> None:
    name = "江邊步道重新開放.txt" if encoding == "big5" else "江边步道重新开放.txt"
    raw = name.encode(encoding)
    placeholder = "x" * len(raw)
    data = zip_of({placeholder: BODY}).replace(placeholder.encode(), raw)
    assert [one.part for one in read("a.zip", data)[0]] == [name]


def test_names_that_climb_out_are_only_names() -> None:
    data = zip_of({"../../../etc/步道.txt": BODY, "/root/a.txt": BODY, "..\\b.txt": BODY})
    assert [one.part for one in read("a.zip", data)[0]] == ["etc/步道.txt", "root/a.txt", "b.txt"]


def test_an_archive_whose_files_share_their_bytes_is_refused() -> None:
    whole = zip_of({"a.txt": BODY})
    directory = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    entries = whole[directory:end] * 3
    data = whole[:directory] + entries
    data += struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 3, 3, len(entries), directory, 0)
    assert len(zipfile.ZipFile(io.BytesIO(data)).infolist()) == 3
    good, errors = read("a.zip", data)
    assert good == []
    assert "stand for several files" in str(errors[0])


def test_the_list_of_files_is_counted_where_the_reader_finds_it() -> None:
    # The offset of the list of files happens to look like the mark of the end.
    mark = int.from_bytes(b"PK\x05\x06", "little")
    length = limits.DIRECTORY + 1
    data = b"PK\x03\x04" + bytes(40)
    data += struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 9, 9, length, mark, 0)
    good, errors = read("a.zip", data)
    assert good == []
    assert "more files than are read" in str(errors[0])


def test_a_bomb_is_refused_at_once() -> None:
    data = zip_of({"a.txt": b"0" * 50_000_000, "b.txt": BODY})
    good, errors = read("a.zip", data)
    assert [one.part for one in good] == ["b.txt"]
    assert "times its size" in str(errors[0])


def test_what_unpacks_to_too_much_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNPACKED", 3000)
    parts = {f"{n}.txt": BODY + str(n) for n in range(50)}
    good, errors = read("a.zip", zip_of({"in.zip": zip_of(parts, zipfile.ZIP_STORED)}))
    assert len(good) < 10
    assert any("unpack" in str(one) for one in errors)


def test_a_list_of_files_that_is_too_long_is_refused_unread() -> None:
    data = bytearray(zip_of({"a.txt": BODY}))
    place = data.rindex(b"PK\x05\x06")
    struct.pack_into("<I", data, place + 12, limits.DIRECTORY + 1)
    _good, errors = read("a.zip", bytes(data))
    assert "more files than are read" in str(errors[0])


def test_archives_are_opened_two_deep() -> None:
    data = zip_of({"a.zip": zip_of({"b.zip": zip_of({"c.txt": BODY}), "d.txt": BODY})})
    good, errors = read("x.zip", data)
    assert [one.part for one in good] == ["a.zip · d.txt"]
    assert [one.part for one in errors] == ["a.zip · b.zip"]


def test_an_encrypted_file_costs_no_other() -> None:
    data = bytearray(zip_of({"a.txt": BODY, "b.txt": BODY}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.index(mark)
        data[place + offset] |= 1
    good, errors = read("a.zip", bytes(data))
    assert [one.part for one in good] == ["b.txt"]
    assert "encrypted" in str(errors[0])
    assert errors[0].part == "a.txt"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["[Content_Types].xml", "xl/workbook.xml"], "an Excel workbook"),
        (["[Content_Types].xml", "ppt/presentation.xml"], "a PowerPoint"),
        (["a.png"], "without an article"),
        ([], "without an article"),
    ],
)
def test_archives_that_hold_no_article_are_named(names: list[str], said: str) -> None:
    _good, errors = read("a.zip", zip_of(dict.fromkeys(names, "<x/>")))
    assert said in str(errors[0])


def test_a_huge_file_is_refused_or_streamed_without_being_held(tmp_path: Path) -> None:
    import tracemalloc

    for name in ("a.txt", "a.pdf", "a.zip", "a.html", "a.json", "a.jsonl", "a.csv", "a.mht"):
        path = tmp_path / name
        start = {"a.pdf": b"%PDF-1.4\n", "a.zip": b"PK\x03\x04"}.get(name, b"[1,2\n")
        with path.open("wb") as stream:
            stream.write(start)
            stream.truncate(1024**3)
        tracemalloc.start()
        try:
            found = list(documents(path, ReadOptions()))
            assert tracemalloc.get_traced_memory()[1] < 250 * 1024**2
        finally:
            tracemalloc.stop()
        assert found
        assert all(isinstance(one, ArticleError) for one in found), name


def test_a_dump_in_an_archive_is_read_too() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.jsonl", f'{{"text": "{SENTENCES[0]}"}}\n' * 5)
    good, errors = read("a.zip", buffer.getvalue())
    assert (len(good), errors) == (5, [])
    assert isinstance(good[0], Document)
