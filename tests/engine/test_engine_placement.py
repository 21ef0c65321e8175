"""How loading keeps to what fits, with what stands in for a GPU where there is none."""

from pathlib import Path
from typing import Any

import pytest
from tiny_gguf import Tiny, write

from workbench.engine import loading, placement
from workbench.engine.devices import CPU, GPU, Device, list_devices
from workbench.engine.interrupts import Interrupts
from workbench.engine.native_log import NativeLog
from workbench.engine.offload import NOWHERE, Placement
from workbench.engine.placement import model_parameters, placement_for
from workbench.engine.protocol import LoadOptions
from workbench.errors import Cancelled, EngineError

GIB = 1 << 30
CARD = Device(0, "CUDA0", "a card", GPU, "CUDA", 8 * GIB, 8 * GIB)
NO_ROOM = b"ggml_backend_cuda_buffer_type_alloc_buffer: cudaMalloc failed: out of memory\n"


class Tries:
    """Stands in for one try to load: fails until so few layers are left."""

    def __init__(self, log: NativeLog, fits: int, line: bytes = NO_ROOM):
        self.log, self.fits, self.line = log, fits, line
        self.layers: list[int] = []

    def __call__(self, _options: LoadOptions, where: Placement, *_rest: Any) -> str:
        self.layers.append(where.layers)
        assert not self.log.short_of_memory, "what failed before must be forgotten"
        if where.layers > self.fits:
            self.log._receive(4, self.line, None)
            raise EngineError("no room", path="model.gguf", fix="as before")
        return "loaded"


def attempt(monkeypatch: pytest.MonkeyPatch, path: Path, tries: Tries, asked: int) -> Any:
    where = Placement(37 if asked < 0 else asked, (CARD,))
    monkeypatch.setattr(loading, "placement_for", lambda _options, _log: where)
    monkeypatch.setattr(loading, "_load", tries)
    options = LoadOptions(str(path), gpu_layers=asked)
    return loading.load(options, tries.log, Interrupts(), lambda _progress: None)


@pytest.mark.parametrize(
    ("fits", "tried"),
    [(37, [37]), (27, [37, 27]), (10, [37, 27, 20, 15, 11, 8]), (0, [37, 27, 20, 15, 11, 8])],
)
def test_fewer_layers_are_tried_until_the_memory_is_enough(
    monkeypatch: pytest.MonkeyPatch, random_file: Path, fits: int, tried: list[int]
) -> None:
    tries = Tries(NativeLog(), fits)
    assert attempt(monkeypatch, random_file, tries, -1) == "loaded"
    assert tries.layers[: len(tried)] == tried
    assert tries.layers[-1] <= fits


def test_a_number_of_layers_that_was_asked_for_is_not_lowered_in_silence(
    monkeypatch: pytest.MonkeyPatch, random_file: Path
) -> None:
    tries = Tries(NativeLog(), 10)
    with pytest.raises(EngineError, match="no room") as refused:
        attempt(monkeypatch, random_file, tries, 20)
    assert tries.layers == [20]
    assert refused.value.fix is not None
    assert "gpu_layers" in refused.value.fix


def test_a_file_that_is_no_model_is_tried_once(
    monkeypatch: pytest.MonkeyPatch, random_file: Path
) -> None:
    tries = Tries(NativeLog(), 0, b"llama_model_load: unknown model architecture: 'x'\n")
    with pytest.raises(EngineError) as refused:
        attempt(monkeypatch, random_file, tries, -1)
    assert tries.layers == [37]
    assert refused.value.fix == "as before"


def test_stopping_ends_the_tries(monkeypatch: pytest.MonkeyPatch, random_file: Path) -> None:
    tries = Tries(NativeLog(), 0)

    def stop(*arguments: Any) -> str:
        tries.layers.append(0)
        raise Cancelled("够了")

    monkeypatch.setattr(loading, "placement_for", lambda _options, _log: Placement(37, (CARD,)))
    monkeypatch.setattr(loading, "_load", stop)
    with pytest.raises(Cancelled):
        loading.load(LoadOptions(str(random_file)), tries.log, Interrupts(), lambda _progress: None)
    assert tries.layers == [0]


@pytest.mark.parametrize(
    ("free", "options", "layers"),
    [
        (8 * GIB, {}, 3),
        (8 * GIB, {"gpu_layers": 0}, 0),
        (8 * GIB, {"gpu_layers": 1}, 1),
        (0, {}, 0),
        # 4096 tokens of this model's KV in f16 are 1 MiB a layer; computing takes 26.
        ((1024 + 30) << 20, {}, 3),
        ((1024 + 28) << 20, {}, 2),
        ((1024 + 27) << 20, {}, 1),
        ((1024 + 26) << 20, {}, 0),
        ((1024 + 28) << 20, {"kv_type": "q4_0"}, 3),
        ((1024 + 28) << 20, {"context": 512}, 3),
    ],
)
def test_what_fits_is_computed_from_file_options_and_devices(
    monkeypatch: pytest.MonkeyPatch,
    random_file: Path,
    free: int,
    options: dict[str, Any],
    layers: int,
) -> None:
    card = Device(0, "CUDA0", "a card", GPU, "CUDA", free, 8 * GIB)
    monkeypatch.setattr(placement, "list_devices", lambda: (card,))
    found = placement_for(LoadOptions(str(random_file), **options), NativeLog())
    assert found.layers == layers


def test_without_a_gpu_or_a_readable_file_the_processor_computes(
    monkeypatch: pytest.MonkeyPatch, random_file: Path, tmp_path: Path
) -> None:
    log = NativeLog()
    log.capture()
    processors = tuple(device for device in list_devices() if device.kind == CPU)
    monkeypatch.setattr(placement, "list_devices", lambda: processors)
    assert placement_for(LoadOptions(str(random_file), gpu_layers=20), log) == NOWHERE
    monkeypatch.setattr(placement, "list_devices", lambda: (*processors, CARD))
    assert placement_for(LoadOptions(str(tmp_path / "没有.gguf")), log) == NOWHERE
    assert log.reason() == ""
    with pytest.raises(EngineError, match="no KV type"):
        placement_for(LoadOptions(str(random_file), kv_type="f8"), log)


def test_llama_cpp_takes_the_devices_and_their_shares(tmp_path: Path) -> None:
    """The processor poses as two devices: the way of the parameters is that of cards."""
    from llama_cpp import llama_cpp

    log = NativeLog()
    lines: list[str] = []
    log.capture()
    path = write(tmp_path / "模型.gguf", Tiny(layers=5))

    @llama_cpp.llama_log_callback
    def listen(_level: int, text: bytes, _data: Any) -> None:
        lines.append(text.decode("utf-8", "replace"))

    [processor] = [device for device in list_devices() if device.kind == CPU]
    llama_cpp.llama_log_set(listen, None)
    try:
        for where in (NOWHERE, Placement(4, (processor, processor), (1.0, 3.0))):
            lines.clear()
            model = llama_cpp.llama_model_load_from_file(
                str(path).encode(), model_parameters(where)
            )
            assert model
            llama_cpp.llama_model_free(model)
            used = [line for line in lines if "using device CPU" in line]
            assert len(used) == len(where.devices)
    finally:
        log.capture()
