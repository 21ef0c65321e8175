"""An engine on a node: does what is asked about the articles it is sent, and says how it went."""

import pickle
import socket
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from workbench import __version__
from workbench.batch.posts import MOST_THREADS
from workbench.batch.ray.files import found_or_fetched
from workbench.batch.ray.parcels import BROKEN, DONE, ENGINE, FAILED, LEFT, Ending, Orders, Parcel
from workbench.batch.workers import described
from workbench.errors import Cancelled, EngineError, WorkbenchError
from workbench.i18n import _
from workbench.offline import forbid_network
from workbench.tasks.session import Session
from workbench.tasks.work import perform

COLUMN = "parcel"
_REST = 3.0
"""Seconds that an engine which cannot work keeps each load, so that others take the rest."""


class NodeEngine:
    """What Ray Data makes once on each place for an engine, and calls with loads.

    ``foreman`` is the actor that speaks to the head. The model is loaded at the first load.
    """

    def __init__(self, orders: Orders, foreman: Any, threads: int):
        forbid_network()
        self._orders = orders
        self._foreman = foreman
        self._threads = threads
        self._session: Session | None = None
        self._node = socket.gethostname()

    def __call__(self, block: Mapping[str, Any]) -> dict[str, Any]:
        """Do the loads of a block; never raises, what went wrong is in the endings."""
        parcels: list[Parcel] = [pickle.loads(one) for one in block[COLUMN]]  # noqa: S301 - ours
        pieces = [(parcel, piece) for parcel in parcels for piece in parcel.pieces]
        try:
            width = self._width()
        except Exception as error:  # noqa: BLE001 - the head has to hear of it
            reason = described(error)
            self._rest()
            endings = [Ending(piece[0], BROKEN, self._node, reason=reason) for _p, piece in pieces]
        else:
            with ThreadPoolExecutor(width) as pool:
                endings = list(pool.map(lambda one: self._ending(*one), pieces))
        packed = np.empty(len(endings), dtype=object)
        packed[:] = [pickle.dumps(ending) for ending in endings]
        return {COLUMN: packed}

    def _width(self) -> int:
        """Return how many pieces are done at once; loads the model at the first call."""
        if self._session is None:
            self._session = self._opened()
        return max(1, min(self._session.engine.model.sequences, MOST_THREADS))

    def _opened(self) -> Session:
        if self._orders.version != __version__:
            raise WorkbenchError(
                _("the node {node} has version {theirs}, not {ours}").format(
                    node=self._node, theirs=__version__, ours=self._orders.version
                ),
                fix=_("Install the same version of the workbench on every node."),
            )
        settings = self._orders.settings
        adapters = [
            f"{found_or_fetched(file, self._part)}={scale:g}"
            for file, scale in self._orders.adapters
        ]
        return Session(
            replace(
                settings,
                model=str(found_or_fetched(self._orders.file, self._part)),
                lora="\n".join(adapters),
                threads=settings.threads or self._threads,
            ),
            mixed=True,
        )

    def _part(self, sha256: str, number: int) -> bytes:
        import ray

        found: bytes = ray.get(self._foreman.part.remote(sha256, number))
        return found

    def _stopped(self) -> bool:
        import ray

        return bool(ray.get(self._foreman.stopped.remote()))

    def _rest(self) -> None:
        until = time.monotonic() + _REST
        while time.monotonic() < until and not self._stopped():
            time.sleep(0.25)

    def _ending(self, parcel: Parcel, piece: tuple[int, Any, Any]) -> Ending:
        number, work, template = piece
        if self._stopped():
            return Ending(number, LEFT, self._node)
        self._foreman.begun.remote(number)
        began = time.monotonic()
        result: dict[str, Any] | None = None
        state, reason = DONE, ""
        try:
            session = self._session
            assert session is not None
            model = self._orders.model
            result = perform(work, parcel.articles, template, session.engine, model).to_json()
        except Cancelled:
            state = LEFT
        except EngineError as error:
            state, reason = ENGINE, str(error)
        except Exception as error:  # noqa: BLE001 - one article must not end a night's work
            state, reason = FAILED, described(error)
        seconds = round(time.monotonic() - began, 3)
        return Ending(number, state, self._node, result, reason, seconds)
