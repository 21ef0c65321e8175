"""The KV cache of several sequences, and how rows are put into it. Runs in the child only."""

import ctypes
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from workbench.engine.interrupts import Interrupts, flag_reader
from workbench.engine.native_log import NativeLog
from workbench.errors import EngineError
from workbench.i18n import _

CHUNK = 256
"""Prompt tokens of one request computed at once on a CPU: the step of progress. Half as many are
read up to a tenth slower. It is fixed, for how a prompt is divided shows in the last bits of the
logits, and temperature 0 promises the same text each time."""
OFFLOADED_CHUNK = 512
"""The same on a GPU, which is fast enough to show progress in larger steps and needs them."""
PROMPT_ROWS, OFFLOADED_PROMPT_ROWS = 384, 1024
"""The most prompt tokens of one batch, on a CPU and on a GPU: a chunk and what joined it, less than
half of one (``layout.chunk_ends``), or the short instructions of several requests."""
SCORE_BYTES = 256 << 20
"""The most memory that the scores of attention may take, for them to be computed as a matrix."""


class Status(IntEnum):
    """What llama_decode says (llama.h); every lower number is a fatal error."""

    DONE = 0
    NO_ROOM = 1
    ABORTED = 2
    MALFORMED = -1


@dataclass(frozen=True, slots=True)
class ContextOptions:
    """Size in tokens and threads of a context, and what is true of its model.

    ``rewinds``: the end of a sequence can be removed. ``divides``: its beginning can be shared
    without the rest. ``offload``: it computes on a GPU.
    ``sequences`` are written at once, each with ``draft`` guessed tokens; ``kept`` more hold
    prefixes. ``heads`` are those of attention. ``restores``: what is let go comes back from disk.
    ``mixed``: what is written at once is on several articles.
    """

    size: int
    threads: int
    rewinds: bool
    divides: bool = True
    offload: bool = False
    sequences: int = 1
    draft: int = 0
    kept: int = 8
    kv_type: str = "f16"
    heads: int = 0
    restores: bool = False
    mixed: bool = False

    @property
    def chunk(self) -> int:
        """The prompt tokens of one request that are computed at once."""
        return OFFLOADED_CHUNK if self.offload else CHUNK

    @property
    def prompt_rows(self) -> int:
        """The most prompt tokens of one batch."""
        return OFFLOADED_PROMPT_ROWS if self.offload else PROMPT_ROWS

    @property
    def rows(self) -> int:
        """The most tokens of one batch, n_batch and n_ubatch."""
        return self.prompt_rows + self._written

    @property
    def flash(self) -> bool:
        """Whether attention goes over the cells one by one and never holds all scores at once.

        On a CPU, all scores as one matrix (``4 bytes x rows x heads x size``) are faster where
        sequences share their cells, and are added up in 32 bits, not 16; docs/engine.md has the
        figures. But cells of other sequences are computed too, so there must be one article at a
        time, and others' prefixes must be able to go and come back. Quantized values need flash
        attention.
        """
        scores = 4 * self.rows * self.heads * self.size
        fits = 0 < scores <= SCORE_BYTES
        alone = self.restores and not self.mixed
        return self.offload or self.kv_type != "f16" or not (alone and fits)

    @property
    def reads_beside(self) -> bool:
        """Whether prompts are read in the batch of those who write.

        On a GPU that is cheaper than a batch of their own. On a CPU, flash attention takes 64 rows
        at a time over all cells that any of them sees, so a writer among them costs each the cells
        of its article; docs/engine.md has the figures.
        """
        return self.offload

    @property
    def slots(self) -> int:
        """The sequence numbers there are, from 0: written and kept ones, n_seq_max."""
        return self.sequences + self.kept

    @property
    def outputs(self) -> int:
        """The most rows of a batch that logits are computed of, n_outputs_max.

        Reserving logits of all rows costs 300 MB at 152,000 tokens of vocabulary; reserving fewer
        than there are sequences makes llama.cpp abort.
        """
        return max(self.slots, self._written)

    @property
    def _written(self) -> int:
        return self.sequences * (1 + self.draft)


