"""To a Ray cluster: one of our own on this machine, or one that the user names."""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from workbench.errors import EngineError, UsageError
from workbench.i18n import _

LOCAL = "ray"
PREFIX = "ray://"
_ATTEMPTS = 3
_SLOW_TO_START = "Initialization failure"
STORE_BYTES = 256 << 20
"""Room for what waits in a local cluster; what is more lies on the disk."""
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
_AT_HOME = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
"""Has Ray hear on the loopback interface only, on Linux too: ``get_node_ip_address`` in its
``_private/services.py`` (2.60); what is given to ``init`` is turned into an address of the network.
"""


def names_cluster(name: str) -> bool:
    """Say whether a name is one of a cluster: ``ray`` or ``ray://HOST:PORT``."""
    return name == LOCAL or (name.startswith(PREFIX) and len(name) > len(PREFIX))


def imported(name: str) -> Any:
    """Return the library, ready for a cluster of that name; UsageError where it is not installed.

    Its reports home are turned off.
    """
    os.environ.update(_QUIET | (_AT_HOME if name == LOCAL else {}))
    try:
        import ray
        import ray.data
    except ImportError:
        raise UsageError(
            _("Ray is not installed"), fix=_("Install it with: pip install 'workbench-zh[ray]'")
        ) from None
    # Importing it sets the level; what matters is told by ourselves.
    logging.getLogger("ray").setLevel(logging.ERROR)
    return ray


@contextmanager
def connected(name: str) -> Iterator[Any]:
    """Give the library, connected, for the length of a ``with``; EngineError where it cannot be.

    A program that has connected itself keeps its connection; ``name`` is then not looked at.
    """
    ray = imported(name)
    if ray.is_initialized():
        yield ray
        return
    try:
        if name == LOCAL:
            _start(ray)
        else:
            _go_to(ray, name)
    except Exception as error:
        raise EngineError(
            _("the cluster {name} cannot be reached: {reason}").format(
                name=name, reason=str(error).splitlines()[0] if str(error) else type(error).__name__
            )
        ) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _go_to(ray: Any, name: str) -> None:
    """Connect to a cluster's client server.

    It starts a server for each client, and gives it 30 seconds (``CHECK_CHANNEL_TIMEOUT_S`` in
    Ray's ``util/client/server/proxier.py``, 2.60): too few on a head that was just installed.
    """
    for attempt in range(_ATTEMPTS):
        try:
            with warnings.catch_warnings(action="ignore"):  # the error says the same
                ray.init(
                    address=name,
                    log_to_driver=False,
                    logging_level=logging.ERROR,
                    configure_logging=False,
                )
            return
        except Exception as error:
            if attempt + 1 == _ATTEMPTS or _SLOW_TO_START not in str(error):
                raise
            ray.shutdown()


def _start(ray: Any) -> None:
    """Start a cluster of one node that hears nobody but this machine."""
    import psutil

    ray.init(
        address="local",
        num_cpus=psutil.cpu_count(logical=False) or os.cpu_count() or 1,
        object_store_memory=STORE_BYTES,
        include_dashboard=False,
        log_to_driver=False,
        configure_logging=False,
    )
