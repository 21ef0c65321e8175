import re
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.articles.script import (
    TARGETS,
    convert,
    convert_by,
    convert_with_map,
    to_simplified,
    to_simplified_with_map,
)
from workbench.articles.script.dictionaries import chain, dictionary
from workbench.articles.script.phrases import Step

SIMPLIFIED = "江边的步道修了两年，沿岸种下三千多棵树，居民说这里变得凉爽。"
TRADITIONAL = "江邊的步道修了兩年，沿岸種下三千多棵樹，居民說這裡變得涼爽。"
CONFIGURATIONS = [
    "t2s", "s2t", "s2twp", "s2hk", "s2tw", "t2tw", "t2hk", "tw2s", "tw2sp", "hk2s",
]  # fmt: skip
PHRASES = sorted(
    key
    for name in ("TSPhrases.txt", "TWPhrases.txt", "TWPhrasesRev.txt", "HKVariantsRevPhrases.txt")
    for key in dictionary(name)
)
SIMPLIFIED_PHRASES = sorted(dictionary("STPhrases.txt"))[::7]
PIECES = st.one_of(
    st.sampled_from(PHRASES),
    st.sampled_from(SIMPLIFIED_PHRASES),
    # Heads and tails of phrases, so that some overlap others.
    st.sampled_from(PHRASES).flatmap(lambda phrase: st.sampled_from([phrase[:-1], phrase[1:]])),
    st.sampled_from(
        list(TRADITIONAL + SIMPLIFIED + "abc，。 \n-.．「」《》😀𠮷乾隆著瞭复面发只里干后系")
    ),
)
TEXTS = st.lists(PIECES, max_size=14).map("".join)
UNSEEN = ["\u200b", "\ufeff", "\u00ad", "&nbsp;", "&amp;", "&#39;", "&amp;nbsp;", "&zwj;", "&", ";"]
MESSY = st.lists(st.one_of(PIECES, st.sampled_from(UNSEEN)), max_size=16).map("".join)


@cache
def opencc(configuration: str):  # type: ignore[no-untyped-def]
    import opencc as package

    return package.OpenCC(configuration)


def test_conversion_reaches_each_target() -> None:
    assert convert("软件里的头发", "traditional") == "軟件裏的頭髮"
    assert convert("软件里的头发", "taiwan") == "軟體裡的頭髮"
    assert convert("软件里的头发", "hongkong") == "軟件裏的頭髮"
    assert convert(TRADITIONAL, "simplified") == SIMPLIFIED
    with pytest.raises(ValueError, match="target"):
        convert("软件", "klingon")
    with pytest.raises(ValueError, match="no configuration"):
        convert_by("软件", "klingon")


def test_phrases_are_converted_as_wholes() -> None:
    assert to_simplified("乾隆年間的乾燥劑") == "乾隆年间的干燥剂"


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
@settings(max_examples=60, deadline=None)
@given(text=TEXTS)
def test_conversion_is_opencc_s_own(configuration: str, text: str) -> None:
    assert convert_by(text, configuration).text == opencc(configuration).convert(text)


def test_the_longest_phrase_anywhere_goes_first_then_the_leftmost() -> None:
    step = Step([{"甲乙": "12", "乙丙丁": "345", "丁戊": "67", "甲": "a", "丁": "d"}])
    assert step.convert("甲乙丙丁戊")[0] == "a345戊"
    assert step.convert("甲乙甲乙")[0] == "1212"


def test_what_an_earlier_dictionary_of_a_group_settles_no_later_one_touches() -> None:
    step = Step([{"甲": "子丑"}, {"甲乙": "x", "丙丁": "寅"}, {"乙": "b", "丙": "c"}])
    text, edits = step.convert("甲乙丙丁丙")
    assert text == "子丑b寅c"
    assert [tuple(edit) for edit in edits] == [(0, 1, 0, 2), (2, 4, 3, 4)]


def test_a_phrase_that_grows_maps_as_a_whole_and_its_neighbours_one_to_one() -> None:
    text = "用互联网和打印机"
    found = convert_with_map(text, "taiwan")
    assert found.text == "用網際網路和印表機"
    assert found.original_span(0, 1) == found.converted_span(0, 1)
    for start in range(1, 5):
        span = found.original_span(start, start + 1)
        assert text[span.start : span.end] == "互联网"
    assert text[slice(*_ends(found.original_span(5, 6)))] == "和"
    assert found.text[slice(*_ends(found.converted_span(2, 3)))] == "網際網路"
    # 打印机 keeps its length: character by character.
    assert _ends(found.original_span(7, 8)) == (6, 7)


