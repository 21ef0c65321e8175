"""Reading ahead: the next articles are decoded and cleaned while the model works on others.

What the ledger knows of a file is believed as long as the file looks the same: its size, the time
of its last change and its number on the disk, as build systems do. It is then not read at all where
nothing is to be done about it.
"""

import fnmatch
import os
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from workbench import __version__
from workbench.articles.document import ReadOptions
from workbench.articles.model import Article
from workbench.batch.assignments import Assignment
from workbench.batch.dispatch import Dispatch, Load, Task
from workbench.batch.ledger import Ledger
from workbench.batch.ledger_rows import Known, Place, Read
from workbench.batch.units import Unit, evenly, location_of, name_of
from workbench.batch.workers import described
from workbench.errors import ArticleError, ArticleNotice, WorkbenchError
from workbench.i18n import _
from workbench.store import marks
from workbench.store.library import Library
from workbench.tasks.intake import Item, reading
from workbench.tasks.keys import digest, fingerprint

_A_UNIT = 1_000_000
"""Places of one unit: no file holds more articles."""
_TOKENS_A_CHARACTER = 0.8
_TOKENS_BESIDE = 700
"""Tokens of an instruction and its answers."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which articles are meant: those with one of ``only`` in name or title, ``limit`` of them."""

    only: tuple[str, ...] = ()
    limit: int = 0

    def fits(self, facts: Mapping[str, Any]) -> bool:
        """Say whether an article is meant."""
        if not self.only:
            return True
        names = [str(facts.get(key) or "") for key in ("path", "part", "title")]
        return any(_matches(name, pattern) for name in names for pattern in self.only)


class Listener:
    """What the reader tells as it goes, in its thread."""

    def notice(self, text: str) -> None:
        """Hear what was left out."""

    def met(self, unit: Unit, weight: float) -> None:
        """Hear that a unit was looked at, and how much work of it was found."""

    def before(self, weight: float, pieces: int) -> None:
        """Hear of pieces that are done already."""

    def unreadable(self, name: str, error: str, weight: float, pieces: int) -> None:
        """Hear of an article that cannot be read."""