@dataclass(frozen=True, slots=True)
class Rows:
    """Tokens that go behind ``start`` others of a sequence; logits are wanted of the last ones."""

    sequence: int
    start: int
    tokens: Sequence[int]
    outputs: int


class Context:
    """A llama.cpp context whose sequences share one KV cache, so that copying costs nothing.

    Raises EngineError where there is no memory for it or the model cannot write.
    """

    def __init__(self, model: Any, options: ContextOptions, log: NativeLog, interrupts: Interrupts):
        from llama_cpp import llama_cpp

        self._native = llama_cpp
        self._flag = interrupts.flag
        self.options = options
        self.stops_inside = False
        self._context = llama_cpp.llama_init_from_model(model, self._parameters())
        if not self._context:
            raise _no_context(options.size, log.reason())
        self._memory = llama_cpp.llama_get_memory(self._context)
        if not self._memory:
            llama_cpp.llama_free(self._context)
            raise cannot_write()
        self._batch = _Batch(options.rows)
        self._watch_flag()

    @property
    def size(self) -> int:
        """The tokens the context has room for; llama.cpp may round up what was asked."""
        return int(self._native.llama_n_ctx(self._context))

    @property
    def pointer(self) -> Any:
        """The native context, for the sampler."""
        return self._context

    def close(self) -> None:
        """Free the native memory."""
        self._native.llama_free(self._context)

    def decode(self, parts: Iterable[Rows]) -> int:
        """Compute all rows at once, in the order given; return a Status or a lower number.

        After anything but DONE the caller must bring the sequences back to what it knows of them.
        """
        batch = self._batch
        batch.fill(parts)
        result: int = self._native.llama_decode(self._context, batch.native)
        return result

    def copy(self, source: int, target: int, length: int | None = None) -> None:
        """Let a sequence share the first ``length`` tokens of another, or all of them."""
        end = -1 if length is None else length
        self._native.llama_memory_seq_cp(self._memory, source, target, 0 if end > 0 else -1, end)

    def truncate(self, sequence: int, length: int) -> bool:
        """Remove what lies behind ``length`` tokens; False where the model cannot go back."""
        if self.length(sequence) <= length:
            return self.length(sequence) == length
        removed: bool = self._native.llama_memory_seq_rm(self._memory, sequence, length, -1)
        return removed and self.length(sequence) == length

    def drop(self, sequence: int) -> None:
        """Empty a sequence; what others share of it stays theirs."""
        self._native.llama_memory_seq_rm(self._memory, sequence, -1, -1)

    def clear(self) -> None:
        """Empty every sequence."""
        self._native.llama_memory_clear(self._memory, True)

    def length(self, sequence: int) -> int:
        """Return how many tokens of a sequence are in the cache."""
        return int(self._native.llama_memory_seq_pos_max(self._memory, sequence)) + 1

    def state(self, sequence: int) -> bytearray:
        """Return the KV state of a sequence, empty where llama.cpp gives none."""
        room = int(self._native.llama_state_seq_get_size(self._context, sequence))
        state = bytearray(room)
        view = (ctypes.c_uint8 * room).from_buffer(state)
        size = int(self._native.llama_state_seq_get_data(self._context, view, room, sequence))
        del view
        return state if size == room else state[:size]

    def restore(self, sequence: int, state: memoryview) -> bool:
        """Fill an empty sequence from a state; False, and still empty, where it does not fit."""
        import numpy as np

        view = np.frombuffer(state, np.uint8)
        address = ctypes.cast(view.ctypes.data, ctypes.POINTER(ctypes.c_uint8))
        taken = int(
            self._native.llama_state_seq_set_data(self._context, address, view.size, sequence)
        )
        if taken != view.size:
            self.drop(sequence)
        return taken == view.size

    def _parameters(self) -> Any:
        options = self.options
        parameters = self._native.llama_context_default_params()
        parameters.n_ctx = options.size
        parameters.n_batch = options.rows
        parameters.n_ubatch = options.rows
        parameters.n_seq_max = options.slots
        parameters.kv_unified = True
        parameters.n_outputs_max = options.outputs
        parameters.n_threads = options.threads
        parameters.n_threads_batch = options.threads
        kind = getattr(self._native, f"GGML_TYPE_{options.kv_type.upper()}")
        parameters.type_k = kind
        parameters.type_v = kind
        parameters.flash_attn_type = self._flash()
        parameters.swa_full = True  # room for the windows of all sequences
        parameters.no_perf = True
        return parameters

    def _flash(self) -> Any:
        if not self.options.flash:
            return self._native.LLAMA_FLASH_ATTN_TYPE_DISABLED
        # On a GPU that lacks it, flash attention would be computed on the CPU.
        if self.options.offload:
            return self._native.LLAMA_FLASH_ATTN_TYPE_AUTO
        return self._native.LLAMA_FLASH_ATTN_TYPE_ENABLED

    def _watch_flag(self) -> None:
        address = flag_reader()
        if address is not None:
            callback = self._native.ggml_abort_callback(address)
            self._native.llama_set_abort_callback(
                self._context, callback, ctypes.cast(self._flag, ctypes.c_void_p)
            )
            self.stops_inside = True