@pytest.mark.parametrize("configuration", ["t2s", "s2t", "s2hk"])
@given(text=TEXTS)
def test_what_keeps_its_length_needs_no_edits(configuration: str, text: str) -> None:
    assert convert_by(text, configuration).edits == ()


def test_the_beginning_of_a_longer_phrase_at_the_end_of_a_text_is_not_taken_for_it() -> None:
    # OpenCC has 瞭解到 too.
    assert convert_by("他瞭解", "t2s") == convert_by("他了解", "t2s")


def test_invisible_characters_go_and_the_map_steps_over_them() -> None:
    text = "江\u200b邊\ufeff的樹"
    found = to_simplified_with_map(text)
    assert found.text == "江边的树"
    assert [_ends(found.original_span(at, at + 1)) for at in range(4)] == [
        (0, 1),
        (2, 3),
        (4, 5),
        (5, 6),
    ]
    assert _ends(found.original_span(0, 2)) == (0, 3)
    assert _ends(found.converted_span(1, 2)) == (1, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A&amp;B&nbsp;公司", "A&B\xa0公司"),
        ("&ldquo;走吧&rdquo;&#12290;", "“走吧”。"),
        ("空&amp;nbsp;格与&amp;amp;符", "空\xa0格与&符"),
        ("R&D; AT&T 与 &unknown; 照旧", "R&D; AT&T 与 &unknown; 照旧"),
        ("江&#8203;邊&shy;的&zwj;樹", "江边的树"),
        ("２０２５年增长３．５％，ＧＰＴ", "2025年增长3.5％，GPT"),
        ("⼈⼝与⽤户", "人口与用户"),
        ("葛\U000e0100城", "葛城"),
        ("中\u200d国的👩\u200d🚀", "中国的👩\u200d🚀"),
    ],
)
def test_a_model_reads_what_a_reader_sees(text: str, expected: str) -> None:
    assert to_simplified(text) == expected


@settings(max_examples=200, deadline=None)
@given(MESSY, st.data())
def test_every_span_maps_to_a_sensible_one_and_back(text: str, data: st.DataObject) -> None:
    found = data.draw(
        st.sampled_from(
            [
                to_simplified_with_map(text),
                convert_with_map(text, "taiwan"),
                convert_by(text, "tw2sp"),
            ]
        )
    )
    size = len(found.text)
    start = data.draw(st.integers(0, size))
    end = data.draw(st.integers(start, size))
    span = found.original_span(start, end)
    assert 0 <= span.start <= span.end <= len(text)
    if start < end:
        assert span.start < span.end
        back = found.converted_span(span.start, span.end)
        assert back.start <= start < end <= back.end
        inner = [found.original_span(at, at + 1) for at in range(start, end)]
        assert (span.start, span.end) == (inner[0].start, inner[-1].end)
        assert all(a.start <= b.start and a.end <= b.end for a, b in pairwise(inner))
    assert found.original_span(size, size).end == len(text) or found.edits


@settings(max_examples=200, deadline=None)
@given(MESSY)
def test_between_separators_the_original_of_a_stretch_converts_to_it_again(text: str) -> None:
    found = to_simplified_with_map(text)
    for run in re.finditer(r"[^\s，。&;\-.]+", found.text):
        span = found.original_span(run.start(), run.end())
        assert to_simplified(text[span.start : span.end]) == run.group()


@settings(max_examples=200, deadline=None)
@given(MESSY)
def test_characters_correspond_one_to_one_outside_of_edits(text: str) -> None:
    found = to_simplified_with_map(text)
    inside = {at for edit in found.edits for at in range(edit.new_start, edit.new_end)}
    for at, char in enumerate(found.text):
        span = found.original_span(at, at + 1)
        if at not in inside:
            assert span.end - span.start == 1
            own = text[span.start]
            assert own == char or not own.isascii()
            assert own == char or (not char.isspace() and not own.isspace())


@given(TEXTS)
def test_simplifying_twice_changes_nothing_more(text: str) -> None:
    once = to_simplified(text)
    assert len(to_simplified(once)) == len(once)


def test_every_configuration_s_dictionaries_are_there() -> None:
    for configuration in CONFIGURATIONS:
        for group in chain(configuration):
            assert all(dictionary(name) for name in group)


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_becomes_nothing(target: str) -> None:
    assert convert("", target) == ""
    assert convert_with_map("", target).edits == ()


def _ends(span):  # type: ignore[no-untyped-def]
    return span.start, span.end
