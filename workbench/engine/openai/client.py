"""The engine protocol on a server of one's own: llama-server, Ollama, vLLM, LM Studio, others."""

import contextlib
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from workbench.engine.openai import failures, messages, servers
from workbench.engine.openai.address import ServerAddress
from workbench.engine.openai.answer import ServerAnswer
from workbench.engine.openai.estimate import estimate_prompt, estimate_tokens
from workbench.engine.openai.events import END, EventReader, MalformedStream, read_chunk
from workbench.engine.openai.exchange import SILENCE_SECONDS, Broken, Exchange
from workbench.engine.openai.link import ServerLink
from workbench.engine.openai.messages import Server
from workbench.engine.openai.pool import Pool
from workbench.engine.openai.retry import Backoff, Pause, Unavailable, wait, with_retries
from workbench.engine.openai.transcript import Transcript
from workbench.engine.protocol import Answer, Done, ModelInfo, Request, Restarted, Usage
from workbench.errors import Cancelled, EngineError
from workbench.i18n import _

DEFAULT_SEQUENCES = 4
_LAST = -(1 << 30)
_DOUBTS = 20


class OpenAIEngine:
    """An Engine that asks a server over HTTP.

    The server is first spoken to when something is asked of it. ``context`` is what one request may
    take where the server does not tell; ``sequences`` how many requests it is given at once, 0 for
    as many as it says it has slots. ``allow_remote`` lets the address lie outside this machine and
    private networks; ``silence`` is the seconds a server may say nothing. A pause before another
    try is made by ``pause``.
    """

    def __init__(
        self,
        address: ServerAddress,
        *,
        context: int = 8192,
        sequences: int = 0,
        allow_remote: bool = False,
        silence: float = SILENCE_SECONDS,
        backoff: Backoff | None = None,
        pause: Pause = wait,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._link = ServerLink(
            address, allow_remote=allow_remote, silence=silence, backoff=backoff, pause=pause
        )
        self._context = context
        self._sequences = sequences
        self._clock = clock
        self._lock = threading.Lock()
        self._learning = threading.Lock()
        self._known: tuple[servers.Facts, ModelInfo, Pool] | None = None
        self._answers: weakref.WeakSet[ServerAnswer] = weakref.WeakSet()
        self._ahead: ServerAnswer | None = None
        self._closed = False
        self._doubts: dict[str, None] = {}

    @property
    def doubts(self) -> tuple[str, ...]:
        """What the server said it had counted and cannot have, each once; estimates stand in."""
        return tuple(self._doubts)

    @property
    def model(self) -> ModelInfo:
        """Return what is known of the model; asks the server the first time."""
        return self._ready()[1]

    @property
    def name(self) -> str:
        """The model's name as the server has it, without folder and suffix where it is a file."""
        return servers.short_name(self._ready()[0].name)

    @property
    def quantization(self) -> str:
        """The quantization of the weights, such as Q4_K_M; empty where the server says none."""
        return self._ready()[0].quantization

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text: by the server where it can, else never too few."""
        facts = self._ready()[0]
        plain = [messages.plain(text) for text in texts]
        bodies: list[dict[str, Any]]
        if facts.server is Server.LLAMA:
            bodies = [{"content": text, "parse_special": False} for text in plain]
        elif facts.server is Server.VLLM:
            asked = {"model": facts.name, "add_special_tokens": False}
            bodies = [{**asked, "prompt": text} for text in plain]
        else:
            return [estimate_tokens(text) for text in plain]
        return self._link.talk(lambda one: [self._link.tokenized(one, body) for body in bodies])

    def prompt_tokens(self, request: Request) -> int:
        """Count the tokens of the whole prompt: by the server where it can, else never too few."""
        return self._prompt_tokens(request)

    def submit(self, request: Request) -> ServerAnswer:
        """Hand in a request; it is sent as soon as one of the ``sequences`` is free."""
        pool = self._ready()[2]
        answer = ServerAnswer(lambda answer: self._carry_out(answer, request))
        with self._lock:
            ahead, self._ahead = self._ahead, None
            self._answers.add(answer)
        if ahead is not None:
            ahead.cancel()
        pool.hand_in(answer.work, request.priority)
        return answer

    def submit_together(self, requests: Sequence[Request]) -> list[Answer]:
        """Hand in requests one after the other: the server plans them as it likes."""
        return [self.submit(request) for request in requests]

    def prefetch(self, request: Request) -> None:
        """Have llama-server read what a request shares, while nothing else is asked of it.

        Only there: it keeps what it read for the next prompt that begins the same way, and can be
        asked to write nothing. vLLM reads fast; of other servers nothing is known, and the reading
        could push out what they keep.
        """
        with self._lock:
            old, self._ahead = self._ahead, None
            busy = any(not answer.over for answer in self._answers)
        if old is not None:
            old.cancel()
        shares = bool(request.messages) and len(request.messages[-1].segments) > 1
        if busy or not shares or self._known is None or self._closed:
            return
        facts, _info, pool = self._known
        if facts.server is Server.LLAMA:
            answer = ServerAnswer(lambda answer: self._read_ahead(answer, request))
            with self._lock:
                self._ahead = answer
            pool.hand_in(answer.work, _LAST)

    def cancel(self) -> None:
        """Stop everything: the connections are closed, all events end with ``cancelled``."""
        with self._lock:
            ahead, self._ahead = self._ahead, None
            answers = list(self._answers)
        for answer in (*answers, *([ahead] if ahead else [])):
            answer.cancel()
        self._link.cancel()

    def close(self) -> None:
        """Stop everything and ask the server nothing more."""
        self._closed = True
        self.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ready(self) -> tuple[servers.Facts, ModelInfo, Pool]:
        """Return what is known of the server, after asking it the first time."""
        with self._learning:
            if self._closed:
                raise EngineError(_("the engine is closed"))
            if self._known is None:
                began = self._clock()
                facts = self._link.learn()
                sequences = self._sequences or facts.slots or DEFAULT_SEQUENCES
                about = " ".join(filter(None, (facts.server.value, facts.version)))
                info = ModelInfo(
                    description=f"{facts.name} ({about})" if about else facts.name,
                    context=servers.usable_context(facts, self._context),
                    trained_context=facts.trained_context,
                    vocabulary=facts.vocabulary,
                    has_template=True,
                    gpu_offload=False,
                    load_seconds=self._clock() - began,
                    sequences=sequences,
                )
                self._known = (facts, info, Pool(sequences))
            return self._known

    def _prompt_tokens(self, request: Request, answer: ServerAnswer | None = None) -> int:
        facts, link = self._ready()[0], self._link
        body = messages.templating(request, facts.server)
        if facts.server is Server.VLLM:
            return link.talk(lambda one: link.tokenized(one, {"model": facts.name, **body}), answer)
        if facts.server is not Server.LLAMA:
            return estimate_prompt(request.messages, request.answer_start)

        def count(exchange: Exchange) -> int:
            path = f"{link.address.root}/apply-template"
            laid_out = link.json(exchange, "POST", path, body)
            prompt = laid_out.get("prompt") if isinstance(laid_out, dict) else None
            if not isinstance(prompt, str):
                raise failures.nonsense(link.address)
            return link.tokenized(exchange, {"content": prompt, "add_special": True})

        return link.talk(count, answer)

    def _carry_out(self, answer: ServerAnswer, request: Request) -> Done:
        """Make as many tries as it takes; a second after text was shown, once."""
        facts = self._ready()[0]
        body = messages.completion(request, facts.name, facts.server)
        beginning = "" if facts.server in messages.CONTINUES else request.answer_start
        link, restarted = self._link, False
        try:
            size = self._require_room(answer, request)

            def once() -> Done:
                transcript = Transcript(request, size, beginning, self._clock)
                return self._once(answer, body, transcript)

            while True:
                try:
                    return with_retries(once, link.backoff, link.pause, answer.stopping)
                except Broken as broken:
                    if restarted:
                        raise failures.broken(link.address, str(broken)) from None
                    restarted = True
                    answer.put(Restarted(str(broken)))
        except (EngineError, Cancelled):
            if answer.stopping.is_set():
                return Done("", "cancelled", Usage())
            raise

    def _require_room(self, answer: ServerAnswer, request: Request) -> int:
        """Return how large the prompt is at the most; EngineError where it does not fit."""
        context = self._ready()[1].context
        size = estimate_prompt(request.messages, request.answer_start)
        if size + request.max_tokens > context:
            size = self._prompt_tokens(request, answer)
        if size + request.max_tokens > context:
            raise EngineError(
                _(
                    "the prompt takes {prompt} tokens and the answer up to {answer}, the context"
                    " of the server is {context}"
                ).format(prompt=size, answer=request.max_tokens, context=context),
                fix=_("Give the server a larger context."),
            )
        return size

    def _once(self, answer: ServerAnswer, body: dict[str, Any], transcript: Transcript) -> Done:
        """Make one try; Unavailable where another may help, Broken once text was shown."""
        for event in transcript.begin():
            answer.put(event)
        exchange = answer.attach(self._link.exchange())
        try:
            self._stream(answer, exchange, body, transcript)
        except (Broken, Unavailable) as failure:
            if not answer.stopping.is_set() and not transcript.whole:
                if isinstance(failure, Unavailable) or transcript.shown:
                    raise
                raise Unavailable(failures.broken(self._link.address, str(failure))) from None
        finally:
            exchange.close()
        for event in transcript.end():
            answer.put(event)
        if transcript.doubt and len(self._doubts) < _DOUBTS:
            self._doubts[transcript.doubt] = None
        return transcript.done(cancelled=answer.stopping.is_set() and not transcript.whole)

    def _stream(
        self, answer: ServerAnswer, exchange: Exchange, body: dict[str, Any], transcript: Transcript
    ) -> None:
        """Read the stream to its end, or until a stop string that the server did not heed."""
        path = f"{self._link.address.path}/chat/completions"
        status = self._link.open(exchange, "POST", path, body)
        if status != 200:
            raise self._link.refused(exchange, status, path)
        try:
            for data in _streamed(exchange):
                if data.strip() == END:
                    return
                chunk = read_chunk(data)
                if chunk.error:
                    raise failures.complaint(self._link.address, chunk.error)
                for event in transcript.take(chunk):
                    answer.put(event)
                if transcript.stopped:
                    return
        except MalformedStream:
            raise failures.nonsense(self._link.address) from None
        if not transcript.whole:
            raise Broken(_("the server closed the connection"))

    def _read_ahead(self, answer: ServerAnswer, request: Request) -> Done:
        """Read ahead and tell nobody how it went: whoever needs it will read it then."""
        exchange = answer.attach(self._link.exchange())
        body = messages.reading(request, self._ready()[0].name)
        with contextlib.suppress(Broken, Unavailable):
            path = f"{self._link.address.path}/chat/completions"
            self._link.open(exchange, "POST", path, body)
            exchange.read_all()
        exchange.close()
        return Done("", "cancelled" if answer.stopping.is_set() else "stop", Usage())


def _streamed(exchange: Exchange) -> Iterator[str]:
    """Yield the data of each event; MalformedStream where what ended was no stream at all."""
    if "json" in (exchange.header("Content-Type") or ""):
        # Some servers answer at once although a stream was asked for.
        yield exchange.read_all().decode("utf-8", "replace")
        return
    reader, seen, received = EventReader(), False, False
    while piece := exchange.read():
        received = True
        for data in reader.push(piece):
            seen = True
            yield data
    for data in reader.finish():
        seen = True
        yield data
    if received and not seen:
        raise MalformedStream("no events")
