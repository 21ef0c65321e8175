"""Room on the disk, asked for before it is needed and explained when it is gone."""

import errno
import shutil
from pathlib import Path

from workbench.errors import ModelError
from workbench.i18n import _

RESERVE = 32 << 20
"""Bytes left free beside what is written."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def require_space(folder: Path, needed: int) -> None:
    """Raise ModelError where the disk of ``folder`` (which exists) has no ``needed`` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < needed + RESERVE:
        raise no_space(folder, needed + RESERVE)


def no_space(folder: Path, needed: int) -> ModelError:
    """Return the error of a disk that is full, with what is needed and what is free."""
    return ModelError(
        _("the disk is full: {needed} bytes are needed, {free} are free").format(
            needed=needed, free=shutil.disk_usage(folder).free
        ),
        path=folder,
        fix=_("Free some space, or name another folder in WORKBENCH_MODELS, and repeat."),
    )


def explain_write_error(error: OSError, folder: Path, needed: int) -> ModelError:
    """Turn an error of writing a large file into one line; ``needed`` is in bytes."""
    if error.errno in _FULL:
        return no_space(folder, needed)
    if error.errno == errno.EFBIG:
        return ModelError(
            _("the file system, or a limit set for this process, takes no file as large as this"),
            path=folder,
            fix=_("Name a folder on another disk in WORKBENCH_MODELS."),
        )
    return ModelError(
        _("cannot be written: {reason}").format(reason=error.strerror or error),
        path=folder,
        fix=_("Name a folder that can be written in WORKBENCH_MODELS."),
    )
