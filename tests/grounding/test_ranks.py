import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.grounding.checks import Source, check_facts
from workbench.grounding.facts import extract_facts
from workbench.grounding.ranks import find_ranks


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("全省排名第五", [5]),
        ("位居全国第三。", [3]),
        ("获得第2名", [2]),
        ("列第十二位", [12]),
        ("销量居首位", [1]),
        ("登上榜首", [1]),
        ("夺得亚军", []),
        ("最终亚军是主队", [2]),
        ("全球第一，", [1]),
        ("第三次会议，第15届，第一时间，第二季度，第三，继续推进", []),
        ("获得第二次机会", []),
        ("世界第二大经济体", []),
        ("第三位受访者", []),
    ],
)
def test_ranks_are_told_from_what_only_counts(text: str, found: list[int]) -> None:
    assert [fact.value for fact in extract_facts(text) if fact.kind == "rank"] == found


@given(st.integers(1, 99), st.sampled_from(["排名第{}", "获第{}名", "位列全省第{}位"]))
def test_a_rank_is_read_back_in_digits_and_in_words(rank: int, form: str) -> None:
    ones, tens = "零一二三四五六七八九"[rank % 10], "零一二三四五六七八九"[rank // 10]
    words = ("" if rank < 20 else tens) + ("十" if rank > 9 else "") + (ones if rank % 10 else "")
    for written in (str(rank), words):
        assert {value for _s, _e, value in find_ranks(form.format(written))} == {rank}


@pytest.mark.parametrize(
    ("source", "point", "wrong"),
    [
        ("该省产量居全国首位。", "该省产量全国第一。", False),
        ("她夺得冠军。", "她获得第一名。", False),
        ("主队获季军。", "主队排名第三。", False),
        ("该校排名第五。", "该校排名第六。", True),
        ("该校排名第五。", "该校位居榜首。", True),
    ],
)
def test_a_rank_is_supported_in_whatever_words(source: str, point: str, wrong: bool) -> None:
    held = Source(source)
    assert [check.wrong for check in check_facts(point, held, held)] == [wrong]
