"""The whole flow, app included, where there is no network, with every attempt counted."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_support import Ended, command

from workbench import terminals
from workbench.errors import WorkbenchError
from workbench.rehearsal import STEPS, Outcome, Step, can_be_alone, rehearse
from workbench.terminals import open_and_close

NOTHING = "needs a network namespace, which is not permitted here (unshare -rn)"
# Tries to reach a machine whenever an article is opened: by Python code that the guard sees, and
# by native code that it does not.
ATTEMPT = """
import sys
def hook(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".txt"):
        {what}
sys.addaudithook(hook)
"""
BY_PYTHON = """
        import socket
        try:
            socket.create_connection(("192.0.2.1", 9), 0.1)
        except OSError:
            pass
"""
BY_NATIVE_CODE = """
        import ctypes, socket, struct
        address = struct.pack("=H", socket.AF_INET) + struct.pack(">H4s8s", 9, bytes((192, 0, 2, 1)), b"")
        libc = ctypes.CDLL(None)
        made = libc.socket(socket.AF_INET, socket.SOCK_DGRAM, 0)
        libc.connect(made, address, len(address))
"""  # noqa: E501


@pytest.mark.alone
def test_everything_runs_without_a_network_and_nobody_asks_for_one(home: Path, model: Path) -> None:
    ended = command(home, "doctor", "--offline", "-m", model, "--json", seconds=240)
    found = ended.json()
    assert [step for step in found["steps"] if step["problem"]] == []
    assert len(found["steps"]) == 10
    assert found["attempts"] == 0
    assert ended.status == 0
    if not can_be_alone():
        pytest.skip(NOTHING)
    assert found["alone"] is True
    assert found["unrouted"] == 0


def outcome_with(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    (tmp_path / "sitecustomize.py").write_text(ATTEMPT.format(what=code.strip()), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (found,) = rehearse(None, lambda _outcome: None, [Step("read", ("read", "{one}"))])
    return found


def test_an_attempt_of_python_code_is_told(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = outcome_with(BY_PYTHON, tmp_path, monkeypatch)
    assert set(found.attempts) == {"'192.0.2.1'"}
    assert not found.good


@pytest.mark.skipif(not can_be_alone(), reason=NOTHING)
def test_an_attempt_of_native_code_is_counted(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = outcome_with(BY_NATIVE_CODE, tmp_path, monkeypatch)
    assert found.attempts == (), "the guard sees Python code only"
    assert found.unrouted is not None
    assert found.unrouted > 0
    assert not found.good


def test_a_step_that_fails_says_why(home: Path) -> None:
    told: list[Outcome] = []
    steps = [Step("nothing", ("read", "missing.txt")), STEPS[3]]
    found = rehearse(None, told.append, steps, alone=False)
    assert found == told
    assert "missing.txt" in found[0].problem
    assert found[1].good, "the others are still done"
    assert found[1].unrouted is None


def test_without_a_model_what_needs_none_is_done(home: Path) -> None:
    ended = command(home, "doctor", "--offline", "--json")
    assert ended.status == 1
    assert "no model" in ended.complaint()
    assert [step["problem"] for step in ended.json()["steps"]] == [""] * len(STEPS)


def test_wrong_use_is_told(cli: Callable[..., Ended]) -> None:
    assert cli("doctor", "-m", "some.gguf").status == 2
    ended = cli("doctor", "--offline", "-m", "openai:http://127.0.0.1:8080")
    assert ended.status == 2
    assert "server" in ended.err


APP = """
import sys, termios, tty
tty.setraw(0)
sys.stdout.write("\\x1b[?1049h{size}")
sys.stdout.flush()
while sys.stdin.buffer.read(1) != b"\\x11": pass
sys.exit({status})
"""


def app(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_program_is_opened_and_closed() -> None:
    shown = "{os.get_terminal_size().columns}"
    code = "import os\n" + APP.replace('"\\x1b', 'f"\\x1b').format(size=shown, status=0)
    assert b"\x1b[?1049h120" in open_and_close(app(code), os.environ)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("print('no such command')", "did not open: no such command"),
        (APP.format(size="", status=3), "exit status 3"),
    ],
)
def test_a_program_that_does_not_open_or_fails_is_told(code: str, said: str) -> None:
    with pytest.raises(WorkbenchError, match=said):
        open_and_close(app(code), os.environ)


def test_a_program_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminals, "SECONDS", 1.5)
    stubborn = APP.format(size="", status=0).replace('b"\\x11"', 'b"q"')
    with pytest.raises(WorkbenchError, match="did not end"):
        open_and_close(app(stubborn), os.environ)
