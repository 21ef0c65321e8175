"""A cluster of two nodes on this machine, each with one CPU and a small store."""

import contextlib
import socket
from pathlib import Path
from typing import Any

from workbench.batch.ray.cluster import LOCAL, imported

STORE = 100 << 20


class Cluster:
    """A head that does no work, and two nodes; this process is connected to it."""

    def __init__(self, folder: Path):
        self.ray = imported(LOCAL)
        from ray.cluster_utils import Cluster as Nodes

        self.home = folder / "nodes"
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.address = f"ray://127.0.0.1:{port}"
        self._nodes = Nodes(
            initialize_head=True,
            head_node_args={
                "num_cpus": 0,
                "object_store_memory": STORE,
                "include_dashboard": False,
                "temp_dir": str(folder / "t"),
                "ray_client_server_port": port,
            },
        )
        self.workers: list[Any] = []
        self.restore()
        self.ray.init(address=self._nodes.address, log_to_driver=False, configure_logging=False)

    def restore(self) -> None:
        """Have two nodes again."""
        while len(self.workers) < 2:
            self.workers.append(self._nodes.add_node(num_cpus=1, object_store_memory=STORE))

    def kill(self) -> None:
        """Kill a node with all that runs on it, as a power cut would."""
        self._nodes.remove_node(self.workers.pop(0), allow_graceful=False)

    def close(self) -> None:
        """End everything."""
        self.ray.shutdown()
        with contextlib.suppress(Exception):
            self._nodes.shutdown()
