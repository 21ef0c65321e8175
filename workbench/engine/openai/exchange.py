"""One HTTP conversation with a server, that any thread can end.

Python's own ``http.client``: it heeds no proxy of the environment and follows no redirect, and the
socket is ours, so that it is connected to the very address that was checked and can be shut down
under a thread that waits for it.
"""

import contextlib
import json
import os
import socket
import threading
from typing import TYPE_CHECKING, Any

from workbench import __version__
from workbench.engine.openai.address import Endpoint, ServerAddress, resolve
from workbench.errors import EngineError
from workbench.i18n import _
from workbench.offline import NetworkForbidden, permit

if TYPE_CHECKING:
    import http.client

KEY_VARIABLE = "WORKBENCH_OPENAI_KEY"
CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 1800.0
"""A slow machine may read a long article for many minutes before it says a word."""
_MOST_BYTES = 1 << 26
_PIECE = 1 << 16


class Unreachable(Exception):
    """No connection came about."""


class Broken(Exception):
    """A connection ended, or stayed silent, before the answer was whole."""


class Exchange:
    """Requests to one server, one after the other, over one connection where it stays open.

    ``open`` and ``read`` raise Unreachable or Broken, also after ``abort``; EngineError where the
    address is not allowed or the key cannot be sent.
    """

    def __init__(
        self,
        address: ServerAddress,
        *,
        allow_remote: bool = False,
        silence: float = SILENCE_SECONDS,
    ):
        self._address = address
        self._allow_remote = allow_remote
        self._silence = silence
        self._lock = threading.Lock()
        self._aborted = False
        self._socket: socket.socket | None = None
        self._connection: http.client.HTTPConnection | None = None
        self._response: http.client.HTTPResponse | None = None

    def open(self, method: str, path: str, body: dict[str, Any] | None = None) -> int:
        """Send a request and return the status; what is left of the last answer is dropped."""
        import http.client

        self._response = None
        payload = json.dumps(body).encode("ascii") if body is not None else None
        headers = _headers(self._address, payload is not None)
        try:
            if self._connection is None or self._connection.sock is None:
                self._connect()
            assert self._connection is not None
            self._connection.request(method, path, payload, headers)
            self._response = self._connection.getresponse()
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._forget()
            raise _explained(error) from None
        return self._response.status

    def header(self, name: str) -> str | None:
        """Return a header of the answer."""
        return self._response.getheader(name) if self._response is not None else None

    def read(self) -> bytes:
        """Return what has come of the answer, at least a byte, or nothing at its end."""
        import http.client

        if self._response is None or self._response.isclosed():
            return b""
        try:
            piece = self._response.read1(_PIECE)
        except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
            # A response that is closed under its reader has no file any more.
            self._forget()
            raise _explained(error) from None
        if not piece:
            if self._response.length:
                raise Broken(_("the server closed the connection"))
            self._response.close()  # lets the next request have the connection
        return piece

    def read_all(self) -> bytes:
        """Return the whole answer; Broken where there is no end to it."""
        whole = bytearray()
        while piece := self.read():
            whole += piece
            if len(whole) > _MOST_BYTES:
                self._forget()
                raise Broken(_("the answer has no end"))
        return bytes(whole)

    def abort(self) -> None:
        """End it from any thread: the server sees the connection closed and stops."""
        with self._lock:
            self._aborted = True
            if self._socket is not None:
                _shut(self._socket)

    def close(self) -> None:
        """Close the connection."""
        self.abort()
        self._forget()

    def _connect(self) -> None:
        import http.client

        endpoints = resolve(self._address, allow_remote=self._allow_remote)
        connection = http.client.HTTPConnection(self._address.host, self._address.port)
        connection.sock = self._reach(endpoints)
        connection.auto_open = 0
        self._connection = connection

    def _reach(self, endpoints: list[Endpoint]) -> socket.socket:
        failure: OSError = OSError(_("no address"))
        for endpoint in endpoints:
            try:
                return self._reach_one(endpoint)
            except NetworkForbidden:
                raise
            except OSError as error:
                failure = error
        raise Unreachable(_short(failure)) from None

    def _reach_one(self, endpoint: Endpoint) -> socket.socket:
        host, port = endpoint.target[:2]
        sock = socket.socket(endpoint.family, socket.SOCK_STREAM)
        try:
            self._keep(sock)
            sock.settimeout(CONNECT_SECONDS)
            with permit(host, port):
                sock.connect(endpoint.target)
            if self._address.scheme == "https":
                sock = self._secured(sock)
            sock.settimeout(self._silence)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            self._keep(sock)
        except BaseException:
            sock.close()
            raise
        return sock

    def _secured(self, sock: socket.socket) -> socket.socket:
        import ssl

        return ssl.create_default_context().wrap_socket(sock, server_hostname=self._address.host)

    def _keep(self, sock: socket.socket) -> None:
        with self._lock:
            if self._aborted:
                raise Broken(_("stopped"))
            self._socket = sock

    def _forget(self) -> None:
        with self._lock:
            sock, self._socket = self._socket, None
        response, self._response = self._response, None
        connection, self._connection = self._connection, None
        for closable in (response, connection, sock):
            if closable is not None:
                with contextlib.suppress(OSError):
                    closable.close()


def without_key(text: str) -> str:
    """Take the key out of what a server says; some repeat it in their complaints."""
    key = os.environ.get(KEY_VARIABLE, "")
    return text.replace(key, "…") if key else text


def _headers(address: ServerAddress, has_body: bool) -> dict[str, str]:
    headers = {
        "Host": address.authority,
        "User-Agent": f"workbench/{__version__}",
        "Accept-Encoding": "identity",
    }
    if has_body:
        headers["Content-Type"] = "application/json"
    if key := os.environ.get(KEY_VARIABLE, "").strip():
        if not key.isascii() or not key.isprintable():
            raise EngineError(
                _("the key in {variable} cannot be sent").format(variable=KEY_VARIABLE),
                fix=_("A key is made of ASCII letters, digits and signs."),
            )
        headers["Authorization"] = f"Bearer {key}"
    return headers


def _shut(sock: socket.socket) -> None:
    # Not the method of an SSL socket: another thread may be inside it.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _explained(error: Exception) -> Exception:
    if isinstance(error, NetworkForbidden):
        return error
    if isinstance(error, TimeoutError):
        return Broken(_("the server has been silent for too long"))
    import http.client

    if isinstance(error, http.client.RemoteDisconnected | http.client.IncompleteRead):
        return Broken(_("the server closed the connection"))
    return Broken(_short(error))


def _short(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split())[:160] or type(error).__name__
