"""Electronic books (EPUB 2 and 3): each document of the spine that holds prose is an article."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from workbench.articles.document import Document, ReadOptions
from workbench.articles.formats import kinds, limits, xml
from workbench.articles.formats.html import visible_text
from workbench.articles.formats.package import Package
from workbench.articles.formats.source import Source
from workbench.articles.formats.text import decoded
from workbench.articles.metadata import Metadata, iso_date
from workbench.articles.model import Finding, LeftOut
from workbench.errors import ArticleError
from workbench.i18n import _

_PAGES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})
_HEADING = re.compile(r"<h[1-3]\b[^>]{0,500}>(.{1,2000}?)</h[1-3]>", re.IGNORECASE | re.DOTALL)
_STOP = re.compile(r"[。！？…!?]|\.\s")
_PROSE = 60
"""Letters a document without a single sentence must have to be more than a title or a cover."""
_SPINE = 20_000


@dataclass(frozen=True, slots=True)
class _Book:
    spine: tuple[str, ...]
    titles: dict[str, str]
    stated: Metadata


def documents(
    source: Source, package: Package, options: ReadOptions
) -> Iterator[Document | ArticleError]:
    """Yield the prose documents of a book in reading order; what holds none is counted."""
    if source.size > limits.CONTAINER:
        raise ArticleError(
            _("is too large: {size} MB, where {limit} MB are read at most").format(
                size=-(-source.size // 1024**2), limit=limits.CONTAINER // 1024**2
            ),
            fix=_("Split it into its articles, one a file."),
        )
    package.bound(limits.DOCUMENT)
    encrypted = _encrypted(package)
    book = _book(package)
    if encrypted and all(name in encrypted for name in book.spine):
        raise ArticleError(
            _("is protected against copying (DRM) and cannot be read"),
            fix=_("Open it in the program it was bought for."),
        )
    waiting: Document | None = None
    left: list[LeftOut] = []
    for name in book.spine:
        try:
            if name in encrypted:
                raise ArticleError(_("is encrypted"), fix=_("Leave it out."))
            chapter = _chapter(source, package, name, book, options)
        except ArticleError as error:
            error.path, error.part = source.path, source.part_name(name)
            yield error
            if package.exhausted:
                break
            continue
        if isinstance(chapter, LeftOut):
            left.append(chapter)
            continue
        if waiting is not None:
            yield waiting
        waiting, left = replace(chapter, left_out=tuple(left)), []
    if waiting is None:
        raise ArticleError(
            _("is a book without text in it: pictures only, or empty"), fix=_("Get its text.")
        )
    yield replace(waiting, left_out=(*waiting.left_out, *left))


def _chapter(
    source: Source, package: Package, name: str, book: _Book, options: ReadOptions
) -> Document | LeftOut:
    data = package.read(name)
    try:
        html, encoding = decoded(data, options)
    except ArticleError:
        if data.strip():
            raise
        return LeftOut(0, _("{name} of the book: it is empty").format(name=name))
    text = visible_text(html)
    letters = sum(char.isalnum() for char in text)
    if letters < _PROSE and not (letters and _STOP.search(text)):
        count = sum(not char.isspace() for char in text)
        return LeftOut(count, _("{name} of the book: it holds no prose").format(name=name))
    title, detail = book.titles.get(name), "toc"
    if title is None:
        title, detail = _heading(html), "h1"
    stated = Metadata(title=title).or_else(book.stated)
    findings = [one for one in book.stated.findings if one.field != "title"]
    if title:
        findings.append(Finding("title", "file", detail))
    return Document(
        source.path,
        data,
        kinds.EPUB,
        text,
        encoding,
        source.part_name(name),
        replace(stated, findings=tuple(findings)),
    )


def _heading(html: str) -> str | None:
    found = _HEADING.search(html)
    return " ".join(visible_text(found.group(1)).split())[:200] or None if found else None


def _encrypted(package: Package) -> frozenset[str]:
    """Return the files that are encrypted; fonts may be, which hinders nobody."""
    if not package.has("META-INF/encryption.xml"):
        return frozenset()
    root = xml.parse(package.read("META-INF/encryption.xml"))
    found = (xml.attribute(one, "URI") for one in xml.named(root, "CipherReference"))
    return frozenset(_resolved("", uri) for uri in found if uri)


def _book(package: Package) -> _Book:
    root = xml.parse(package.read("META-INF/container.xml"))
    files = (xml.attribute(one, "full-path") for one in xml.named(root, "rootfile"))
    opf = next((_resolved("", one) for one in files if one), "")
    content = xml.parse(package.read(opf))
    folder = posixpath.dirname(opf)
    items = {str(item.get("id")): item for item in xml.named(content, "item") if item.get("href")}
    order = (items.get(str(one.get("idref"))) for one in xml.named(content, "itemref"))
    pages = [
        _resolved(folder, item.get("href"))
        for item in order
        if item is not None and item.get("media-type", "application/xhtml+xml") in _PAGES
    ]
    nav = [item for item in items.values() if "nav" in str(item.get("properties", "")).split()]
    table = [_resolved(folder, item.get("href")) for item in nav]
    ncx = [item for item in items.values() if item.get("media-type") == "application/x-dtbncx+xml"]
    titles: dict[str, str] = {}
    for name in [_resolved(folder, item.get("href")) for item in ncx]:
        titles.update(_titles(package, name, _ncx))
    for name in table:
        titles.update(_titles(package, name, _nav))
    spine = tuple(dict.fromkeys(one for one in pages if one not in table))
    if len(spine) > _SPINE:
        raise ArticleError(_("has too many documents to be a book"), fix=_("Split it."))
    return _Book(spine, titles, _stated(content))


def _resolved(folder: str, href: str) -> str:
    """Return a member's name by a reference to it; nothing outside the archive has one."""
    path = posixpath.normpath(posixpath.join("/", folder, unquote(href.split("#")[0])))
    return path.lstrip("/")


