"""The process that takes PDF files apart, so that none can crash, hang or fill the program.

It reads files from standard input, each its length and its bytes, and answers each with the length
and the bytes of JSON: the lines of every page with their places, or what is wrong.
"""

import contextlib
import ctypes
import json
import os
import struct
import sys
from typing import Any, BinaryIO

from workbench.offline import forbid_network

MEMORY = 2 * 1024**3
"""Bytes of address space it may take."""
PAGES = 20_000
CHARACTERS = 20_000_000
_NO_CHARACTER = frozenset({0, 0xFFFE, 0xFFFF})
GENERATED_SPACE = "\x00"
"""A gap that is no space in the file."""
HYPHEN = "\x02"
"""A hyphen at the end of a line that may belong to no word."""


def main() -> None:
    """Answer one file after the other until there are no more."""
    forbid_network()
    _limit_memory()
    answers = os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not stand among the answers.
    os.dup2(2, 1)
    while head := sys.stdin.buffer.read(8):
        data = sys.stdin.buffer.read(struct.unpack(">Q", head)[0])
        _answer(answers, _taken_apart(data))


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _answer(stream: BinaryIO, found: dict[str, Any]) -> None:
    body = json.dumps(found).encode("ascii")
    stream.write(struct.pack(">Q", len(body)) + body)
    stream.flush()


def _taken_apart(data: bytes) -> dict[str, Any]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        code = getattr(error, "err_code", None)
        secret = code in {pypdfium2.raw.FPDF_ERR_PASSWORD, pypdfium2.raw.FPDF_ERR_SECURITY}
        return {"error": "encrypted" if secret or "assword" in str(error) else "broken"}
    except MemoryError:
        return {"error": "memory"}
    try:
        count = len(document)
        if count > PAGES:
            return {"error": "pages"}
        pages, broken, size = [], [], 0
        for number in range(count):
            try:
                lines = _lines(pypdfium2.raw, document, number)
            except pypdfium2.PdfiumError:
                broken.append(number + 1)
                lines = []
            size += sum(len(line[0]) for line in lines)
            if size > CHARACTERS:
                return {"error": "characters"}
            pages.append(lines)
        properties = {key: document.get_metadata_value(key) for key in ("Title", "Author")}
        return {"pages": pages, "broken": broken, "properties": properties}
    except pypdfium2.PdfiumError:
        return {"error": "broken"}
    except MemoryError:
        return {"error": "memory"}
    finally:
        document.close()


def _lines(raw: Any, document: Any, number: int) -> list[list[Any]]:
    """Return each line of a page: text, left, right, bottom and top in points, from below."""
    page = document[number]
    try:
        text_page = page.get_textpage()
        try:
            return _lines_of(raw, text_page.raw)
        finally:
            text_page.close()
    finally:
        page.close()


def _lines_of(raw: Any, text_page: Any) -> list[list[Any]]:
    lines: list[list[Any]] = []
    chars: list[str] = []
    first = last = -1
    count = raw.FPDFText_CountChars(text_page)
    for index in range(count):
        code = raw.FPDFText_GetUnicode(text_page, index)
        if code in (10, 13):
            if first >= 0:
                lines.append(["".join(chars), *_place(raw, text_page, first, last)])
            chars, first, last = [], -1, -1
        elif code == 32 and raw.FPDFText_IsGenerated(text_page, index) == 1:
            chars.append(GENERATED_SPACE)
        elif raw.FPDFText_IsHyphen(text_page, index) == 1 if code in (2, 45, 173) else False:
            chars.append(HYPHEN)
            first, last = index if first < 0 else first, index
            if index + 1 < count and _left(raw, text_page, index + 1) < _left(
                raw, text_page, index
            ):
                # PDFium leaves the end of such a line out.
                lines.append(["".join(chars), *_place(raw, text_page, first, last)])
                chars, first, last = [], -1, -1
        elif code not in _NO_CHARACTER:
            chars.append(chr(code) if code < 0x110000 else "\ufffd")
            if code != 32:
                first = index if first < 0 else first
                last = index
    if first >= 0:
        lines.append(["".join(chars), *_place(raw, text_page, first, last)])
    return lines


def _left(raw: Any, text_page: Any, index: int) -> float:
    box = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(text_page, index, ctypes.byref(box))
    return float(box.left)


def _place(raw: Any, text_page: Any, first: int, last: int) -> tuple[float, float, float, float]:
    boxes = []
    for index in (first, last):
        box = raw.FS_RECTF()
        raw.FPDFText_GetLooseCharBox(text_page, index, ctypes.byref(box))
        boxes.append(box)
    return (
        round(min(boxes[0].left, boxes[1].left), 1),
        round(max(boxes[0].right, boxes[1].right), 1),
        round(min(boxes[0].bottom, boxes[1].bottom), 1),
        round(max(boxes[0].top, boxes[1].top), 1),
    )


if __name__ == "__main__":
    main()
