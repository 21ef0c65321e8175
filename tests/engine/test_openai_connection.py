import socket
import threading
from collections.abc import Iterator

import pytest
from openai_support import (
    PATIENCE,
    FakeServer,
    Pauses,
    Talk,
    ask,
    asking,
    finish,
    listed,
    llama_routes,
    refusing,
    saying,
    serving,
)

from workbench.engine.openai.address import parse_address
from workbench.engine.openai.client import OpenAIEngine
from workbench.engine.openai.exchange import KEY_VARIABLE, Broken, Exchange
from workbench.errors import Cancelled, EngineError
from workbench.offline import NetworkForbidden, forbid_network


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port that nothing listens on, for it is taken by a socket that does not."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_server_that_is_not_there_is_told_at_once(free_port: int) -> None:
    pauses = Pauses()
    engine = OpenAIEngine(parse_address(f"openai:http://127.0.0.1:{free_port}/v1"), pause=pauses)
    with pytest.raises(EngineError, match="no server answers at http://127.0.0.1"):
        _model = engine.model
    assert pauses == []


def test_a_server_that_went_away_is_looked_for_again() -> None:
    pauses = Pauses()
    with serving() as server:
        engine = OpenAIEngine(parse_address(f"openai:{server.url}"), pause=pauses)
        assert finish(engine.submit(ask("问题"))).text == "好"
    with pytest.raises(EngineError, match="no server answers"):
        finish(engine.submit(ask("问题")))
    assert len(pauses) == 4


@pytest.mark.parametrize("body", [b"", b"<h1>Not Found</h1>", b'{"error": "no such page"}'])
def test_a_wrong_path_is_told(body: bytes) -> None:
    routes = {"/v1/models": lambda talk: talk.raw(body, 404)}
    told = pytest.raises(EngineError, match="no API of OpenAI's kind.*ends in /v1")
    with serving(routes=routes) as server, asking(server) as engine, told:
        _model = engine.model


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"{}", b"[]", b'{"data": 3}', b"\xff"])
def test_something_else_that_answers_is_no_server(body: bytes) -> None:
    routes = {"/v1/models": lambda talk: talk.raw(body)}
    told = pytest.raises(EngineError, match="does not answer as one with OpenAI's API")
    with serving(routes=routes) as server, asking(server) as engine, told:
        _model = engine.model


def test_a_model_that_is_not_there_is_told_with_those_that_are() -> None:
    routes = {"/v1/models": listed("qwen3:4b", "gemma:1b")}
    told = pytest.raises(EngineError, match="no model 'llama'.*qwen3:4b, gemma:1b")
    with serving(routes=routes) as server, asking(server, "llama") as engine, told:
        _model = engine.model


def test_among_several_models_one_has_to_be_named() -> None:
    routes = {"/v1/models": listed("qwen3:4b", "gemma:1b")}
    with serving(routes=routes) as server:
        with asking(server) as engine, pytest.raises(EngineError, match="several models"):
            _model = engine.model
        with asking(server, "gemma:1b") as engine:
            assert finish(engine.submit(ask("问题"))).text == "好"
            assert server.chats[0].body["model"] == "gemma:1b"


def test_what_a_llama_server_says_of_itself_is_known() -> None:
    with serving(routes=llama_routes(context=4096, slots=3)) as server, asking(server) as engine:
        model = engine.model
        assert (model.context, model.trained_context, model.sequences) == (4096, 32768, 3)
        assert "llama.cpp" in model.description


def test_ollamas_context_is_known_once_the_model_is_loaded() -> None:
    loaded = threading.Event()

    def load(talk: Talk) -> None:
        loaded.set()
        talk.json({"done": True})

    def running(talk: Talk) -> None:
        entry = {"name": "qwen:latest", "context_length": 6000}
        talk.json({"models": [entry] if loaded.is_set() else []})

    routes = {
        "/v1/models": listed("qwen:latest", owner="library"),
        "/api/generate": load,
        "/api/ps": running,
    }
    with serving(routes=routes) as server, asking(server, "qwen", context=20_000) as engine:
        assert engine.model.context == 6000


def test_a_server_that_still_loads_is_waited_for() -> None:
    loading = [refusing(503, "Loading model"), refusing(503, "Loading model")]

    def models(talk: Talk) -> None:
        (loading.pop() if loading else listed("qwen"))(talk)

    with serving(routes={"/v1/models": models}) as server, asking(server) as engine:
        assert finish(engine.submit(ask("问题"))).text == "好"


def test_a_key_is_sent_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "sk-secret-1")
    with serving(refusing(400, "Incorrect key: sk-secret-1")) as server, asking(server) as engine:
        with pytest.raises(EngineError, match="Incorrect key: …") as caught:
            finish(engine.submit(ask("问题")))
        assert "sk-secret-1" not in str(caught.value)
        assert {asked.headers["authorization"] for asked in server.asked} == {"Bearer sk-secret-1"}


