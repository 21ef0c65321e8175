"""What follows from measured speeds, and how they are kept."""

import json
import os
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.about import NativeReport
from workbench.engine.devices import CPU, GPU, Device
from workbench.engine.protocol import LoadOptions
from workbench.errors import ModelError
from workbench.tasks.calibration import (
    DRAFT,
    SEQUENCES,
    Calibration,
    Conditions,
    Sample,
    best_draft,
    choose_draft,
    choose_sequences,
    fewest_sequences,
    is_busy,
)
from workbench.tasks.calibration_files import (
    any_calibration,
    calibrations_folder,
    find,
    from_json,
    save,
    to_json,
)
from workbench.tasks.conditions import conditions_of, measured

SPEEDS = st.floats(0.01, 1e6)
NUMBERS = st.integers(1, 64)
CONDITIONS = Conditions(
    model_sha256="a" * 64,
    processor="EPYC",
    threads=2,
    cards=(),
    llama_cpp="0.3.36",
    features=("AVX2",),
    kv_type="f16",
    context=8192,
    gpu_layers=-1,
)
CALIBRATION = Calibration(
    conditions=CONDITIONS,
    date="2026-11-23T16:00:00+00:00",
    prompt_tokens=384,
    reading=Sample((48.0, 47.0, 50.0)),
    writing={n: Sample((speed,)) for n, speed in ((1, 22.0), (2, 26.0), (4, 29.0), (8, 29.5))},
    quoting={3: Sample((1.3, 1.2)), 5: Sample((1.5, 1.4)), 8: Sample((1.1, 1.2))},
    prose={3: Sample((0.98,)), 5: Sample((0.95,)), 8: Sample((0.9,))},
    other_load=0.1,
    cores=2,
)
samples = st.lists(SPEEDS, min_size=1, max_size=5).map(lambda values: Sample(tuple(values)))
calibrations = st.builds(
    Calibration,
    conditions=st.builds(
        Conditions,
        model_sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
        processor=st.text(),
        threads=NUMBERS,
        cards=st.lists(st.text(), max_size=2).map(tuple),
        llama_cpp=st.text(),
        features=st.lists(st.text(), max_size=3).map(tuple),
        kv_type=st.sampled_from(("f16", "q8_0")),
        context=st.integers(0, 1 << 20),
        gpu_layers=st.integers(-1, 99),
        main_gpu=st.integers(0, 7),
        tensor_split=st.lists(st.floats(0, 10), max_size=3).map(tuple),
    ),
    date=st.datetimes().map(lambda date: date.isoformat()),
    prompt_tokens=NUMBERS,
    reading=samples,
    writing=st.dictionaries(NUMBERS, samples, min_size=1).map(
        lambda found: dict(sorted(found.items()))
    ),
    quoting=st.dictionaries(NUMBERS, samples).map(lambda found: dict(sorted(found.items()))),
    prose=st.dictionaries(NUMBERS, samples).map(lambda found: dict(sorted(found.items()))),
    other_load=st.floats(0, 64),
    cores=NUMBERS,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.parametrize(
    ("speeds", "chosen"),
    [
        ({1: 22.0, 2: 26.0, 4: 29.0, 8: 29.5}, 4),
        ({1: 22.0, 2: 26.0, 4: 27.0, 8: 29.5}, 8),
        ({1: 22.0, 2: 21.0, 4: 20.0, 8: 19.0}, 1),
        ({1: 95.0, 2: 100.0}, 1),
        ({1: 94.9, 2: 100.0}, 2),
        ({3: 1.0}, 3),
    ],
)
def test_the_fewest_sequences_near_the_best_are_chosen(
    speeds: dict[int, float], chosen: int
) -> None:
    assert fewest_sequences(speeds) == chosen


@given(st.dictionaries(NUMBERS, SPEEDS, min_size=1))
def test_no_fewer_sequences_than_chosen_would_do(speeds: dict[int, float]) -> None:
    chosen = fewest_sequences(speeds)
    enough = 0.95 * max(speeds.values())
    assert speeds[chosen] >= enough
    assert all(speed < enough for number, speed in speeds.items() if number < chosen)


@pytest.mark.parametrize(
    ("lookup", "chosen"),
    [
        ({}, 0),
        ({3: 1.09, 5: 1.0, 8: 0.7}, 0),
        ({3: 1.10, 5: 1.0}, 3),
        ({3: 1.2, 5: 1.4, 8: 1.3}, 5),
        ({8: 1.4, 5: 1.4, 3: 1.2}, 5),
    ],
)
def test_the_draft_that_gains_most_is_chosen_where_it_gains_a_tenth(
    lookup: dict[int, float], chosen: int
) -> None:
    assert best_draft(lookup) == chosen


@given(st.dictionaries(NUMBERS, st.floats(0.01, 10)))
def test_no_draft_is_better_than_the_one_chosen(lookup: dict[int, float]) -> None:
    chosen = best_draft(lookup)
    if chosen:
        assert lookup[chosen] == max(lookup.values())
        assert lookup[chosen] >= 1.10
    else:
        assert all(gain < 1.10 for gain in lookup.values())


def test_settings_come_before_what_was_measured_and_that_before_defaults() -> None:
    assert choose_sequences(0, None) == SEQUENCES == LoadOptions("").sequences
    assert choose_sequences(0, CALIBRATION) == 4
    assert choose_sequences(7, CALIBRATION) == choose_sequences(7, None) == 7
    slow = replace(CALIBRATION, quoting={3: Sample((1.05,)), 8: Sample((0.9,))})
    none = replace(CALIBRATION, quoting={})
    assert [choose_draft("auto", found) for found in (None, CALIBRATION, slow, none)] == [
        0,
        5,
        0,
        0,
    ]
    assert [choose_draft("on", found) for found in (None, CALIBRATION, slow, none)] == [
        DRAFT,
        5,
        3,
        DRAFT,
    ]
    assert {choose_draft("off", found) for found in (None, CALIBRATION, slow, none)} == {0}


def test_lookup_is_not_used_where_chance_may_have_made_the_gain() -> None:
    assert CALIBRATION.draft == 5
    varied = replace(CALIBRATION, writing={**CALIBRATION.writing, 1: Sample((8.0, 9.0, 20.0))})
    busy = replace(CALIBRATION, other_load=0.5)
    for found in (varied, busy):
        assert not found.steady
        assert found.draft == choose_draft("auto", found) == 0
        assert choose_draft("on", found) == 5
        assert found.sequences == CALIBRATION.sequences


def test_a_sample_is_its_median_and_how_far_its_values_lie_apart() -> None:
    sample = Sample((10.0, 30.0, 20.0))
    assert (sample.median, sample.spread) == (20.0, 1.0)
    assert (Sample((3.0,)).median, Sample((3.0,)).spread) == (3.0, 0.0)


def test_a_core_of_others_harms_a_small_machine_and_not_a_large_one() -> None:
    assert is_busy(1.0, 2)
    assert not is_busy(0.1, 2)
    assert not is_busy(1.0, 64)
    assert is_busy(4.0, 64)


# On disk


@given(calibrations)
def test_a_calibration_survives_json(calibration: Calibration) -> None:
    assert from_json(json.loads(json.dumps(to_json(calibration)))) == calibration


def test_what_was_saved_is_found_and_replaced() -> None:
    assert not any_calibration()
    assert find(CONDITIONS) == (None, "")
    path = save(CALIBRATION)
    assert any_calibration()
    assert find(CONDITIONS) == (CALIBRATION, "")
    later = replace(CALIBRATION, prompt_tokens=999)
    assert save(later) == path
    assert find(CONDITIONS) == (later, "")
    assert [file.name for file in calibrations_folder().iterdir()] == [path.name]


@pytest.mark.parametrize(
    "other",
    [
        replace(CONDITIONS, model_sha256="b" * 64),
        replace(CONDITIONS, processor="Ryzen"),
        replace(CONDITIONS, threads=4),
        replace(CONDITIONS, cards=("RTX 4090",)),
        replace(CONDITIONS, llama_cpp="0.3.37"),
        replace(CONDITIONS, features=("AVX2", "AVX512")),
        replace(CONDITIONS, kv_type="q8_0"),
    ],
)
def test_another_model_machine_or_version_was_not_measured(other: Conditions) -> None:
    save(CALIBRATION)
    assert find(other) == (None, "")
    save(replace(CALIBRATION, conditions=other))
    assert len(list(calibrations_folder().iterdir())) == 2


CARD = {"gpu_layers": 3, "main_gpu": 1, "tensor_split": (1.0, 2.0), "context": 4096}


def test_only_on_a_card_does_it_matter_what_goes_to_it() -> None:
    on_card = replace(CONDITIONS, cards=("RTX 4090",))
    for name, value in CARD.items():
        assert replace(CONDITIONS, **{name: value}).key == CONDITIONS.key  # type: ignore[arg-type]
        assert replace(on_card, **{name: value}).key != on_card.key  # type: ignore[arg-type]
    off_card = replace(on_card, gpu_layers=0)
    assert off_card.key == CONDITIONS.key


def test_every_condition_counts() -> None:
    on_card = replace(CONDITIONS, cards=("RTX 4090",))
    for field in fields(Conditions):
        value = getattr(on_card, field.name)
        if isinstance(value, str):
            other: object = f"{value}x"
        elif isinstance(value, tuple):
            other = (*value, 9.0 if field.name == "tensor_split" else "x")
        else:
            other = value + 1 if value != -1 else 5
        assert replace(on_card, **{field.name: other}).key != on_card.key, field.name


def damaged() -> list[object]:
    """Return documents that are almost a calibration."""
    document = to_json(CALIBRATION)
    found: list[object] = [None, [], 7, "text", {}]
    for name in document:
        found.append({key: value for key, value in document.items() if key != name})
        found.append({**document, name: None})
    for name, value in (
        ("format", 2),
        ("date", "yesterday"),
        ("date", "2026-13-40"),
        ("prompt_tokens", 1.5),
        ("prompt_tokens", True),
        ("reading", []),
        ("reading", [0.0]),
        ("reading", [-1]),
        ("reading", ["9"]),
        ("reading", "48"),
        ("reading", [float("nan")]),
        ("reading", [float("inf")]),
        ("reading", [[1.0]]),
        ("writing", {}),
        ("writing", {"x": [1.0]}),
        ("writing", {"0": [1.0]}),
        ("writing", [1.0]),
        ("quoting", {"3": []}),
        ("other_load", -1),
        ("cores", "2"),
    ):
        found.append({**document, name: value})
    for name in document["conditions"]:
        left = {key: value for key, value in document["conditions"].items() if key != name}
        if name not in ("main_gpu", "tensor_split"):
            found.append({**document, "conditions": left})
        found.append({**document, "conditions": {**document["conditions"], name: {"a": None}}})
    found.append({**document, "conditions": {**document["conditions"], "more": 1}})
    return found


@pytest.mark.parametrize("document", damaged())
def test_what_is_almost_a_calibration_is_refused(document: object) -> None:
    with pytest.raises(ValueError):
        from_json(document)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_is_a_calibration_or_refused(document: object) -> None:
    with pytest.raises(ValueError):
        from_json(document)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[1]", b"[" * 100_000, b"null"])
def test_a_broken_file_is_spoken_of_and_written_anew(content: bytes) -> None:
    path = save(CALIBRATION)
    path.write_bytes(content)
    found, notice = find(CONDITIONS)
    assert found is None
    assert str(path) in notice
    assert "workbench bench" in notice
    save(CALIBRATION)
    assert find(CONDITIONS) == (CALIBRATION, "")


def test_a_file_that_was_renamed_is_not_taken_for_another_machines() -> None:
    path = save(CALIBRATION)
    other = replace(CONDITIONS, threads=4)
    path.rename(path.with_name(f"{other.key[:32]}.json"))
    assert find(other) == (None, "")


def test_what_cannot_be_written_is_told_and_leaves_the_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = save(CALIBRATION)

    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(13, os.strerror(13), str(target))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        with pytest.raises(ModelError, match="cannot be written") as refused:
            save(replace(CALIBRATION, prompt_tokens=1))
    assert refused.value.path == path
    assert find(CONDITIONS) == (CALIBRATION, "")
    assert [file.name for file in calibrations_folder().iterdir()] == [path.name]


# Under which conditions


def report(*devices: Device) -> NativeReport:
    processor = Device(0, "CPU", "EPYC", CPU, "CPU", 1, 1)
    return NativeReport("0.3.36", ("AVX2",), bool(devices), ("CPU",), (processor, *devices))


def test_conditions_are_what_the_engine_will_be_given() -> None:
    card = Device(1, "CUDA0", "RTX 4090", GPU, "CUDA", 1, 1)
    options = LoadOptions(
        "m.gguf", context=4096, threads=2, gpu_layers=7, main_gpu=1, tensor_split=(1.0, 2.0)
    )
    assert conditions_of(options, "a" * 64, report(card)) == replace(
        CONDITIONS,
        context=4096,
        cards=("RTX 4090",),
        gpu_layers=7,
        main_gpu=1,
        tensor_split=(1.0, 2.0),
    )
    assert conditions_of(LoadOptions("m.gguf"), "a" * 64, report()).threads >= 1


def test_where_nothing_was_measured_nothing_is_asked() -> None:
    def never() -> str:
        raise AssertionError("asked")

    assert measured(LoadOptions("m.gguf"), never, never) == (None, "")  # type: ignore[arg-type]


def test_what_was_measured_is_found_by_the_options() -> None:
    save(CALIBRATION)
    options = LoadOptions("m.gguf", threads=2, context=2048)
    assert measured(options, lambda: "a" * 64, report) == (CALIBRATION, "")
    assert measured(replace(options, threads=1), lambda: "a" * 64, report) == (None, "")
    assert measured(options, lambda: None, report) == (None, "")
