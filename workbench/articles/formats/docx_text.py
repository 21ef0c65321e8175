"""The text in the XML of a Word document, paragraph by paragraph."""

from collections.abc import Iterator
from typing import Any

from workbench.articles.formats.xml import attribute, local
from workbench.errors import ArticleError
from workbench.i18n import _

_DELETED = frozenset({"del", "moveFrom"})
_SKIPPED = frozenset((
    "instrText", "delInstrText", "fldData", "rPr", "pPr", "tblPr", "tblGrid", "trPr", "tcPr",
    "sectPr", "sdtPr", "sdtEndPr", "binData", "ptab", "proofErr", "bookmarkStart", "bookmarkEnd",
    "Fallback", "object", "rt",
))  # fmt: skip
_BREAKS = frozenset({"br", "cr"})
_DEPTH = 200


class Walk:
    """Gathers the text of a document; counts what is deleted or hidden in it.

    ``styles`` are the names of paragraph styles by id; ``title`` is the paragraph in the style
    Title, once the body was read.
    """

    def __init__(self, styles: dict[str, str]) -> None:
        self._styles = styles
        self.deleted = 0
        self.hidden = 0
        self.title: str | None = None
        self.references: list[tuple[str, str]] = []
        """The notes the text refers to, in order: ``footnotes`` or ``endnotes``, and the id."""

    def body(self, root: Any) -> str:
        """Return the text under an element, a paragraph or a row of a table a line."""
        return "\n".join(line for line in self._blocks(root, 0) if line.strip())

    def count(self, root: Any) -> int:
        """Count the characters under an element, whitespace aside."""
        return sum(not char.isspace() for char in self.body(root))

    def _blocks(self, node: Any, depth: int) -> Iterator[str]:
        if depth > _DEPTH:
            raise ArticleError(
                _("is nested too deeply to be read"), fix=_("Save its text as .txt.")
            )
        for child in node:
            name = local(child)
            if name == "p":
                yield from self._paragraph(child)
            elif name == "tbl":
                yield from self._table(child, depth)
            elif name in _DELETED:
                self._count_deleted(child)
            elif name and name not in _SKIPPED:
                yield from self._blocks(child, depth + 1)

    def _table(self, table: Any, depth: int) -> Iterator[str]:
        rows = [row for row in _under(table, "tr") if not self._is_deleted_row(row)]
        cells = [list(_under(row, "tc")) for row in rows]
        if len(cells) == 1 and len(cells[0]) == 1:
            # One cell is a frame around text.
            yield from self._blocks(cells[0][0], depth + 1)
            return
        texts = [[" ".join(self._blocks(cell, depth + 1)).strip() for cell in row] for row in cells]
        for row in texts:
            line = " | ".join(cell.replace("\n", " ") for cell in row)
            if line.replace("|", "").strip():
                yield f"| {line} |"

    def _is_deleted_row(self, row: Any) -> bool:
        deleted = any(
            local(one) == "del" for child in row if local(child) == "trPr" for one in child
        )
        if deleted:
            self._count_deleted(row)
        return deleted

    def _paragraph(self, paragraph: Any) -> Iterator[str]:
        style = self._style(paragraph)
        boxes: list[Any] = []
        pieces: list[str] = []
        self._inline(paragraph, pieces, boxes, 0)
        text = "".join(pieces).strip()
        if text and style == "title" and self.title is None:
            self.title = " ".join(text.split())
        if text and style.startswith("heading ") and style[8:].isdecimal():
            text = "#" * min(int(style[8:]), 6) + " " + " ".join(text.split())
        yield text
        for box in boxes:
            yield from self._blocks(box, 1)

    def _style(self, paragraph: Any) -> str:
        for child in paragraph:
            if local(child) == "pPr":
                for one in child:
                    if local(one) == "pStyle":
                        key = attribute(one, "val") or ""
                        return self._styles.get(key, key.lower())
        return ""

    def _inline(self, node: Any, pieces: list[str], boxes: list[Any], depth: int) -> None:
        if depth > _DEPTH:
            raise ArticleError(
                _("is nested too deeply to be read"), fix=_("Save its text as .txt.")
            )
        for child in node:
            name = local(child)
            if not name or name in _SKIPPED:
                continue
            if name == "t":
                pieces.append(child.text or "")
            elif name == "tab":
                pieces.append("\t")
            elif name in _BREAKS:
                pieces.append("\n")
            elif name == "noBreakHyphen":
                pieces.append("-")
            elif name in _DELETED:
                self._count_deleted(child)
            elif name == "txbxContent":
                boxes.append(child)
            elif name in {"footnoteReference", "endnoteReference"}:
                self.references.append((f"{name[:-9]}s", attribute(child, "id") or ""))
                pieces.append(f"[{len(self.references)}]")
            elif name == "r" and _is_hidden(child):
                inner: list[str] = []
                self._inline(child, inner, [], depth + 1)
                self.hidden += sum(not char.isspace() for char in "".join(inner))
            else:
                self._inline(child, pieces, boxes, depth + 1)

    def _count_deleted(self, node: Any) -> None:
        for one in node.iter():
            if local(one) in {"delText", "t"}:
                self.deleted += sum(not char.isspace() for char in one.text or "")


class Notes:
    """Footnotes and endnotes, numbered as the text refers to them."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._texts: dict[tuple[str, str], str] = {}

    def add(self, kind: str, root: Any) -> None:
        """Take the notes of a part: ``footnotes`` or ``endnotes``."""
        for note in root:
            # Separators between text and notes are notes of a type of their own.
            if local(note) == kind[:-1] and attribute(note, "type") in {None, "normal"}:
                text = " ".join(self._walk.body(note).split())
                self._texts[kind, attribute(note, "id") or ""] = text

    def lines(self) -> Iterator[str]:
        """Yield each note the text refers to, its number in front."""
        for number, reference in enumerate(list(self._walk.references), start=1):
            if text := self._texts.get(reference):
                yield f"[{number}] {text}"


def _under(node: Any, name: str) -> Iterator[Any]:
    """Yield rows or cells, those in content controls and tracked insertions among them."""
    for child in node:
        if local(child) == name:
            yield child
        elif local(child) in {"sdt", "sdtContent", "customXml", "ins"}:
            yield from _under(child, name)


def _is_hidden(run: Any) -> bool:
    for child in run:
        if local(child) == "rPr":
            for one in child:
                if local(one) == "vanish" and attribute(one, "val") not in {"0", "false", "off"}:
                    return True
    return False
