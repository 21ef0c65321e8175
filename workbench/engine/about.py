"""What the installed llama.cpp says of itself, asked in a process of its own.

The library is never loaded into the program: a build for another processor kills the process that
loads it.
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass

from workbench.engine.devices import Device, list_backends, list_devices, offload_devices
from workbench.offline import forbid_network

_SECONDS = 60


@dataclass(frozen=True, slots=True)
class NativeReport:
    """The build of llama.cpp; ``error`` says why it does not load, empty where it does.

    ``backends`` are those built in or loaded, with or without a device; ``devices`` what they
    found, the processor among them. ``gpu_offload``: layers can be put on one of them.
    """

    version: str = ""
    features: tuple[str, ...] = ()
    gpu_offload: bool = False
    backends: tuple[str, ...] = ()
    devices: tuple[Device, ...] = ()
    error: str = ""

    @property
    def offload_devices(self) -> tuple[Device, ...]:
        """Return the devices that layers can be put on."""
        return offload_devices(self.devices)


def native_report() -> NativeReport:
    """Load llama.cpp in a child process and return what it reports."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "workbench.engine.about"],
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode < 0:
            return NativeReport(error=f"signal {-done.returncode}")
        lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
        found = json.loads(lines[-1])
        return NativeReport(
            **{
                **found,
                "features": tuple(found["features"]),
                "backends": tuple(found["backends"]),
                "devices": tuple(Device(**device) for device in found["devices"]),
            }
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return NativeReport(error=str(error))
    except (IndexError, ValueError, KeyError, TypeError):
        tail = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return NativeReport(error=tail[-1] if tail else f"exit status {done.returncode}")


def _report() -> NativeReport:
    try:
        import llama_cpp
    except (ImportError, OSError, RuntimeError) as error:
        return NativeReport(error=str(error))
    text = llama_cpp.llama_print_system_info().decode("utf-8", "replace")
    features = [
        item.split(" = ")[0].split(" : ")[-1].strip() for item in text.split("|") if " = 1" in item
    ]
    devices = list_devices()
    return NativeReport(
        version=llama_cpp.__version__,
        features=tuple(features),
        gpu_offload=bool(offload_devices(devices)),
        backends=list_backends(),
        devices=devices,
    )


if __name__ == "__main__":
    forbid_network()
    print(json.dumps(asdict(_report())))
