import zipfile
from pathlib import Path

import pytest
from format_files import (
    BODY,
    SENTENCES,
    W,
    docx_of,
    epub_of,
    mhtml_of,
    paragraph,
    read,
    zip_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from listening import listening

from workbench.articles.document import Document, ReadOptions
from workbench.articles.reader import documents_of_bytes, read_article
from workbench.errors import ArticleError

PARAGRAPHS = "".join(map(paragraph, SENTENCES))
CHAPTER = "".join(f"<p>{text}</p>" for text in SENTENCES)
PAGE = f"<html><body><article><h1>步道开放</h1>{CHAPTER}</article></body></html>"
STYLES = (
    f'<w:styles {W}><w:style w:styleId="a1"><w:name w:val="Title"/></w:style>'
    '<w:style w:styleId="a2"><w:name w:val="heading 2"/></w:style></w:styles>'
)
CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
    'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title>'
    "<dc:creator>林一</dc:creator></cp:coreProperties>"
)


def text_of(body: str, **more: str) -> Document:
    parts = {f"word/{name}.xml": xml for name, xml in more.items()}
    good, errors = read("a.docx", docx_of(body, parts))
    assert errors == []
    return good[0]


def test_a_word_document_is_read_a_paragraph_a_line(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    body = paragraph("江边步道重新开放", "a1") + paragraph("一期", "a2") + PARAGRAPHS
    path.write_bytes(docx_of(body, {"word/styles.xml": STYLES, "docProps/core.xml": CORE}))
    article = read_article(path)
    assert article.text == "江边步道重新开放\n## 一期\n" + BODY
    assert (article.format, article.title, article.byline) == ("docx", "江边步道重新开放", "林一")


def test_properties_name_a_word_document_unless_a_program_wrote_them() -> None:
    for given_, found in (("江边", "江边"), ("文档1", None), ("Microsoft Word - a.doc", None)):
        good, _ = read("a.docx", docx_of(PARAGRAPHS, {"docProps/core.xml": CORE.format(given_)}))
        assert good[0].stated.title == found


def test_tracked_changes_are_accepted_and_what_they_delete_is_counted() -> None:
    document = text_of(
        "<w:p><w:r><w:t>步道</w:t></w:r><w:del><w:r><w:delText>不会</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>将在秋天</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr>"
        "<w:t>暗语</w:t></w:r><w:r><w:t>修完。</w:t></w:r></w:p>",
        comments=f"<w:comments {W}><w:comment>{paragraph('要核实')}</w:comment></w:comments>",
        header1=f"<w:hdr {W}>{paragraph('内部')}</w:hdr>",
    )
    assert document.text == "步道将在秋天修完。"
    assert [one.characters for one in document.left_out] == [2, 2, 3, 2]


def test_tables_are_rows_between_bars_and_notes_stand_at_the_end() -> None:
    cells = "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in ("段", "长度"))
    document = text_of(
        f"<w:tbl><w:tr>{cells}</w:tr></w:tbl><w:sdt><w:sdtContent>{paragraph('控件里的字。')}"
        "</w:sdtContent></w:sdt><w:p><w:r><w:t>步道</w:t><w:footnoteReference w:id='2'/></w:r>"
        "</w:p>",
        footnotes=f'<w:footnotes {W}><w:footnote w:type="separator" w:id="0"/>'
        f'<w:footnote w:id="2">{paragraph("据规划。")}</w:footnote></w:footnotes>',
    )
    assert document.text.split("\n") == ["| 段 | 长度 |", "控件里的字。", "步道[1]", "[1] 据规划。"]


def test_chapters_of_a_book_are_articles_and_the_rest_is_counted() -> None:
    nav = (
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
        '<body><nav epub:type="toc"><a href="t/1.xhtml#x">第一章 江边</a></nav></body></html>'
    )
    book = epub_of(
        {
            "cover.xhtml": "<p>封面</p>",
            "t/1.xhtml": CHAPTER,
            "t/2.xhtml": f"<h2>第二章 码头</h2>{CHAPTER}",
            "end.xhtml": '<img src="a.png"/>',
        },
        nav=nav,
    )
    good, errors = read("a.epub", book)
    assert errors == []
    assert [one.part for one in good] == ["OEBPS/t/1.xhtml", "OEBPS/t/2.xhtml"]
    assert [one.stated.title for one in good] == ["第一章 江边", "第二章 码头"]
    assert good[0].text == BODY
    stated = good[0].stated
    assert (stated.byline, stated.source, stated.date) == ("林一", "江边纪事", "2021-03-04")
    assert [one.reason.split(" ")[0] for one in (*good[0].left_out, *good[1].left_out)] == [
        "OEBPS/cover.xhtml",
        "OEBPS/end.xhtml",
    ]


def test_an_older_books_table_of_contents_names_its_chapters() -> None:
    ncx = (
        "<ncx><navMap><navPoint><navLabel><text>第一章</text></navLabel>"
        '<content src="1.xhtml"/></navPoint></navMap></ncx>'
    )
    good, _errors = read("a.epub", epub_of({"1.xhtml": CHAPTER}, ncx=ncx))
    assert good[0].stated.title == "第一章"


def test_a_missing_or_protected_chapter_costs_no_other() -> None:
    locked = (
        '<encryption><EncryptedData><CipherData><CipherReference URI="OEBPS/2.xhtml"/>'
        "</CipherData></EncryptedData></encryption>"
    )
    data = epub_of(
        {"1.xhtml": CHAPTER, "2.xhtml": CHAPTER}, more={"META-INF/encryption.xml": locked}
    )
    good, errors = read("a.epub", data)
    assert [one.part for one in good] == ["OEBPS/1.xhtml"]
    assert [(one.part, "encrypted" in str(one)) for one in errors] == [("OEBPS/2.xhtml", True)]
    data = epub_of({"2.xhtml": CHAPTER}, more={"META-INF/encryption.xml": locked})
    assert "DRM" in str(read("a.epub", data)[1][0])


def test_paths_that_leave_a_book_lead_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xhtml"
    secret.write_text(f"<html><body>{CHAPTER}</body></html>", encoding="utf-8")
    for href in ("../../../../../../" + str(secret), secret.as_uri()):
        data = epub_of({"1.xhtml": CHAPTER})
        book = zip_of(
            {
                **_files(data),
                "OEBPS/book.opf": '<package><metadata/><manifest><item id="a" '
                f'href="{href}"/></manifest><spine><itemref idref="a"/></spine></package>',
            }
        )
        good, errors = read("a.epub", book)
        assert good == []
        assert errors


def _files(data: bytes) -> dict[str, bytes]:
    import io

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("charset", ["utf-8", "gbk"])
def test_a_saved_page_is_its_article(charset: str) -> None:
    good, errors = read("a.mht", mhtml_of(PAGE, charset, subject="江边步道"))
    assert errors == []
    document = good[0]
    assert document.format == "mhtml"
    assert document.text.split("\n")[-4:] == list(SENTENCES)
    assert any("frames" in one.reason for one in document.left_out)
    assert read("a", mhtml_of(PAGE, charset))[0][0].format == "mhtml"


def test_entities_of_xml_are_neither_read_nor_fetched(tmp_path: Path) -> None:
    with listening() as (base, asked):
        secret = tmp_path / "secret.txt"
        secret.write_text("不可外泄", encoding="utf-8")
        head = (
            f'<!DOCTYPE w SYSTEM "{base}/d.dtd" [<!ENTITY x SYSTEM "{secret.as_uri()}">'
            f'<!ENTITY y SYSTEM "{base}/e"><!ENTITY % z SYSTEM "{base}/p"> %z;]>'
        )
        body = f"<w:document {W}><w:body>{paragraph(SENTENCES[0] + '&x;&y;')}</w:body></w:document>"
        found = read("a.docx", docx_of("", {"word/document.xml": head + body}))
        chapter = f'<?xml version="1.0"?>{head}<html><body>{CHAPTER}<p>&x;&y;</p></body></html>'
        found += read("a.epub", epub_of({"1.xhtml": chapter}))
        assert "不可外泄" not in repr(found)
    assert asked == []


def test_entities_that_grow_without_bound_are_refused() -> None:
    laughs = "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "哈" * 10}">' for n in range(10)
    )
    body = (
        f"<!DOCTYPE w [{laughs}]><w:document {W}><w:body>{paragraph('&a9;')}</w:body></w:document>"
    )
    good, errors = read("a.docx", docx_of("", {"word/document.xml": body}))
    assert (good, len(errors)) == ([], 1)


