"""From a GGUF file to a model that can be asked. Runs in the child only."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.engine.cancellation import Cancellation
from workbench.engine.chat import CHATML, ChatTemplate
from workbench.engine.context import Context, ContextOptions, cannot_write
from workbench.engine.native_log import NativeLog
from workbench.engine.protocol import LoadOptions, ModelInfo
from workbench.engine.vocabulary import Vocabulary
from workbench.errors import Cancelled, EngineError
from workbench.i18n import _

_CHATML_TOKENS = ("<|im_start|>", "<|im_end|>")
_PROGRESS_STEP = 0.01


@dataclass
class LoadedModel:
    """A model, its vocabulary, its one context and what is known of it.

    ``template`` is the error to raise where messages cannot be laid out for this model.
    """

    pointer: Any
    vocabulary: Vocabulary
    context: Context
    template: ChatTemplate | EngineError
    info: ModelInfo

    def close(self) -> None:
        """Free the native memory."""
        from llama_cpp import llama_cpp

        self.context.close()
        llama_cpp.llama_model_free(self.pointer)


def load(
    options: LoadOptions,
    log: NativeLog,
    cancellation: Cancellation,
    on_progress: Callable[[float], None],
) -> LoadedModel:
    """Load a model; one EngineError says why it cannot be, Cancelled that the flag was raised."""
    from llama_cpp import llama_cpp

    started = time.monotonic()
    _check_file(options.path)
    log.clear()
    offload = bool(llama_cpp.llama_supports_gpu_offload()) and options.gpu_layers != 0
    model = _load_weights(options, offload, log, cancellation, on_progress)
    try:
        _check_kind(model)
        trained = int(llama_cpp.llama_model_n_ctx_train(model))
        vocabulary = Vocabulary(model)
        template = _template(model, vocabulary, options.path)
        rewinds = not (
            llama_cpp.llama_model_is_recurrent(model) or llama_cpp.llama_model_is_hybrid(model)
        )
        size = min(options.context, trained) if options.context and trained else trained
        context = Context(
            model,
            ContextOptions(size or options.context, options.threads or threads(), rewinds, offload),
            log,
            cancellation,
        )
    except EngineError as error:
        llama_cpp.llama_model_free(model)
        raise EngineError(error.what, path=options.path, fix=error.fix) from None
    info = ModelInfo(
        description=_description(model),
        context=context.size,
        trained_context=trained,
        vocabulary=vocabulary.size,
        has_template=isinstance(template, ChatTemplate),
        gpu_offload=offload,
        load_seconds=time.monotonic() - started,
    )
    return LoadedModel(model, vocabulary, context, template, info)


def threads() -> int:
    """Return the physical cores this process may use: more only compete for the same units."""
    import psutil

    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    return max(1, min(cores, allowed))


def _check_file(path: str) -> None:
    try:
        with Path(path).open("rb"):
            return
    except FileNotFoundError:
        what = _("there is no such file")
    except IsADirectoryError:
        what = _("this is a folder, not a model file")
    except OSError as error:
        what = _("cannot be read: {error}").format(error=error.strerror)
    raise EngineError(what, path=path, fix=_("Name a GGUF file that is there."))


def _load_weights(
    options: LoadOptions,
    offload: bool,
    log: NativeLog,
    cancellation: Cancellation,
    on_progress: Callable[[float], None],
) -> Any:
    from llama_cpp import llama_cpp

    told = -1.0

    def progress(value: float, _data: Any) -> bool:
        nonlocal told
        if value - told >= _PROGRESS_STEP or value >= 1.0 > told:
            told = value
            on_progress(min(value, 1.0))
        return not cancellation.raised

    parameters = llama_cpp.llama_model_default_params()
    parameters.n_gpu_layers = options.gpu_layers if offload else 0
    callback = llama_cpp.llama_progress_callback(progress)
    parameters.progress_callback = callback
    model = llama_cpp.llama_model_load_from_file(os.fsencode(options.path), parameters)
    if model and not cancellation.raised:
        return model
    if model:
        llama_cpp.llama_model_free(model)
    if cancellation.raised:
        raise Cancelled(_("loading the model was stopped"), path=options.path)
    reason = log.reason()
    raise EngineError(
        _("llama.cpp cannot load the model: {reason}").format(reason=reason)
        if reason
        else _("llama.cpp cannot load the model"),
        path=options.path,
        fix=_("Fetch it again or choose another model."),
    )


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


def _description(model: Any) -> str:
    import ctypes

    from llama_cpp import llama_cpp

    buffer = ctypes.create_string_buffer(256)
    llama_cpp.llama_model_desc(model, buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace")
