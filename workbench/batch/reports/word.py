"""A document of Word: what python-docx leaves out, that is footnotes and East Asian fonts."""

import re
from typing import Any
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_UNDERLINE
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

WRONG = RGBColor(0xB3, 0x40, 0x2E)
SOFT = RGBColor(0x62, 0x6B, 0x78)
_EAST_ASIAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_FONTS = {
    "zh-CN": ("SimSun", "SimHei"),
    "zh-TW": ("PMingLiU", "Microsoft JhengHei"),
    "zh-HK": ("PMingLiU", "Microsoft JhengHei"),
}
"""Fonts of body and headings that come with Windows and Office for each language."""
_LATIN = ("Times New Roman", "Arial")
_NOTE = (
    '<w:footnote w:id="{number}"><w:p><w:pPr><w:pStyle w:val="{text_style}"/></w:pPr>'
    '<w:r><w:rPr><w:rStyle w:val="{mark_style}"/></w:rPr><w:footnoteRef/></w:r>'
    '<w:r><w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr>'
    '<w:t xml:space="preserve"> {text}</w:t></w:r></w:p></w:footnote>'
)
# Word asks for these two, which it draws above the notes (ECMA-376, 17.11).
_SEPARATORS = "".join(
    f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{kind}/></w:r></w:p></w:footnote>'
    for number, kind in ((-1, "separator"), (0, "continuationSeparator"))
)


class WordDocument:
    """A document that is written from top to bottom, its footnotes with it."""

    def __init__(self, title: str, language: str) -> None:
        self._document = Document()
        self._notes: list[str] = []
        self._document.core_properties.title = title[:255]
        self._document.core_properties.author = ""
        self._document.core_properties.comments = ""
        body, head = _FONTS.get(language, _FONTS["zh-CN"])
        styles = self._document.styles
        for name in ("Normal", "Title", "Heading 1", "Heading 2", "Quote", "Table Grid"):
            large = name in ("Title", "Heading 1", "Heading 2")
            _set_fonts(styles[name], _LATIN[large], head if large else body, language)
        styles["Normal"].font.size = Pt(10.5)
        styles["Title"].font.size = Pt(20)
        self._text_style = styles.add_style("footnote text", WD_STYLE_TYPE.PARAGRAPH)
        self._text_style.base_style = styles["Normal"]
        self._text_style.font.size = Pt(9)
        self._mark_style = styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER)
        self._mark_style.font.superscript = True
        self._styles = {
            name: styles[name] for name in ("Normal", "Title", "Heading 1", "Heading 2", "Quote")
        }
        self._number_pages()

    def paragraph(
        self, style: str = "Normal", *, indent: float = 0, hanging: float = 0
    ) -> Paragraph:
        """Begin a paragraph; ``indent`` and ``hanging`` in points."""
        made = self._document.add_paragraph(style=self._styles[style])
        if indent or hanging:
            made.paragraph_format.left_indent = Pt(indent)
            made.paragraph_format.first_line_indent = Pt(-hanging)
        return made

    def table(self, columns: int) -> Any:
        """Begin a table with lines around its cells."""
        made = self._document.add_table(rows=0, cols=columns, style="Table Grid")
        made.autofit = True
        return made

    def run(
        self, paragraph: Paragraph, text: str, *, bold: bool = False, colour: RGBColor | None = None
    ) -> Run:
        """Write a text; marks such as quotes are set in the East Asian font where it has Hanzi."""
        run = paragraph.add_run(text)
        if _EAST_ASIAN.search(text):
            fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
            fonts.set(qn("w:hint"), "eastAsia")
        if bold:
            run.bold = True
        if colour is not None:
            run.font.color.rgb = colour
        return run

    def wrong(self, paragraph: Paragraph, text: str, said: str) -> None:
        """Write a fact that is wrong: bold, red, underlined, with a comment that says why."""
        run = self.run(paragraph, text, bold=True, colour=WRONG)
        run.font.underline = WD_UNDERLINE.WAVY
        self._document.add_comment(run, text=said, author="workbench", initials="wb")

    def footnote(self, paragraph: Paragraph, text: str) -> None:
        """Put a footnote at the end of a paragraph."""
        number = len(self._notes) + 1
        self._notes.append(
            _NOTE.format(
                number=number,
                text_style=self._text_style.style_id,
                mark_style=self._mark_style.style_id,
                text=escape(text),
            )
        )
        run = paragraph.add_run()
        run.style = self._mark_style
        reference = OxmlElement("w:footnoteReference")
        reference.set(qn("w:id"), str(number))
        run._r.append(reference)

    def save(self, path: str) -> None:
        """Write the document to a file."""
        if self._notes:
            xml = (
                '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
                f"<w:footnotes {nsdecls('w')}>{_SEPARATORS}{''.join(self._notes)}</w:footnotes>"
            )
            name = PackURI("/word/footnotes.xml")
            package = self._document.part.package
            part = Part(name, CONTENT_TYPE.WML_FOOTNOTES, xml.encode(), package)
            self._document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
        self._document.save(path)

    def _number_pages(self) -> None:
        paragraph = self._document.sections[0].footer.paragraphs[0]
        paragraph.alignment = 1
        for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
            if text:
                element = OxmlElement("w:instrText")
                element.text = text
            else:
                element = OxmlElement("w:fldChar")
                element.set(qn("w:fldCharType"), kind)
            paragraph.add_run()._r.append(element)


def _set_fonts(style: Any, latin: str, east_asian: str, language: str) -> None:
    style.font.name = latin
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    # A theme's fonts come before those that are named.
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    fonts.set(qn("w:eastAsia"), east_asian)
    known = properties.find(qn("w:lang"))
    if known is not None:
        properties.remove(known)
    told = OxmlElement("w:lang")
    told.set(qn("w:eastAsia"), language)
    properties.append(told)
