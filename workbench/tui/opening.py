"""Opening the app in a terminal."""

import os
import sys

from workbench.engine.protocol import NICENESS
from workbench.errors import UsageError
from workbench.i18n import _, use_language

_STEPS = "5"
"""How far the engine gives way: keys are answered first, and alone it computes as fast."""


def open_app() -> int:
    """Open the app and return its exit status.

    Raises UsageError where there is no terminal for it, and the error that ended it.
    """
    if not (_is_terminal() or os.environ.get("TEXTUAL_DRIVER")):
        raise UsageError(
            _("the app needs a terminal"),
            fix=_("Open it in one, or name a command: see 'workbench --help'."),
        )
    # Commits of five or more Hanzi come in as junk keys under the Kitty protocol (Textual 8.2).
    os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
    os.environ.setdefault(NICENESS, _STEPS)
    from workbench.settings import stored_settings
    from workbench.store.library import Library
    from workbench.tui.app import WorkbenchApp
    from workbench.tui.garbage import short_collections

    settings = stored_settings()
    use_language(settings.language)
    with Library.open() as library:
        app = WorkbenchApp(settings, library, welcome=True)
        with short_collections():
            app.run()
        if app.error is not None:
            raise app.error
        return app.return_code or 0


def _is_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.__stdin__, sys.__stderr__))
