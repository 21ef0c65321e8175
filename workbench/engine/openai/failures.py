"""What a user is told when a server cannot be used: one line each, and what to do."""

import json

from workbench.engine.openai.address import ServerAddress
from workbench.engine.openai.events import error_text
from workbench.engine.openai.exchange import KEY_VARIABLE, without_key
from workbench.errors import EngineError, ServerUnavailable
from workbench.i18n import _

_SHOWN = 300
_MISSING = (404, 405)


def unreachable(address: ServerAddress, reason: str) -> ServerUnavailable:
    """Nothing listens there."""
    return ServerUnavailable(
        _("no server answers at {url} ({reason})").format(url=address.url, reason=reason),
        fix=_("Start it, or correct the address."),
    )


def broken(address: ServerAddress, reason: str) -> ServerUnavailable:
    """The connection did not last."""
    return ServerUnavailable(
        _("the connection to {url} broke: {reason}").format(url=address.url, reason=reason),
        fix=_("See whether the server still runs, and try again."),
    )


def nonsense(address: ServerAddress) -> EngineError:
    """Something answers, but not in the form of OpenAI's API."""
    return EngineError(
        _("the server at {url} does not answer as one with OpenAI's API does").format(
            url=address.url
        ),
        fix=_("Correct the address; its path mostly ends in /v1."),
    )


def complaint(address: ServerAddress, said: str) -> EngineError:
    """The server says itself what is wrong."""
    said = without_key(" ".join(said.split()))[:_SHOWN]
    return EngineError(_("the server at {url} says: {said}").format(url=address.url, said=said))


def overloaded(address: ServerAddress, status: int, body: bytes) -> ServerUnavailable:
    """The server is there but has no time, or is still loading its model."""
    said = without_key(" ".join(_said(body).split()))[:_SHOWN]
    return ServerUnavailable(
        _("the server at {url} says: {said}").format(url=address.url, said=said or f"HTTP {status}")
    )


def refused(address: ServerAddress, status: int, body: bytes, path: str) -> EngineError:
    """The server answered with a status that is not 200."""
    said = _said(body)
    if status in _MISSING and (not said or path.endswith("/models")):
        return EngineError(
            _("there is no API of OpenAI's kind at {url} (HTTP {status})").format(
                url=address.url, status=status
            ),
            fix=_("Correct the address; its path mostly ends in /v1."),
        )
    if status in (401, 403):
        return EngineError(
            _("the server at {url} wants a key, or another one (HTTP {status})").format(
                url=address.url, status=status
            ),
            fix=_("Set the environment variable {variable}.").format(variable=KEY_VARIABLE),
        )
    if 300 <= status < 400:
        return EngineError(
            _("the server at {url} sends elsewhere, which is not followed").format(url=address.url),
            fix=_("Give the address where it answers itself."),
        )
    return complaint(address, said or f"HTTP {status}")


def _said(body: bytes) -> str:
    """Return the message in the body of an error, empty where it is no JSON with one."""
    try:
        return error_text(json.loads(body))
    except (ValueError, RecursionError):
        return ""
