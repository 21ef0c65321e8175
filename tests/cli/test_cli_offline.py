"""Nothing leaves the machine, whatever command but 'models pull' runs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_support import Ended, command, environment

# Writes down what any Python process tries to reach, before a guard could refuse it.
_RECORDER = """
import os, sys
EVENTS = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
          "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
def record(event, arguments):
    if event in EVENTS:
        family = getattr(arguments[0], "family", None)
        line = f"{event} {family!r} {arguments[1:]!r}\\n"
        handle = os.open(os.environ["ATTEMPTS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(handle, line.encode("utf-8", "replace"))
        os.close(handle)
sys.addaudithook(record)
"""

COMMANDS = {
    "summarize": ("summarize", "-m", "{model}", "{article}"),
    "read": ("read", "{article}"),
    "models": ("models", "list"),
    "prompts": ("prompts", "list"),
    "cache": ("cache", "show"),
    "bench": ("bench", "-m", "{model}", "--context", "1024"),
    "doctor": ("doctor", "--json"),
}


def unshare() -> tuple[str, ...]:
    """Return what runs a command in a network namespace that has no interface up."""
    before = ("unshare", "-rn")
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare here")
    if subprocess.run([*before, "true"], capture_output=True, check=False).returncode:
        pytest.skip("network namespaces are not permitted here")
    return before


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_works_without_a_network(
    home: Path, model: Path, article: Path, name: str
) -> None:
    arguments = [part.format(model=model, article=article) for part in COMMANDS[name]]
    ended = command(home, *arguments, before=unshare())
    assert ended.status == 0, ended.err
    if name == "doctor":
        assert ended.json()["network_interfaces"] == []
        assert ended.json()["offline_guard"] is True
    else:
        assert ended.out


@pytest.fixture
def recorder(tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "recorder"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_RECORDER)
    found = os.environ.get("PYTHONPATH")
    return {
        "PYTHONPATH": os.pathsep.join(filter(None, (str(folder), found))),
        "ATTEMPTS": str(tmp_path / "attempts"),
    }


def attempts(recorder: dict[str, str]) -> list[str]:
    path = Path(recorder["ATTEMPTS"])
    return path.read_text().splitlines() if path.exists() else []


def test_the_recorder_sees_an_attempt_of_any_process(home: Path, recorder: dict[str, str]) -> None:
    code = "import socket; socket.socket(type=socket.SOCK_DGRAM).connect(('127.0.0.1', 9))"
    subprocess.run([sys.executable, "-c", code], env=environment(home, **recorder), check=True)
    assert "127.0.0.1" in "".join(attempts(recorder))


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"doctor"}))
def test_no_process_of_a_command_tries_to_connect(
    home: Path, model: Path, article: Path, recorder: dict[str, str], name: str
) -> None:
    arguments = [part.format(model=model, article=article) for part in COMMANDS[name]]
    ended = command(home, *arguments, extra=recorder)
    assert ended.status == 0, ended.err
    assert attempts(recorder) == []


def test_doctor_tries_the_guard_once_and_nothing_else(home: Path, recorder: dict[str, str]) -> None:
    assert command(home, "doctor", extra=recorder).status == 0
    found = attempts(recorder)
    assert len(found) == 1
    assert "192.0.2.1" in found[0]  # set aside for documentation: no network routes it


def test_the_guard_has_nothing_to_refuse(home: Path, model: Path, article: Path) -> None:
    code = (
        "import sys; from workbench.cli.entry import run;"
        "from workbench.offline import refused_attempts, forbid_network;"
        f"status = run(['summarize', '-m', {str(model)!r}, '--format', 'json', {str(article)!r}]);"
        "print(refused_attempts(), file=sys.stderr); sys.exit(status)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0
    assert ended.stderr.splitlines()[-1] == "0"


def test_the_engines_process_refuses_connections_too(home: Path) -> None:
    code = """
import os, socket
from workbench.engine import child
def connect(self):
    try:
        socket.create_connection(("192.0.2.1", 9), 0.1)
    except Exception as error:
        os.write(2, type(error).__name__.encode())
    os._exit(0)
child.Worker.work = connect
child.main()
"""
    commands, keep_open = os.pipe()  # the process ends with its input
    try:
        ended = subprocess.run(
            [sys.executable, "-c", code],
            env=environment(home),
            stdin=commands,
            capture_output=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(commands)
        os.close(keep_open)
    assert ended.stderr == b"NetworkForbidden"


def test_a_command_that_is_refused_a_connection_says_so_in_one_line(
    home: Path, article: Path
) -> None:
    code = (
        "import socket, sys; from workbench.cli import read; from workbench.cli.entry import run;"
        "read.Intake = lambda *a, **k: socket.create_connection(('192.0.2.1', 9), 0.1);"
        f"sys.exit(run(['read', {str(article)!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(home), capture_output=True, check=False
    )
    ended = Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert ended.status == 1
    assert "refused" in ended.complaint()