@pytest.mark.parametrize("tag", ["w:sdt", "w:tbl", "w:ins"])
def test_documents_nested_without_end_are_refused(tag: str) -> None:
    body = f"<{tag}>" * 240 + PARAGRAPHS + f"</{tag}>" * 240
    _good, errors = read("a.docx", docx_of(body))
    assert all("Error:" not in str(one) for one in errors)


FILES = {
    "a.docx": docx_of(paragraph("步道", "a1") + PARAGRAPHS, {"word/styles.xml": STYLES}),
    "a.epub": epub_of({"1.xhtml": CHAPTER, "2.xhtml": CHAPTER}),
    "a.mht": mhtml_of(PAGE, "gbk", subject="步道"),
    "a.zip": zip_of({"a.txt": BODY, "b/c.html": PAGE, "d.csv": "title,text\n1," + SENTENCES[0]}),
    "a.html": PAGE.encode("gbk", "ignore"),
}
STORED = {
    name: zip_of(_files(data), zipfile.ZIP_STORED)
    for name, data in FILES.items()
    if data.startswith(b"PK")
}


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_files_are_read_or_refused(name: str, data: st.DataObject) -> None:
    # Uncompressed archives let the damage through to what is in them.
    kinds = [FILES[name], STORED[name]] if name in STORED else [FILES[name]]
    whole = bytearray(data.draw(st.sampled_from(kinds)))
    for _time in range(data.draw(st.integers(0, 5))):
        start = data.draw(st.integers(0, len(whole) - 1))
        change = data.draw(st.sampled_from(["flip", "drop", "copy", "cut"]))
        if change == "flip":
            whole[start] ^= 1 << data.draw(st.integers(0, 7))
        elif change == "drop":
            del whole[start : start + data.draw(st.integers(1, 60))]
        elif change == "copy":
            other = data.draw(st.integers(0, len(whole) - 1))
            whole[start:start] = whole[other : other + 80]
        else:
            del whole[max(start, 8) :]
        if not whole:
            return
    for one in documents_of_bytes(name, bytes(whole), ReadOptions()):
        assert isinstance(one, (Document, ArticleError))
        assert "Error:" not in str(one)


