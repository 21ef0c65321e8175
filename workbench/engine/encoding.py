"""Embedding and reranking models: texts to vectors, pairs to scores. Runs in the child only."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.engine import wire
from workbench.engine.encoder_context import EncoderContext, EncoderOptions, Pooling
from workbench.engine.encoder_layout import EncoderLayout
from workbench.engine.interrupts import Interrupts
from workbench.engine.native_gguf import GgufFacts, read_facts
from workbench.engine.native_log import NativeLog
from workbench.engine.vocabulary import Vocabulary
from workbench.engine.weights import check_file, description, load_weights, threads
from workbench.errors import EngineError
from workbench.i18n import _

_NO_VOCABULARY = 0  # LLAMA_VOCAB_TYPE_NONE of llama.h
_HEADS = ("cls.weight", "cls.output.weight")
_SMALLEST_CONTEXT = 512


@dataclass
class Encoder:
    """A loaded embedding or reranking model; ``path`` names it in errors."""

    path: str
    pointer: Any
    layout: EncoderLayout
    context: EncoderContext
    info: wire.EncoderInfo

    def embed(self, texts: Sequence[str]) -> wire.Vectors:
        """Return a vector of length 1 for each text, in order.

        Raises EngineError where a text is longer than the model's context, nothing computed then,
        or where the model only ranks.
        """
        if self.info.ranks:
            raise EngineError(
                _("this model ranks texts and makes no vectors"),
                path=self.path,
                fix=_("Choose an embedding model, such as bge-m3 or Qwen3-Embedding."),
            )
        numbers = self._compute([self.layout.text(text) for text in texts])
        return wire.Vectors(tuple(map(self._unit, numbers)))

    def rerank(self, query: str, texts: Sequence[str]) -> wire.Scores:
        """Return how well each text answers the query, in order.

        Raises EngineError where query and text together are longer than the model's context,
        nothing computed then, or where the model does not rank.
        """
        if not self.info.ranks:
            raise EngineError(
                _("this model makes vectors and cannot rank texts"),
                path=self.path,
                fix=_("Choose a reranking model, such as bge-reranker-v2-m3 or Qwen3-Reranker."),
            )
        results = self._compute([self.layout.pair(query, text) for text in texts])
        scores = tuple(numbers[0] for numbers in results)
        if not all(map(math.isfinite, scores)):
            raise self._useless()
        return wire.Scores(scores)

    def close(self) -> None:
        """Free the native memory."""
        from llama_cpp import llama_cpp

        self.context.close()
        llama_cpp.llama_model_free(self.pointer)

    def _compute(self, texts: Sequence[Sequence[int]]) -> list[list[float]]:
        for number, tokens in enumerate(texts, 1):
            self._check_length(number, len(tokens))
        try:
            return self.context.compute(texts)
        except EngineError as error:
            raise EngineError(error.what, path=self.path, fix=error.fix) from None

    def _check_length(self, number: int, tokens: int) -> None:
        if tokens > self.info.context:
            raise EngineError(
                _(
                    "text {number} has {tokens} tokens, with what goes with it, and the model "
                    "reads at most {context}"
                ).format(number=number, tokens=tokens, context=self.info.context),
                path=self.path,
                fix=_("Divide it into shorter passages."),
            )
        if not tokens:
            raise EngineError(
                _("text {number} is empty").format(number=number),
                path=self.path,
                fix=_("Leave it out."),
            )

    def _unit(self, numbers: Sequence[float]) -> tuple[float, ...]:
        length = math.hypot(*numbers)
        if not math.isfinite(length) or length == 0.0:
            raise self._useless()
        return tuple(number / length for number in numbers)

    def _useless(self) -> EngineError:
        return EngineError(
            _("the model computed no usable numbers: the file may be damaged"),
            path=self.path,
            fix=_("Fetch it again or choose another model."),
        )


def load_encoder(
    command: wire.LoadEncoder,
    log: NativeLog,
    interrupts: Interrupts,
    on_progress: Callable[[float], None],
) -> Encoder:
    """Load an embedding or reranking model; ``on_progress`` hears 0 to 1.

    One EngineError says why it cannot be, Cancelled that the flag was raised.
    """
    import time

    from llama_cpp import llama_cpp

    started = time.monotonic()
    path = command.path
    check_file(path)
    log.clear()
    offload = bool(llama_cpp.llama_supports_gpu_offload()) and command.gpu_layers != 0
    parameters = llama_cpp.llama_model_default_params()
    parameters.n_gpu_layers = command.gpu_layers if offload else 0
    model = load_weights(path, parameters, log, lambda: interrupts.raised, on_progress)
    try:
        _check_kind(model)
        if (facts := read_facts(path)) is not None:
            _check_pooling(facts)
        vocabulary = Vocabulary(model)
        layout = EncoderLayout(model, vocabulary)
        tokens = int(llama_cpp.llama_model_n_ctx_train(model)) or _SMALLEST_CONTEXT
        options = EncoderOptions(
            command.threads or threads(),
            tokens,
            vocabulary.size,
            int(llama_cpp.llama_model_n_embd_out(model)),
        )
        context, named = _context(model, options, log, interrupts)
    except EngineError as error:
        llama_cpp.llama_model_free(model)
        raise EngineError(error.what, path=path, fix=error.fix) from None
    ranks = context.pooling == Pooling.RANK
    info = wire.EncoderInfo(
        description=_describe(description(model), Pooling(context.pooling), named),
        dimensions=0 if ranks else options.numbers,
        context=tokens,
        ranks=ranks,
        load_seconds=time.monotonic() - started,
    )
    return Encoder(path, model, layout, context, info)


def _check_kind(model: Any) -> None:
    """Refuse a model that takes no texts, or takes them in another way."""
    from llama_cpp import llama_cpp

    vocabulary = llama_cpp.llama_model_get_vocab(model)
    if (
        llama_cpp.llama_model_has_encoder(model)
        or llama_cpp.llama_model_is_diffusion(model)
        or llama_cpp.llama_vocab_type(vocabulary) == _NO_VOCABULARY
    ):
        raise _no_encoder()


def _check_pooling(facts: GgufFacts) -> None:
    """Refuse what llama.cpp would compute nonsense from, or abort on."""
    pooling = facts.values.get(f"{facts.text('general.architecture')}.pooling_type")
    if pooling is not None and pooling not in set(Pooling):
        raise EngineError(
            _("the file asks for a way of pooling that llama.cpp does not know"),
            fix=_("Choose another model."),
        )
    if pooling == Pooling.RANK and not any(tensor.name in _HEADS for tensor in facts.tensors):
        raise EngineError(
            _("the model is to rank texts, but its file lacks the weights for that"),
            fix=_("Choose another model."),
        )


def _context(
    model: Any, options: EncoderOptions, log: NativeLog, interrupts: Interrupts
) -> tuple[EncoderContext, bool]:
    """Return a context that pools, and whether the file says how.

    Where it does not, an encoder averages; a model that writes text is refused, for the vectors of
    one that was not trained to make any look right and are of no use.
    """
    context = EncoderContext(model, options, log, interrupts)
    if context.pooling != Pooling.NONE:
        return context, True
    context.close()
    if context.causal:
        raise _no_encoder()
    averaging = replace(options, pooling=Pooling.MEAN)
    return EncoderContext(model, averaging, log, interrupts), False


def _no_encoder() -> EngineError:
    return EngineError(
        _("this model neither makes vectors nor ranks texts"),
        fix=_("Choose a model made for that, such as bge-m3 or Qwen3-Embedding."),
    )


def _describe(model: str, pooling: Pooling, named: bool) -> str:
    name = {
        Pooling.MEAN: _("mean of all tokens"),
        Pooling.CLS: _("first token"),
        Pooling.LAST: _("last token"),
        Pooling.RANK: _("ranking"),
    }[pooling]
    if named:
        return f"{model}, {name}"
    return _("{model}, {pooling} (the file does not say)").format(model=model, pooling=name)
