"""The KV cache of one sequence: what is in it, and how it grows. Runs in the child only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.engine.cancellation import Cancellation, flag_reader
from workbench.engine.native_log import NativeLog
from workbench.errors import EngineError
from workbench.i18n import _

BATCH = 512
"""n_batch and n_ubatch: the most tokens llama.cpp computes at once."""
_ABORTED = 2


class Aborted(Exception):
    """The computation was stopped by the flag."""


@dataclass(frozen=True, slots=True)
class ContextOptions:
    """Size in tokens and threads of a context, and what is true of its model.

    ``rewinds``: part of a sequence can be removed; ``offload``: it computes on a GPU.
    """

    size: int
    threads: int
    rewinds: bool
    offload: bool = False


class Context:
    """A llama.cpp context with one sequence, and the tokens that are in its KV cache.

    Raises EngineError where there is no memory for it or the model cannot write.
    """

    def __init__(
        self, model: Any, options: ContextOptions, log: NativeLog, cancellation: Cancellation
    ):
        from llama_cpp import llama_cpp

        self._native = llama_cpp
        self._rewinds = options.rewinds
        self._flag = cancellation.flag
        self.resident: list[int] = []
        self.stops_inside = False
        self._context = llama_cpp.llama_init_from_model(model, self._parameters(options))
        if not self._context:
            raise _no_context(options.size, log.reason())
        self._memory = llama_cpp.llama_get_memory(self._context)
        if not self._memory:
            llama_cpp.llama_free(self._context)
            raise cannot_write()
        self._batch = llama_cpp.llama_batch_init(BATCH, 0, 1)
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
        self._native.llama_batch_free(self._batch)
        self._native.llama_free(self._context)

    def keep_prefix(self, tokens: Sequence[int]) -> int:
        """Keep what the cache shares with a prompt, drop the rest; return how many are kept.

        The last token of the prompt is never kept: it must be computed to say what follows it.
        """
        shared = 0
        for resident, wanted in zip(self.resident, tokens[:-1], strict=False):
            if resident != wanted:
                break
            shared += 1
        if shared < len(self.resident):
            self._drop_from(shared)
        return len(self.resident)

    def decode(self, tokens: Sequence[int], *, output: bool) -> None:
        """Put at most BATCH tokens behind those in the cache; ``output``: sample after the last.

        Raises Aborted when stopped by the flag, EngineError when llama.cpp cannot go on; the
        cache then holds what ``resident`` says.
        """
        start = len(self.resident)
        batch = self._batch
        batch.n_tokens = len(tokens)
        for index, token in enumerate(tokens):
            batch.token[index] = token
            batch.pos[index] = start + index
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = 0
            batch.logits[index] = 0
        batch.logits[len(tokens) - 1] = output
        result: int = self._native.llama_decode(self._context, batch)
        if result == 0:
            self.resident.extend(tokens)
            return
        self._resync(tokens)
        if result == _ABORTED:
            raise Aborted
        raise EngineError(
            _("llama.cpp could not compute the next tokens (status {status})").format(
                status=result
            ),
            fix=_("Try again with a smaller context."),
        )

    def _parameters(self, options: ContextOptions) -> Any:
        parameters = self._native.llama_context_default_params()
        parameters.n_ctx = options.size
        parameters.n_batch = BATCH
        parameters.n_ubatch = BATCH
        parameters.n_seq_max = 1
        # Logits are wanted of one row; reserving all rows costs 300 MB at 152,000 tokens.
        parameters.n_outputs_max = 1
        parameters.n_threads = options.threads
        parameters.n_threads_batch = options.threads
        # On a GPU that lacks it, flash attention would be computed on the CPU.
        parameters.flash_attn_type = (
            self._native.LLAMA_FLASH_ATTN_TYPE_AUTO
            if options.offload
            else self._native.LLAMA_FLASH_ATTN_TYPE_ENABLED
        )
        parameters.swa_full = True  # else a sliding window forgets the prefix to be reused
        parameters.no_perf = True
        return parameters

    def _watch_flag(self) -> None:
        import ctypes

        address = flag_reader()
        if address is not None:
            callback = self._native.ggml_abort_callback(address)
            self._native.llama_set_abort_callback(
                self._context, callback, ctypes.cast(self._flag, ctypes.c_void_p)
            )
            self.stops_inside = True

    def _drop_from(self, position: int) -> None:
        removed = self._native.llama_memory_seq_rm(self._memory, 0, position, -1)
        if removed:
            del self.resident[position:]
        else:
            self._clear()

    def _clear(self) -> None:
        self._native.llama_memory_clear(self._memory, True)
        self.resident.clear()

    def _resync(self, tokens: Sequence[int]) -> None:
        """Learn what stayed in the cache after a computation that did not end well."""
        if not self._rewinds:
            # A recurrent state has no positions to go back to.
            self._clear()
            return
        last: int = self._native.llama_memory_seq_pos_max(self._memory, 0)
        self.resident = [*self.resident, *tokens][: last + 1]


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
