"""From a GGUF file to a model that can be asked. Runs in the child only."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workbench.engine.adapters import Adapters
from workbench.engine.chat import CHATML, ChatTemplate
from workbench.engine.context import Context, ContextOptions, cannot_write
from workbench.engine.interrupts import Interrupts
from workbench.engine.native_log import NativeLog
from workbench.engine.offload import Placement, fewer
from workbench.engine.placement import check_kv, layer_count, model_parameters, placement_for
from workbench.engine.protocol import LoadOptions, ModelInfo
from workbench.engine.vocabulary import Vocabulary
from workbench.engine.weights import check_file, description, load_weights, threads
from workbench.errors import EngineError
from workbench.i18n import _

_CHATML_TOKENS = ("<|im_start|>", "<|im_end|>")


@dataclass
class LoadedModel:
    """A model, its vocabulary, its one context and what is known of it.

    ``options`` are those it was loaded with, ``adapters`` those it was asked to use so far.
    ``template`` is the error to raise where messages cannot be laid out for this model.
    """

    pointer: Any
    vocabulary: Vocabulary
    context: Context
    template: ChatTemplate | EngineError
    info: ModelInfo
    options: LoadOptions
    adapters: Adapters

    def close(self) -> None:
        """Free the native memory."""
        from llama_cpp import llama_cpp

        self.context.close()
        self.adapters.close()
        llama_cpp.llama_model_free(self.pointer)


def load(
    options: LoadOptions,
    log: NativeLog,
    interrupts: Interrupts,
    on_progress: Callable[[float], None],
) -> LoadedModel:
    """Load a model; one EngineError says why it cannot be, Cancelled that the flag was raised.

    Where as many layers as fit were asked for and a GPU has less room than it said, fewer are
    tried, at last none.
    """
    check_file(options.path)
    log.clear()
    placement = placement_for(options, log)
    attempts = [placement, *(fewer(placement) if options.gpu_layers < 0 else ())]
    while True:
        log.clear()
        try:
            return _load(options, attempts[0], log, interrupts, on_progress)
        except EngineError as error:
            short = attempts[0].layers and log.short_of_memory
            if short and attempts[1:]:
                del attempts[0]
                continue
            if short:
                fix = _("Set gpu_layers lower, or to -1 for as many as fit.")
                raise EngineError(error.what, path=error.path, fix=fix) from None
            raise


def _load(
    options: LoadOptions,
    placement: Placement,
    log: NativeLog,
    interrupts: Interrupts,
    on_progress: Callable[[float], None],
) -> LoadedModel:
    from llama_cpp import llama_cpp

    started = time.monotonic()
    offload = placement.layers > 0
    model = load_weights(
        options.path,
        model_parameters(placement),
        log,
        lambda: interrupts.raised,
        on_progress,
    )
    try:
        _check_kind(model)
        check_kv(model, options.kv_type)
        trained = int(llama_cpp.llama_model_n_ctx_train(model))
        vocabulary = Vocabulary(model)
        template = _template(model, vocabulary, options.path)
        rewinds = not (
            llama_cpp.llama_model_is_recurrent(model) or llama_cpp.llama_model_is_hybrid(model)
        )
        # llama.cpp gives away cells behind the window of a sequence's end, swa_full or not, so that
        # a shorter beginning may lack what its own window needs.
        divides = rewinds and not llama_cpp.llama_model_n_swa(model)
        size = min(options.context, trained) if options.context and trained else trained
        context = Context(
            model,
            ContextOptions(
                size=size or options.context,
                threads=options.threads or threads(),
                rewinds=rewinds,
                divides=divides,
                offload=offload,
                sequences=max(1, options.sequences),
                draft=options.draft if rewinds else 0,
                kv_type=options.kv_type,
                heads=int(llama_cpp.llama_model_n_head(model)),
                restores=options.keeps_states,
                mixed=options.mixed,
            ),
            log,
            interrupts,
        )
    except EngineError as error:
        llama_cpp.llama_model_free(model)
        raise EngineError(error.what, path=options.path, fix=error.fix) from None
    adapters = Adapters(model, log)
    layers = layer_count(model)
    info = ModelInfo(
        description=description(model),
        context=context.size,
        trained_context=trained,
        vocabulary=vocabulary.size,
        has_template=isinstance(template, ChatTemplate),
        gpu_offload=offload,
        load_seconds=time.monotonic() - started,
        layers=layers,
        gpu_layers=min(placement.layers, layers),
        weight_bytes=int(llama_cpp.llama_model_size(model)),
        kv_bytes=log.buffer_bytes("KV", "RS", "state"),
        compute_bytes=log.buffer_bytes("compute", "output"),
        sequences=context.options.sequences,
        reuse="prefix" if divides else "whole",
    )
    return LoadedModel(model, vocabulary, context, template, info, options, adapters)


def _check_kind(model: Any) -> None:
    from llama_cpp import llama_cpp

    if (
        llama_cpp.llama_model_has_encoder(model)
        or not llama_cpp.llama_model_has_decoder(model)
        or llama_cpp.llama_model_is_diffusion(model)
    ):
        raise cannot_write()


def _template(model: Any, vocabulary: Vocabulary, path: str) -> ChatTemplate | EngineError:
    from llama_cpp import llama_cpp

    source = llama_cpp.llama_model_chat_template(model, None)
    try:
        if source:
            return ChatTemplate(
                source.decode("utf-8", "replace"), bos=vocabulary.bos, eos=vocabulary.eos
            )
        if all(vocabulary.single(name) is not None for name in _CHATML_TOKENS):
            return ChatTemplate(CHATML, bos=vocabulary.bos if vocabulary.adds_bos else "")
    except EngineError as error:
        return EngineError(error.what, path=path, fix=error.fix)
    return EngineError(
        _("the model has no chat template, so it cannot be asked"),
        path=path,
        fix=_("Choose a model whose name says Instruct or Chat."),
    )
