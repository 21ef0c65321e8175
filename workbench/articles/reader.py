"""One file into an Article: the only place of this package that touches the disk."""

import errno
import hashlib
import os
import stat
from pathlib import Path

from workbench.articles.model import Article, LeftOut
from workbench.errors import ArticleError
from workbench.i18n import _

LARGEST = 20 * 1024 * 1024
"""Files of more bytes are refused: no article is that long."""


def read_article(path: Path, *, encoding: str | None = None, raw: bool = False) -> Article:
    """Read a text, Markdown or HTML file into an Article.

    ``encoding`` overrides what the file says and looks like; ``raw`` keeps everything, site
    furniture and all the visible text of a page included. Raises ArticleError: one line that says
    what is wrong with the file and what to do.
    """
    data = _read(path)
    try:
        return _understand(path, data, encoding, raw)
    except ArticleError as error:
        if error.path is None:
            error.path = path
        raise


def _understand(path: Path, data: bytes, encoding: str | None, raw: bool) -> Article:
    # A program that only names this module need not compile every pattern of the package.
    from workbench.articles import script
    from workbench.articles.cleaning import find_removals, kept_text, merged
    from workbench.articles.encoding import decode
    from workbench.articles.formats import kinds
    from workbench.articles.formats.markdown import find_markup
    from workbench.articles.metadata import Metadata, find_metadata, iso_date
    from workbench.articles.passages import split

    if kind := kinds.binary_kind(data):
        raise ArticleError(
            _("is not text but looks like {kind}").format(kind=kind),
            fix=_("Give a text, Markdown or HTML file; save its text as .txt first."),
        )
    decoded, how = decode(data, declared=kinds.declared_charset(data), given=encoding)
    if kinds.holds_controls(decoded):
        raise ArticleError(
            _("is not text: it holds control characters"),
            fix=_("Give a text, Markdown or HTML file."),
        )
    if not any(char.isalnum() for char in decoded):
        raise ArticleError(
            _("holds nothing to read: it is blank or signs only"),
            fix=_("Leave it out, or put the article's text in it."),
        )
    format_name = kinds.format_of(path, decoded)
    stated, left_out = Metadata(), tuple[LeftOut, ...]()
    text = decoded
    if format_name == kinds.HTML:
        from workbench.articles.formats.html import extract

        page = extract(decoded, raw=raw)
        text, left_out = page.text, page.left_out
        stated = Metadata(page.title, iso_date(page.date), page.byline, page.source)
    markdown = format_name == kinds.MARKDOWN
    found = find_removals(text)
    removals = () if raw else merged(find_markup(text), found) if markdown else found
    passages = split(text, removals)
    if not passages:
        removals, passages = (), split(text)
    metadata = stated.or_else(find_metadata(text, found, markdown=markdown))
    return Article(
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        format=format_name,
        encoding=how,
        script=script.detect(kept_text(text, removals)),
        text=text,
        passages=passages,
        removals=removals,
        left_out=left_out,
        title=metadata.title,
        date=metadata.date,
        byline=metadata.byline,
        source=metadata.source,
    )


def _read(path: Path) -> bytes:
    """Read a regular file of a bearable size, and never wait on anything else."""
    seen = False
    try:
        _check(path, path.stat())
        seen = True
        # A pipe put in the file's place after the look at it must not make us wait.
        handle = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
        with os.fdopen(handle, "rb") as stream:
            _check(path, os.fstat(stream.fileno()))
            data = stream.read(LARGEST + 1)
    except FileNotFoundError:
        raise _vanished(path) if seen else _missing(path) from None
    except OSError as error:
        raise _unreadable(path, error) from None
    except ValueError:
        raise ArticleError(
            _("is not a possible file name"), path=repr(str(path)), fix=_("Check the name.")
        ) from None
    if len(data) > LARGEST:
        raise _too_large(path, len(data))
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise ArticleError(
            _("is empty"), path=path, fix=_("Leave it out, or put the article's text in it.")
        )
    return data


def _check(path: Path, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise ArticleError(
            _("is a folder; name the files in it, for example {example}").format(
                example=path / "*.txt"
            ),
            path=path,
        )
    if not stat.S_ISREG(status.st_mode):
        raise ArticleError(
            _("is not a file but a device or a pipe"),
            path=path,
            fix=_("Save its text to a file first."),
        )
    if status.st_size > LARGEST:
        raise _too_large(path, status.st_size)


def _missing(path: Path) -> ArticleError:
    return ArticleError(
        _("there is no such file"), path=path, fix=_("Check the name and the folder.")
    )


def _vanished(path: Path) -> ArticleError:
    return ArticleError(
        _("disappeared while it was being read"), path=path, fix=_("Put it back and try again.")
    )


def _too_large(path: Path, size: int) -> ArticleError:
    return ArticleError(
        _("is too large: {size} MB, where {limit} MB are read at most").format(
            size=-(-size // 1024**2), limit=LARGEST // 1024**2
        ),
        path=path,
        fix=_("Split it into its articles, one a file."),
    )


def _unreadable(path: Path, error: OSError) -> ArticleError:
    if isinstance(error, PermissionError):
        return ArticleError(
            _("may not be read: permission is denied"),
            path=path,
            fix=_("Give yourself the right to read it."),
        )
    if error.errno == errno.ENOTDIR:
        return _missing(path)
    return ArticleError(
        _("cannot be read: {reason}").format(reason=error.strerror or type(error).__name__),
        path=path,
        fix=_("Check the name and the disk."),
    )
