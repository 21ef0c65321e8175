"""Small files of every format, made byte by byte for tests."""

import io
import zipfile
from collections.abc import Mapping, Sequence

from workbench.articles.document import Document, ReadOptions
from workbench.articles.reader import documents_of_bytes
from workbench.errors import ArticleError


def read(
    name: str, data: bytes, column: str | None = None, **options: object
) -> tuple[list[Document], list[ArticleError]]:
    """Return what is taken out of bytes of this name, and what is wrong with them."""
    given = ReadOptions(column=column, **options)  # type: ignore[arg-type]
    found = list(documents_of_bytes(name, data, given))
    good = [one for one in found if isinstance(one, Document)]
    return good, [one for one in found if isinstance(one, ArticleError)]


SENTENCES = (
    "市里昨天宣布，江边的步道将在秋天以前修完，第一段已经开放，居民傍晚常来散步。",
    "工程分三段进行。沿岸种了三千多棵树，还留出了自行车道，往后可以一直骑到旧码头。",
    "负责人说，明年春天两座小桥也会接上，到时候从北门走到南门只要四十分钟。",
    "老码头的仓库将改成图书馆，一楼留给摄影社办展览，二楼的窗子正对着江面。",
)
BODY = "\n".join(SENTENCES)


def zip_of(files: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack files into an archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


_FONT = (
    b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H"
    b" /DescendantFonts [4 0 R] >>"
)
_CHARACTERS = (
    b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /W [1 95 500]"
    b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >>"
    b" /FontDescriptor 5 0 R >>"
)
_SHAPE = (
    b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880]"
    b" /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
)

Placed = tuple[float, float, float, str]
"""A line of a page: points from the left and the bottom, size, text."""


def pdf_of(
    pages: Sequence[Sequence[Placed]], *, title: str = "", catalog: str = "", extra: str = ""
) -> bytes:
    """Return a PDF of lines in a Chinese font that is not embedded, full width each."""
    objects: list[bytes] = [
        b"",
        b"",
        _FONT,
        _CHARACTERS,
        _SHAPE,
        f"<< /Title <feff{title.encode('utf-16-be').hex()}> >>".encode(),
    ]
    kids = []
    for page in pages:
        content = "BT\n" + "".join(
            f"/F1 {size} Tf 1 0 0 1 {x} {y} Tm <{text.encode('utf-16-be').hex()}> Tj\n"
            for x, y, size, text in page
        )
        content += f"ET\n{extra}"
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream".encode())
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        kids.append(f"{len(objects)} 0 R")
    objects[0] = f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode()
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    return _with_table(objects, "/Info 6 0 R")


def _with_table(objects: Sequence[bytes], trailer: str) -> bytes:
    body = b"%PDF-1.5\n"
    places = []
    for number, one in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n".encode() + one + b"\nendobj\n"
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    table += "".join(f"{place:010d} 00000 n \n" for place in places)
    table += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\n"
    return body + table.encode() + f"startxref\n{len(body)}\n%%EOF\n".encode()


def encrypted_pdf() -> bytes:
    """Return a PDF that no password known to anyone opens."""
    data = pdf_of([[(72, 700, 12, SENTENCES[0])]])
    key = "<" + "ab" * 32 + ">"
    return data.replace(
        b"/Info 6 0 R",
        f"/Info 6 0 R /ID [<00><00>] /Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -44"
        f" /O {key} /U {key} >>".encode(),
    )


def page_lines(text: str, *, chars: int = 34, x: float = 72, y: float = 700, size: float = 12,
               indent: int = 2) -> list[Placed]:  # fmt: skip
    """Lay a paragraph out in lines of so many Hanzi, the first one indented."""
    lines: list[Placed] = []
    first = text[: chars - indent]
    lines.append((x + indent * size, y, size, first))
    rest = text[chars - indent :]
    while rest:
        y -= 1.6 * size
        lines.append((x, y, size, rest[:chars]))
        rest = rest[chars:]
    return lines


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def paragraph(text: str, style: str = "") -> str:
    """Return a paragraph of a Word document."""
    named = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{named}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def docx_of(body: str, more: Mapping[str, str] | None = None) -> bytes:
    """Return a Word document of this XML between its body tags, with further parts."""
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    return zip_of(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
            'content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
            "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
            f'relationships"><Relationship Id="r" Type="{relation}" Target="word/document.xml"/>'
            "</Relationships>",
            "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
            **(more or {}),
        }
    )


def epub_of(
    chapters: Mapping[str, str],
    *,
    nav: str | None = None,
    ncx: str | None = None,
    more: Mapping[str, str] | None = None,
) -> bytes:
    """Return a book of chapters: names in its folder, and their XHTML or only its body."""
    items = "".join(
        f'<item id="c{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(len(chapters)))
    files = {
        f"OEBPS/{name}": body
        if body.startswith("<?xml")
        else '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
        f"<head><title>x</title></head><body>{body}</body></html>"
        for name, body in chapters.items()
    }
    if nav is not None:
        items += (
            '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        )
        files["OEBPS/nav.xhtml"] = nav
    if ncx is not None:
        items += '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
        files["OEBPS/toc.ncx"] = ncx
    return zip_of(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:'
            'container"><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
            "OEBPS/book.opf": '<package xmlns="http://www.idpf.org/2007/opf"><metadata '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>江边纪事</dc:title>'
            "<dc:creator>林一</dc:creator><dc:date>2021-03-04</dc:date></metadata>"
            f"<manifest>{items}</manifest><spine>{spine}</spine></package>",
            **files,
            **(more or {}),
        }
    )


def mhtml_of(html: str, charset: str = "utf-8", *, subject: str = "") -> bytes:
    """Return a page saved as one file, a picture and a frame with it."""
    import base64
    import quopri
    from email.header import Header

    page = quopri.encodestring(html.encode(charset, "ignore"))
    frame = base64.encodebytes("<html><body><p>框里的广告，不是正文。</p></body></html>".encode())
    head = f"Subject: {Header(subject, 'utf-8').encode()}\r\n" if subject else ""
    return (
        (
            f"From: <Saved by a browser>\r\n{head}MIME-Version: 1.0\r\n"
            'Content-Type: multipart/related; type="text/html"; boundary="----B"\r\n\r\n'
            f'------B\r\nContent-Type: text/html; charset="{charset}"\r\n'
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        ).encode()
        + page
        + (
            b"\r\n------B\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            b"iVBORw0KGgo=\r\n------B\r\nContent-Type: text/html; charset=utf-8\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n"
        )
        + frame
        + b"\r\n------B--\r\n"
    )