def test_frames_in_frames_are_read_once() -> None:
    note = (
        f'<w:footnotes {W}><w:footnote w:id="2">{paragraph("据市志。")}</w:footnote></w:footnotes>'
    )
    marked = paragraph(SENTENCES[0]).replace(
        "</w:p>", '<w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
    )
    frames = "<w:tbl><w:tr><w:tc>" * 60 + marked + "</w:tc></w:tr></w:tbl>" * 60
    good, bad = read("frames.docx", docx_of(frames, {"word/footnotes.xml": note}))
    assert bad == []
    assert good[0].text == f"{SENTENCES[0]}[1]\n[1] 据市志。"


def test_a_saved_page_of_parts_in_parts_without_end_is_refused() -> None:
    parts = "".join(
        f'Content-Type: multipart/related; boundary="b{number}"\r\n\r\n--b{number}\r\n'
        for number in range(3000)
    )
    good, bad = read("page.mhtml", f"MIME-Version: 1.0\r\n{parts}".encode())
    assert good == []
    assert [one.what for one in bad] == ["is nested too deeply to be a page"]


def test_a_saved_page_with_an_endless_subject_keeps_its_beginning() -> None:
    page = (
        mhtml_of(PAGE)
        .decode()
        .replace("MIME-Version", f"Subject: {'=?utf-8?b?5q2l6YGT?= ' * 100_000}\r\nMIME-Version", 1)
    )
    good, bad = read("page.mhtml", page.encode())
    assert bad == []
    assert good[0].stated.title is not None


def test_a_saved_page_with_a_broken_subject_is_read() -> None:
    page = mhtml_of(PAGE).replace(b"MIME-Version", b"Subject: =?utf-8?b?a?=\r\nMIME-Version", 1)
    good, bad = read("page.mhtml", page)
    assert bad == []
    assert SENTENCES[0] in good[0].text
