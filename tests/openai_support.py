"""A server on loopback that does what a test tells it, the good and the bad."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from workbench.engine.openai.address import parse_address
from workbench.engine.openai.client import OpenAIEngine
from workbench.engine.openai.retry import Backoff
from workbench.engine.protocol import Done, Event, Message, Reading, Request, Restarted, Text

PATIENCE = 90.0
CHAT = "/v1/chat/completions"
NAME = "qwen"

Scene = Callable[["Talk"], None]


def ask(*segments: str, **options: Any) -> Request:
    options.setdefault("max_tokens", 64)
    return Request((Message("system", ("你是编辑。",)), Message("user", segments)), **options)


def chunk(text: str = "", finish: str | None = None, **delta: Any) -> dict[str, Any]:
    delta = {"content": text, **delta} if text else delta
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def usage(prompt: Any = 20, generated: Any = 4, cached: Any = 0) -> dict[str, Any]:
    details = {"cached_tokens": cached}
    counts = {"prompt_tokens": prompt, "completion_tokens": generated}
    return {"choices": [], "usage": {**counts, "prompt_tokens_details": details}}


@dataclass
class Asked:
    """A request as the server got it."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


class Talk:
    """One request being answered."""

    def __init__(self, handler: BaseHTTPRequestHandler, asked: Asked):
        self._handler = handler
        self.asked = asked

    def json(self, value: Any, status: int = 200, **headers: str) -> None:
        self.raw(json.dumps(value).encode(), status, Content_Type="application/json", **headers)

    def raw(self, body: bytes, status: int = 200, **headers: str) -> None:
        self._handler.send_response(status)
        for name, value in headers.items():
            self._handler.send_header(name.replace("_", "-"), value)
        self._handler.send_header("Content-Length", str(len(body)))
        self._handler.end_headers()
        self._handler.wfile.write(body)

    def begin(self) -> None:
        self._handler.send_response(200)
        self._handler.send_header("Content-Type", "text/event-stream")
        self._handler.send_header("Transfer-Encoding", "chunked")
        self._handler.end_headers()

    def send(self, data: bytes) -> None:
        self._handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def events(self, *values: dict[str, Any]) -> None:
        for value in values:
            self.send(b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n")

    def end(self, *, said: bool = True) -> None:
        if said:
            self.send(b"data: [DONE]\n\n")
        self._handler.wfile.write(b"0\r\n\r\n")

    def cut(self) -> None:
        """Close the connection in the middle of everything."""
        self._handler.close_connection = True

    def wait_until_closed(self) -> bool:
        """Say whether the client closes the connection while it should be reading."""
        self._handler.close_connection = True
        try:
            return self._handler.connection.recv(1) == b""
        except ConnectionError:
            return True


def saying(*texts: str, finish: str = "stop", counts: dict[str, Any] | None = None) -> Scene:
    """Stream the texts, then say how it ended and what it cost."""

    def scene(talk: Talk) -> None:
        talk.begin()
        talk.events(*(chunk(text) for text in texts), chunk(finish=finish), counts or usage())
        talk.end()

    return scene


def breaking_after(*texts: str) -> Scene:
    """Stream the texts, then drop the connection."""

    def scene(talk: Talk) -> None:
        talk.begin()
        talk.events(*(chunk(text) for text in texts))
        talk.cut()

    return scene


def refusing(status: int, message: str = "busy", **headers: str) -> Scene:
    body = json.dumps({"error": {"message": message}}).encode()
    return lambda talk: talk.raw(body, status, **headers)


@dataclass
class FakeServer:
    """Answers chats with ``scenes`` in order, the last again and again; other paths by ``routes``.

    A path that has no route is not found.
    """

    scenes: list[Scene]
    routes: dict[str, Scene]
    asked: list[Asked] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def chats(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == CHAT]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        size = int(handler.headers.get("Content-Length", 0))
        body = handler.rfile.read(size)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        value = json.loads(body) if body else None
        asked = Asked(handler.command, handler.path, headers, value)
        with self.lock:
            self.asked.append(asked)
            if handler.path == CHAT:
                scene = self.scenes.pop(0) if len(self.scenes) > 1 else self.scenes[0]
            else:
                scene = self.routes.get(handler.path, refusing(404, "no such path"))
        try:
            scene(Talk(handler, asked))
        except ConnectionError:
            handler.close_connection = True
        except BaseException as error:
            handler.close_connection = True
            self.failures.append(error)
            raise


def listed(*names: str, owner: str = "someone", **facts: Any) -> Scene:
    models = [{"id": name, "object": "model", "owned_by": owner, **facts} for name in names]
    return lambda talk: talk.json({"object": "list", "data": models})


def llama_routes(context: int = 4096, slots: int = 2) -> dict[str, Scene]:
    """The paths of a llama-server whose tokens are characters."""
    props = {"default_generation_settings": {"n_ctx": context}, "total_slots": slots}
    props["build_info"] = "b1"

    def template(talk: Talk) -> None:
        texts = [f"<{turn['role']}>{turn['content']}" for turn in talk.asked.body["messages"]]
        talk.json({"prompt": "".join(texts)})

    return {
        "/v1/models": listed(NAME, owner="llamacpp", meta={"n_ctx_train": 32768, "n_vocab": 9}),
        "/props": lambda talk: talk.json(props),
        "/tokenize": lambda talk: talk.json({"tokens": list(talk.asked.body["content"])}),
        "/apply-template": template,
    }


@contextmanager
def serving(*scenes: Scene, routes: dict[str, Scene] | None = None) -> Iterator[FakeServer]:
    """Run a server for the length of a ``with``; fails where one of its threads failed."""
    server = FakeServer(list(scenes or (saying("好"),)), routes or {"/v1/models": listed(NAME)})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = PATIENCE

        def do_GET(self) -> None:  # noqa: N802
            server.answer(self)

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = False  # so that closing waits for every one of them

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    listener = Quiet(("127.0.0.1", 0), Handler)
    server.port = listener.server_address[1]
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
    assert not server.failures, server.failures


class Pauses(list[float]):
    """Notes the pauses before other tries, and makes none."""

    def __call__(self, seconds: float, stopping: threading.Event) -> None:
        self.append(seconds)


@contextmanager
def asking(server: FakeServer, model: str = "", **options: Any) -> Iterator[OpenAIEngine]:
    options.setdefault("pause", Pauses())
    options.setdefault("backoff", Backoff(chance=lambda: 1.0))
    address = parse_address(f"openai:{server.url}#{model}")
    with OpenAIEngine(address, **options) as engine:
        yield engine


def finish(events: Iterable[Event]) -> Done:
    """Read events to their end; they must keep the protocol."""
    shown = ""
    for event in events:
        if isinstance(event, Text):
            assert event.text
            shown += event.text
        elif isinstance(event, Restarted):
            shown = ""
        elif isinstance(event, Reading):
            assert 0 <= event.reused <= event.done <= event.total
            assert not shown
        else:
            assert event.text == shown
            return event
    raise AssertionError("the events ended without Done")
