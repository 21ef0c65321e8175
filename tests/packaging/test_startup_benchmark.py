import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def startup() -> ModuleType:
    path = ROOT / "benchmarks" / "startup.py"
    specification = importlib.util.spec_from_file_location("startup", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_commands_run_in_turn_and_the_first_round_is_not_counted(
    startup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []

    def measure(command: list[str]) -> float:
        ran.append(command[0])
        return float(len(ran))

    monkeypatch.setattr(startup, "measure", measure)
    seconds = startup.interleaved({"first": ["a"], "second": ["b"]}, 2)
    assert ran == ["a", "b", "a", "b", "a", "b"]
    assert seconds == {"first": [3.0, 5.0], "second": [4.0, 6.0]}


def test_the_table_compares_medians(startup: ModuleType) -> None:
    text = startup.table({"base": [0.01, 0.02, 0.9], "other": [0.05, 0.04, 0.06]}, "base")
    base, other = text.splitlines()[1:]
    assert base.split() == ["base", "20.0", "10.0", "900.0", "1.00", "×"]
    assert other.split() == ["other", "50.0", "40.0", "60.0", "2.50", "×"]


def test_a_command_that_fails_is_not_measured(startup: ModuleType) -> None:
    with pytest.raises(startup.subprocess.CalledProcessError):
        startup.measure([sys.executable, "-c", "raise SystemExit(3)"])
