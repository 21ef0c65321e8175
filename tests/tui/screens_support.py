"""A small app around one screen: a real desk behind it, and a model that says what it is told."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

from tasks.tasks_support import MODEL, Answer, ScriptedEngine
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from workbench.desk.desk import Desk
from workbench.desk.events import DeskEvent
from workbench.engine.protocol import Event, Request
from workbench.settings import Settings
from workbench.store.library import Library
from workbench.tui.dialogs.choose import ChooseDialog
from workbench.tui.messages import DeskMessage
from workbench.tui.themes import DARK, THEMES, marks_of


class ScriptedSession:
    """A session whose engine is scripted."""

    name, reason, model, usable = MODEL.name, "for a test", MODEL, True

    def __init__(self, engine: ScriptedEngine) -> None:
        self.engine = engine

    def close(self) -> None:
        pass


class Gate:
    """Holds the model's answers back until it is opened."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._open = threading.Event()
        self._open.set()

    def shut(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    def __call__(self, request: Request) -> str:
        self._open.wait(90)
        return self._answer(request)


class StoppableEngine(ScriptedEngine):
    """Stopping it ends the request that is under way, and no other."""

    def submit(self, request: Request) -> Iterator[Event]:
        self._finish = "stop"
        return super().submit(request)


class ScreenHost(App[None]):
    """What screens ask of the app: the desk, the library, what is open and marked."""

    def __init__(
        self,
        library: Library,
        screen: Callable[[], Screen[None]],
        answer: Answer,
        theme: str = DARK,
    ):
        super().__init__()
        self.library = library
        self.gate = Gate(answer)
        self.engine = StoppableEngine(self.gate)
        self.desk = Desk(Settings(), library, self._session)  # type: ignore[arg-type]
        self.article_id: int | None = 1
        self.selected: list[int] = [1]
        self.opened: list[tuple[int, tuple[tuple[int, int], ...]]] = []
        self.copied = ""
        self._first = screen
        for one in THEMES:
            self.register_theme(one)
        self.theme = theme

    def _session(self, *_given: object) -> ScriptedSession:
        return ScriptedSession(self.engine)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return marks_of(self.current_theme.dark)

    def on_mount(self) -> None:
        self.desk.subscribe(self._tell)
        self.desk.start()
        self.push_screen(self._first())

    def on_unmount(self) -> None:
        self.gate.open()
        self.desk.close()

    def _tell(self, event: DeskEvent) -> None:
        self.call_later(self._pass_on, event)

    def _pass_on(self, event: DeskEvent) -> None:
        self.screen.post_message(DeskMessage(event))

    def open_article(self, article_id: int, spans: Any = ()) -> None:
        self.opened.append((article_id, tuple(spans)))

    def copy_to_clipboard(self, text: str) -> None:
        self.copied = text


async def until(pilot: Pilot[None], holds: Callable[[], object]) -> None:
    for _time in range(6000):
        if holds():
            return
        await pilot.pause(0.01)
    raise AssertionError("it does not come true")


def shown(app: App[None]) -> str:
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def choose_first(app: App[None], pilot: Pilot[None]) -> None:
    """Open the list of earlier ones and take the first."""
    await pilot.press("ctrl+o")
    await until(pilot, lambda: isinstance(app.screen, ChooseDialog) and app.screen.focused)
    await pilot.press("enter")
