"""What passes between the engine's client and the process that owns llama.cpp."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How a model is loaded.

    ``context`` is n_ctx in tokens, 0 for the model's own; ``threads`` 0 for the physical cores;
    ``gpu_layers`` -1 for all that the build can offload, 0 for none.
    """

    path: str
    context: int = 8192
    threads: int = 0
    gpu_layers: int = -1


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What the engine says of a loaded model; ``context`` is the n_ctx it got."""

    description: str
    context: int
    trained_context: int
    vocabulary: int
    has_template: bool
    gpu_offload: bool
    load_seconds: float


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation, in segments that are tokenised apart.

    Prompts that begin with the same segments share their tokens, so the KV cache of what they
    share is reused: put the article in a segment before the instruction.
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
    """

    messages: tuple[Message, ...]
    max_tokens: int
    stop: tuple[str, ...] = ()
    sampling: Sampling = field(default_factory=Sampling)
    answer_start: str = ""
    thinking: bool = False


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
class Usage:
    """What a request cost: tokens, and seconds of reading and of writing."""

    prompt_tokens: int = 0
    reused_tokens: int = 0
    generated_tokens: int = 0
    read_seconds: float = 0.0
    write_seconds: float = 0.0

    def __add__(self, other: "Usage") -> "Usage":
        """Add up what several requests cost."""
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.reused_tokens + other.reused_tokens,
            self.generated_tokens + other.generated_tokens,
            self.read_seconds + other.read_seconds,
            self.write_seconds + other.write_seconds,
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


Event = Reading | Text | Done
LoadEvent = Loading | ModelInfo


class Engine(Protocol):
    """What the tasks need of an engine, whether it is a child process or a server.

    Every method raises EngineError with one clear line; the engine stays usable where it can.
    """

    @property
    def model(self) -> ModelInfo:
        """Return what is known of the loaded model."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, special tokens taken as plain text."""

    def prompt_tokens(self, request: Request) -> int:
        """Count the tokens of the whole rendered prompt, chat template included."""

    def submit(self, request: Request) -> Iterator[Event]:
        """Run a request; the events end with Done. Closing the iterator cancels it."""

    def cancel(self) -> None:
        """Stop what is being read or written; its events end with Done, ``cancelled``."""

    def close(self) -> None:
        """End the engine and its process."""
