"""Downloading from a model hub, resuming at any byte.

``hf_hub_download`` of huggingface_hub 2 throws away what it has when it is interrupted, so its HTTP
session is used with a range request: https://huggingface.co/docs/hub/models-downloading. No token
and no telemetry is sent.
"""

import importlib
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from workbench import __version__
from workbench.catalog.entries import Entry
from workbench.catalog.partial import Partial, SourceFailed
from workbench.catalog.progress import Progress, ProgressCallback
from workbench.i18n import _

DEFAULT_ENDPOINT = "https://huggingface.co"

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 30.0
_ATTEMPTS = 3
_PAUSE_SECONDS = 1.0
_RECORD_EVERY = 32 << 20
Client = Any
"""``httpx.Client`` or its successor's, whichever huggingface_hub was built on."""

_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")


def fetch_from_hub(
    entry: Entry, partial: Partial, endpoint: str, source: str, progress: ProgressCallback
) -> None:
    """Append to ``partial`` what is missing of the file, from the hub at ``endpoint``.

    A connection that breaks is taken up again while bytes keep coming. Raises SourceFailed with
    the reason, ModelError where the disk is full.
    """
    session = _session()
    errors = _connection_errors(session)
    path = f"{entry.repo}/resolve/{entry.revision}/{entry.file}"
    url = f"{endpoint.rstrip('/')}/{quote(path)}"
    failures, received = 0, False
    while partial.missing:
        before = partial.length
        try:
            _stream(session, url, partial, source, progress)
            reason = _("the connection ended early")
        except errors as error:
            reason = _short(error)
        advanced = partial.length > before
        received = received or advanced
        failures = 1 if advanced else failures + 1
        if partial.missing and (not received or failures >= _ATTEMPTS):
            raise SourceFailed(reason)
        if partial.missing:
            time.sleep(_PAUSE_SECONDS)


def hub_answers(endpoint: str, seconds: float) -> bool:
    """Tell whether a hub answers at all within ``seconds`` for each step of connecting."""
    try:
        session = _session()
        try:
            return bool(session.head(endpoint, timeout=seconds).status_code < 500)
        except _connection_errors(session):
            return False
    except SourceFailed:
        return False


def _session() -> Client:
    from huggingface_hub import get_session

    try:
        return get_session()
    except (ImportError, ValueError) as error:
        # A proxy named in the environment that cannot be used as written.
        raise SourceFailed(_short(error)) from None


def _stream(
    session: Client, url: str, partial: Partial, source: str, progress: ProgressCallback
) -> None:
    headers = {"Accept-Encoding": "identity", "User-Agent": f"workbench/{__version__}"}
    if partial.length:
        headers["Range"] = f"bytes={partial.length}-"
    timeout = (_CONNECT_SECONDS, _READ_SECONDS, _READ_SECONDS, _CONNECT_SECONDS)
    with session.stream("GET", url, headers=headers, timeout=timeout) as response:
        _accept(response.status_code, response.headers, partial)
        unrecorded = 0
        for chunk in response.iter_raw():
            partial.write(chunk)
            unrecorded += len(chunk)
            if unrecorded >= _RECORD_EVERY:
                partial.record()
                unrecorded = 0
            progress(Progress(partial.length, partial.entry.bytes, source, "downloading"))


def _accept(status: int, headers: Mapping[str, str], partial: Partial) -> None:
    """Check that what follows is the rest of this very file, by what the server says of it."""
    if status == 206:
        match = _RANGE.fullmatch(headers.get("Content-Range", ""))
        if match is None or int(match[1]) != partial.length:
            raise SourceFailed(_("answers with another range than was asked for"))
        total = int(match[2])
    elif status == 200:
        if partial.length:
            partial.rewind()
        length = headers.get("Content-Length", "")
        if not length.isdecimal():
            raise SourceFailed(_("does not say how long the file is"))
        total = int(length)
    elif status in (401, 403):
        raise SourceFailed(
            _("wants an account for this file (HTTP {status})").format(status=status)
        )
    else:
        raise SourceFailed(_("answers HTTP {status}").format(status=status))
    if total != partial.entry.bytes:
        raise SourceFailed(
            _("offers {got} bytes instead of {expected}").format(
                got=total, expected=partial.entry.bytes
            )
        )


def _connection_errors(session: Client) -> tuple[type[Exception], ...]:
    """Return what the HTTP library beneath huggingface_hub raises: httpx, or its successor."""
    from huggingface_hub.errors import OfflineModeIsEnabled

    library = importlib.import_module(type(session).__mro__[-2].__module__.split(".")[0])
    return (library.HTTPError, library.InvalidURL, OfflineModeIsEnabled, OSError)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__