@dataclass
class Source:
    """Goes through the units of a run for one model, and hands in what is to be done.

    ``again``: what failed in an earlier run is to be done again. ``changed`` are the names of files
    that changed after they were read, known once ``check`` was called.
    """

    units: Sequence[Unit]
    options: ReadOptions
    asked: Sequence[Assignment]
    run: int
    ledger: Ledger
    dispatch: Dispatch
    listener: Listener
    wanted: Wanted = Wanted()
    again: bool = False
    changed: list[str] = field(default_factory=list)
    failure: Exception | None = None
    _count: int = 0
    _library: Library | None = None
    _read: dict[bytes, str] = field(default_factory=dict)

    def start(self) -> threading.Thread:
        """Begin, in a thread of its own."""
        thread = threading.Thread(target=self._go, name="reading ahead", daemon=True)
        thread.start()
        return thread

    def check(self) -> None:
        """Find out which files changed since they were read."""
        for unit in self.units:
            for item in unit.items:
                signature = self._read.get(location_of(item))
                if signature is not None and signature != self._signature(item):
                    self.changed.append(name_of(item))

    def _go(self) -> None:
        try:
            with reading(self.options) as read:
                for number, unit in enumerate(self.units):
                    if self.dispatch.stopped or self._enough:
                        break
                    self._unit(number, unit, read)
        except Exception as error:  # noqa: BLE001 - the run has to hear of it
            self.failure = error
        finally:
            if self._library is not None:
                self._library.close()
            self.dispatch.close()

    @cached_property
    def _reading(self) -> str:
        """How files are read: what was found in them holds only as long as that is the same."""
        return digest([__version__, repr(self.options)])[:16]

    @property
    def _enough(self) -> bool:
        return bool(self.wanted.limit) and self._count >= self.wanted.limit

    def _unit(
        self, number: int, unit: Unit, read: Callable[[Item], Iterator[Article | ArticleError]]
    ) -> None:
        place = Place(self.run, number * _A_UNIT)
        if unit.error:
            self._unreadable(place, unit, {"path": unit.name}, unit.error)
            self.listener.met(unit, unit.weight)
        elif unit.together:
            self._comparison(place, unit, read)
        elif not self._skipped(place, unit):
            self._articles(place, unit, read)

    def _skipped(self, place: Place, unit: Unit) -> bool:
        """Link what is known of a file, where all of it is done; else it has to be read."""
        item = unit.items[0]
        signature = self._signature(item)
        known = self.ledger.known(location_of(item), signature) if signature else None
        if known is None:
            return False
        meant = [one for one in known if self.wanted.fits(one.facts)]
        if self.wanted.limit:
            meant = meant[: self.wanted.limit - self._count]
        for index, one in enumerate(meant):
            if not self._linked(place, index, one):
                return False
        self._count += len(meant)
        self.listener.met(unit, unit.weight)
        self.listener.before(unit.weight, len(meant) * len(self.asked))
        return True

    def _linked(self, place: Place, index: int, known: Known) -> bool:
        keys = [(one, one.piece([known.fingerprint])) for one in self.asked]
        at = replace(place, number=place.number + index)
        return self.ledger.link_done(at, [known.id], keys, again=self.again)

    def _articles(
        self, place: Place, unit: Unit, read: Callable[[Item], Iterator[Article | ArticleError]]
    ) -> None:
        item = unit.items[0]
        signature = self._signature(item)
        whole, index, found, weight = True, 0, [], 0.0
        for outcome in read(item):
            if self.dispatch.stopped or self._enough:
                whole = False
                break
            if isinstance(outcome, ArticleNotice):
                self.listener.notice(str(outcome))
                continue
            at = replace(place, number=place.number + index)
            if isinstance(outcome, ArticleError):
                whole = False
                facts = {"path": str(outcome.path or name_of(item)), "part": outcome.part}
                if self.wanted.fits(facts):
                    self._count += 1
                    self._unreadable(at, unit, facts, described(outcome))
                    index += 1
                continue
            facts = self._facts(outcome, item)
            if not self.wanted.fits(facts):
                whole = False
                continue
            size = float(outcome.size if outcome.part else unit.weight)
            found.append(self._hand_in(at, unit, [(item, outcome, facts)], size))
            weight += size
            index += 1
            self._count += 1
        self.listener.met(unit, weight)
        if signature and signature == self._signature(item):
            self._read[location_of(item)] = signature
            if whole:
                ids = [number for numbers in found for number in numbers]
                self.ledger.remember(location_of(item), signature, ids)
        elif signature:
            self._read[location_of(item)] = ""

    def _comparison(
        self, place: Place, unit: Unit, read: Callable[[Item], Iterator[Article | ArticleError]]
    ) -> None:
        articles = []
        for item in unit.items:
            self._read[location_of(item)] = self._signature(item)
            for outcome in read(item):
                if isinstance(outcome, ArticleNotice):
                    self.listener.notice(str(outcome))
                elif isinstance(outcome, ArticleError):
                    # A table needs all of them.
                    self._unreadable(place, unit, {"path": unit.name}, str(outcome))
                    self.listener.met(unit, unit.weight)
                    return
                else:
                    articles.append((item, outcome, self._facts(outcome, item)))
        self.listener.met(unit, unit.weight)
        if not any(self.wanted.fits(facts) for _item, _article, facts in articles):
            self.listener.before(unit.weight, 0)
            return
        parts = list(evenly(articles))
        for index, part in enumerate(parts):
            at = replace(place, number=place.number + index)
            self._hand_in(at, unit, part, unit.weight / len(parts))
            self._count += 1

    def _hand_in(
        self,
        place: Place,
        unit: Unit,
        articles: Sequence[tuple[Item, Article, Mapping[str, Any]]],
        weight: float,
    ) -> list[int]:
        """Enter articles and what is asked about them; return their ids."""
        read = [
            Read(
                location_of(item),
                article.part or "",
                fingerprint(article),
                facts,
                zlib.compress(article.text.encode("utf-8", "surrogatepass")),
            )
            for item, article, facts in articles
        ]
        ids = self.ledger.enter(read)
        keys = [(one, one.piece([a.fingerprint for a in read])) for one in self.asked]
        todo = self.ledger.plan(place, ids, keys, again=self.again)
        before = len(self.asked) - len(todo)
        share = weight / len(self.asked)
        if before:
            self.listener.before(share * before, before)
        if todo:
            named = [article.name for _item, article, _facts in articles]
            characters = sum(len(article.text) for _item, article, _facts in articles)
            load = Load(
                unit.name or named[0],
                tuple(article for _item, article, _facts in articles),
                int(characters * _TOKENS_A_CHARACTER) + _TOKENS_BESIDE,
                weight,
            )
            load.waiting.extend(Task(load, one, piece, share) for one, piece in todo)
            self.dispatch.offer(load)
        return ids

    def _unreadable(self, place: Place, unit: Unit, facts: Mapping[str, Any], error: str) -> None:
        name = f"{facts['path']} · {facts['part']}" if facts.get("part") else str(facts["path"])
        keys = [
            (one, digest(["unreadable", facts["path"], facts.get("part"), one.key]))
            for one in self.asked
        ]
        self.ledger.unreadable(place, facts, keys, error)
        self.listener.unreadable(name, error, unit.weight if unit.error else 0.0, len(keys))

    def _facts(self, article: Article, item: Item) -> dict[str, Any]:
        return {
            "path": str(article.path),
            "part": article.part,
            "sha256": article.sha256,
            "title": article.title,
            "date": article.date,
            "source": article.source,
            "script": article.script.value,
            "characters": len(article.text),
            "tags": self._tags(item),
        }

    def _tags(self, item: Item) -> list[str]:
        if not isinstance(item, int):
            return []
        try:
            if self._library is None:
                self._library = Library.open(readonly=True)
            with self._library.reading() as connection:
                return marks.tags_of(connection, item)
        except WorkbenchError as error:
            self.listener.notice(_("no tags: {reason}").format(reason=error))
            return []

    def _signature(self, item: Item) -> str:
        """Return what a file looks like from outside; empty where that says nothing."""
        if isinstance(item, int) or item.standard_input:
            return ""
        try:
            found = os.stat(item.location)  # noqa: PTH116 - 60,000 Path objects are slow
        except (OSError, ValueError):
            return ""
        return f"{found.st_size}:{found.st_mtime_ns}:{found.st_ino}:{self._reading}"


def _matches(name: str, pattern: str) -> bool:
    if any(mark in pattern for mark in "*?["):
        return fnmatch.fnmatch(name, pattern)
    return pattern.casefold() in name.casefold()
