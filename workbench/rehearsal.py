"""Everything done once without a network, and every attempt to reach one counted.

Each step is a command in processes of its own, on articles that came with the program, in a folder
of its own. The guard of every process notes what it refuses. Where the system lets us, a step runs
in a network namespace without interfaces too: what native code tries there finds no route, and the
kernel counts that.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.i18n import N_, _
from workbench.offline import JOURNAL
from workbench.terminals import open_and_close

_SAMPLES = Path(__file__).parent / "samples"
_QUESTION = "图书馆夜间开放了多少晚？"
_SECONDS = 3600
# Runs a command where there is no network, then writes down what the kernel counted.
_ALONE = (
    "unshare", "-rn", "sh", "-c",
    'counts=$0; "$@"; status=$?; cat /proc/net/snmp /proc/net/snmp6 > "$counts"; exit $status',
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it does, and the arguments of its command; none opens the app."""

    about: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a step.

    ``attempts`` are the machines that Python code tried to reach. ``unrouted`` counts what found no
    route in the namespace, whatever code tried it; None where there was no namespace. ``problem``
    is why the step failed, else empty.
    """

    about: str
    seconds: float
    attempts: tuple[str, ...]
    unrouted: int | None
    problem: str = ""

    @property
    def good(self) -> bool:
        """Say whether the step did its work and tried to reach nobody."""
        return not (self.problem or self.attempts or self.unrouted)


STEPS = (
    Step(N_("read articles"), ("read", "{articles}")),
    Step(N_("keep articles in a library"), ("library", "add", "{articles}")),
    Step(N_("search the library"), ("library", "search", "图书馆")),
    Step(N_("check the templates"), ("prompts", "check")),
    Step(N_("list the models"), ("models", "list")),
)
WITH_MODEL = (
    Step(N_("summarise"), ("summarize", "-m", "{model}", "--length", "short", "{one}")),
    Step(N_("compare"), ("compare", "-m", "{model}", "{one}", "{other}")),
    Step(N_("ask"), ("ask", "-m", "{model}", "{question}", "{one}")),
    Step(
        N_("run a batch and write every report"),
        (
            "batch", "{one}", "{other}", "-m", "{model}", "-o", "{out}", "-p", "news",
            "--length", "short", *(part for format in ("markdown", "jsonl", "csv", "xlsx", "html",
            "docx") for part in ("--format", format)),
        ),
    ),
    Step(N_("open the app and close it"), ()),
)  # fmt: skip


def rehearse(
    model: Path | None,
    tell: Callable[[Outcome], None],
    steps: Sequence[Step] | None = None,
    *,
    alone: bool | None = None,
) -> list[Outcome]:
    """Do each step with the model and tell what came of it; without a model, what needs none.

    ``alone``: in a namespace without interfaces; None: where that is permitted. A problem of a step
    is part of its outcome, nothing is raised.
    """
    if steps is None:
        steps = STEPS if model is None else (*STEPS, *WITH_MODEL)
    alone = can_be_alone() if alone is None else alone
    found = []
    with tempfile.TemporaryDirectory(prefix="workbench-offline-") as name:
        folder = Path(name)
        samples = folder / "articles"
        samples.mkdir()
        texts = sorted(_SAMPLES.glob("*.txt"), key=lambda path: path.stat().st_size)
        for path in texts:
            shutil.copy(path, samples)
        words = {
            "articles": str(samples),
            "one": str(samples / "city-library-nights.txt"),
            "other": str(samples / "fishing-harbour-electric-boats.txt"),
            "out": str(folder / "out"),
            "model": str(model),
            "question": _QUESTION,
        }
        for step in steps:
            arguments = [part.format(**words) for part in step.arguments]
            found.append(_outcome(step, arguments, folder, alone=alone))
            tell(found[-1])
    return found


def can_be_alone() -> bool:
    """Say whether the system lets this user make a network namespace (Linux, unshare)."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    done = subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False)
    return done.returncode == 0


def _outcome(step: Step, arguments: Sequence[str], folder: Path, *, alone: bool) -> Outcome:
    journal, counts = folder / "attempts", folder / "counts"
    for file in (journal, counts):
        file.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "WORKBENCH_HOME": str(folder / "home"),
        JOURNAL: str(journal),
    }
    # -P: a module of the same name in the current folder must not be run.
    command = [sys.executable, "-P", "-m", "workbench", *arguments]
    if alone:
        command = [*_ALONE, str(counts), *command]
    start = time.monotonic()
    problem = ""
    try:
        if arguments:
            _run(command, environment)
        else:
            open_and_close(command, environment)
    except WorkbenchError as error:
        problem = str(error)
    return Outcome(
        _(step.about),
        time.monotonic() - start,
        tuple(_attempts(journal)),
        _unrouted(counts) if alone else None,
        problem,
    )


def _run(command: Sequence[str], environment: dict[str, str]) -> None:
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise WorkbenchError(str(error)) from error
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise WorkbenchError(
            _("exit status {status}: {message}").format(
                status=done.returncode, message=lines[-1] if lines else ""
            )
        )


def _attempts(journal: Path) -> list[str]:
    try:
        lines = journal.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    return [line.partition(" ")[2] for line in lines]


def _unrouted(counts: Path) -> int | None:
    """Add up the packets that found no route, as the kernel counts them for each protocol."""
    try:
        lines = counts.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    total = 0
    tables = [line.split() for line in lines if line.startswith("Ip:")]
    if len(tables) == 2:
        named = dict(zip(*tables, strict=True))
        total += int(named.get("OutNoRoutes", 0))
    for line in lines:
        if line.startswith("Ip6OutNoRoutes"):
            total += int(line.split()[1])
    return total
