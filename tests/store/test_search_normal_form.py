from hypothesis import given
from hypothesis import strategies as st

from workbench.store.normal_form import normal_form, tokens, units


def test_scripts_widths_and_cases_look_the_same():
    assert normal_form("經濟ＧＤＰ成長").text == normal_form("经济gdp成长").text == "经济 gdp 成长"


def test_whitespace_between_hanzi_is_nothing_and_signs_are_a_gap():
    assert normal_form("经\n　济，发展 。").text == "经济 发展"
    assert normal_form("two  words-here").text == "two words here"


def test_invisible_characters_are_nothing():
    assert normal_form("经\u200b济 co\u00adoperate").text == "经济 cooperate"


def test_radicals_of_pdf_files_are_the_characters_they_look_like():
    assert normal_form("⼀⽣").text == "一生"


def test_each_hanzi_begins_a_token():
    assert tokens("经济发，展 GDP增") == "经济 济发 发 展 gdp 增 "
    assert tokens("，。 \n") == tokens("") == ""


def test_characters_beyond_the_basic_plane_are_indexed():
    assert tokens("𠮷野家") == "𠮷野 野家 家 "


@given(st.text())
def test_offsets_point_at_the_character_they_were_made_of(text):
    form = normal_form(text)
    assert len(form.offsets) == len(form.text) + 1
    assert form.offsets[-1] == len(text)
    assert all(a <= b for a, b in zip(form.offsets, form.offsets[1:], strict=False))
    for char, offset in zip(form.text, form.offsets, strict=False):
        if char != " ":
            assert normal_form(text[offset]).text == char


@given(st.text())
def test_the_normal_form_of_a_normal_form_has_the_same_characters(text):
    # A sign between two Hanzi becomes a gap, and a gap between two Hanzi is none.
    form = normal_form(text).text
    assert normal_form(form).text.replace(" ", "") == form.replace(" ", "")


@given(st.text())
def test_the_pieces_agree_with_each_other(text):
    form = normal_form(text).text
    assert "".join(map(chr, units(text).codes)) == form.replace(" ", "")
    assert not tokens(text).startswith(" ")
    assert "  " not in tokens(text)