class _Batch:
    """Room for the rows of a batch, filled through numpy: setting each by ctypes is slow."""

    def __init__(self, room: int):
        import numpy as np
        from llama_cpp import llama_cpp

        self._token = np.zeros(room, np.int32)
        self._position = np.zeros(room, np.int32)
        self._counts = np.ones(room, np.int32)
        self._sequence = np.zeros(room, np.int32)
        self._output = np.zeros(room, np.int8)
        # Each row is of one sequence: a table of pointers into the one array of sequences.
        first = self._sequence.ctypes.data
        self._pointers = np.arange(first, first + 4 * room, 4, dtype=np.uintp)
        self._numbers = np.arange(room, dtype=np.int32)
        batch = llama_cpp.llama_batch()
        address = ctypes.c_void_p
        batch.token = ctypes.cast(address(self._token.ctypes.data), _pointer(llama_cpp.llama_token))
        batch.pos = ctypes.cast(address(self._position.ctypes.data), _pointer(llama_cpp.llama_pos))
        batch.n_seq_id = ctypes.cast(address(self._counts.ctypes.data), _pointer(ctypes.c_int32))
        batch.seq_id = ctypes.cast(
            address(self._pointers.ctypes.data), _pointer(_pointer(llama_cpp.llama_seq_id))
        )
        batch.logits = ctypes.cast(address(self._output.ctypes.data), _pointer(ctypes.c_int8))
        self.native = batch

    def fill(self, parts: Iterable[Rows]) -> None:
        row = 0
        for part in parts:
            count = len(part.tokens)
            end = row + count
            self._token[row:end] = part.tokens
            self._position[row:end] = self._numbers[:count] + part.start
            self._sequence[row:end] = part.sequence
            self._output[row:end] = 0
            self._output[end - part.outputs : end] = 1
            row = end
        self.native.n_tokens = row


def _pointer(kind: Any) -> Any:
    return ctypes.POINTER(kind)


def cannot_write() -> EngineError:
    """Say that a model is of a kind that does not continue text, such as an embedding model."""
    return EngineError(
        _("this model does not write text token by token"),
        fix=_("Choose a model made for chat, such as Qwen."),
    )


def _no_context(size: int, reason: str) -> EngineError:
    if not reason or "alloc" in reason or "memory" in reason:
        return EngineError(
            _("there is not enough memory for a context of {size} tokens").format(size=size),
            fix=_("Give a smaller context."),
        )
    return EngineError(
        _("llama.cpp cannot make a context of {size} tokens: {reason}").format(
            size=size, reason=reason
        ),
        fix=_("Choose another model or context."),
    )
