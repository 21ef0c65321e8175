"""Batches on a scripted engine, and what they left behind."""

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tasks_support import MODEL, ScriptedEngine, extract

from workbench.batch.batch import Batch, Outcome
from workbench.batch.watching import Progress, Watcher
from workbench.engine.protocol import Engine, LoadEvent, Request
from workbench.settings import Settings
from workbench.tasks.result import ModelIdentity

Answer = Callable[[Request], str]


def text_of(number: int) -> str:
    return (
        f"青石镇第{number + 1}号早市搬进了新棚\n\n"
        f"青石镇的早市3月{number + 1}日搬进了河边的新棚，{number + 100}个摊位全部有了顶。"
        f"新棚由镇里出资{number + 400}万元修建，用了七个月。\n\n"
        f"棚里装了照明和排水沟，地面每天冲洗两次。摊位费没有涨，仍是每天{number + 8}元。\n"
    )


def write_articles(folder: Path, count: int) -> Path:
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{number:03}.txt").write_text(text_of(number), encoding="utf-8")
    return folder


class Script:
    """Opens sessions of one scripted engine each, and counts what they were asked."""

    def __init__(
        self,
        answer: Answer = extract,
        *,
        sequences: int = 1,
        model: ModelIdentity = MODEL,
        load: Callable[[], None] = lambda: None,
        sha256: str = "",
    ):
        self.answer = answer
        self.sequences = sequences
        self.model = model
        self.load = load
        self.sha256 = sha256
        self.sessions: list[Session] = []

    def __call__(
        self,
        settings: Settings,
        on_load: Callable[[LoadEvent], None],
        notify: Callable[[str], None],
        patience: float,
    ) -> "Session":
        name = settings.model or self.model.name
        sha256 = hashlib.sha256(name.encode()).hexdigest()
        found = Session(self, replace(self.model, name=name, sha256=self.sha256 or sha256))
        self.sessions.append(found)
        return found

    @property
    def requests(self) -> list[Request]:
        return [one for session in self.sessions for one in session.requests]

    @property
    def loaded(self) -> int:
        return sum(session.usable for session in self.sessions)


class Session:
    def __init__(self, script: Script, model: ModelIdentity):
        self.model = model
        self._script = script
        self._engine: ScriptedEngine | None = None

    @property
    def engine(self) -> Engine:
        if self._engine is None:
            self._script.load()
            self._engine = ScriptedEngine(self._script.answer)
            self._engine.model = replace(
                self._engine.model, sequences=self._script.sequences, context=100_000
            )
        return self._engine  # type: ignore[return-value]

    @property
    def requests(self) -> list[Request]:
        return self._engine.requests if self._engine else []

    @property
    def usable(self) -> bool:
        return self._engine is not None

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()


@dataclass
class Heard(Watcher):
    """Keeps all that a watcher hears."""

    notices: list[str] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    seen: list[Progress] = field(default_factory=list)

    def notice(self, text: str) -> None:
        self.notices.append(text)

    def failed(self, name: str, error: str) -> None:
        self.failures.append((name, error))

    def begins(self, name: str) -> None:
        self.begun.append(name)

    def progress(self, progress: Progress) -> None:
        self.seen.append(progress)


def batch(folder: Path, out: Path, **given: Any) -> Batch:
    given.setdefault("formats", ("jsonl",))
    return Batch(**{"inputs": [str(folder)], "output": str(out), "models": ["scripted"], **given})


def run(one: Batch, script: Script | None = None, **given: Any) -> Outcome:
    return one.run(opened=script or Script(), **given)


def substance(result: dict[str, Any] | Any) -> Any:
    """Return a result without what differs from one run to the next: times, and what was reused."""
    if isinstance(result, dict):
        return {k: substance(v) for k, v in result.items() if k not in ("usage", "seconds")}
    if isinstance(result, list):
        return [substance(one) for one in result]
    return result


def results(out: Path) -> dict[str, bytes]:
    """Return what the ledger of a folder holds as done, by key, as bytes to compare."""
    with closing(sqlite3.connect(out / "ledger.db")) as connection:
        found = connection.execute("SELECT key, result FROM pieces WHERE state = 'done'")
        return {
            key: json.dumps(substance(json.loads(zlib.decompress(packed)))).encode()
            for key, packed in found
        }


def states(out: Path) -> dict[str, int]:
    with closing(sqlite3.connect(out / "ledger.db")) as connection:
        return dict(connection.execute("SELECT state, count(*) FROM pieces GROUP BY state"))


def names(rows: Sequence[Any]) -> list[str]:
    return [Path(row.article["path"]).name for row in rows]
