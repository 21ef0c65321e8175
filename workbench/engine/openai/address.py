"""Which server is meant, and whether text may be sent to it.

``openai:http://127.0.0.1:8080/v1#name``: what follows ``#`` is the model, as the server calls it.
"""

import ipaddress
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from workbench.errors import EngineError, UsageError
from workbench.i18n import _
from workbench.offline import permit

PREFIX = "openai:"
_PORTS = {"http": 80, "https": 443}
_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
        *("::1/128", "fc00::/7", "fe80::/10"),
    )
)


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A server, the path of its API, and the model wanted; ``model`` empty for the only one."""

    scheme: str
    host: str
    port: int
    path: str
    model: str = ""

    @property
    def url(self) -> str:
        """The address as a person would write it, without the model."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"

    @property
    def authority(self) -> str:
        """Host and port as the Host header names them."""
        host = f"[{self.host.partition('%')[0]}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def root(self) -> str:
        """The path that ``/v1`` lies in; llama.cpp and vLLM have more to offer there."""
        return self.path.removesuffix("/v1")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address to connect to, as ``socket`` wants it, after it was checked."""

    family: int
    target: tuple[Any, ...]


def names_server(model: str) -> bool:
    """Say whether a model setting names a server and not a file or an entry of the catalogue."""
    return model.startswith(PREFIX)


def parse_address(text: str) -> ServerAddress:
    """Parse ``openai:URL#MODEL``; UsageError says what is wrong with it."""
    url, _hash, model = text.removeprefix(PREFIX).partition("#")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError as error:
        raise _unusable(text, str(error)) from None
    if parts.scheme not in _PORTS:
        raise _unusable(text, _("it must begin with http:// or https://"))
    if not host or not url.isprintable() or " " in url:
        raise _unusable(text, _("it names no host"))
    if "@" in parts.netloc or parts.query:
        # Not shown again: what stands before an @ may be a password.
        raise UsageError(
            _("the address of a server takes no user name, password or query"),
            fix=_("A key belongs in the environment variable WORKBENCH_OPENAI_KEY."),
        )
    host = host.replace("%25", "%")
    path = parts.path.rstrip("/") or "/v1"
    return ServerAddress(parts.scheme, host, port or _PORTS[parts.scheme], path, model.strip())


def is_private(address: str) -> bool:
    """Say whether an IP address belongs to this machine or a private network."""
    try:
        number = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(number, "ipv4_mapped", None)
    number = mapped or number
    return any(number in network for network in _NETWORKS if network.version == number.version)


def resolve(address: ServerAddress, *, allow_remote: bool = False) -> list[Endpoint]:
    """Look the host up and return what may be connected to, in the order to try.

    Raises EngineError where the host is unknown, or where any of its addresses lies outside this
    machine and private networks and ``allow_remote`` is not set.
    """
    try:
        with permit(address.host, address.port):
            found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise EngineError(
            _("the host '{host}' is not known").format(host=address.host),
            fix=_("Check the address {url}.").format(url=address.url),
        ) from None
    endpoints = [Endpoint(family, tuple(target)) for family, _k, _p, _name, target in found]
    outside = [str(one.target[0]) for one in endpoints if not is_private(str(one.target[0]))]
    if outside and not allow_remote:
        raise EngineError(
            _("{url} is outside this machine and its private network ({address})").format(
                url=address.url, address=outside[0]
            ),
            fix=_(
                "Articles would leave for it. To allow that, set allow_remote_server = true in"
                " the settings."
            ),
        )
    return endpoints


def _unusable(text: str, reason: str) -> UsageError:
    return UsageError(
        _("'{text}' is not the address of a server: {reason}").format(text=text, reason=reason),
        fix=_("Write it as openai:http://127.0.0.1:8080/v1#MODEL."),
    )
