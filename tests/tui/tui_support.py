"""The app with a library in a folder, and a model that says what it is told."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tasks.tasks_support import Answer, extract
from textual.pilot import Pilot
from tui.screens_support import Gate, ScriptedSession, StoppableEngine
from tui.settling import wait_until

from workbench.articles.reader import read_article
from workbench.desk.desk import Desk
from workbench.settings import Settings, stored_settings
from workbench.store.library import Library
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.main import MainScreen
from workbench.tui.widgets.library_pane import LibraryPane


@contextmanager
def make_library(folder: Path, texts: Mapping[str, str]) -> Iterator[Library]:
    """Write texts as files of a folder and open a library that holds them, in this order."""
    with Library.open(folder / "library.db") as library:
        for name, text in texts.items():
            path = folder / name
            path.write_text(text, encoding="utf-8")
            library.add(read_article(path))
        yield library


class ScriptedApp(WorkbenchApp):
    """The app on a desk whose engine is scripted; ``gate`` holds its answers back."""

    def __init__(
        self, library: Library, answer: Answer = extract, settings: Settings | None = None
    ) -> None:
        self.gate = Gate(answer)
        self.engine = StoppableEngine(self.gate)
        given = settings or stored_settings()
        desk = Desk(given, library, lambda *_given: ScriptedSession(self.engine))  # type: ignore[arg-type, return-value]
        super().__init__(given, library, desk)
        self.copied = ""

    async def on_unmount(self) -> None:
        self.gate.open()

    def copy_to_clipboard(self, text: str) -> None:
        self.copied = text
        super().copy_to_clipboard(text)

    @property
    def main(self) -> MainScreen:
        """Return the main screen, whichever is shown."""
        found = self._screen_stacks["library"][0]
        assert isinstance(found, MainScreen)
        return found

    @property
    def pane(self) -> LibraryPane:
        """Return the library pane."""
        return self.main.query_one(LibraryPane)


def scripted_app(
    library: Library, answer: Answer = extract, settings: Settings | None = None
) -> ScriptedApp:
    """Return an app that needs no model."""
    return ScriptedApp(library, answer, settings)


async def listed(pilot: Pilot[Any], app: ScriptedApp, number: int) -> None:
    """Wait until the table shows so many articles."""
    await wait_until(pilot, lambda: app.pane.table.total == number)


def shown(app: WorkbenchApp) -> str:
    """Return what stands on the screen."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


def titles(app: ScriptedApp) -> list[str]:
    """Return the titles in the table, from the first."""
    table = app.pane.table
    return [row.title for number in range(table.total) if (row := table.row_at(number))]
