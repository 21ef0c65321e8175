"""Models by templates over a dataset: what is to be done, in which order, and doing it.

A model is loaded once, and all that is asked about an article follows one after the other, so that
the model reads it once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from workbench.engine.protocol import Engine
from workbench.errors import Cancelled, WorkbenchError
from workbench.evaluation.arms import Arm
from workbench.evaluation.items import Dataset, Item
from workbench.evaluation.ledger import Ledger, key_of
from workbench.evaluation.ways import Way
from workbench.i18n import _
from workbench.tasks.events import TaskEvent
from workbench.tasks.result import ModelIdentity


class Runner(Protocol):
    """A model that can be loaded: what the matrix needs of a session."""

    @property
    def model(self) -> ModelIdentity:
        """Return which model it is."""

    @property
    def engine(self) -> Engine:
        """Return the engine, loading the model at first; EngineError where it cannot be."""

    @property
    def usable(self) -> bool:
        """Say whether the model could be loaded."""

    def close(self) -> None:
        """End the engine."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of work."""

    item: Item
    way: Way
    arm: Arm


class Watcher(Protocol):
    """What hears of the work as it goes."""

    def begins(self, piece: Piece) -> None:
        """Hear that a piece begins."""

    def event(self, event: TaskEvent) -> None:
        """Hear what a task reports."""

    def ended(self, piece: Piece, error: str) -> None:
        """Hear that a piece is over; ``error`` is empty where it is done."""


def pieces(model: ModelIdentity, ways: Sequence[Way], dataset: Dataset) -> list[Piece]:
    """Return all that a model is to do: article by article, template by template."""
    arms = [(way, way.arm(model)) for way in ways]
    by_article: dict[str, list[Piece]] = {}
    for way, arm in arms:
        for item in dataset.of_kind(way.kind):
            by_article.setdefault(item.group, []).append(Piece(item, way, arm))
    return [piece for group in by_article.values() for piece in group]


def outstanding(work: Sequence[Piece], ledger: Ledger) -> list[Piece]:
    """Return what of the work is not done yet; each output is made once, whoever names it twice."""
    found: dict[str, Piece] = {}
    for piece in work:
        key = key_of(piece.item, piece.arm)
        if not ledger.done(key):
            found.setdefault(key, piece)
    return list(found.values())


def run(work: Sequence[tuple[Runner, Sequence[Piece]]], ledger: Ledger, watcher: Watcher) -> int:
    """Do what is not done yet and keep it; return how many pieces failed.

    What fails is kept as failed and the rest goes on; only a disk that takes no more, and the user,
    end it. A model is not loaded where nothing of it is outstanding, nor tried again in this run
    where it cannot be loaded.
    """
    failed = 0
    for runner, planned in work:
        unusable = ""
        try:
            for piece in outstanding(planned, ledger):
                watcher.begins(piece)
                error = unusable or _do(piece, runner, ledger, watcher)
                if error:
                    ledger.add(piece.item, piece.arm, None, error=error)
                    failed += 1
                    unusable = "" if runner.usable else error
                watcher.ended(piece, error)
        finally:
            runner.close()
    return failed


def _do(piece: Piece, runner: Runner, ledger: Ledger, watcher: Watcher) -> str:
    """Do a piece and keep its output; return what went wrong, empty where nothing did."""
    try:
        output, result = piece.way.timed(piece.item, runner.engine, runner.model, watcher.event)
    except Cancelled:
        raise
    except WorkbenchError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - one item must not end a night's work
        return _("unexpected error: {kind}: {error}").format(kind=type(error).__name__, error=error)
    ledger.add(piece.item, piece.arm, output, result=result)
    return ""