def test_without_a_key_none_is_sent_and_a_server_that_wants_one_is_told_of() -> None:
    routes = {"/v1/models": refusing(401, "who are you?")}
    with serving(routes=routes) as server, asking(server) as engine:
        with pytest.raises(EngineError, match=f"wants a key.*{KEY_VARIABLE}"):
            _model = engine.model
        assert "authorization" not in server.asked[0].headers


@pytest.mark.parametrize("key", ["sk-secret\nHost: elsewhere", "密钥", "a\x01b"])
def test_a_key_that_is_no_header_is_refused_unshown(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, key)
    with serving() as server, asking(server) as engine:
        with pytest.raises(EngineError, match=KEY_VARIABLE) as caught:
            _model = engine.model
        assert key not in str(caught.value)
        assert not server.asked


def test_a_redirect_is_not_followed() -> None:
    with serving() as elsewhere:
        location = f"{elsewhere.url}/models"
        routes = {"/v1/models": lambda talk: talk.raw(b"", 307, Location=location)}
        told = pytest.raises(EngineError, match="sends elsewhere")
        with serving(routes=routes) as server, asking(server) as engine, told:
            _model = engine.model
        assert not elsewhere.asked


def test_no_proxy_gets_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as proxy, serving() as server, asking(server) as engine:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert finish(engine.submit(ask("问题"))).text == "好"
        assert not proxy.asked


def test_the_address_that_was_checked_is_the_one_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = [["127.0.0.1"], ["203.0.113.7"]]

    def lookup(host: str, port: int, **_options: object) -> list[tuple[object, ...]]:
        assert host == "server.test"
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in answers.pop(0)
        ]

    with serving(saying("好")) as server:
        monkeypatch.setattr(socket, "getaddrinfo", lookup)
        exchange = Exchange(parse_address(f"openai:http://server.test:{server.port}/v1"))
        assert exchange.open("GET", "/v1/models") == 200
        exchange.read_all()
        assert server.asked[0].headers["host"] == f"server.test:{server.port}"
        exchange.close()
        later = Exchange(parse_address(f"openai:http://server.test:{server.port}/v1"))
        with pytest.raises(EngineError, match=r"outside this machine.*203\.0\.113\.7"):
            later.open("GET", "/v1/models")
        assert len(server.asked) == 1


def test_the_guard_lets_the_server_through_and_nothing_else() -> None:
    forbid_network()
    # Not loopback to the guard, though no packet to it leaves the machine.
    with serving() as server:
        address = parse_address(f"openai:http://0.0.0.0:{server.port}/v1")
        with pytest.raises(EngineError, match="outside this machine"):
            _model = OpenAIEngine(address).model
        with OpenAIEngine(address, allow_remote=True) as engine:
            assert finish(engine.submit(ask("问题"))).text == "好"
        with socket.socket() as other, pytest.raises(NetworkForbidden):
            other.connect(("0.0.0.0", server.port))


def test_an_aborted_exchange_connects_no_more() -> None:
    with serving() as server:
        exchange = Exchange(parse_address(f"openai:{server.url}"))
        exchange.abort()
        with pytest.raises(Broken):
            exchange.open("GET", "/v1/models")
        exchange.close()
        assert not server.asked


def test_a_body_that_is_shorter_than_it_was_said_to_be_is_broken() -> None:
    def short(talk: Talk) -> None:
        talk._handler.send_response(200)
        talk._handler.send_header("Content-Length", "100")
        talk._handler.end_headers()
        talk._handler.wfile.write(b"{}")
        talk.cut()

    with serving(routes={"/v1/models": short}) as server:
        exchange = Exchange(parse_address(f"openai:{server.url}"))
        assert exchange.open("GET", "/v1/models") == 200
        with pytest.raises(Broken):
            exchange.read_all()
        exchange.close()


def test_cancelling_ends_a_count_that_hangs() -> None:
    waiting = threading.Event()

    def stall(talk: Talk) -> None:
        waiting.set()
        assert talk.wait_until_closed()

    stopped = threading.Event()

    def count(engine: OpenAIEngine) -> None:
        with pytest.raises(Cancelled):
            engine.count_tokens(["字"])
        stopped.set()

    routes = {**llama_routes(), "/tokenize": stall}
    with serving(routes=routes) as server, asking(server) as engine:
        assert engine.model
        counting = threading.Thread(target=count, args=(engine,))
        counting.start()
        assert waiting.wait(PATIENCE)
        engine.cancel()
        assert stopped.wait(PATIENCE)
        counting.join()


def test_articles_are_sent_to_no_path_but_the_chat() -> None:
    def texts(server: FakeServer) -> list[str]:
        return [asked.path for asked in server.asked if "秘密" in str(asked.body)]

    with serving(saying("好")) as server, asking(server) as engine:
        engine.count_tokens(["秘密"])
        finish(engine.submit(ask("秘密", "问题")))
        assert texts(server) == ["/v1/chat/completions"]
