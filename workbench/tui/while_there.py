"""What threads tell a screen that may be going."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from textual.css.query import NoMatches
from textual.screen import Screen

_Told = ParamSpec("_Told")
_Of = TypeVar("_Of", bound=Screen[Any])


def while_there(
    method: Callable[Concatenate[_Of, _Told], None],
) -> Callable[Concatenate[_Of, _Told], None]:
    """Have a method that shows something do nothing once the screen's widgets are gone.

    When the app is closed they go before their screen does, and a thread may be heard in between.
    """

    @wraps(method)
    def told(screen: _Of, /, *given: _Told.args, **named: _Told.kwargs) -> None:
        if screen.is_mounted:
            with suppress(NoMatches):
                method(screen, *given, **named)

    return told
