"""PDF files: the text layer, its lines joined into paragraphs."""

import re
from dataclasses import replace

from workbench.articles.document import Document, ReadOptions
from workbench.articles.formats import kinds, limits
from workbench.articles.formats.pdf_layout import Line, text_of
from workbench.articles.formats.pdf_process import take_apart
from workbench.articles.formats.source import Source
from workbench.articles.formats.titles import is_title
from workbench.articles.metadata import Metadata
from workbench.articles.model import Encoding, Finding, LeftOut
from workbench.errors import ArticleError
from workbench.i18n import _

_LISTED = 20
_UNMAPPED = re.compile(r"[\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff]")
_MOST_UNMAPPED = 0.3


def document(source: Source, options: ReadOptions) -> Document:
    """Return the article of a PDF; ArticleError where it has no text, a password, or is broken.

    Pages are divided by form feeds; heads, feet and numbers of pages stay as lines of their own.
    """
    data = source.read(limits.CONTAINER)
    found = take_apart(data)
    if error := found.get("error"):
        raise _refused(str(error))
    pages = [[Line(*line) for line in page] for page in found["pages"]]
    text = text_of(pages)
    letters = sum(char.isalnum() for char in text)
    unmapped = len(_UNMAPPED.findall(text))
    if not letters and not unmapped:
        raise ArticleError(
            _("has no text layer: its {count} pages are pictures").format(count=len(pages)),
            fix=_("Run text recognition (OCR) on it first."),
        )
    if unmapped > _MOST_UNMAPPED * (letters + unmapped):
        raise ArticleError(
            _("has a text layer that cannot be read: its fonts do not name its characters"),
            fix=_("Run text recognition (OCR) on it first."),
        )
    return Document(
        source.path,
        data,
        kinds.PDF,
        text,
        Encoding("utf-16-le", "declared", 1.0, undecodable=unmapped),
        source.part,
        _stated(found["properties"]),
        "file",
        _left_out(pages, found["broken"]),
    )


def _left_out(pages: list[list[Line]], broken: list[int]) -> tuple[LeftOut, ...]:
    pictures = [
        number for number, lines in enumerate(pages, 1) if not lines and number not in broken
    ]
    found = []
    for numbers, reason in (
        (pictures, _("pages without text, pictures perhaps: {numbers}")),
        (broken, _("pages that are damaged: {numbers}")),
    ):
        if numbers:
            listed = ", ".join(map(str, numbers[:_LISTED]))
            more = " …" if len(numbers) > _LISTED else ""
            found.append(LeftOut(0, reason.format(numbers=listed + more)))
    return tuple(found)


def _stated(properties: dict[str, str]) -> Metadata:
    """Read the properties; the day a file was made is not the day of its article."""
    title = " ".join(str(properties.get("Title") or "").split())
    author = " ".join(str(properties.get("Author") or "").split())
    known = Metadata(
        title=title if is_title(title) and len(title) <= 200 else None,
        byline=author if 0 < len(author) <= 60 and "@" not in author else None,
    )
    named = (("title", "Title", known.title), ("byline", "Author", known.byline))
    findings = tuple(Finding(field, "file", name) for field, name, value in named if value)
    return replace(known, findings=findings)


def _refused(error: str) -> ArticleError:
    if error == "encrypted":
        return ArticleError(
            _("is a PDF with a password"), fix=_("Save it without its password first.")
        )
    if error in {"pages", "characters"}:
        return ArticleError(
            _("is too large: a PDF of more pages or text than is read"),
            fix=_("Split it into its articles, one a file."),
        )
    if error == "memory":
        return ArticleError(
            _("is a PDF that takes more memory than it may"), fix=_("Save its text as .txt.")
        )
    return ArticleError(
        _("is a broken PDF"), fix=_("Get it once more, or save it with another program.")
    )
