import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.openai.address import (
    ServerAddress,
    is_private,
    names_server,
    parse_address,
    resolve,
)
from workbench.errors import EngineError, UsageError


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        (
            "openai:http://127.0.0.1:8080/v1#qwen3:4b",
            ServerAddress("http", "127.0.0.1", 8080, "/v1", "qwen3:4b"),
        ),
        ("openai:http://localhost", ServerAddress("http", "localhost", 80, "/v1")),
        ("openai:https://ki.lan/v1/", ServerAddress("https", "ki.lan", 443, "/v1")),
        ("openai:http://[::1]:1234/api/v1", ServerAddress("http", "::1", 1234, "/api/v1")),
        ("openai:http://h:1/v1#a/b#c", ServerAddress("http", "h", 1, "/v1", "a/b#c")),
        ("openai:http://[fe80::1%25eth0]:1", ServerAddress("http", "fe80::1%eth0", 1, "/v1")),
    ],
)
def test_an_address_is_taken_apart(text: str, parsed: ServerAddress) -> None:
    assert names_server(text)
    assert parse_address(text) == parsed


@pytest.mark.parametrize(
    "text",
    [
        "openai:",
        "openai:127.0.0.1:8080",
        "openai:ftp://127.0.0.1/v1",
        "openai:http://",
        "openai:http://:80/v1",
        "openai:http://h:99999/v1",
        "openai:http://h:x/v1",
        "openai:http://[::1/v1",
        "openai:http://a b/v1",
        "openai:http://h/v1?key=sk-secret",
        "openai:http://user:sk-secret@h/v1",
    ],
)
def test_what_is_no_address_is_wrong_use_and_shows_no_password(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_address(text)
    assert "sk-secret" not in str(caught.value)


@given(st.text())
def test_any_text_is_an_address_or_wrong_use(text: str) -> None:
    try:
        found = parse_address(f"openai:http://{text}")
    except UsageError:
        return
    assert found.host
    assert 0 < found.port < 65536
    assert found.path.startswith("/")


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("10.1.2.3", True),
        ("172.16.0.1", True),
        ("172.31.255.255", True),
        ("192.168.178.20", True),
        ("169.254.1.1", True),
        ("::1", True),
        ("fd00::1", True),
        ("fe80::1%eth0", True),
        ("::ffff:10.0.0.1", True),
        ("172.32.0.1", False),
        ("172.15.255.255", False),
        ("11.0.0.1", False),
        ("192.169.0.1", False),
        ("100.64.0.1", False),
        ("8.8.8.8", False),
        ("0.0.0.0", False),
        ("::", False),
        ("2001:db8::1", False),
        ("::ffff:8.8.8.8", False),
        ("fec0::1", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_private_are_the_addresses_that_no_router_lets_out(address: str, private: bool) -> None:
    assert is_private(address) is private


def looked_up(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def lookup(host: str, port: int, **_options: object) -> list[tuple[object, ...]]:
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, port),
            )
            for address in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


def test_a_name_may_stand_for_private_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up(monkeypatch, "fd00::5", "192.168.1.5")
    endpoints = resolve(ServerAddress("http", "box.lan", 8080, "/v1"))
    assert [endpoint.target for endpoint in endpoints] == [("fd00::5", 8080), ("192.168.1.5", 8080)]


@pytest.mark.parametrize("outside", ["203.0.113.9", "2001:db8::9", "0.0.0.0"])
def test_one_address_outside_is_enough_to_refuse_a_name(
    monkeypatch: pytest.MonkeyPatch, outside: str
) -> None:
    looked_up(monkeypatch, "192.168.1.5", outside)
    address = ServerAddress("http", "box.lan", 8080, "/v1")
    with pytest.raises(EngineError, match="allow_remote_server") as caught:
        resolve(address)
    assert outside in str(caught.value)
    assert len(resolve(address, allow_remote=True)) == 2


def test_a_name_that_is_unknown_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def lookup(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with pytest.raises(EngineError, match=r"'nowhere\.lan' is not known"):
        resolve(ServerAddress("http", "nowhere.lan", 80, "/v1"))
