from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.grounding.checks import Source, check_facts
from workbench.grounding.durations import find_durations
from workbench.grounding.facts import extract_facts


def durations(text: str) -> list[tuple[object, ...]]:
    return [fact.value for fact in extract_facts(text) if fact.kind == "duration"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("工期三个月", [(3, "months")]),
        ("工期3个月", [(3, "months")]),
        ("历时两年半", [(30, "months")]),
        ("一年半之后", [(18, "months")]),
        ("18个月后", [(18, "months")]),
        ("1年零6个月", [(18, "months")]),
        ("两年三个月", [(27, "months")]),
        ("半年内", [(6, "months")]),
        ("一个半月", [(Decimal("1.5"), "months")]),
        ("10多年", [(120, "months")]),
        ("12个多小时", [(43_200, "seconds")]),
        ("两个多月", [(2, "months")]),
        ("二十年来", [(240, "months")]),
        ("共90天", [(90, "days")]),
        ("两周", [(14, "days")]),
        ("三个星期", [(21, "days")]),
        ("48小时", [(172_800, "seconds")]),
        ("两个半小时", [(9000, "seconds")]),
        ("2小时30分钟", [(9000, "seconds")]),
        ("150分钟", [(9000, "seconds")]),
        ("1分30秒", [(90, "seconds")]),
        ("3至5年", [(36, "months"), (60, "months")]),
        ("2023年，上半年，第三年，30年代，2年级，两周年庆", [(24, "months")]),
        ("一年一度，有一天，数十年，几个月，百年老店，七八天，三五年", []),
        ("周三，周末，天气，今天，每天", []),
    ],
)
def test_durations_are_read_within_their_family_of_units(
    text: str, found: list[tuple[object, ...]]
) -> None:
    assert durations(text) == found


UNITS = {
    "months": {"年": 12, "个月": 1},
    "days": {"周": 7, "天": 1},
    "seconds": {"小时": 3600, "分钟": 60},
}


@given(st.integers(2, 99), st.sampled_from(sorted(UNITS)), st.data())
def test_a_duration_is_read_back_whatever_unit_it_is_written_in(
    count: int, family: str, data: st.DataObject
) -> None:
    unit = data.draw(st.sampled_from(sorted(UNITS[family])))
    smaller = min(UNITS[family], key=lambda name: UNITS[family][name])
    length = count * UNITS[family][unit]
    for written in (f"{count}{unit}", f"{length // UNITS[family][smaller]}{smaller}"):
        [(start, end, value)] = list(find_durations(f"历时{written}。"))
        assert value == (Decimal(length), family)
        assert (start, end) == (2, 2 + len(written))


@pytest.mark.parametrize(
    ("source", "point", "wrong"),
    [
        ("工程历时一年半。", "工程用了18个月。", False),
        ("工程历时两年半。", "工程用了两年。", True),
        ("休假三个月。", "休假90天。", True),
        ("停电两天。", "停电48小时。", True),
        ("活动为期一周。", "活动为期7天。", False),
        ("上半年产量增加。", "6个月内产量增加。", False),
    ],
)
def test_durations_are_compared_by_unit(source: str, point: str, wrong: bool) -> None:
    held = Source(source)
    assert [check.wrong for check in check_facts(point, held, held)] == [wrong]
