"""The way to one server: short conversations, begun anew where they fail, and what they told."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from workbench.engine.openai import failures, servers
from workbench.engine.openai.address import ServerAddress
from workbench.engine.openai.answer import ServerAnswer
from workbench.engine.openai.exchange import SILENCE_SECONDS, Broken, Exchange, Unreachable
from workbench.engine.openai.messages import Server
from workbench.engine.openai.retry import (
    BUSY,
    Backoff,
    Pause,
    Unavailable,
    retry_after,
    wait,
    with_retries,
)
from workbench.errors import Cancelled, EngineError
from workbench.i18n import _

Value = TypeVar("Value")


class ServerLink:
    """Knows the address, the rules of speaking to it, and what is being said right now."""

    def __init__(
        self,
        address: ServerAddress,
        *,
        allow_remote: bool = False,
        silence: float = SILENCE_SECONDS,
        backoff: Backoff | None = None,
        pause: Pause = wait,
    ):
        self.address = address
        self.backoff = backoff or Backoff()
        self.pause = pause
        self._allow_remote = allow_remote
        self._silence = silence
        self._lock = threading.Lock()
        self._talking: set[Exchange] = set()
        self._stop = threading.Event()
        self._met = False

    def exchange(self) -> Exchange:
        """Return a new connection, not yet made."""
        return Exchange(self.address, allow_remote=self._allow_remote, silence=self._silence)

    def open(
        self, exchange: Exchange, method: str, path: str, body: dict[str, Any] | None = None
    ) -> int:
        """Send a request and return the status.

        Raises Unavailable where no connection comes about: EngineError while nobody ever answered.
        """
        try:
            status = exchange.open(method, path, body)
        except Unreachable as error:
            explained = failures.unreachable(self.address, str(error))
            raise (Unavailable(explained) if self._met else explained) from None
        self._met = True
        return status

    def refused(self, exchange: Exchange, status: int, path: str) -> Exception:
        """Return the exception for a status that is not 200, its body read."""
        body = exchange.read_all()
        if status in BUSY:
            error = failures.overloaded(self.address, status, body)
            return Unavailable(error, retry_after(exchange.header("Retry-After"), time.time()))
        return failures.refused(self.address, status, body, path)

    def json(
        self, exchange: Exchange, method: str, path: str, body: dict[str, Any] | None = None
    ) -> Any:
        """Return what the server answers, parsed."""
        status = self.open(exchange, method, path, body)
        if status != 200:
            raise self.refused(exchange, status, path)
        try:
            return json.loads(exchange.read_all())
        except (ValueError, RecursionError):
            raise failures.nonsense(self.address) from None

    def offered(
        self, exchange: Exchange, path: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return what a server has at a path that not all servers have; empty where it is not."""
        status = self.open(exchange, "GET" if body is None else "POST", path, body)
        try:
            value = json.loads(exchange.read_all())
        except (ValueError, RecursionError):
            return {}
        good = status == 200 and isinstance(value, dict) and "error" not in value
        return value if good else {}

    def tokenized(self, exchange: Exchange, body: dict[str, Any]) -> int:
        """Count tokens as llama-server and vLLM do."""
        found = self.json(exchange, "POST", f"{self.address.root}/tokenize", body)
        found = found if isinstance(found, dict) else {}
        count, tokens = found.get("count"), found.get("tokens")
        if type(count) is int and count >= 0:
            return count
        if not isinstance(tokens, list):
            raise failures.nonsense(self.address)
        return len(tokens)

    def talk(self, talk: Callable[[Exchange], Value], answer: ServerAnswer | None = None) -> Value:
        """Hold a conversation over one connection, anew where it breaks.

        Raises EngineError where it keeps failing, Cancelled after ``cancel`` of this or ``answer``.
        """
        with self._lock:
            stop = answer.stopping if answer is not None else self._stop

        def once() -> Value:
            exchange = self.exchange()
            with self._lock:
                self._talking.add(exchange)
            if answer is not None:
                answer.attach(exchange)
            try:
                return talk(exchange)
            except Broken as broken:
                raise Unavailable(failures.broken(self.address, str(broken))) from None
            finally:
                with self._lock:
                    self._talking.discard(exchange)
                exchange.close()

        try:
            return with_retries(once, self.backoff, self.pause, stop)
        except EngineError:
            if stop.is_set():
                raise Cancelled(_("stopped")) from None
            raise

    def cancel(self) -> None:
        """End every conversation that goes on."""
        with self._lock:
            talking = list(self._talking)
            self._stop.set()
            self._stop = threading.Event()
        for exchange in talking:
            exchange.abort()

    def learn(self) -> servers.Facts:
        """Find out what the server is and whether it has the model; EngineError says what not."""
        return self.talk(self._learn)

    def _learn(self, exchange: Exchange) -> servers.Facts:
        root, path = self.address.root, f"{self.address.path}/models"
        try:
            models = servers.served_models(self.json(exchange, "GET", path))
        except ValueError:
            raise failures.nonsense(self.address) from None
        model = servers.chosen(models, self.address.model, self.address.url)
        kind = servers.kind_of(model)
        if kind is Server.LLAMA:
            return servers.llama_facts(model, self.offered(exchange, f"{root}/props"))
        if kind is Server.VLLM:
            return servers.vllm_facts(model)
        if kind is Server.OLLAMA or "version" in self.offered(exchange, f"{root}/api/version"):
            # Loads it where it is not loaded: before that nobody knows the size of its context.
            self.offered(exchange, f"{root}/api/generate", {"model": model.name, "stream": False})
            return servers.ollama_facts(model, self.offered(exchange, f"{root}/api/ps"))
        if studio := self.offered(exchange, f"{root}/api/v0/models"):
            return servers.lm_studio_facts(model, studio)
        return servers.Facts(Server.OTHER, model.name)
