"""Errors a user meets: each says what happened, to which file, and what to do."""

from pathlib import Path
from typing import Any

from workbench.filenames import readable
from workbench.i18n import _


class WorkbenchError(Exception):
    """Anything that went wrong and can be explained in one line.

    ``what`` says what is wrong, ``path`` names the file it is wrong in, ``fix`` says what to do.
    """

    def __init__(self, what: str, *, path: str | Path | None = None, fix: str | None = None):
        super().__init__(what)
        self.what = what
        self.path = path
        self.fix = fix

    @property
    def place(self) -> str:
        """Return where it went wrong, as a user would name it."""
        return str(self.path)

    def __str__(self) -> str:
        line = f"{self.place}: {self.what}" if self.path is not None else self.what
        if self.fix:
            line = in_two_sentences(line, self.fix)
        # File names and messages of other programs may hold line breaks and control characters.
        return "".join(char if char.isprintable() else " " for char in readable(line))


def in_two_sentences(problem: str, fix: str) -> str:
    """Join what is wrong and what to do, with the full stop of the user's language."""
    return _("{problem}. {fix}").format(problem=problem.rstrip(".。"), fix=fix)


class UsageError(WorkbenchError):
    """The command was called wrongly; the exit status is 2."""


class ArticleError(WorkbenchError):
    """A file, or the ``part`` of it that is named as an article's is, cannot be read."""

    def __init__(
        self,
        what: str,
        *,
        path: str | Path | None = None,
        fix: str | None = None,
        part: str | None = None,
    ):
        super().__init__(what, path=path, fix=fix)
        self.part = part

    @property
    def place(self) -> str:
        """Return the file, and the part of it, that cannot be read."""
        return f"{self.path} · {self.part}" if self.part else str(self.path)


class ArticleNotice(ArticleError):
    """Something in a file is no article and was left out; nothing failed.

    It stands among the errors of a file so that nobody who passes them on can forget it.
    """


class TemplateError(WorkbenchError):
    """A prompt template is missing, malformed or asks for a variable that was not given."""


class ModelError(WorkbenchError):
    """A model is unknown, absent, damaged, or cannot be fetched."""


class EngineError(WorkbenchError):
    """The engine could not load a model or carry out a request."""


class ServerUnavailable(EngineError):
    """A server does not answer just now; the same request may well succeed later, or elsewhere."""


class LibraryError(WorkbenchError):
    """The library cannot be opened, read or written, or does not hold what is asked for."""


class SettingsError(UsageError):
    """A setting has an impossible value."""


class Cancelled(WorkbenchError):
    """The user stopped the work.

    ``answers`` are those of calls that had ended, ``partial`` is what the task made of the work
    that was done, where that is anything.
    """

    answers: tuple[Any, ...] = ()
    partial: Any = None
