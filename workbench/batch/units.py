"""From what a job names to what is done one after the other: an article file, or a comparison."""

import csv
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from workbench.articles.inputs.find import InputFile
from workbench.batch.grouping import grouped
from workbench.batch.job import Job
from workbench.errors import UsageError
from workbench.i18n import _
from workbench.store.library import Library
from workbench.tasks.compare.task import MOST
from workbench.tasks.intake import Intake, Item

Member = TypeVar("Member")
_BYTES_A_CHARACTER = 3
_LEAST = 200
"""Bytes that the smallest article counts for: asking about it takes its time too."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is read together: the articles of one file, or those of one comparison.

    ``together``: they are compared, not each done alone. ``weight`` is about how many bytes they
    have. ``error`` says why there is nothing to read.
    """

    items: tuple[Item, ...]
    weight: int
    name: str = ""
    together: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Units:
    """What a job comes to, in the order it is to be done."""

    units: tuple[Unit, ...]
    notices: tuple[str, ...] = ()


def units_of(job: Job) -> Units:
    """Look up what a job names; errors of single inputs become units that say so."""
    if job.pairs:
        return _pairs(job)
    intake = Intake(job.inputs, job.read_options())
    notices = list(intake.notices)
    items = _without_own(intake.items, job, notices)
    weights = _weights(items)
    broken = [_broken(str(error.path), str(error)) for error in intake.errors]
    if job.task != "compare":
        alone = [Unit((item,), weight) for item, weight in zip(items, weights, strict=True)]
        return Units((*broken, *_ordered(alone, job)), tuple(notices))
    by_item = dict(zip(items, weights, strict=True))
    groups, single = grouped(items, job.group_by, job.read_options())
    if single:
        notices.append(
            _("{count} articles share nothing with another one and are not compared").format(
                count=single
            )
        )
    together = [
        Unit(tuple(some), sum(by_item[one] for one in some), name, together=True)
        for name, members in groups
        for some in evenly(members)
    ]
    if not together and not broken:
        raise UsageError(
            _("no two of the articles belong together by {what}").format(what=job.group_by),
            fix=_("Name other articles, or give --pairs FILE."),
        )
    return Units((*broken, *_ordered(together, job)), tuple(notices))


def _without_own(items: Sequence[Item], job: Job, notices: list[str]) -> Sequence[Item]:
    """Leave out what the batch itself wrote, where its folder lies in one of the inputs."""
    own = os.path.join(os.path.realpath(os.path.expanduser(job.output)), "")  # noqa: PTH111, PTH118
    folders: dict[str, bool] = {}

    def is_own(item: Item) -> bool:
        if isinstance(item, int) or item.standard_input:
            return False
        folder = os.path.dirname(item.location)  # noqa: PTH120
        if folder not in folders:
            folders[folder] = os.path.join(os.path.realpath(folder or "."), "").startswith(own)  # noqa: PTH118
        return folders[folder]

    kept = [item for item in items if not is_own(item)]
    if len(kept) < len(items):
        notices.append(
            _("{count} files in {folder} are of this batch and are no articles").format(
                count=len(items) - len(kept), folder=job.output
            )
        )
    return kept


def evenly(members: Sequence[Member], most: int = MOST) -> Iterator[Sequence[Member]]:
    """Divide members into as few parts of about one size as can be compared."""
    parts = -(-len(members) // most)
    for part in range(parts):
        yield members[part * len(members) // parts : (part + 1) * len(members) // parts]


def location_of(item: Item) -> bytes:
    """Return what an item is called in a ledger."""
    return f"library:#{item}".encode() if isinstance(item, int) else os.fsencode(item.location)


def name_of(item: Item) -> str:
    """Return what an item is called before a user."""
    return f"library:#{item}" if isinstance(item, int) else item.location


def _pairs(job: Job) -> Units:
    path = Path(job.pairs).expanduser()
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UsageError(
            _("cannot be read: {reason}").format(reason=error.strerror or error), path=path
        ) from None
    except UnicodeDecodeError:
        raise UsageError(_("is not UTF-8"), path=path) from None
    units = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        names = next(csv.reader([line], delimiter="\t" if "\t" in line else ","))
        names = [name.strip() for name in names if name.strip()]
        if not 2 <= len(names) <= MOST:
            raise UsageError(
                _("line {line}: {count} names, but 2 to {most} articles are compared").format(
                    line=number, count=len(names), most=MOST
                ),
                path=path,
                fix=_("Write the names of a comparison in one line, with tabs or commas between."),
            )
        units.append(_compared(names, path.parent, f"{path.name}:{number}", job))
    if not units:
        raise UsageError(_("holds no pair"), path=path, fix=_("Write two names in a line."))
    return Units(tuple(_ordered(units, job)))


def _compared(names: Sequence[str], folder: Path, name: str, job: Job) -> Unit:
    items: list[Item] = []
    for one in names:
        beside = folder / one
        intake = Intake([str(beside) if os.path.lexists(beside) else one], job.read_options())
        if intake.errors:
            return _broken(name, str(intake.errors[0]))
        items += intake.items
    return Unit(tuple(items), sum(_weights(items)), name, together=True)


def _broken(name: str, error: str) -> Unit:
    return Unit((), _LEAST, name, error=error)


def _weights(items: Sequence[Item]) -> list[int]:
    sizes: dict[int, int] = {}
    if any(isinstance(item, int) for item in items):
        with Library.open(readonly=True) as library, library.reading() as connection:
            sizes = dict(connection.execute("SELECT id, characters FROM articles"))
    return [
        max(_LEAST, sizes.get(item, 0) * _BYTES_A_CHARACTER)
        if isinstance(item, int)
        else max(_LEAST, _stat(item)[0])
        for item in items
    ]


def _stat(item: InputFile) -> tuple[int, int]:
    try:
        found = os.stat(item.location)  # noqa: PTH116 - 60,000 Path objects are slow
    except (OSError, ValueError):
        return 0, 0
    return found.st_size, found.st_mtime_ns


def _ordered(units: list[Unit], job: Job) -> list[Unit]:
    """Put units in the order asked for; those that are equal in it stay as they were found."""
    if job.order in ("shortest", "longest"):
        return sorted(units, key=lambda one: one.weight, reverse=job.order == "longest")
    if job.order in ("newest", "oldest"):
        return sorted(units, key=_time, reverse=job.order == "newest")
    if job.order == "shuffled":
        units = list(units)
        random.Random(job.in_settings().seed).shuffle(units)  # noqa: S311 - no secret
    return units


def _time(unit: Unit) -> int:
    """Return when the newest file was changed; articles of a library are as new as their number."""
    return max(
        (item if isinstance(item, int) else _stat(item)[1] for item in unit.items), default=0
    )
