"""The app in a real terminal: commits of an input method, pastes, copying, few colours."""

import base64
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tasks.tasks_support import SIMPLIFIED, TRADITIONAL
from tui.pty_support import Terminal
from tui.tui_support import make_library

COMMIT = "青石镇的早市搬进了新棚一百二十八个摊位全"
PASTED = "圖書車每週三開到山腳下的村子裡去借書還書"


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    (home / "data").mkdir(parents=True)
    with make_library(home / "data", {"早市.txt": SIMPLIFIED, "圖書車.txt": TRADITIONAL}):
        pass
    return {
        "WORKBENCH_HOME": str(home),
        # A server that is not asked: without a model the first steps would be shown.
        "WORKBENCH_MODEL": "openai:http://127.0.0.1:9/v1#none",
        "WORKBENCH_LANGUAGE": "en",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
    }


@contextmanager
def app_in(variables: dict[str, str], size: tuple[int, int] = (80, 24)) -> Iterator[Terminal]:
    terminal = Terminal(["-m", "workbench"], variables, size)
    try:
        terminal.wait_for("2 articles")
        yield terminal
        terminal.forget()
        terminal.write("\x11")
    finally:
        status = terminal.end()
    assert status == 0


def test_twenty_characters_of_an_input_method_and_a_paste_come_whole(variables) -> None:
    with app_in(variables) as terminal:
        terminal.write("/")
        for _attempt in range(20):
            # Keys that follow at once may arrive before the field has them.
            terminal.forget()
            terminal.write("探")
            with suppress(AssertionError):
                terminal.wait_for("探", seconds=2)
                break
        terminal.forget()
        terminal.write("\x15")  # Ctrl+U: from the caret to the line's start
        terminal.wait_for("Search the text")
        terminal.forget()
        terminal.write(COMMIT)
        terminal.wait_for(COMMIT)
        terminal.forget()
        terminal.write("\x15")
        terminal.wait_for("Search the text")
        terminal.forget()
        terminal.write(f"\x1b[200~{PASTED}\x1b[201~")
        terminal.wait_for(PASTED)


def test_copying_works_where_only_the_terminal_knows_the_clipboard(variables) -> None:
    with app_in(variables, (140, 40)) as terminal:
        terminal.forget()
        terminal.write("\r")
        terminal.wait_for("圖書")
        for _attempt in range(20):
            # Keys that follow at once may arrive before the pane has them.
            for key in ("\x1bOR", "v", "G", "y"):  # F3 goes to the article
                terminal.write(key)
            with suppress(AssertionError):
                terminal.wait_for("\x1b]52;c;", raw=True, seconds=5)
                break
        terminal.wait_for("\a", raw=True)
        found = re.search(r"\x1b\]52;c;([A-Za-z0-9+/=]+)", terminal.raw)
        assert found is not None
        assert base64.b64decode(found[1]).decode("utf-8")[:2] in TRADITIONAL


@pytest.mark.parametrize("given", [{"NO_COLOR": "1"}, {"TERM": "vt100", "COLORTERM": ""}])
def test_a_terminal_of_few_or_no_colours_shows_all(variables, given) -> None:
    with app_in({**variables, **given}) as terminal:
        terminal.wait_for("圖書車")
        terminal.wait_for("2 articles")
        if "NO_COLOR" in given:
            # What was read may end within a sequence: only whole ones are looked at.
            coloured = re.findall(r"\x1b\[[0-9;]*38;2;(\d+);(\d+);(\d+)[0-9;]*m", terminal.raw)
            assert coloured
            assert all(len(set(one)) == 1 for one in coloured)


def test_a_terminal_made_tiny_and_large_again(variables) -> None:
    with app_in(variables) as terminal:
        terminal.wait_for("2 articles")
        terminal.resize(20, 5)
        terminal.write("\r")
        terminal.forget()
        terminal.resize(140, 40)
        terminal.wait_for("圖書車")


FAULTY = """
import sys
from workbench.cli.entry import run
from workbench.tui.app import WorkbenchApp

def faulty(self):
    article = "a secret of the article"
    raise ValueError(f"it has {len(article)} characters")

WorkbenchApp.action_help = faulty
sys.exit(run([]))
"""


def test_an_unforeseen_error_leaves_one_line_in_the_terminal(variables) -> None:
    terminal = Terminal(["-c", FAULTY], variables, (100, 30))
    terminal.wait_for("2 articles")
    terminal.forget()
    terminal.write("\x1bOP")  # F1
    assert terminal.end() == 1
    assert "workbench: unexpected error: ValueError: it has 23 characters" in terminal.text
    assert "workbench --debug" in terminal.text
    assert "Traceback" not in terminal.text
    assert "secret" not in terminal.text


def test_without_a_terminal_it_says_so_in_one_line(variables) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workbench"],
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "needs a terminal" in done.stderr
