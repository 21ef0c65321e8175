"""Opening the app in a terminal."""

import os
import sys

from workbench.errors import UsageError
from workbench.i18n import _


def open_app() -> int:
    """Open the app and return its exit status; UsageError where there is no terminal for it."""
    if not (
        sys.__stdin__ and sys.__stdin__.isatty() and sys.__stderr__ and sys.__stderr__.isatty()
    ):
        raise UsageError(
            _("the app needs a terminal"),
            fix=_("Open it in one, or name a command: see 'workbench --help'."),
        )
    # Commits of five or more Hanzi come in as junk keys under the Kitty protocol (Textual 8.2).
    os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
    from workbench.settings import stored_settings
    from workbench.store.library import Library
    from workbench.tui.app import WorkbenchApp

    settings = stored_settings()
    with Library.open() as library:
        app = WorkbenchApp(settings, library, welcome=True)
        app.run()
        return app.return_code or 0
