"""A command of the user's, run at the end of a batch: a message sent, a machine switched off."""

import json
import os
import subprocess
from collections.abc import Mapping
from typing import Any

from workbench.i18n import _

_SECONDS = 300.0


def notify(command: str, told: Mapping[str, Any]) -> str:
    """Run a command in the shell; return what went wrong with it, empty where nothing did.

    It gets ``told`` as JSON on standard input, and what is text or a number there as variables
    ``WORKBENCH_BATCH_…``. It may take five minutes; what it prints goes where the batch's does.
    """
    named = {
        f"WORKBENCH_BATCH_{name.upper()}": str(value)
        for name, value in told.items()
        if isinstance(value, str | int | float)
    }
    try:
        ended = subprocess.run(  # noqa: S602 - the user's own command, for the user's shell
            command,
            shell=True,
            input=json.dumps(dict(told), ensure_ascii=True).encode(),
            env={**os.environ, **named},
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _("the notice was stopped after {seconds:.0f} s: {command}").format(
            seconds=_SECONDS, command=command
        )
    except (OSError, ValueError) as error:
        return _("the notice could not be run: {reason}").format(reason=error)
    if ended.returncode:
        return _("the notice ended with status {status}: {command}").format(
            status=ended.returncode, command=command
        )
    return ""
