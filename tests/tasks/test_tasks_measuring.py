"""How much is measured, and that what is measured is what it says; never how fast it is."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_gguf import Tiny, write

from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import (
    Done,
    LoadOptions,
    ModelInfo,
    Reading,
    Request,
    Restarted,
    Usage,
)
from workbench.errors import Cancelled, EngineError
from workbench.paths import states_folder
from workbench.settings import Settings
from workbench.tasks import calibrate, measuring, other_load
from workbench.tasks.measuring import DRAFTS, SEQUENCE_COUNTS, Measuring, measure, plan
from workbench.tasks.other_load import OtherLoad

SECONDS = 90.0


@given(st.floats(0.1, 1e6), st.floats(0.1, 1e6), st.integers(1024, 1 << 20))
def test_whatever_is_planned_fits_in_the_context(
    read_tps: float, write_tps: float, context: int
) -> None:
    chosen = plan(read_tps, write_tps, context)
    assert chosen.read >= 160
    assert chosen.read + chosen.alone + 64 <= context
    for sequences, tokens in chosen.together.items():
        assert tokens >= 2
        # Room for the instruction and the template of each.
        assert chosen.read + sequences * (tokens + 16) <= context
    assert set(chosen.together) == set(SEQUENCE_COUNTS) - {1}
    assert 2 <= chosen.repeats <= 5
    assert 1 <= chosen.prose_repeats <= chosen.repeats


@given(st.floats(20, 5000), st.floats(0.2, 0.6), st.integers(2048, 1 << 17))
def test_from_a_slow_laptop_to_a_card_it_ends_in_time(
    read_tps: float, share: float, context: int
) -> None:
    write_tps = max(10.0, share * read_tps)
    assert plan(read_tps, write_tps, context).seconds(read_tps, write_tps) <= SECONDS


def test_a_context_too_small_for_eight_sequences_is_refused() -> None:
    with pytest.raises(EngineError, match="--context 1024"):
        plan(50.0, 20.0, 1023)


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> LoadOptions:
    path = write(tmp_path_factory.mktemp("models") / "tiny.gguf")
    return LoadOptions(str(path), context=1024, threads=1, states=str(path.parent / "states"))


def test_a_real_engine_is_measured_in_every_way(options: LoadOptions) -> None:
    told: list[Measuring] = []
    with LlamaEngine(options) as engine:
        speeds = measure(engine, options, told.append)
        assert engine.options.draft == DRAFTS[-1]
        assert engine.options.sequences == max(SEQUENCE_COUNTS)
    assert tuple(speeds.writing) == SEQUENCE_COUNTS
    assert tuple(speeds.quoting) == tuple(speeds.prose) == DRAFTS
    assert len(speeds.reading.values) == len(DRAFTS)
    # How often each is measured depends on the time it takes; once at least.
    alone = sum(len(sample.values) for sample in speeds.quoting.values())
    assert len(speeds.writing[1].values) == alone >= len(DRAFTS)
    for sample in (speeds.reading, *speeds.writing.values(), *speeds.quoting.values()):
        assert all(value > 0 for value in sample.values)
    assert 160 <= speeds.prompt_tokens <= 1024
    assert told[0].what == "probing"
    parts = told[1:]
    done = [part.done for part in parts]
    assert done == sorted(set(done))
    assert done[-1] < parts[0].total
    assert {part.what for part in parts} == {"reading", "writing", "lookup"}
    assert not (Path(options.path).parent / "states").exists()


def test_a_model_that_cannot_go_back_is_measured_without_lookup(tmp_path: Path) -> None:
    path = write(tmp_path / "mamba.gguf", Tiny(architecture="mamba"))
    options = LoadOptions(str(path), context=1024, threads=1)
    told: list[Measuring] = []
    with LlamaEngine(options) as engine:
        speeds = measure(engine, options, told.append)
    assert tuple(speeds.writing) == SEQUENCE_COUNTS
    assert speeds.quoting == speeds.prose == {}
    assert 0 <= told[1].done <= told[-1].done < told[-1].total


@dataclass
class Counted:
    """An engine that takes a hundredth of a second to read a token, and twice that to write one.

    A step takes as long whatever number of sequences it writes for; guesses come true for text
    that repeats the prompt and cost a tenth of a step where they do not.
    """

    end: Callable[[Usage], Iterator[object]]
    context: int = 4096

    def __post_init__(self) -> None:
        self.model = ModelInfo("counted", self.context, self.context, 1, True, False, 0.0)
        self.loaded: list[LoadOptions] = []
        self.requests: list[Request] = []

    def load(self, options: LoadOptions) -> None:
        self.loaded.append(options)

    def count_tokens(self, texts: list[str]) -> list[int]:
        return [len(text) for text in texts]

    def submit_together(self, requests: list[Request]) -> list[Iterator[object]]:
        return [self.submit(request) for request in requests]

    def submit(self, request: Request) -> Iterator[object]:
        self.requests.append(request)
        size = sum(map(len, request.messages[0].segments))
        reused = size - 10 if request.max_tokens > 2 else 0
        steps = request.max_tokens - 1
        seconds = steps * 0.02
        if request.quotes:
            quoting = "抄写" in request.messages[0].segments[-1]
            draft = self.loaded[-1].draft
            seconds = seconds / (1 + draft / 10) if quoting else seconds * 1.1
        usage = Usage(size, reused, request.max_tokens, (size - reused) * 0.01, seconds)
        return self.end(usage)


def well(usage: Usage) -> Iterator[object]:
    return iter([Reading(1, 1, 0), Done("", "length", usage)])


def test_speeds_are_tokens_by_seconds_and_lookup_is_compared_with_none() -> None:
    engine = Counted(well)
    speeds = measure(engine, LoadOptions("m.gguf"), lambda _part: None)  # type: ignore[arg-type]
    assert speeds.reading.median == pytest.approx(100.0)
    medians = {number: sample.median for number, sample in speeds.writing.items()}
    assert medians == pytest.approx({1: 50.0, 2: 100.0, 4: 200.0, 8: 400.0})
    gains = {draft: sample.median for draft, sample in speeds.quoting.items()}
    assert gains == pytest.approx({3: 1.3, 5: 1.5, 8: 1.8})
    losses = {draft: sample.median for draft, sample in speeds.prose.items()}
    assert losses == pytest.approx(dict.fromkeys(DRAFTS, 1 / 1.1), rel=1e-3)


def test_a_machine_that_slows_down_is_measured_less_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = itertools.count(step=100.0)
    monkeypatch.setattr(measuring.time, "monotonic", lambda: next(clock))
    engine = Counted(well)
    told: list[Measuring] = []
    speeds = measure(engine, LoadOptions("m.gguf"), told.append)  # type: ignore[arg-type]
    assert tuple(speeds.writing) == SEQUENCE_COUNTS
    assert {len(sample.values) for sample in speeds.quoting.values()} == {1}
    assert len(speeds.writing[8].values) == 1
    done = [part.done for part in told]
    assert done == sorted(done)
    assert done[-1] < told[-1].total


def test_what_is_measured_is_the_model_alone_and_nothing_kept_on_disk() -> None:
    from workbench.engine.protocol import Adapter

    engine = Counted(well)
    options = LoadOptions("m.gguf", adapters=(Adapter("a.gguf"),), states="states", identity="a")
    measure(engine, options, lambda _part: None)  # type: ignore[arg-type]
    assert [loaded.draft for loaded in engine.loaded] == list(DRAFTS)
    assert all(loaded.adapters == () and loaded.states == "" for loaded in engine.loaded)
    assert all(request.ignore_end and request.adapters == () for request in engine.requests)


def test_a_stopped_answer_stops_the_measuring() -> None:
    engine = Counted(lambda usage: iter([Done("", "cancelled", usage)]))
    with pytest.raises(Cancelled):
        measure(engine, LoadOptions("m.gguf"), lambda _part: None)  # type: ignore[arg-type]


def test_an_engine_that_died_meanwhile_gives_no_speeds() -> None:
    def dies(usage: Usage) -> Iterator[object]:
        return iter([Restarted("signal 11"), Done("", "length", usage)])

    with pytest.raises(EngineError, match="signal 11"):
        measure(Counted(dies), LoadOptions("m.gguf"), lambda _part: None)  # type: ignore[arg-type]


def test_the_load_of_others_is_without_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = {"now": 100.0, "all": 50.0, "own": 5.0, "engine": 0.0}

    class Times:
        def __init__(self, user: float) -> None:
            self.user, self.system = user, 0.0
            self.children_user = self.children_system = 0.0

        def _asdict(self) -> dict[str, float]:
            return {"user": clock["all"], "idle": 1000.0, "iowait": 9.0, "guest": 7.0}

    class Process:
        def __init__(self, identifier: int | None = None) -> None:
            self.identifier = identifier

        def cpu_times(self) -> Times:
            return Times(clock["engine" if self.identifier else "own"])

    monkeypatch.setattr(psutil, "cpu_times", lambda: Times(0.0))
    monkeypatch.setattr(psutil, "Process", Process)
    monkeypatch.setattr(other_load.time, "monotonic", lambda: clock["now"])
    engines: list[int] = []
    others = OtherLoad(lambda: engines[0] if engines else None)
    engines.append(7)
    clock.update(now=110.0, all=70.0, own=6.0, engine=14.0)
    assert others.cores() == pytest.approx(0.5)  # 20 seconds in all, 1 and 14 of them our own


@pytest.mark.parametrize("cache_gb", [0.0, 2.0])
def test_a_model_is_measured_with_the_attention_it_will_run_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache_gb: float
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    model = write(tmp_path / "tiny.gguf", Tiny())
    given = []

    class Watched(LlamaEngine):
        def __init__(self, options: LoadOptions, **more: object) -> None:
            given.append(options)
            super().__init__(options, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(calibrate, "LlamaEngine", Watched)
    silent = calibrate.Observer(*[lambda _told: None] * 3)
    settings = Settings(model=str(model), context=1024, threads=1, cache_gb=cache_gb)
    calibrate.Calibrator(settings, silent).run()
    assert {options.keeps_states for options in given} == {cache_gb > 0}
    # None of what was read to measure it stays.
    assert not states_folder().exists()
    assert not any(Path(options.states).exists() for options in given if options.states)
