"""A model file's weights in memory, without a context. Runs in the child only."""

import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.engine.native_log import NativeLog
from workbench.errors import Cancelled, EngineError
from workbench.i18n import _

_PROGRESS_STEP = 0.01


def check_file(path: str) -> None:
    """Refuse with EngineError what cannot be opened as a file, before llama.cpp meets it."""
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


def load_weights(
    path: str,
    parameters: Any,
    log: NativeLog,
    stopped: Callable[[], bool],
    on_progress: Callable[[float], None],
) -> Any:
    """Return the ``llama_model`` of a file, loaded with ``llama_model_params``.

    ``on_progress`` hears 0 to 1 in steps of a hundredth. Raises EngineError where llama.cpp cannot
    load it, Cancelled where ``stopped`` came true meanwhile.
    """
    from llama_cpp import llama_cpp

    told = -1.0

    def progress(value: float, _data: Any) -> bool:
        nonlocal told
        if value - told >= _PROGRESS_STEP or value >= 1.0 > told:
            told = value
            on_progress(min(value, 1.0))
        return not stopped()

    callback = llama_cpp.llama_progress_callback(progress)
    parameters.progress_callback = callback
    model = llama_cpp.llama_model_load_from_file(os.fsencode(path), parameters)
    if model and not stopped():
        return model
    if model:
        llama_cpp.llama_model_free(model)
    if stopped():
        raise Cancelled(_("loading the model was stopped"), path=path)
    reason = log.reason()
    raise EngineError(
        _("llama.cpp cannot load the model: {reason}").format(reason=reason)
        if reason
        else _("llama.cpp cannot load the model"),
        path=path,
        fix=_("Fetch it again or choose another model."),
    )


def threads() -> int:
    """Return the physical cores this process may use: more only compete for the same units."""
    import psutil

    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    return max(1, min(cores, allowed))


def description(model: Any) -> str:
    """Return what llama.cpp calls a model: architecture, size and quantization."""
    from llama_cpp import llama_cpp

    buffer = ctypes.create_string_buffer(256)
    llama_cpp.llama_model_desc(model, buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace")
