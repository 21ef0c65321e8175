"""Ask this machine's devices where the layers of a model fit. Runs in the child only."""

import ctypes
from typing import Any

from workbench.engine.context import ContextOptions
from workbench.engine.devices import device_pointer, list_devices, offload_devices
from workbench.engine.kv_types import check_kv_type, element_bytes
from workbench.engine.native_gguf import read_facts
from workbench.engine.native_log import NativeLog
from workbench.engine.offload import NOWHERE, Placement, needs_of, place
from workbench.engine.protocol import LoadOptions


def placement_for(options: LoadOptions, log: NativeLog) -> Placement:
    """Return where the layers of the model are to go, as the options ask and the memory allows.

    The processor alone where no layers were asked for, there is no GPU, or the file cannot be read,
    which loading it will then explain. Raises EngineError for a KV type that there is not.
    """
    kv_bytes = element_bytes(options.kv_type)
    devices = offload_devices(list_devices()) if options.gpu_layers else ()
    if not devices:
        return NOWHERE
    facts = read_facts(options.path)
    log.clear()
    if facts is None:
        return NOWHERE
    import psutil

    # What the context is going to be made with; its size and threads are of no matter here.
    planned = ContextOptions(
        0,
        0,
        rewinds=True,
        offload=True,
        sequences=max(1, options.sequences),
        draft=options.draft,
    )
    return place(
        needs_of(
            facts,
            options.context,
            kv_bytes,
            rows=planned.rows,
            outputs=planned.outputs,
            sequences=planned.slots,
        ),
        devices,
        psutil.virtual_memory().available,
        layers=options.gpu_layers,
        main=options.main_gpu,
        split=options.tensor_split,
    )


def model_parameters(placement: Placement) -> Any:
    """Return the ``llama_model_params`` that put the layers there."""
    from llama_cpp import llama_cpp

    parameters = llama_cpp.llama_model_default_params()
    parameters.n_gpu_layers = placement.layers
    # Given even when empty: else llama.cpp computes large batches on a GPU that was not asked for.
    pointers = [*(device_pointer(device.index) for device in placement.devices), None]
    devices = (ctypes.c_void_p * len(pointers))(*pointers)
    parameters.devices = ctypes.cast(devices, ctypes.c_void_p)
    split = (ctypes.c_float * max(1, llama_cpp.llama_max_devices()))(*placement.split)
    parameters.tensor_split = ctypes.cast(split, ctypes.POINTER(ctypes.c_float))
    parameters.arrays = devices, split  # alive as long as the parameters
    return parameters


def check_kv(model: Any, kv_type: str) -> None:
    """Refuse with EngineError a KV type that llama.cpp would fail at with this model."""
    from llama_cpp import llama_cpp

    architecture = metadata(model, "general.architecture")
    heads = int(llama_cpp.llama_model_n_head(model))
    head = int(llama_cpp.llama_model_n_embd(model)) // heads if heads else 0
    key, value = (
        int(metadata(model, f"{architecture}.attention.{name}") or head)
        for name in ("key_length", "value_length")
    )
    check_kv_type(kv_type, architecture, key, value)


def layer_count(model: Any) -> int:
    """Count what can be offloaded: the blocks and the output."""
    from llama_cpp import llama_cpp

    extra = llama_cpp.llama_model_n_layer_nextn(model)
    return int(llama_cpp.llama_model_n_layer(model)) + int(extra) + 1


def metadata(model: Any, key: str) -> str:
    """Return a value of the model's metadata as text, empty where there is none."""
    from llama_cpp import llama_cpp

    buffer = ctypes.create_string_buffer(256)
    length = llama_cpp.llama_model_meta_val_str(model, key.encode(), buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace") if length >= 0 else ""
