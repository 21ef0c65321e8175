"""Nothing leaves the machine: a guard that refuses every connection but those to itself.

``forbid_network`` installs an audit hook (PEP 578). A hook cannot be removed, so what it does
hangs on flags. It sees what Python code connects to; native code and child processes must be kept
offline by other means, for which the environment variables it sets are passed on.
"""

import ipaddress
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

from workbench.errors import WorkbenchError
from workbench.i18n import _

_QUIET = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "VLLM_NO_USAGE_STATS": "1",
}
"""What libraries and the programs they start look at before they report or look for updates."""
JOURNAL = "WORKBENCH_OFFLINE_LOG"
"""Names a file in which every process with the guard notes a refused attempt, a line each."""
_ADDRESS_EVENTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_NAME_EVENTS = frozenset(
    {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
)
# Families whose packets never leave the machine; absent ones differ by platform.
_LOCAL_FAMILIES = frozenset(
    getattr(socket, name)
    for name in ("AF_UNIX", "AF_NETLINK", "AF_SYSTEM", "AF_ALG")
    if hasattr(socket, name)
)
_INTERNET_FAMILIES = frozenset({socket.AF_INET, socket.AF_INET6})

_lock = threading.Lock()
_allowed: ContextVar[bool] = ContextVar("network_allowed", default=False)
_permitted: ContextVar[tuple[str, int] | None] = ContextVar("permitted_address", default=None)
_installed = False
_refused = 0


class NetworkForbidden(WorkbenchError, ConnectionError):
    """Something tried to connect to another machine; libraries see a failed connection."""


def forbid_network() -> None:
    """Refuse, in this process and from now on, connections to other machines.

    Raises nothing itself; a refused attempt raises NetworkForbidden where it is made.
    """
    global _installed
    os.environ.update(_QUIET)
    with _lock:
        if not _installed:
            sys.addaudithook(_audit)
            _installed = True


def refused_attempts() -> int:
    """Count the connections and look-ups refused so far in this process."""
    return _refused


@contextmanager
def allow_network() -> Iterator[None]:
    """Open the network to the calling thread for the length of a ``with``.

    Only pulling a model may use this. Telemetry stays off; other threads stay offline.
    """
    token = _allowed.set(True)
    offline = os.environ.pop("HF_HUB_OFFLINE", None)
    constants = sys.modules.get("huggingface_hub.constants")
    # The library reads the variable once, when it is imported.
    library_offline = getattr(constants, "HF_HUB_OFFLINE", None)
    if constants is not None:
        vars(constants)["HF_HUB_OFFLINE"] = False
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    try:
        yield
    finally:
        _allowed.reset(token)
        if offline is not None:
            os.environ["HF_HUB_OFFLINE"] = offline
        constants = sys.modules.get("huggingface_hub.constants")
        if constants is not None:
            vars(constants)["HF_HUB_OFFLINE"] = (
                bool(offline) if library_offline is None else library_offline
            )


@contextmanager
def permit(host: str, port: int) -> Iterator[None]:
    """Open the way to one host and port to the calling thread, for the length of a ``with``.

    An address in numbers may be connected to, a name only be looked up: what it stands for has to
    be checked before it is connected to. Only the client of a server that the user named may use
    this.
    """
    token = _permitted.set((host, port))
    try:
        yield
    finally:
        _permitted.reset(token)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not event.startswith("socket."):
        return
    if event in _ADDRESS_EVENTS:
        host = _host_of_address(arguments[0], arguments[1])
    elif event in _NAME_EVENTS:
        host = arguments[0][0] if event == "socket.getnameinfo" else arguments[0]
    else:
        return
    if host is None or is_this_machine(host) or _allowed.get():
        return
    if not _is_permitted(event, arguments):
        _refuse(host)


def _is_permitted(event: str, arguments: tuple[Any, ...]) -> bool:
    permitted = _permitted.get()
    if permitted is None:
        return False
    if event == "socket.getaddrinfo":
        return (_as_text(arguments[0]), arguments[1]) == permitted
    if event == "socket.connect":
        address = arguments[1][:2]
        return bool(address == permitted) and _is_number(address[0])
    return False


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _host_of_address(sock: Any, address: Any) -> str | bytes | None:
    """Return the host a packet would go to; None when it cannot leave the machine."""
    if address is None or sock.family in _LOCAL_FAMILIES:
        return None
    if sock.family in _INTERNET_FAMILIES and isinstance(address, tuple) and address:
        host: str | bytes = address[0]
        return host
    return repr(address)


def is_this_machine(host: object) -> bool:
    """Say whether a name or address is that of this machine alone: loopback."""
    name = _as_text(host).lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.split("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _refuse(host: object) -> None:
    global _refused
    with _lock:
        _refused += 1
    _note(host)
    raise NetworkForbidden(
        _("a connection to {host} was refused: nothing leaves this machine").format(
            host=_as_text(host)
        ),
        fix=_("Only “workbench models pull” may open connections."),
    )


def _note(host: object) -> None:
    """Write an attempt down where a journal is kept: processes that are started count too."""
    if path := os.environ.get(JOURNAL):
        line = f"{os.getpid()} {_as_text(host)!r}\n".encode("utf-8", "backslashreplace")
        with suppress(OSError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(handle, line)
            finally:
                os.close(handle)


def _as_text(host: object) -> str:
    return host.decode("utf-8", "replace") if isinstance(host, bytes | bytearray) else str(host)
