import json
from dataclasses import replace
from pathlib import Path

import pytest
from evaluation_support import items_of, raw_question
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.evaluation.arms import Arm, labels
from workbench.evaluation.ledger import FILE, Ledger, key_of
from workbench.evaluation.metrics.case import Output
from workbench.tasks.result import ModelIdentity, TemplateIdentity

ITEMS = items_of(*(raw_question(f"q{number}", f"第{number}个？", "128个") for number in range(4)))
ARM = Arm(
    "question",
    ModelIdentity("m", "a" * 64, "Q4_K_M", ("f" * 64 + "=1",)),
    TemplateIdentity("answer", "b" * 64, {"reader": "编辑"}),
    {"length": "medium", "sampling": {"temperature": 0.0, "seed": 42}},
)
OUTPUT = Output(
    "460万元\u2028\n“好”", ("一", "二"), "points", True, 5, 60, "simplified", 0.5, 9, 8, 7
)


def written(folder: Path) -> bytes:
    with Ledger(folder) as ledger:
        for item in ITEMS[:3]:
            ledger.add(item, ARM, OUTPUT, result={"kept": ["整", "份"]})
        ledger.add(ITEMS[3], ARM, None, error="放不下")
    return (folder / FILE).read_bytes()


def test_what_is_added_is_found_again(tmp_path: Path) -> None:
    written(tmp_path)
    found = Ledger(tmp_path).load()
    assert found.arms == {ARM.key: ARM}
    assert [found.done(key_of(item, ARM)) for item in ITEMS] == [True, True, True, False]
    entry = found.entries[key_of(ITEMS[0], ARM)]
    assert (entry.item, entry.output) == ("q0", OUTPUT)
    assert found.entries[key_of(ITEMS[3], ARM)].error == "放不下"
    assert found.notices == []


def test_the_whole_result_is_kept_for_metrics_to_come(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in written(tmp_path).splitlines()]
    assert [line["type"] for line in lines] == ["arm", "output", "output", "output", "output"]
    assert lines[1]["result"] == {"kept": ["整", "份"]}


def test_a_piece_done_later_takes_the_place_of_one_that_failed(tmp_path: Path) -> None:
    written(tmp_path)
    with Ledger(tmp_path) as ledger:
        ledger.add(ITEMS[3], ARM, OUTPUT)
    assert Ledger(tmp_path).load().done(key_of(ITEMS[3], ARM))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return written(tmp_path_factory.mktemp("ledger"))


@given(share=st.floats(0, 1))
def test_a_ledger_cut_off_anywhere_holds_its_whole_lines_and_goes_on(
    tmp_path_factory: pytest.TempPathFactory, whole: bytes, share: float
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    cut = whole[: round(share * len(whole))]
    (folder / FILE).write_bytes(cut)
    complete = cut.count(b"\n")
    read = Ledger(folder).load()
    assert len(read.entries) == max(0, complete - 1)
    assert read.notices == [], "a line that was being written is no fault"
    with Ledger(folder) as ledger:
        done = [item for item in ITEMS if ledger.done(key_of(item, ARM))]
        for item in ITEMS:
            if item not in done:
                ledger.add(item, ARM, OUTPUT)
    after = (folder / FILE).read_bytes()
    assert after.startswith(cut[: cut.rfind(b"\n") + 1])
    for line in after.splitlines():
        json.loads(line)
    again = Ledger(folder).load()
    assert all(again.done(key_of(item, ARM)) for item in ITEMS)


def test_a_cut_line_longer_than_a_block_is_taken_away_whole(tmp_path: Path, whole: bytes) -> None:
    (tmp_path / FILE).write_bytes(whole + b'{"type": "output", "text": "' + b"x" * 200_000)
    with Ledger(tmp_path):
        assert (tmp_path / FILE).read_bytes() == whole
    (tmp_path / FILE).write_bytes(b"x" * 200_000)
    with Ledger(tmp_path):
        assert (tmp_path / FILE).read_bytes() == b""


@pytest.mark.parametrize(
    "line", [b"{}\n", b"nonsense\n", b"[1]\n", b'{"type": "output"}\n', b"\xff\xfe\n"]
)
def test_a_damaged_line_is_told_and_costs_nothing_else(
    tmp_path: Path, whole: bytes, line: bytes
) -> None:
    first, rest = whole.split(b"\n", 1)
    (tmp_path / FILE).write_bytes(first + b"\n" + line + rest)
    found = Ledger(tmp_path).load()
    assert len(found.entries) == len(ITEMS)
    (notice,) = found.notices
    assert "1 lines cannot be read" in notice


def test_one_process_writes_at_a_time(tmp_path: Path) -> None:
    with (
        Ledger(tmp_path),
        pytest.raises(WorkbenchError, match="another evaluation"),
        Ledger(tmp_path),
    ):
        pass
    with Ledger(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(WorkbenchError, match="cannot be written"),
        Ledger(tmp_path / "file" / "out"),
    ):
        pass


@pytest.mark.parametrize(
    "other",
    [
        replace(ARM, model=replace(ARM.model, sha256="c" * 64)),
        replace(ARM, model=replace(ARM.model, adapters=())),
        replace(ARM, template=replace(ARM.template, sha256="c" * 64)),
        replace(ARM, template=replace(ARM.template, variables={})),
        replace(ARM, settings={**ARM.settings, "length": "long"}),
        replace(ARM, settings={**ARM.settings, "sampling": {"temperature": 0.5, "seed": 42}}),
        replace(ARM, pipeline="another"),
    ],
)
def test_whatever_an_output_depends_on_makes_another_key(other: Arm) -> None:
    assert key_of(ITEMS[0], other) != key_of(ITEMS[0], ARM)
    found = labels([ARM, other])
    assert len(set(found.values())) == 2, "and can be told apart in tables"


def test_what_is_expected_of_an_item_makes_no_other_key() -> None:
    changed = replace(ITEMS[0], name="renamed", references=("129个",))
    assert key_of(changed, ARM) == key_of(ITEMS[0], ARM)
    assert key_of(replace(ITEMS[0], question="几个？"), ARM) != key_of(ITEMS[0], ARM)


def test_arms_alone_of_their_name_are_called_by_model_and_template() -> None:
    assert labels([ARM]) == {ARM.key: "m / answer"}
