"""The article in a web page, by trafilatura; nothing in the page is fetched or run."""

import re
from dataclasses import dataclass
from typing import Any

from workbench.articles.model import LeftOut
from workbench.errors import ArticleError
from workbench.i18n import _

_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")
_INVISIBLE = frozenset({"script", "style", "noscript", "template", "head", "svg"})
_BREAKING = re.compile(
    "address|article|aside|blockquote|br|caption|d[dlt]|div|fieldset|figcaption|figure|footer|form"
    "|h[1-6r]|header|li|main|nav|[ou]l|p|pre|section|table|t[dhr]"
)
_NESTING = re.compile(
    r"<(/?)(?:div|table|span|section|article|ul|ol|dl|blockquote|center|font|b|i|u|em|strong|a|form"
    r"|fieldset|small|big|main|aside|nav|q|sub|sup)\b",
    re.IGNORECASE,
)
_DEEPEST = 2000
_LONG_TAG = re.compile(r"<[A-Za-z][^<>]{20000,}")
_QUOTED = re.compile(r""""[^"]*"|'[^']*'""")
_ATTRIBUTES = 4000
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SPACES = re.compile(r"[ \t\r\n\f\v\xa0]+")
# A sentence with its stop, or a long run without the gaps that menus have.
_PROSE = re.compile(r"[^\n]{8}(?:[。！？!?；;…]|\.(?:\s|\Z))|[^\s|·/>»]{30}")


@dataclass(frozen=True, slots=True)
class Page:
    """The readable text of a page, a paragraph a line, and what the page says of itself."""

    text: str
    title: str | None = None
    date: str | None = None
    byline: str | None = None
    source: str | None = None
    left_out: tuple[LeftOut, ...] = ()


def extract(html: str, *, raw: bool = False) -> Page:
    """Take the article out of a page; ``raw`` takes all the visible text instead.

    ArticleError (without a path) where the page holds no article.
    """
    tree = _parse(html)
    if tree is None:
        raise _no_article()
    # Both take the tree apart, so each gets its own.
    document = _article(tree)
    visible = _visible_text(_parse(html))
    title = _clean(document.title) if document else None
    text = visible if raw else _clean_lines((document.text or "") if document else "")
    if not any(char.isalnum() for char in text):
        raise _no_article() if any(char.isalnum() for char in visible) and not raw else _empty()
    if not raw and not _PROSE.search(text):
        raise _no_article()
    return Page(
        text=text,
        title=title,
        date=_clean(document.date) if document else None,
        byline=(_clean(document.author) or "").removeprefix("记者").strip() or None
        if document
        else None,
        source=_clean(document.sitename) if document else None,
        left_out=() if raw else _left_out(visible, text),
    )


def _parse(html: str) -> Any:
    from lxml import etree  # type: ignore[import-untyped]
    from lxml.html import HTMLParser, document_fromstring  # type: ignore[import-untyped]

    # no_network keeps libxml2 from loading a DTD; the HTML parser resolves no entities of its own.
    parser = HTMLParser(no_network=True, remove_pis=True, huge_tree=True)
    cleaned = _CONTROL.sub("", _XML_DECLARATION.sub("", html))
    if _is_too_deep(cleaned):
        raise _too_deep()
    if any(len(_QUOTED.sub("", tag).split()) > _ATTRIBUTES for tag in _LONG_TAG.findall(cleaned)):
        # The parser compares each attribute with all before it.
        raise ArticleError(
            _("is no page: a tag in it has thousands of attributes"),
            fix=_("Copy its text to a file."),
        )
    try:
        tree = document_fromstring(cleaned, parser=parser)
    except (etree.LxmlError, ValueError):
        tree = None
    if any("depth" in one.message for one in parser.error_log):
        # The parser stops there: what follows would be lost in silence.
        raise _too_deep()
    return tree


def visible_text(html: str) -> str:
    """Return all the text of a page or a piece of one that a reader sees, a block a line."""
    tree = _parse(html)
    return _visible_text(tree) if tree is not None else ""


def _is_too_deep(html: str) -> bool:
    """Tell a page whose elements are nested so deeply that parsing takes ever longer."""
    depth = 0
    for found in _NESTING.finditer(html):
        depth = max(depth - 1, 0) if found.group(1) else depth + 1
        if depth > _DEEPEST:
            return True
    return False


def _visible_text(tree: Any) -> str:
    pieces: list[str] = []
    hidden = 0
    for event, node in _walk(tree):
        if event == "comment" or node.tag in _INVISIBLE:
            hidden += {"start": 1, "end": -1, "comment": 0}[event]
            words = None if event == "start" else node.tail
        else:
            if isinstance(node.tag, str) and _BREAKING.fullmatch(node.tag):
                pieces.append("\n")
            words = node.text if event == "start" else node.tail
        if not hidden:
            pieces.append(_SPACES.sub(" ", words or ""))
    return _clean_lines("".join(pieces))


def _walk(tree: Any) -> Any:
    from lxml.etree import iterwalk  # type: ignore[import-untyped]

    return iterwalk(tree, events=("start", "end", "comment"))


def _article(tree: Any) -> Any:
    """Extract with trafilatura; None where it finds nothing."""
    import logging
    from copy import deepcopy

    from trafilatura import bare_extraction
    from trafilatura.settings import DEFAULT_CONFIG

    # It reports on standard error what is the caller's to say.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL + 1)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL + 1)
    config = deepcopy(DEFAULT_CONFIG)
    # Its 250 characters are measured in Latin letters; Chinese says as much in a third of them.
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", "80")
    try:
        return bare_extraction(tree, with_metadata=True, include_comments=False, config=config)
    except RecursionError:
        raise _too_deep() from None


def _clean(value: str | None) -> str | None:
    return _SPACES.sub(" ", value).strip() or None if value else None


def _clean_lines(text: str) -> str:
    lines = (_SPACES.sub(" ", line).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _left_out(visible: str, text: str) -> tuple[LeftOut, ...]:
    count = _characters(visible) - _characters(text)
    if count <= 0:
        return ()
    return (LeftOut(count, _("menus, links, comments and other parts of the page")),)


def _characters(text: str) -> int:
    return sum(not char.isspace() for char in text)


def _too_deep() -> ArticleError:
    return ArticleError(_("is nested too deeply to be a page"), fix=_("Copy its text to a file."))


def _no_article() -> ArticleError:
    return ArticleError(
        _("holds no article: the page is menus, links or scripts only"),
        fix=_("Save the page after it has loaded, copy its text to a file, or read it raw."),
    )


def _empty() -> ArticleError:
    return ArticleError(_("holds no readable text"), fix=_("Save the page after it has loaded."))
