"""The screens by name; each is imported when it is first shown."""

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

from textual.screen import Screen

_PLACES = {
    "library": ("workbench.tui.screens.main", "MainScreen"),
    "compare": ("workbench.tui.screens.compare", "CompareScreen"),
    "ask": ("workbench.tui.screens.ask", "AskScreen"),
    "queue": ("workbench.tui.screens.queue", "QueueScreen"),
    "models": ("workbench.tui.screens.models", "ModelsScreen"),
    "prompts": ("workbench.tui.screens.prompts", "PromptsScreen"),
    "settings": ("workbench.tui.screens.settings", "SettingsScreen"),
    "log": ("workbench.tui.screens.log", "LogScreen"),
    "add": ("workbench.tui.screens.add", "AddScreen"),
    "watched": ("workbench.tui.screens.watched", "WatchedScreen"),
    "help": ("workbench.tui.screens.help", "HelpScreen"),
}


def kind_of(name: str) -> str:
    """Return the name of a screen's class."""
    return _PLACES[name][1]


_MODES = ("library", "compare", "ask", "queue", "models", "prompts")


def made(name: str) -> Screen[Any]:
    """Make a screen."""
    module, kind = _PLACES[name]
    try:
        screen: Screen[Any] = getattr(importlib.import_module(module), kind)()
    except ImportError as error:
        from workbench.tui.screens.missing import MissingScreen

        return MissingScreen(name, str(error))
    return screen


MODES: dict[str, Callable[[], Screen[Any]]] = {name: partial(made, name) for name in _MODES}
