"""Standard input as bytes, of a bearable size."""

import sys
from pathlib import Path

from workbench.errors import ArticleError
from workbench.i18n import _

NAME = Path("stdin")
"""What an article from standard input is called."""
LARGEST = 200 * 1024 * 1024
"""More bytes are refused: they are held in memory."""


def read_standard_input() -> bytes:
    """Return all of standard input; ArticleError where there is none, or too much."""
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise ArticleError(
            _("there is no standard input to read"),
            path=_("standard input"),
            fix=_("Name a file, or put the text in with a pipe."),
        )
    try:
        data: bytes = stream.read(LARGEST + 1)
    except OSError as error:
        raise ArticleError(
            _("cannot be read: {reason}").format(reason=error.strerror or type(error).__name__),
            path=_("standard input"),
            fix=_("Name a file, or put the text in with a pipe."),
        ) from None
    if len(data) > LARGEST:
        raise ArticleError(
            _("is too large: more than {limit} MB").format(limit=LARGEST // 1024**2),
            path=_("standard input"),
            fix=_("Save it to a file and name that."),
        )
    return data
