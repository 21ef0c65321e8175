"""What this build of llama.cpp says of devices and buffers, and which KV types a model can have."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_gguf import Tiny, write

from workbench.engine.about import native_report
from workbench.engine.devices import CPU, list_backends, list_devices
from workbench.engine.kv_types import check_kv_type, element_bytes, ggml_type
from workbench.engine.native_gguf import read_facts
from workbench.engine.native_log import NativeLog, buffer_size
from workbench.engine.offload import NOWHERE
from workbench.engine.placement import check_kv, layer_count, metadata, model_parameters
from workbench.engine.protocol import KV_TYPES
from workbench.errors import EngineError

MIB = 1 << 20


def test_the_processor_is_a_device_with_the_machines_memory() -> None:
    import psutil

    [processor] = [device for device in list_devices() if device.kind == CPU]
    assert processor.name == processor.backend == "CPU"
    assert processor.description
    assert abs(processor.memory_total - psutil.virtual_memory().total) < 256 * MIB
    assert 0 < processor.memory_free <= processor.memory_total
    assert "CPU" in list_backends()
    assert [device.index for device in list_devices()] == list(range(len(list_devices())))


def test_the_report_of_the_child_names_the_same_devices() -> None:
    report = native_report()
    assert not report.error
    assert [device.name for device in report.devices] == [d.name for d in list_devices()]
    assert report.backends == list_backends()
    assert report.gpu_offload == any(device.kind != CPU for device in report.offload_devices)


# The processor's lines come from runs; those of cards have the same formats (src/llama-*.cpp).
@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("load_tensors:   CPU_Mapped model buffer size =   462.96 MiB", "CPU_Mapped model 462.96"),
        ("load_tensors:   CPU_REPACK model buffer size =    28.05 MiB", "CPU_REPACK model 28.05"),
        ("llama_context:        CPU  output buffer size =     2.32 MiB", "CPU output 2.32"),
        ("llama_kv_cache:        CPU KV buffer size =    96.00 MiB", "CPU KV 96.00"),
        ("sched_reserve:        CPU compute buffer size =    43.51 MiB", "CPU compute 43.51"),
        ("llama_memory_recurrent:        CPU RS buffer size =     0.07 MiB", "CPU RS 0.07"),
        ("load_tensors:        CUDA0 model buffer size =  5434.38 MiB", "CUDA0 model 5434.38"),
        ("llama_kv_cache:      CUDA0 KV buffer size =  1024.00 MiB", "CUDA0 KV 1024.00"),
        ("sched_reserve:  CUDA_Host compute buffer size =    16.01 MiB", "CUDA_Host compute 16.01"),
        ("llama_adapter_lora_init_impl:   CPU LoRA buffer size =   8.25 MiB", "CPU LoRA 8.25"),
        ("init:   CPU DSV4 csa state buffer size =     2.00 MiB", "CPU state 2.00"),
    ],
)
def test_the_size_of_a_buffer_is_read(line: str, told: str) -> None:
    backend, kind, mib = told.split()
    assert buffer_size(line + "\n") == (backend, kind, round(float(mib) * MIB))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "~llama_context:        CPU compute buffer size is  43.5117 MiB, matches expectation of",
        "llama_kv_cache: size =   96.00 MiB (  8192 cells,  24 layers,  1/1 seqs)",
        "load_tensors:   CPU_Mapped model buffer size =   nothing MiB",
        "load_tensors:   CPU model buffer size = . MiB",
        "a line about a CPU model buffer size =    1.00 MiB",
    ],
)
def test_other_lines_tell_no_size(line: str) -> None:
    assert buffer_size(line) is None


@given(st.text())
def test_no_line_breaks_the_log(text: str) -> None:
    log = NativeLog()
    log._receive(2, (text + " buffer size = " + text).encode("utf-8", "surrogatepass"), None)
    log._receive(4, b"\xff" + text.encode("utf-8", "surrogatepass"), None)
    assert log.buffer_bytes("KV", "compute", "model") >= 0


def test_caches_add_up_and_room_for_computing_is_told_again() -> None:
    log = NativeLog()
    for line in (
        b"llama_kv_cache:        CPU KV buffer size =    10.00 MiB\n",
        b"llama_kv_cache:        CPU KV buffer size =     6.00 MiB\n",
        b"llama_kv_cache:      CUDA0 KV buffer size =     4.00 MiB\n",
        b"sched_reserve:        CPU compute buffer size =    30.00 MiB\n",
        b"sched_reserve:        CPU compute buffer size =    32.00 MiB\n",
        b"sched_reserve:      CUDA0 compute buffer size =     8.00 MiB\n",
    ):
        log._receive(2, line, None)
    assert log.buffer_bytes("KV", "RS") == 20 * MIB
    assert log.buffer_bytes("compute", "output") == 40 * MIB
    log.clear()
    assert log.buffer_bytes("KV", "compute") == 0


@pytest.mark.parametrize(
    ("line", "short"),
    [
        (b"ggml_backend_cuda_buffer_type_alloc_buffer: allocating 512.00 MiB on device 0", True),
        (b"llama_model_load: error loading model: unable to allocate CUDA0 buffer", True),
        (b"llama_init_from_model: failed to allocate compute pp buffers", True),
        (b"llama_model_load: error loading model: unable to allocate Vulkan0 buffer", True),
        (b"x: failed to allocate Metal buffer of 1073741824 bytes (out of memory)", True),
        (b"llama_model_load: error loading model: unknown model architecture: 'x'", False),
    ],
)
def test_an_error_about_memory_is_known_as_one(line: bytes, short: bool) -> None:
    log = NativeLog()
    assert not log.short_of_memory
    log._receive(2, line, None)
    assert not log.short_of_memory
    log._receive(4, line, None)
    assert log.short_of_memory is short
    log.clear()
    assert not log.short_of_memory


def test_every_kv_type_of_the_protocol_is_known_to_llama_cpp() -> None:
    from llama_cpp import llama_cpp

    assert [ggml_type(name) for name in KV_TYPES] == [
        llama_cpp.GGML_TYPE_F16,
        llama_cpp.GGML_TYPE_Q8_0,
        llama_cpp.GGML_TYPE_Q4_0,
    ]
    assert [float(element_bytes(name)) for name in KV_TYPES] == [2.0, 1.0625, 0.5625]
    with pytest.raises(EngineError, match="no KV type 'q5_9'"):
        ggml_type("q5_9")


def test_a_kv_type_that_the_model_cannot_have_is_refused_with_what_to_do() -> None:
    check_kv_type("f16", "grok", 80, 80)
    check_kv_type("q8_0", "qwen3", 128, 128)
    check_kv_type("q4_0", "mamba", 0, 0)
    for kv_type, architecture, key, value, said in (
        ("q8_0", "grok", 128, 128, "flash attention"),
        ("q8_0", "phi2", 80, 80, "multiple of 32 numbers; this model's have 80"),
        ("q4_0", "x", 128, 72, "have 72"),
    ):
        with pytest.raises(EngineError, match=said) as refused:
            check_kv_type(kv_type, architecture, key, value)
        assert refused.value.fix


@pytest.mark.parametrize("heads", [32, 16])
def test_llama_cpp_fails_where_a_kv_type_is_refused_and_only_there(
    tmp_path: Path, heads: int
) -> None:
    """Heads of 32 numbers can be quantized, heads of 16 cannot."""
    import ctypes

    from llama_cpp import llama_cpp

    log = NativeLog()
    log.capture()
    path = write(tmp_path / "模型.gguf", Tiny(context=256))
    facts = read_facts(str(path))
    assert facts is not None
    assert facts.number("qwen2.attention.head_count") == 2
    data = path.read_bytes()
    for key in (b"qwen2.attention.head_count", b"qwen2.attention.head_count_kv"):
        at = data.index(key + (4).to_bytes(4, "little")) + len(key) + 4
        data = data[:at] + (64 // heads).to_bytes(4, "little") + data[at + 4 :]
    path.write_bytes(data)
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), model_parameters(NOWHERE))
    assert model, log.reason()
    try:
        assert metadata(model, "general.architecture") == "qwen2"
        assert metadata(model, "no.such.key") == ""
        assert layer_count(model) == 3
        parameters = llama_cpp.llama_context_default_params()
        parameters.n_ctx = 256
        parameters.type_k = parameters.type_v = ctypes.c_int(ggml_type("q8_0"))
        context = llama_cpp.llama_init_from_model(model, parameters)
        assert bool(context) == (heads == 32)
        if context:
            check_kv(model, "q8_0")
            cells = 256 * 2 * 64 * 2  # tokens, layers, numbers, keys and values
            # The log has two digits behind the point.
            assert abs(log.buffer_bytes("KV") - cells * element_bytes("q8_0")) <= 0.005 * MIB
            llama_cpp.llama_free(context)
        else:
            with pytest.raises(EngineError, match="have 16"):
                check_kv(model, "q8_0")
        check_kv(model, "f16")
    finally:
        llama_cpp.llama_model_free(model)
