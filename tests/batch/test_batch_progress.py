"""What a batch shows while it runs, on a terminal and elsewhere."""

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from batch_support import write_articles
from process_support import COMMAND

from workbench.batch.watching import Counts, Progress
from workbench.cli.batch_progress import BatchProgress, line


class Terminal(io.StringIO):
    """Keeps what is written, and says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_line_says_where_it_is_and_promises_nothing_too_early() -> None:
    early = Progress(Counts(1, 2, 0), 3, 90, 0.03, 500, 25.0, None, 8.0, "m", ("a.txt",))
    assert line(early) == "3/90 files, 3 results, 25 tokens/s, time left: not known yet"
    late = Progress(Counts(10, 2, 1), 13, 90, 0.1, 9000, 31.4, 7265.0, 900.0, "m", ("b.txt",))
    assert line(late) == "13/90 files, 12 results, 1 failed, 31 tokens/s, 2 h 1 min left"


def test_elsewhere_than_on_a_terminal_there_is_a_line_a_minute(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("workbench.cli.batch_progress.time.monotonic", lambda: now[0])
    with BatchProgress() as progress:
        for second in range(150):
            now[0] = float(second)
            progress.progress(Progress(Counts(second), second, 200, second / 200))
        progress.failed("a.txt · news", "the model tripped")
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "30% 60/200 files, 60 results",
        "60% 120/200 files, 120 results",
        "workbench: a.txt · news: the model tripped",
    ]


def test_the_bar_of_a_terminal_says_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    with BatchProgress() as progress:
        progress.progress(Progress(Counts(2), 3, 4, 0.75, 40, 20.0, None, 8.0, "m", ("乙.txt",)))
    shown = terminal.getvalue()
    assert "75 %" in shown
    assert "3/4 files, 2 results" in shown
    assert "乙.txt" in shown


def test_on_a_terminal_a_bar_is_shown_and_failures_stay(tmp_path: Path, tiny: Path) -> None:
    folder = write_articles(tmp_path / "articles", 3)
    (folder / "empty.txt").write_text("", encoding="utf-8")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, str(folder), "-m", str(tiny), "-p", "news", "-o", str(tmp_path / "out")],
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # the other end is closed
        pass
    finally:
        os.close(ours)
    assert process.wait(60) == 1
    text = shown.decode("utf-8", "replace")
    assert "%" in text
    assert "empty.txt: is empty" in text
    assert "3 results, 0 of them from before; 1 failed" in text
    assert "Traceback" not in text
