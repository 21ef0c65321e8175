"""What llama.cpp can compute on: the devices of ggml's backends, and which of them get layers."""

from collections.abc import Iterable
from dataclasses import dataclass

CPU, GPU, IGPU, ACCELERATOR = "CPU", "GPU", "iGPU", "ACCEL"
_KINDS = (CPU, GPU, IGPU, ACCELERATOR, "META")  # enum ggml_backend_dev_type of ggml-backend.h
_ROOM = 256


@dataclass(frozen=True, slots=True)
class Device:
    """A device of a backend of ggml.

    ``index`` is its number in ggml's list. ``kind`` is ``CPU``, ``GPU`` (memory of its own, or
    Metal), ``iGPU`` (shares the machine's memory) or ``ACCEL`` (helps the CPU, such as BLAS).
    The bytes are what the driver says now; both are 0 where it says nothing. ``identity`` is the
    bus address, by which two backends' views of one card are known, empty where unknown.
    """

    index: int
    name: str
    description: str
    kind: str
    backend: str
    memory_free: int
    memory_total: int
    identity: str = ""


def list_devices() -> tuple[Device, ...]:
    """Return all devices, the processor among them; empty where this build does not tell.

    Loads llama.cpp: in the child only.
    """
    try:
        return _list_devices()
    except AttributeError:
        return ()


def _list_devices() -> tuple[Device, ...]:
    import ctypes

    from llama_cpp import llama_cpp

    from workbench.engine.ggml_library import Pointer, function, text

    class Properties(ctypes.Structure):
        """ggml_backend_dev_props, and room for what a later version appends."""

        _fields_ = (
            ("name", ctypes.c_char_p),
            ("description", ctypes.c_char_p),
            ("memory_free", ctypes.c_size_t),
            ("memory_total", ctypes.c_size_t),
            ("type", ctypes.c_int),
            ("device_id", ctypes.c_char_p),
            ("room", ctypes.c_char * _ROOM),
        )

    # Loads the backends that are libraries of their own, where nothing has loaded them yet.
    llama_cpp.llama_backend_init()
    count = function("ggml_backend_dev_count", ctypes.c_size_t, [])
    properties_of = function(
        "ggml_backend_dev_get_props", None, [Pointer, ctypes.POINTER(Properties)]
    )
    backend_of = function("ggml_backend_dev_backend_reg", Pointer, [Pointer])
    name_of = function("ggml_backend_reg_name", ctypes.c_char_p, [Pointer])
    found = []
    for index in range(count()):
        pointer = device_pointer(index)
        properties = Properties()
        properties_of(pointer, ctypes.byref(properties))
        found.append(
            Device(
                index,
                text(properties.name),
                text(properties.description).strip(),
                _KINDS[properties.type] if properties.type < len(_KINDS) else str(properties.type),
                text(name_of(backend_of(pointer))),
                int(properties.memory_free),
                int(properties.memory_total),
                text(properties.device_id),
            )
        )
    return tuple(found)


def device_pointer(index: int) -> int:
    """Return ggml's pointer to the device of this number, as an address."""
    import ctypes

    from workbench.engine.ggml_library import Pointer, function

    return int(function("ggml_backend_dev_get", Pointer, [ctypes.c_size_t])(index) or 0)


def list_backends() -> tuple[str, ...]:
    """Return the names of the backends, those without a device too; as ``list_devices``."""
    import ctypes

    from llama_cpp import llama_cpp

    from workbench.engine.ggml_library import Pointer, function, text

    llama_cpp.llama_backend_init()
    try:
        count = function("ggml_backend_reg_count", ctypes.c_size_t, [])
        get = function("ggml_backend_reg_get", Pointer, [ctypes.c_size_t])
        name_of = function("ggml_backend_reg_name", ctypes.c_char_p, [Pointer])
    except AttributeError:
        return ()
    return tuple(text(name_of(get(index))) for index in range(count()))


def offload_devices(devices: Iterable[Device]) -> tuple[Device, ...]:
    """Return the devices that layers can be put on, in llama.cpp's own order.

    As ``llama_prepare_model_devices`` (src/llama.cpp) chooses: every GPU once, by its bus address;
    integrated ones, of one backend, only where there is no other. Devices behind a network are
    left out: nothing leaves the machine.
    """
    seen: set[str] = set()
    gpus: list[Device] = []
    integrated: list[Device] = []
    for device in devices:
        if device.backend == "RPC":
            continue
        if device.kind == GPU and not (device.identity and device.identity in seen):
            seen.add(device.identity)
            gpus.append(device)
        elif device.kind == IGPU and (not integrated or integrated[-1].backend == device.backend):
            integrated.append(device)
    return tuple(gpus or integrated)
