"""A llama.cpp context that pools each sequence into one vector. Runs in the child only."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from workbench.engine.interrupts import Interrupts, flag_reader
from workbench.engine.native_log import NativeLog
from workbench.errors import Cancelled, EngineError
from workbench.i18n import _

SEQUENCES = 64
"""The most texts computed at once."""
_STEP = 512
_UNIT = 64
_ROOM_STEP = 1024
_EXACT_ROOM = 2048
_OUTPUT_BYTES = 256 * 2**20
_ABORTED = 2


class Pooling(IntEnum):
    """How the rows of a text become one (``llama_pooling_type`` of llama.h)."""

    UNSPECIFIED = -1
    NONE = 0
    MEAN = 1
    CLS = 2
    LAST = 3
    RANK = 4


@dataclass(frozen=True, slots=True)
class EncoderOptions:
    """Threads, the most ``tokens`` of a text, the ``numbers`` of a vector, and how to pool."""

    threads: int
    tokens: int
    vocabulary: int
    numbers: int
    pooling: Pooling = Pooling.UNSPECIFIED


def waves(lengths: Sequence[int], tokens: int, sequences: int) -> list[range]:
    """Divide texts, given their lengths, into runs to be computed together, in order.

    A run has at most ``sequences`` texts and ``tokens`` tokens; a longer text is a run of its own.
    """
    runs: list[range] = []
    start = used = 0
    for number, length in enumerate(lengths):
        if number > start and (used + length > tokens or number - start == sequences):
            runs.append(range(start, number))
            start, used = number, 0
        used += length
    if start < len(lengths):
        runs.append(range(start, len(lengths)))
    return runs


class EncoderContext:
    """A context that grows with the longest text it has met.

    llama.cpp keeps a row of ``vocabulary`` numbers for every token it pools, written or not, so the
    tokens of one computation are few where the vocabulary is large. A model that looks at the whole
    text, or averages it, needs all of one text at once; one that looks back and takes the last
    token is given it piece by piece.

    ``pooling`` is what was asked, else what the file says, else ``Pooling.NONE``; ``causal``: a
    token sees only those before it. Raises EngineError where there is no memory for it.
    """

    def __init__(self, model: Any, options: EncoderOptions, log: NativeLog, interrupts: Interrupts):
        from llama_cpp import llama_cpp

        self._native = llama_cpp
        self._model = model
        self._options = options
        self._log = log
        self._interrupts = interrupts
        self._context: Any = None
        self._divisible = False
        step = _OUTPUT_BYTES // (4 * options.vocabulary) // _UNIT * _UNIT
        self._step = max(_UNIT, min(_STEP, step))
        self._open(self._step)
        self.causal = bool(llama_cpp.llama_get_causal_attn(self._context))
        self.pooling = int(llama_cpp.llama_pooling_type(self._context))
        self._divisible = (
            self.causal and bool(self._memory) and self.pooling in (Pooling.LAST, Pooling.RANK)
        )

    def close(self) -> None:
        """Free the native memory."""
        if self._context:
            self._native.llama_batch_free(self._batch)
            self._native.llama_free(self._context)
        self._context = None

    def compute(self, texts: Sequence[Sequence[int]]) -> list[list[float]]:
        """Return the numbers of each text, in order; each has from 1 to ``tokens`` tokens.

        Raises Cancelled when stopped, EngineError where llama.cpp cannot go on; the next texts
        find a new context then.
        """
        results: list[list[float]] = []
        sequences = 1 if self._one_by_one else SEQUENCES
        for run in waves([len(text) for text in texts], self._step, sequences):
            wave = [texts[number] for number in run]
            try:
                self._fit(sum(map(len, wave)))
                results += self._run(wave)
            except BaseException:
                self.close()
                raise
        return results

    @property
    def _one_by_one(self) -> bool:
        # Each sequence of a recurrent model has a state as large as that of a long text.
        return bool(
            self._native.llama_model_is_recurrent(self._model)
            or self._native.llama_model_is_hybrid(self._model)
        )

    def _fit(self, tokens: int) -> None:
        """See to a context with room for so many tokens."""
        if self._context and tokens <= self._room:
            return
        self.close()
        room = -(-tokens // _ROOM_STEP) * _ROOM_STEP if tokens > self._step else self._step
        self._open(min(room, max(self._options.tokens, self._step)))

    def _open(self, room: int) -> None:
        self._log.clear()
        rows = min(room, self._step) if self._divisible else room
        self._context = self._create(room, rows)
        self._batch = self._native.llama_batch_init(rows, 0, 1)
        self._memory = self._native.llama_get_memory(self._context)
        self._room, self._rows = room, rows
        self._watch_flag()

    def _watch_flag(self) -> None:
        import ctypes

        address = flag_reader()
        if address is not None:
            callback = self._native.ggml_abort_callback(address)
            self._native.llama_set_abort_callback(
                self._context, callback, ctypes.cast(self._interrupts.flag, ctypes.c_void_p)
            )

    def _create(self, room: int, batch: int) -> Any:
        parameters = self._native.llama_context_default_params()
        parameters.n_ctx = room
        parameters.n_batch = batch
        parameters.n_ubatch = batch
        parameters.n_seq_max = 1 if self._one_by_one else SEQUENCES
        # One cache for all sequences: each may be as long as the context.
        parameters.kv_unified = True
        parameters.embeddings = True
        parameters.pooling_type = int(self._options.pooling)
        parameters.n_threads = parameters.n_threads_batch = self._options.threads
        parameters.no_perf = True
        # On a CPU flash attention adds up in 16 bits, so that a text's vector would depend on its
        # neighbours in the fourth decimal; without it memory grows with the square of the room.
        if room <= _EXACT_ROOM:
            parameters.flash_attn_type = self._native.LLAMA_FLASH_ATTN_TYPE_DISABLED
        context = self._native.llama_init_from_model(self._model, parameters)
        if not context:
            raise _no_room(room, self._log.reason())
        return context

    def _run(self, wave: Sequence[Sequence[int]]) -> list[list[float]]:
        rows = [
            (number, position, token)
            for number, text in enumerate(wave)
            for position, token in enumerate(text)
        ]
        results: list[list[float]] = []
        for start in range(0, len(rows), self._rows):
            part = rows[start : start + self._rows]
            self._decode(part)
            # A text's vector is there when its last token has been computed.
            results += [
                self._numbers(number)
                for number, position, _token in part
                if position == len(wave[number]) - 1
            ]
        if self._memory:
            self._native.llama_memory_clear(self._memory, False)
        return results

    def _decode(self, rows: Sequence[tuple[int, int, int]]) -> None:
        batch = self._batch
        batch.n_tokens = len(rows)
        for index, (number, position, token) in enumerate(rows):
            batch.token[index] = token
            batch.pos[index] = position
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = number
            batch.logits[index] = True
        self._log.clear()
        status = int(self._native.llama_decode(self._context, batch))
        if status == _ABORTED or self._interrupts.raised:
            raise Cancelled(_("the work was stopped"))
        if status:
            raise EngineError(
                _("llama.cpp could not compute the text (status {status}): {reason}").format(
                    status=status, reason=self._log.reason()
                ),
                fix=_("Give shorter texts or choose a smaller model."),
            )

    def _numbers(self, sequence: int) -> list[float]:
        pointer = self._native.llama_get_embeddings_seq(self._context, sequence)
        if not pointer:
            raise EngineError(_("llama.cpp gave no result for a text"))
        return list(pointer[: 1 if self.pooling == Pooling.RANK else self._options.numbers])


def _no_room(tokens: int, reason: str) -> EngineError:
    if not reason or "alloc" in reason or "memory" in reason:
        return EngineError(
            _("there is not enough memory for a text of {tokens} tokens").format(tokens=tokens),
            fix=_("Give shorter texts or choose a smaller model."),
        )
    return EngineError(
        _("llama.cpp cannot make a context of {size} tokens: {reason}").format(
            size=tokens, reason=reason
        ),
        fix=_("Choose another model or context."),
    )
