from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.articles.script import (
    convert,
    convert_with_map,
    find_names,
    name_key,
    spellings,
    to_simplified,
    to_simplified_with_map,
)

NAMES = ["錢鍾書", "於梨華", "乾瞭", "后海", "范仲淹"]
PIECES = [
    "錢鍾書",
    "钱锺书",
    "钱钟书",
    "於梨华",
    "於梨華",
    "乾瞭",
    "乾",
    "瞭解",
    "後海",
    "后海",
    "範仲淹",
]
PIECES += ["說", "说", "，", "的軟體", "软件", "\u200b", "&nbsp;", "互联网", "錢", "鍾"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


def test_a_listed_name_stays_as_the_text_writes_it_in_both_directions() -> None:
    names = ["钱钟书"]
    assert to_simplified("錢鍾書說過鍾樓", names) == "錢鍾書说过钟楼"
    assert to_simplified("錢鍾書說過鍾樓") == "钱锺书说过钟楼"
    assert convert("钱锺书说过钟楼", "taiwan", names) == "钱锺书說過鐘樓"


def test_names_are_found_in_either_script_the_longer_first() -> None:
    text = "范仲淹与范仲"
    assert [text[s.start : s.end] for s in find_names(text, ["範仲", "范仲淹"])] == [
        "范仲淹",
        "范仲",
    ]
    assert find_names(text, ["", "  "]) == []


def test_a_name_cut_by_an_invisible_character_is_one_still() -> None:
    assert to_simplified("錢\u200b鍾書說", ["钱钟书"]) == "錢鍾書说"


def test_the_spelling_most_often_used_is_the_text_s_own() -> None:
    text = "錢鍾書、錢鍾書和钱锺书"
    assert spellings(text, ["钱钟书", "范仲淹"]) == {name_key("錢鍾書"): "錢鍾書"}


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.sets(st.sampled_from(NAMES)).map(sorted))
def test_names_are_never_converted_and_all_else_is(text: str, names: list[str]) -> None:
    found = to_simplified_with_map(text, names=names)
    for span in find_names(found.text, names):
        origin = found.original_span(span.start, span.end)
        own = text[origin.start : origin.end].replace("\u200b", "")
        assert own == found.text[span.start : span.end]
    visible = text.replace("\u200b", "").replace("&nbsp;", "\xa0")
    kept = find_names(visible, names)
    assert len(kept) == len(find_names(found.text, names))
    position, pieces = 0, []
    for span in kept:
        pieces += to_simplified(visible[position : span.start]), visible[span.start : span.end]
        position = span.end
    assert found.text == "".join(pieces) + to_simplified(visible[position:])


@settings(max_examples=100, deadline=None)
@given(TEXTS, st.sampled_from(["traditional", "taiwan", "hongkong", "simplified"]))
def test_names_map_onto_themselves_whatever_grows_around_them(text: str, target: str) -> None:
    found = convert_with_map(text, target, names=NAMES)
    for span in find_names(text, NAMES):
        there = found.converted_span(span.start, span.end)
        assert found.text[there.start : there.end] == text[span.start : span.end]
