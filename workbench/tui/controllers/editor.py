"""Handing a text to the editor the user has set, while the app steps aside."""

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from workbench.errors import WorkbenchError
from workbench.files import encodable
from workbench.i18n import _

_USUAL = ("nano", "vim", "vi")


def edited_outside(app: App[Any], text: str, suffix: str = ".md") -> str:
    """Return a text as it is after the user's editor was left; WorkbenchError where it failed.

    The editor is that of ``$VISUAL``, else ``$EDITOR``, else one that is usually there.
    """
    command = editor_command()
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        path = Path(folder) / f"text{suffix}"
        path.write_text(encodable(text), encoding="utf-8")
        try:
            with app.suspend():
                status = subprocess.run([*command, str(path)], check=False).returncode
        except SuspendNotSupported:
            raise WorkbenchError(
                _("an editor cannot be opened from here"), fix=_("Edit in place instead.")
            ) from None
        except OSError as error:
            raise WorkbenchError(
                _("the editor '{name}' cannot be started: {reason}").format(
                    name=command[0], reason=error.strerror or error
                ),
                fix=_("Set VISUAL or EDITOR to another."),
            ) from error
        if status:
            raise WorkbenchError(
                _("the editor '{name}' ended with status {status}, so nothing was changed").format(
                    name=command[0], status=status
                )
            )
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise WorkbenchError(
                _("what the editor left cannot be read, so nothing was changed"),
                fix=_("Save it as UTF-8, at the place it was opened from."),
            ) from error


def editor_command() -> list[str]:
    """Return the editor and its arguments; WorkbenchError where there is none."""
    for name in ("VISUAL", "EDITOR"):
        if given := os.environ.get(name, "").strip():
            try:
                return shlex.split(given)
            except ValueError as error:
                raise WorkbenchError(
                    _("{name} is no command: {given}").format(name=name, given=given),
                    fix=_("Set VISUAL or EDITOR to your editor."),
                ) from error
    for usual in _USUAL:
        if shutil.which(usual):
            return [usual]
    raise WorkbenchError(_("no editor is set"), fix=_("Set VISUAL or EDITOR to your editor."))
