"""Summarise, compare and question Chinese articles with a local open model."""

from typing import Any

__version__ = "0.1.0"
__all__ = ["Batch", "__version__"]


def __getattr__(name: str) -> Any:
    """Import what scripts use when it is first asked for: commands need not wait for it."""
    if name == "Batch":
        # By name, so that no part of the program seems to depend on what stands above it.
        from importlib import import_module

        return import_module("workbench.batch.batch").Batch
    raise AttributeError(name)
