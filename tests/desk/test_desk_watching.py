"""Watched folders, and files that are added from the app."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tasks.tasks_support import SIMPLIFIED, TRADITIONAL

from workbench.desk.adding import AddEvent, AddFailed, AddProgress, add, completed, pasted
from workbench.desk.watching import Watcher
from workbench.errors import UsageError
from workbench.store.library import Library


class Heard:
    """What a watcher tells, and a way to wait for it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.ids: list[int] = []
        self._more = threading.Condition()

    def tell(self, line: str) -> None:
        with self._more:
            self.lines.append(line)
            self._more.notify_all()

    def came(self, ids: list[int]) -> None:
        with self._more:
            self.ids += ids
            self._more.notify_all()

    def wait_for(self, wanted: Callable[[], bool]) -> None:
        with self._more:
            assert self._more.wait_for(wanted, timeout=90), (self.lines, self.ids)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.db") as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "来稿"
    path.mkdir()
    return path


@pytest.fixture
def heard(library: Library) -> Iterator[tuple[Watcher, Heard]]:
    found = Heard()
    watcher = Watcher(library, found.tell, found.came, debounce=100)
    watcher.start()
    yield watcher, found
    watcher.close()


def test_a_watched_folder_is_taken_in_and_then_what_comes_and_changes(
    library: Library, folder: Path, heard: tuple[Watcher, Heard]
) -> None:
    watcher, found = heard
    (folder / "早市.txt").write_text(SIMPLIFIED, encoding="utf-8")
    watcher.watch(folder)
    found.wait_for(lambda: len(found.ids) == 1)
    below = folder / "新"
    below.mkdir()
    (below / "圖書車.txt").write_text(TRADITIONAL, encoding="utf-8")
    found.wait_for(lambda: len(found.ids) == 2)
    (folder / "早市.txt").write_text(SIMPLIFIED.replace("128", "129"), encoding="utf-8")
    found.wait_for(lambda: len(found.ids) == 3)
    assert library.count() == 3
    assert found.lines == []


def test_what_came_while_nobody_watched_is_taken_in_at_the_next_start(
    library: Library, folder: Path
) -> None:
    first = Watcher(library, Heard().tell, Heard().came)
    first.watch(folder)
    (folder / "早市.txt").write_text(SIMPLIFIED, encoding="utf-8")
    for _start in range(2):
        found = Heard()
        watcher = Watcher(library, found.tell, found.came)
        assert watcher.folders() == [folder]
        watcher.start()
        found.wait_for(lambda: library.count() == 1)
        watcher.close()
    assert library.count() == 1


def test_a_file_that_cannot_be_read_is_told_once_and_costs_no_other(
    folder: Path, heard: tuple[Watcher, Heard]
) -> None:
    watcher, found = heard
    (folder / "坏.docx").write_bytes(b"PK\x03\x04 this is no document")
    (folder / "早市.txt").write_text(SIMPLIFIED, encoding="utf-8")
    watcher.watch(folder)
    found.wait_for(lambda: len(found.ids) == 1 and len(found.lines) == 1)
    assert "坏.docx" in found.lines[0]
    (folder / "圖書車.txt").write_text(TRADITIONAL, encoding="utf-8")
    found.wait_for(lambda: len(found.ids) == 2)
    assert len(found.lines) == 1


def test_a_folder_that_is_gone_is_told_and_one_no_longer_watched_is_left_alone(
    library: Library, folder: Path, heard: tuple[Watcher, Heard]
) -> None:
    watcher, found = heard
    watcher.watch(folder)
    folder.rmdir()
    found.wait_for(lambda: bool(found.lines))
    assert "来稿" in found.lines[0]
    watcher.unwatch(folder)
    assert watcher.folders() == []
    with pytest.raises(UsageError, match="no folder"):
        watcher.watch(folder)
    assert library.count() == 0


def test_adding_tells_how_far_it_is_and_a_line_for_each_file_that_fails(
    library: Library, folder: Path
) -> None:
    (folder / "早市.txt").write_text(SIMPLIFIED, encoding="utf-8")
    (folder / "再.txt").write_text(SIMPLIFIED, encoding="utf-8")
    (folder / "坏.docx").write_bytes(b"PK\x03\x04 this is no document")
    events: list[AddEvent] = []
    added = add(library, [str(folder), str(folder / "没有.txt")], events.append)
    assert len(added.new) == 1
    assert added.known == 1
    assert len(added.failed) == 2
    assert not added.stopped
    progress = [event for event in events if isinstance(event, AddProgress)]
    assert progress[-1].done == progress[-1].total == 3
    assert [event.done for event in progress] == sorted(event.done for event in progress)
    assert sum(isinstance(event, AddFailed) for event in events) == 2
    again = add(library, [str(folder)], events.append)
    assert again.new == []
    assert again.known == 2


def test_adding_that_is_stopped_keeps_what_was_added(library: Library, folder: Path) -> None:
    for number in range(6):
        (folder / f"{number}.txt").write_text(f"{SIMPLIFIED}{number}", encoding="utf-8")
    seen: list[AddEvent] = []
    added = add(library, [str(folder)], seen.append, lambda: True)
    assert added.stopped
    kept = library.count()
    assert kept >= 1
    again = add(library, [str(folder)], seen.append)
    assert len(again.new) == 6 - kept
    assert library.count() == 6


def test_pasted_paths_are_told_apart(folder: Path) -> None:
    one, two = folder / "早 市.txt", folder / "圖書車.txt"
    for path in (one, two):
        path.write_text(SIMPLIFIED, encoding="utf-8")
    escaped = str(one).replace(" ", "\\ ")
    for text in (
        f"'{one}' {two}",
        f"{escaped} '{two}'",
        f"{one}\n{two}\n",
        f"{one.as_uri()}\r\n{two.as_uri()}",
    ):
        assert pasted(text) == [str(one), str(two)], text
    assert pasted(f" {one} ") == [str(one)]
    assert pasted("/没有/a b.txt") == ["/没有/a b.txt"]
    assert pasted("/没有/it's.txt") == ["/没有/it's.txt"]
    assert pasted("\n \n") == []


def test_a_path_is_completed(folder: Path) -> None:
    (folder / "报道").mkdir()
    (folder / "报告.txt").touch()
    (folder / ".报").touch()
    assert completed(f"{folder}/报") == [f"{folder}/报道/", f"{folder}/报告.txt"]
    assert completed(f"{folder}/.") == [f"{folder}/.报"]
    assert completed(f"{folder}/无") == []
    assert completed("/没有/此处/") == []
    assert completed("\0") == []
