"""A desk over a library in a folder, with a scripted model, and a way to wait for what it does."""

import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tasks"))

from tasks_support import MODEL, SIMPLIFIED, TRADITIONAL, ScriptedEngine, extract

from workbench.articles.reader import read_article
from workbench.desk.desk import Desk
from workbench.desk.events import DeskEvent
from workbench.engine.protocol import Request, Text
from workbench.settings import Settings
from workbench.store.library import Library
from workbench.tasks.work import Work

SUMMARY = Work("summarize", "news", length="short")
TEXTS = {"早市.txt": SIMPLIFIED, "圖書車.txt": TRADITIONAL}


class ScriptedSession:
    """A session whose engine is scripted; ``opened`` notes which models were loaded."""

    opened: list[str]

    def __init__(self, engine: ScriptedEngine, name: str):
        self.engine = engine
        self.name = name
        self.model = MODEL
        self.usable = True
        self.reason = "scripted"

    def close(self) -> None:
        self.engine.close()
        self.usable = False


class Gate(ScriptedEngine):
    """An engine that waits, once it has begun to write, until ``go`` is set or it is cancelled."""

    def __init__(self, after: int = 1, answer: Callable[[Request], str] = extract):
        super().__init__(answer)
        self.go = threading.Event()
        self.writing = threading.Event()
        self.after = after
        self.cancelled = False

    def submit(self, request: Request):  # type: ignore[no-untyped-def]
        number = len(self.requests)
        for event in super().submit(request):
            if isinstance(event, Text) and number + 1 >= self.after:
                self.writing.set()
                assert self.go.wait(90)
            yield event

    def cancel(self) -> None:
        self.cancelled = True
        self.go.set()


class Watcher:
    """Collects the desk's events and waits for the one that is wanted."""

    def __init__(self) -> None:
        self.events: list[DeskEvent] = []
        self._more = threading.Condition()

    def __call__(self, event: DeskEvent) -> None:
        with self._more:
            self.events.append(event)
            self._more.notify_all()

    def wait_for(self, wanted: Callable[[DeskEvent], bool]) -> DeskEvent:
        with self._more:
            found = self._more.wait_for(
                lambda: next((one for one in self.events if wanted(one)), None), timeout=90
            )
        assert found is not None, [type(one).__name__ for one in self.events]
        return found

    def wait_for_type(self, kind: type) -> DeskEvent:
        return self.wait_for(lambda event: isinstance(event, kind))


def library_in(folder: Path, texts: dict[str, str] | None = None) -> tuple[Library, list[int]]:
    library = Library.open(folder / "library.db")
    ids = []
    for name, text in (texts or TEXTS).items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        ids.append(library.add(read_article(path)).id)
    return library, ids


def desk_over(
    library: Library, engines: Sequence[ScriptedEngine] | ScriptedEngine, opened: list[str]
) -> tuple[Desk, Watcher]:
    """Return a desk that has begun to work; each session takes the next engine."""
    left = [engines] if isinstance(engines, ScriptedEngine) else list(engines)

    def open_session(settings: Settings, _on_load: object, _notify: object) -> ScriptedSession:
        opened.append(settings.model)
        return ScriptedSession(left.pop(0) if len(left) > 1 else left[0], settings.model)

    desk = Desk(Settings(model="scripted"), library, open_session)  # type: ignore[arg-type]
    watcher = Watcher()
    desk.subscribe(watcher)
    return desk, watcher
