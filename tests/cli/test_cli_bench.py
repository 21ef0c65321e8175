"""``workbench bench`` on a tiny model, and who uses what it found; never how fast it was."""

import hashlib
import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from cli_support import COMMAND, Ended, descendants, environment
from tiny_gguf import Tiny, write

from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import LoadOptions
from workbench.errors import EngineError
from workbench.tasks import session
from workbench.tasks.calibration_files import from_json

Cli = Callable[..., Ended]
SMALL = ("--context", "1024")  # little room, so little to measure
STOPS_WITHIN = 20.0  # seconds; far less than what is stopped would take


def calibrations(home: Path) -> list[Path]:
    return sorted((home / "data" / "calibrations").glob("*"))


def change(path: Path, **values: object) -> None:
    """Put other measurements in a file, as another machine would have had."""
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


@pytest.fixture
def measured(cli: Cli, home: Path, model: Path) -> Path:
    """A measured model named mine; sequences 2 and a draft of 8 follow from what was stored."""
    cli("models", "add", model, "--name", "mine")
    assert cli("bench", "-m", "mine", *SMALL).status == 0
    (path,) = calibrations(home)
    change(
        path,
        writing={"1": [10.0], "2": [20.0], "4": [20.5], "8": [19.0]},
        quoting={"3": [1.2], "5": [1.3], "8": [1.5]},
        other_load=0.0,
    )
    return path


def test_bench_measures_stores_and_says_what_follows(cli: Cli, home: Path, model: Path) -> None:
    ended = cli("bench", "-m", model, *SMALL, "--json")
    assert ended.status == 0
    found = ended.json()
    (path,) = calibrations(home)
    assert found["file"] == str(path)
    stored = from_json(json.loads(path.read_text(encoding="utf-8")))
    assert from_json(found["measured"]) == stored
    assert stored.conditions.model_sha256 == hashlib.sha256(model.read_bytes()).hexdigest()
    assert stored.conditions.threads == 1
    medians = found["medians"]
    assert list(medians["write_tps"]) == ["1", "2", "4", "8"]
    assert list(medians["lookup"]) == list(medians["lookup_prose"]) == ["3", "5", "8"]
    assert found["used"] == {
        "sequences": stored.sequences,
        "draft": stored.draft,
    }
    assert "measuring" in ended.err
    assert "Traceback" not in ended.err


def test_the_table_has_a_row_for_each_thing_measured(cli: Cli, model: Path) -> None:
    ended = cli("bench", "-m", model, *SMALL, "--sequences", "3", "--lookup", "off")
    lines = ended.out.splitlines()
    assert lines[0].split() == ["what", "tokens/s", "spread", "compared"]
    wanted = ["reading, "] + [f"writing, {n} at once" for n in (1, 2, 4, 8)]
    wanted += [f"lookup of {n}, {text}" for text in ("quoting", "other text") for n in (3, 5, 8)]
    for line, beginning in zip(lines[1:-2], wanted, strict=True):
        assert line.startswith(beginning)
    assert lines[-2:] == ["sequences: 3 (as set)", "prompt lookup: off (as set)"]


def test_a_session_uses_what_was_measured_unless_it_is_set(
    cli: Cli, measured: Path, article: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[LoadOptions] = []
    real = LlamaEngine

    def start(options: LoadOptions, **observers: object) -> LlamaEngine:
        given.append(options)
        if len(given) > 1:
            raise EngineError("not needed to know what it was given")
        return real(options, **observers)  # type: ignore[arg-type]

    def used(*flags: str, status: int = 1) -> tuple[int, int]:
        assert cli("summarize", "-m", "mine", *flags, article).status == status
        return given[-1].sequences, given[-1].draft

    monkeypatch.setattr(session, "LlamaEngine", start)
    assert used(status=0) == (2, 8)
    assert used("--context", "2048") == (2, 8)
    assert used("--sequences", "5") == (5, 8)
    assert used("--lookup", "off") == (2, 0)
    assert used("--threads", "2") == (4, 0)
    assert used("--kv-type", "q8_0") == (4, 0)
    change(measured, quoting={"3": [1.02], "5": [0.9], "8": [0.5]})
    assert used() == (2, 0)
    assert used("--lookup", "on") == (2, 3)


def test_doctor_and_show_tell_the_speed_and_its_date(cli: Cli, measured: Path) -> None:
    change(measured, date="2026-01-02T03:04:05+00:00", reading=[48.0], other_load=0.0)
    line = (
        "reads 48 and writes 10 tokens/s, 20 at best with several at once;"
        " sequences 2, prompt lookup 8; measured 2026-01-02"
    )
    doctor = cli("doctor")
    assert doctor.status == 0
    assert f"speed of mine: {line}" in doctor.out.splitlines()
    assert f"speed: {line}" in cli("models", "show", "mine").out.splitlines()
    stored = json.loads(measured.read_text())
    assert cli("models", "show", "mine", "--json").json()["speed"] == stored
    (found,) = cli("doctor", "--json").json()["models"]
    assert found["calibration"]["writing"]["2"] == {"values": [20.0]}
    change(measured, other_load=1.5, cores=2)
    assert (
        "prompt lookup off; measured 2026-01-02 while other programs kept 1.5 cores busy"
        in cli("doctor").out
    )


def test_doctor_says_that_a_model_was_not_measured(cli: Cli, model: Path) -> None:
    cli("models", "add", model, "--name", "mine")
    assert "speed of mine: not measured; run 'workbench bench -m mine'" in cli("doctor").out
    assert cli("doctor", "--json").json()["models"][0]["calibration"] is None
    assert "speed" not in cli("models", "show", "mine", "--json").json()


def test_a_broken_file_is_told_once_ignored_and_measured_anew(
    cli: Cli, measured: Path, article: Path
) -> None:
    measured.write_text("{")
    said = f"{measured}: the measured speeds cannot be read"
    summary = cli("summarize", "-m", "mine", article)
    assert summary.status == 0
    assert summary.err.count(said) == 1
    doctor = cli("doctor")
    assert doctor.status == 0
    assert said in doctor.out
    again = cli("bench", "-m", "mine", *SMALL, "--json")
    assert again.status == 0
    assert again.err.count(said) == 1
    assert json.loads(measured.read_text()) == again.json()["measured"]


def test_ctrl_c_ends_the_measuring_and_stores_nothing(home: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "slow.gguf", Tiny(context=16384, embedding=256, layers=8))
    with subprocess.Popen(
        [*COMMAND, "bench", "-m", str(path), "--json"],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        seen = b""
        for line in process.stderr:
            seen += line
            if b"measuring" in line:
                break
        engines = descendants(process.pid)
        assert engines, seen
        process.send_signal(signal.SIGINT)
        out, rest = process.communicate(timeout=STOPS_WITHIN)
    assert process.returncode == 130, rest
    assert out == b""
    assert rest.decode("utf-8", "replace").rstrip().endswith("workbench: stopped")
    assert b"Traceback" not in seen + rest
    _gone, alive = psutil.wait_procs(engines, timeout=STOPS_WITHIN)
    assert alive == []
    assert calibrations(home) == []


def test_what_cannot_be_measured_is_said_in_one_line(cli: Cli, home: Path, model: Path) -> None:
    server = cli("bench", "-m", "openai:http://127.0.0.1:9/v1")
    assert server.status == 2
    assert "only a model on this machine can be measured" in server.complaint()
    small = cli("bench", "-m", model, "--context", "512")
    assert small.status == 1
    assert "--context 1024" in small.complaint()
    assert cli("bench", "-m", "no-such-model").status == 1
    assert calibrations(home) == []
