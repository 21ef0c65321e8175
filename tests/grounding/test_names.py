import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.grounding.checks import Source, check_facts
from workbench.grounding.facts import extract_facts
from workbench.grounding.names import Names, form


def names(text: str) -> list[str]:
    return [fact.text for fact in extract_facts(text) if fact.kind == "name"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("县长高远山主持会议", ["高远山"]),
        ("记者 白晓川 报道", ["白晓川"]),
        ("高远山、白晓川、林若溪等参加", ["高远山", "白晓川", "林若溪"]),
        ("欧阳明远认为", ["欧阳明远"]),
        ("高远山先生说，", ["高远山"]),
        ("哈里森指出", ["哈里森"]),
        ("方案、项目、程序等", []),
        ("高度重视，任务艰巨，成员表示", []),
        ("专家说，马上就好", []),
    ],
)
def test_people_are_told_by_surname_and_what_stands_beside(text: str, found: list[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("由云岭集团承建", ["云岭集团"]),
        ("云岭技术有限公司的产品", ["云岭技术有限公司"]),
        ("中国国防大学发布", ["中国国防大学"]),
        ("一家科技公司，离开公司，附近医院，大学生，上市公司", []),
        ("他前往医院，许多企业和银行业", []),
        ("石桥镇和青岚县", ["石桥镇", "青岚县"]),
        ("全省、城市、社区、乡村、城镇、全县、地区、小岛", []),
        ("从日本到韩国", ["日本", "韩国"]),
        ("今日本地晴，沿海地区有雨", []),
    ],
)
def test_organisations_and_places_are_told_by_their_ending_or_a_list(
    text: str, found: list[str]
) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    ("source", "point", "wrong"),
    [
        ("云岭与同行竞争。", "云岭公司与同行竞争。", False),
        ("云岭技术有限公司承建。", "云岭集团承建。", False),
        ("云岭集团承建。", "白马集团承建。", True),
        ("中美元首会晤。", "美国总统会晤。", False),
        ("美方回应。", "美国回应。", False),
        ("美方回应。", "英国回应。", True),
        ("白宫发言。", "美国政府发言。", False),
        ("我国沿海。", "中国沿海。", False),
        ("沪深两市。", "上海与深圳。", False),
        ("青岚县开会。", "青岚开会，位于青岚县城。", False),
        ("国防大学发布。", "中国国防大学发布。", False),
        ("科学院发布。", "中国国防大学发布。", True),
        ("局长高远山出席。", "局长白晓川出席。", True),
    ],
)
def test_a_name_is_held_where_what_identifies_it_is(source: str, point: str, wrong: bool) -> None:
    held = Source(source)
    assert any(check.wrong for check in check_facts(point, held, held)) is wrong


def test_a_name_comes_back_without_what_gave_it_away() -> None:
    text = (
        "会上高远山表示同意。下午高远山到了石桥。大家都认识高远山这个人。有人问高远山何时开工。"
        "云岭集团派人到场。"
    )
    known = Names(text).known
    assert known["高远山"] == "person"
    assert known["云岭集团"] == "organisation"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("日本", "place"), ("青岚县", "place"), ("GPT-4", "latin"), ("云岭集团", "organisation"),
        ("高远山", "person"), ("哈里森", "person"), ("海丝文化", ""),
    ],
)  # fmt: skip
def test_the_form_of_a_name_says_what_may_take_its_place(name: str, kind: str) -> None:
    assert form(name) == kind


@given(
    st.text(alphabet="高远山、表示公司集团县省的一和说，。“”《》日本·哈里森AB1 市大学", max_size=60)
)
def test_a_text_holds_the_names_found_in_it(text: str) -> None:
    source = Source(text)
    for fact in extract_facts(text):
        assert text[fact.start : fact.end] == fact.text
        assert source.has(fact)


@pytest.mark.parametrize(
    "piece", ["公司", "高远山、", "阿", "王表示", "中国", "科技", "县", "、王"]
)
def test_long_hostile_texts_are_read_in_time(piece: str) -> None:
    # Quadratic work on a text this long would take hours, not the suite's seconds.
    text = piece * (40_000 // len(piece))
    assert len(Names(text).known) < 10
    assert all(fact.end <= len(text) for fact in extract_facts(text))


def test_an_organisation_with_another_ending_is_not_another_one() -> None:
    source = Source("云岭集团很好地缓解了压力，由云岭集团承建。")
    assert not any(c.wrong for c in check_facts("云岭公司很好地缓解了压力。", source, source))
