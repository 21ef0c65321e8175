"""What doctor says of cards, for machines that are not this one."""

import pytest

from workbench.cli.doctor import offload
from workbench.engine.about import NativeReport
from workbench.engine.devices import CPU, GPU, IGPU, Device

PROCESSOR = Device(0, "CPU", "AMD EPYC", CPU, "CPU", 16 << 30, 16 << 30)


def report(*devices: Device, backends: tuple[str, ...] = ("CPU",), error: str = "") -> NativeReport:
    return NativeReport(backends=backends, devices=(PROCESSOR, *devices), error=error)


def test_each_card_is_named_with_its_memory() -> None:
    cards = (
        Device(1, "CUDA0", "NVIDIA GeForce RTX 4090", GPU, "CUDA", 23_500_000_000, 25_300_000_000),
        Device(2, "CUDA1", "NVIDIA GeForce RTX 3060", GPU, "CUDA", 900_000_000, 12_600_000_000),
    )
    assert offload(report(*cards), "linux") == (
        "NVIDIA GeForce RTX 4090 (CUDA0), 23.50 GB of 25.30 GB free; "
        "NVIDIA GeForce RTX 3060 (CUDA1), 900 MB of 12.60 GB free"
    )
    integrated = Device(
        3, "Vulkan0", "Intel Iris Xe", IGPU, "Vulkan", 8_000_000_000, 16_000_000_000
    )
    assert "Iris" not in offload(report(*cards, integrated), "linux")
    assert "Iris" in offload(report(integrated), "linux")


@pytest.mark.parametrize(
    ("backends", "platform", "said"),
    [
        (("CPU",), "linux", "-DGGML_CUDA=on"),
        (("CPU", "BLAS"), "linux", "-DGGML_VULKAN=on"),
        (("CPU",), "darwin", "Metal by default"),
        (("CUDA", "CPU"), "linux", "this build has CUDA but found no card"),
        (("Vulkan", "BLAS", "CPU"), "linux", "this build has Vulkan but found no card"),
    ],
)
def test_without_a_card_it_says_why_and_what_to_do(
    backends: tuple[str, ...], platform: str, said: str
) -> None:
    line = offload(report(backends=backends), platform)
    assert line.startswith("none: ")
    assert said in line
    assert "docs/gpu.md" in line


def test_a_build_that_does_not_load_says_nothing_of_cards() -> None:
    assert offload(NativeReport(error="signal 4"), "linux") == "unknown"
