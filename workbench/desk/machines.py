"""The machine models are run on: its memory, its cores, the GPUs that llama.cpp finds."""

from functools import cache

from workbench.desk.model_setup import Machine
from workbench.engine.about import NativeReport, native_report


@cache
def report() -> NativeReport:
    """Return what llama.cpp says of this machine; it is asked once, in a process of its own."""
    return native_report()


def this_machine() -> Machine:
    """Return what there is now; the first time this takes a second or so."""
    import psutil

    from workbench.catalog.fit import available_memory

    gpus = tuple(card.description for card in report().offload_devices)
    return Machine(available_memory(), psutil.cpu_count(logical=False) or 1, gpus)
