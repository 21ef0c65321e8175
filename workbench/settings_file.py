"""Changing settings in the config file: what else stands in it stays, comments too."""

import os
from dataclasses import fields
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from workbench.errors import SettingsError
from workbench.files import write_atomically
from workbench.i18n import _
from workbench.settings import Settings, config_file, settings_with, stored_settings

_DEFAULTS = Settings()


def keep_settings(changed: dict[str, Any]) -> Settings:
    """Write settings to the config file and return all as they are now.

    A setting that is back at its default is taken out. SettingsError says what is wrong, and
    nothing was written then.
    """
    settings_with(**changed)
    path = config_file()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        text = ""
    except OSError as error:
        raise _unwritable(error) from error
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise SettingsError(
            _("cannot be read as TOML: {error}").format(error=error),
            path=path,
            fix=_("Correct or delete it."),
        ) from error
    for name, value in changed.items():
        if value == getattr(_DEFAULTS, name):
            document.pop(name, None)
        elif name in document:
            document[name] = value
        else:
            _put_before_tables(document, name, value)
    try:
        write_atomically(path, tomlkit.dumps(document))
    except OSError as error:
        raise _unwritable(error) from error
    stored_settings.cache_clear()
    return stored_settings()


def _put_before_tables(document: tomlkit.TOMLDocument, name: str, value: Any) -> None:
    """Add a setting where TOML takes it for one of the file, not of its last table."""
    tables = [key for key, item in document.items() if isinstance(item, dict)]
    held = {key: document.pop(key) for key in tables}
    document.add(name, value)
    for key, item in held.items():
        document.add(key, item)


def overridden() -> dict[str, str]:
    """Return the settings that environment variables set, with the name of the variable."""
    names = (one.name for one in fields(Settings))
    return {
        name: variable for name in names if os.environ.get(variable := f"WORKBENCH_{name.upper()}")
    }


def _unwritable(error: OSError) -> SettingsError:
    return SettingsError(
        _("cannot be written: {reason}").format(reason=error.strerror or error),
        path=config_file(),
        fix=_("Check the rights of the file and its folder."),
    )
