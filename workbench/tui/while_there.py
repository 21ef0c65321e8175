"""What threads tell a widget that may be going."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from textual.css.query import NoMatches
from textual.widget import Widget

_Told = ParamSpec("_Told")
_Of = TypeVar("_Of", bound=Widget)


def while_there(
    method: Callable[Concatenate[_Of, _Told], None],
) -> Callable[Concatenate[_Of, _Told], None]:
    """Have a method that shows something do nothing once the widgets in it are gone.

    When the app is closed they go before what holds them does, and a thread may be heard in
    between.
    """

    @wraps(method)
    def told(widget: _Of, /, *given: _Told.args, **named: _Told.kwargs) -> None:
        with suppress(NoMatches):
            method(widget, *given, **named)

    return told
