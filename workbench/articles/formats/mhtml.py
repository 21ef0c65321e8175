"""A web page saved with everything on it in one file (MHTML, RFC 2557)."""

import email
import email.errors
import email.policy
from email.message import EmailMessage
from typing import cast

from workbench.articles.document import Document, ReadOptions
from workbench.articles.formats import kinds, limits
from workbench.articles.formats.html import visible_text
from workbench.articles.formats.source import Source, too_large
from workbench.articles.formats.text import decoded, page_document
from workbench.articles.metadata import Metadata
from workbench.articles.model import LeftOut
from workbench.errors import ArticleError
from workbench.i18n import _

_PARTS = 20_000
_DEPTH = 20
_SUBJECT = 4000


def document(source: Source, options: ReadOptions) -> Document:
    """Return the article of a saved page; frames on the page are left out and counted."""
    from dataclasses import replace

    data = source.read(limits.SAVED_PAGE)
    try:
        message = cast(EmailMessage, email.message_from_bytes(data, policy=email.policy.compat32))
    except RecursionError:
        raise ArticleError(
            _("is nested too deeply to be a page"), fix=_("Copy its text to a file.")
        ) from None
    texts = _texts(message)
    main = _main(message, texts)
    if main is None:
        raise ArticleError(
            _("is a saved page without a page in it"),
            fix=_("Save the page once more, as HTML alone."),
        )
    body = _bytes(main)
    if len(body) > limits.TEXT:
        raise too_large(len(body))
    text, encoding = decoded(body, options, main.get_content_charset())
    if main.get_content_type() == "text/plain":
        return Document(source.path, data, kinds.MHTML, text, encoding, source.part)
    page = page_document(source, data, text, encoding, options)
    frames = sum(
        sum(not char.isspace() for char in _visible(part, options))
        for part in texts
        if part is not main and part.get_content_type() == main.get_content_type()
    )
    left = (*page.left_out, LeftOut(frames, _("frames on the page"))) if frames else page.left_out
    stated = page.stated.or_else(Metadata(title=_subject(message)))
    return replace(page, format=kinds.MHTML, left_out=left, stated=stated)


def _texts(message: EmailMessage) -> list[EmailMessage]:
    """Return the parts that are pages or plain text, in order."""
    found: list[EmailMessage] = []
    waiting: list[tuple[EmailMessage, int]] = [(message, 0)]
    seen = 0
    while waiting and seen < _PARTS:
        part, depth = waiting.pop(0)
        seen += 1
        if part.is_multipart():
            inner = part.get_payload()
            if depth < _DEPTH and isinstance(inner, list):
                waiting[:0] = [(cast(EmailMessage, one), depth + 1) for one in inner]
        elif part.get_content_type() in {"text/html", "application/xhtml+xml", "text/plain"}:
            found.append(part)
    return found


def _main(message: EmailMessage, texts: list[EmailMessage]) -> EmailMessage | None:
    """Find the page itself: the part that the start names, else the first page, else a text."""
    start = str(message.get_param("start") or "").strip()
    location = str(message.get("Snapshot-Content-Location") or "").strip()
    for part in texts:
        if start and str(part.get("Content-ID") or "").strip() == start:
            return part
    pages = [part for part in texts if part.get_content_type() != "text/plain"]
    for part in pages:
        if location and str(part.get("Content-Location") or "").strip() == location:
            return part
    return next(iter(pages or texts), None)


def _bytes(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _visible(part: EmailMessage, options: ReadOptions) -> str:
    body = _bytes(part)
    if not body or len(body) > limits.TEXT:
        return ""
    try:
        return visible_text(decoded(body, options, part.get_content_charset())[0])
    except ArticleError:
        return ""


def _subject(message: EmailMessage) -> str | None:
    """Return the title the browser wrote into the head of the file."""
    from email.header import decode_header, make_header

    try:
        # Decoding takes ever longer the more encoded words there are.
        subject = str(message.get("Subject") or "")[:_SUBJECT]
        title = str(make_header(decode_header(subject)))
    except (email.errors.MessageError, ValueError, LookupError):
        return None
    return " ".join(title.split())[:200] or None