def _titles(package: Package, name: str, read: Any) -> dict[str, str]:
    """Read the titles off a table of contents; a broken one costs the titles only."""
    try:
        root = xml.parse(package.read(name))
    except ArticleError:
        return {}
    found: dict[str, str] = {}
    for href, words in read(root):
        title = " ".join(words.split())[:200]
        if href and title:
            # Several entries may lead into one document: its own is the first.
            found.setdefault(_resolved(posixpath.dirname(name), href), title)
    return found


def _ncx(root: Any) -> Iterator[tuple[str, str]]:
    for point in xml.named(root, "navPoint"):
        label = next((one for one in point if xml.local(one) == "navLabel"), None)
        content = next((one for one in point if xml.local(one) == "content"), None)
        if label is not None and content is not None:
            yield str(content.get("src", "")), "".join(label.itertext())


def _nav(root: Any) -> Iterator[tuple[str, str]]:
    for nav in xml.named(root, "nav"):
        if (xml.attribute(nav, "type") or "toc") == "toc":
            for link in xml.named(nav, "a"):
                yield str(link.get("href", "")), "".join(link.itertext())


def _stated(content: Any) -> Metadata:
    """Read what the package says of the book: who wrote it, and the book as the source."""
    values: dict[str, str] = {}
    for node in xml.named(content, "metadata")[:1]:
        for one in node:
            value = " ".join("".join(one.itertext()).split()) if xml.local(one) else ""
            if value and len(value) <= 300:
                values.setdefault(xml.local(one), value)
    fields = {
        "byline": ("creator", values.get("creator")),
        "source": ("title", values.get("title")),
        "date": ("date", iso_date(values.get("date"))),
    }
    return Metadata(
        **{field: value for field, (_name, value) in fields.items()},
        findings=tuple(
            Finding(field, "file", f"dc:{name}") for field, (name, value) in fields.items() if value
        ),
    )
