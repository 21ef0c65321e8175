"""What passes between the engine's client and the process that owns llama.cpp."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

KV_TYPES = ("f16", "q8_0", "q4_0")
"""How keys and values are kept; quantized ones take less memory and are slow on a CPU."""

NICENESS = "WORKBENCH_ENGINE_NICENESS"
"""The environment variable that has an engine's process give way to others by so many steps."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter in a GGUF file, and how strongly it counts."""

    path: str
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How a model is loaded.

    ``context`` is n_ctx in tokens, 0 for the model's own: what one request may take, and what all
    that run at once share. ``threads`` 0 for the physical cores. ``gpu_layers`` -1 for as many as
    fit, 0 for none; ``tensor_split`` the share of each GPU, empty for llama.cpp's own division.
    ``sequences`` is how many requests are written at once, ``draft`` how many tokens prompt lookup
    may guess at a time, 0 for none. ``mixed``: those written at once will be on several articles.
    ``adapters`` apply to requests that name none themselves.

    ``states`` is the folder where KV states outlive the process, empty for nowhere;
    ``states_bytes`` the most it may hold. ``identity`` is the SHA-256 of the model file, without
    which no state is kept.
    """

    path: str
    context: int = 8192
    threads: int = 0
    gpu_layers: int = -1
    main_gpu: int = 0
    tensor_split: tuple[float, ...] = ()
    kv_type: str = "f16"
    sequences: int = 4
    draft: int = 0
    mixed: bool = False
    adapters: tuple[Adapter, ...] = ()
    states: str = ""
    states_bytes: int = 0
    identity: str = ""

    @property
    def keeps_states(self) -> bool:
        """Whether KV states outlive the process."""
        return bool(self.states and self.states_bytes and self.identity)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What the engine says of a loaded model.

    ``context`` is the n_ctx it got. ``layers`` counts the blocks and the output, ``gpu_layers`` how
    many of them are on a GPU. ``reuse`` says which beginnings of prompts can be shared: ``prefix``,
    any; ``whole``, only one that ends where the shared segments end (recurrent and hybrid models,
    and those with a sliding window).
    The bytes are those llama.cpp allocated: KV cache and state, and room for computing.
    """

    description: str
    context: int
    trained_context: int
    vocabulary: int
    has_template: bool
    gpu_offload: bool
    load_seconds: float
    layers: int = 0
    gpu_layers: int = 0
    sequences: int = 1
    reuse: str = "prefix"
    weight_bytes: int = 0
    kv_bytes: int = 0
    compute_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation, in segments that are tokenised apart.

    All but the last segment of a request's last message is what it shares with other requests:
    put the article in a segment of its own, and the instruction in the last. What is shared is
    read once, kept in memory for the next request and, where the options say so, on disk.
    """

    role: str
    segments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen; temperature 0 is greedy."""

    temperature: float = 0.0
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.0
    repeat_last: int = 256
    seed: int = 42


@dataclass(frozen=True, slots=True)
class Request:
    """One piece of writing asked of the model.

    ``stop`` strings end the output and are not part of it. ``answer_start`` is put in the model's
    mouth: it is the beginning of the answer, part of the prompt and not of the output.

    ``grammar`` (GBNF) or ``schema`` (JSON Schema, as JSON text) constrains the output. ``adapters``
    take the place of those of the options; an empty tuple is the model alone. ``quotes`` says that
    the output is likely to repeat the prompt, so that prompt lookup is worth a try. A higher
    ``priority`` goes first. ``ignore_end`` writes on to ``max_tokens``, for measuring.
    """

    messages: tuple[Message, ...]
    max_tokens: int
    stop: tuple[str, ...] = ()
    sampling: Sampling = field(default_factory=Sampling)
    answer_start: str = ""
    thinking: bool = False
    grammar: str = ""
    schema: str = ""
    adapters: tuple[Adapter, ...] | None = None
    quotes: bool = False
    priority: int = 0
    ignore_end: bool = False


@dataclass(frozen=True, slots=True)
class Loading:
    """Loading goes on; ``progress`` runs from 0 to 1."""

    progress: float


@dataclass(frozen=True, slots=True)
class Reading:
    """Prefill goes on: ``done`` of ``total`` prompt tokens are in the KV cache."""

    done: int
    total: int
    reused: int


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of output, whole characters only."""

    text: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """The engine's process died and the request begins anew: what it showed so far is void."""

    reason: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a request cost: tokens, and seconds of reading and of writing.

    The seconds begin when the request's turn comes; they include what it shared with others.
    """

    prompt_tokens: int = 0
    reused_tokens: int = 0
    generated_tokens: int = 0
    read_seconds: float = 0.0
    write_seconds: float = 0.0
    drafted_tokens: int = 0
    accepted_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        """Add up what several requests cost."""
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.reused_tokens + other.reused_tokens,
            self.generated_tokens + other.generated_tokens,
            self.read_seconds + other.read_seconds,
            self.write_seconds + other.write_seconds,
            self.drafted_tokens + other.drafted_tokens,
            self.accepted_tokens + other.accepted_tokens,
        )


@dataclass(frozen=True, slots=True)
class Done:
    """A request ended: ``finish`` is ``stop``, ``length`` or ``cancelled``.

    ``text`` is the whole answer without the model's thinking, ``thought`` that thinking.
    """

    text: str
    finish: str
    usage: Usage
    thought: str = ""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the scheduler holds and has done since the model was loaded.

    ``kept`` prefixes hold ``kept_tokens`` of the KV cache, requests at work ``reserved_tokens``.
    ``native_seconds`` were spent in llama.cpp's decode, ``python_seconds`` in the rest of a step.
    """

    active: int = 0
    waiting: int = 0
    kept: int = 0
    kept_tokens: int = 0
    reserved_tokens: int = 0
    steps: int = 0
    native_seconds: float = 0.0
    python_seconds: float = 0.0
    preempted: int = 0
    restored_tokens: int = 0


Event = Reading | Text | Restarted | Done
LoadEvent = Loading | ModelInfo


class Answer(Protocol):
    """The events of one request, in order; the last is Done.

    Iterating raises EngineError where the request cannot be carried out.
    """

    def __iter__(self) -> Iterator[Event]:
        """Return itself."""

    def __next__(self) -> Event:
        """Wait for the next event."""

    def cancel(self) -> None:
        """Stop it, from any thread: its events end with Done, ``cancelled``."""

    def close(self) -> None:
        """Stop it and wait until it is over, its events unread."""


class Engine(Protocol):
    """What the tasks need of an engine, whether it is a child process or a server.

    Every method may be called from any thread. Each raises EngineError with one clear line; the
    engine stays usable where it can.
    """

    @property
    def model(self) -> ModelInfo:
        """Return what is known of the loaded model."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, special tokens taken as plain text."""

    def prompt_tokens(self, request: Request) -> int:
        """Count the tokens of the whole rendered prompt, chat template included."""

    def submit(self, request: Request) -> Answer:
        """Hand in a request; it runs beside the others that were handed in."""

    def submit_together(self, requests: Sequence[Request]) -> "list[Answer]":
        """Hand in requests that are planned as one: what each gets does not depend on timing."""

    def prefetch(self, request: Request) -> None:
        """Read what a request shares with others, while there is nothing better to do.

        Returns at once. Only the latest is read; one that cannot be is forgotten.
        """

    def cancel(self) -> None:
        """Stop everything that is loaded, read or written; all events end with ``cancelled``."""

    def close(self) -> None:
        """End the engine and its process."""
