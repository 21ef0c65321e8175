"""Serving the app to a browser on this machine: textual-serve behind a token and a guard.

textual-serve's own page loads a font from another machine and lets in whoever reaches the port; a
page of ours takes its place, and every request has to bring the token and come to a name that was
meant, so that neither another user nor a web page opened elsewhere can reach the app.
"""

import hmac
import secrets
import shlex
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp_jinja2
from aiohttp import web
from textual_serve.server import Server

from workbench.errors import WorkbenchError
from workbench.i18n import _, language

_FOLDER = Path(__file__).parent
_COOKIE = "workbench_{port}"
_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval';"
    " style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:;"
    " connect-src 'self' {websocket}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_FONT_SIZES = (8, 40)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class GuardedServer(Server):
    """Serves one command to whoever has the token; ``address`` is where a browser begins."""

    def __init__(self, command: str, host: str, port: int, token: str | None = None) -> None:
        super().__init__(
            command,
            host=host,
            port=port,
            title="workbench",
            public_url=f"http://{_named(host)}:{port}",
            templates_path=str(_FOLDER),
        )
        self.token = token or secrets.token_urlsafe(24)
        self._cookie = _COOKIE.format(port=port)
        self._names = {f"{name}:{port}" for name in (*_LOOPBACK, _named(host))}

    @property
    def address(self) -> str:
        """Return the address with the token."""
        return f"{self.public_url}/?token={self.token}"

    def initialize_logging(self) -> None:
        """Leave logging as it is: requests are nobody's matter."""

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: the command says where the app is."""

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guard(request, handler)

        app.middlewares.append(guard)
        return app

    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse what does not bring the token, or comes to or from another name."""
        if request.host not in self._names:
            raise web.HTTPForbidden(text=_("This address is not served here."))
        origin = request.headers.get("Origin")
        if origin is not None and origin.partition("://")[2] not in self._names:
            raise web.HTTPForbidden(text=_("This page may not use the app."))
        given = request.query.get("token", "")
        if given and request.path == "/" and self._is_token(given):
            # The token leaves the address bar, and with it the history and the screen.
            response = web.HTTPFound("/")
            response.set_cookie(self._cookie, self.token, httponly=True, samesite="Strict")
            raise response
        if not self._is_token(request.cookies.get(self._cookie, "")):
            raise web.HTTPForbidden(text=_("Open the address that 'workbench serve' printed."))
        answer = await handler(request)
        if not answer.prepared:
            websocket = f"ws://{request.host}"
            answer.headers["Content-Security-Policy"] = _POLICY.format(websocket=websocket)
            answer.headers["X-Content-Type-Options"] = "nosniff"
            answer.headers["Referrer-Policy"] = "no-referrer"
            answer.headers["Cache-Control"] = "no-store"
        return answer

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self.token.encode())

    @aiohttp_jinja2.template("app_index.html")
    async def handle_index(self, request: web.Request) -> dict[str, Any]:
        """Return what the page needs."""
        least, most = _FONT_SIZES
        try:
            size = int(request.query.get("fontsize", "16"))
        except ValueError:
            size = 16
        return {
            "font_size": min(most, max(least, size)),
            "websocket": f"ws://{request.host}/ws",
            "language": language().replace("_", "-") if language().startswith("zh") else "en",
            "begins": _("The workbench begins …"),
            "ended": _("The app has ended."),
            "again": _("Open it again"),
        }


def app_command() -> str:
    """Return the command that opens the app, for a shell."""
    return shlex.join([sys.executable, "-m", "workbench"])


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one. WorkbenchError where it cannot."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise WorkbenchError(
            _("cannot listen at {host}, port {port}: {reason}").format(
                host=host, port=port, reason=error.strerror or error
            ),
            fix=_("Give another --port, or leave it out."),
        ) from error


def serve(listening: socket.socket, host: str, tell: Callable[[str], None]) -> None:
    """Serve the app until it is ended by Ctrl-C or SIGTERM; ``tell`` gets the address."""
    server = GuardedServer(app_command(), host, int(listening.getsockname()[1]))
    tell(server.address)
    web.run_app(server._make_app(), sock=listening, print=None, access_log=None)


def _named(host: str) -> str:
    return f"[{host}]" if ":" in host else host
