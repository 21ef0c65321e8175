from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.articles.model import Script
from workbench.articles.script import (
    TARGETS,
    convert,
    detect,
    fold,
    spread,
    to_simplified,
    to_simplified_with_map,
)

SIMPLIFIED = "江边的步道修了两年，沿岸种下三千多棵树，居民说这里变得凉爽。"
TRADITIONAL = "江邊的步道修了兩年，沿岸種下三千多棵樹，居民說這裡變得涼爽。"
MIXED_TEXT = st.text(
    st.sampled_from(TRADITIONAL + SIMPLIFIED + "abc，。 \n\u200b\ufeff😀𠮷乾隆"), max_size=80
)
ARTICLES = Path(__file__).parents[3] / "shared" / "articles"


@pytest.mark.parametrize(
    ("text", "script"),
    [
        (SIMPLIFIED, Script.SIMPLIFIED),
        (TRADITIONAL, Script.TRADITIONAL),
        (SIMPLIFIED + TRADITIONAL, Script.MIXED),
        (TRADITIONAL * 9 + "战线", Script.TRADITIONAL),
        ("中文", Script.SIMPLIFIED),
        ("The path along the river opened again, said 王.", Script.OTHER),
        ("川沿いの道がまた開いた、と住民は話した。", Script.OTHER),
        ("강변 길이 다시 열렸다", Script.OTHER),
        ("", Script.OTHER),
        ("GPT-4 与 Llama 的差距仍然较大", Script.SIMPLIFIED),
    ],
)
def test_the_script_is_told_by_the_characters_only_it_has(text: str, script: Script) -> None:
    assert detect(text) is script


@pytest.mark.skipif(not ARTICLES.exists(), reason="needs the articles beside the checkout")
def test_pages_with_a_few_stray_characters_keep_their_script() -> None:
    found = [detect(path.read_text("utf-8")) for path in sorted(ARTICLES.glob("00*.txt"))]
    assert found[:4] == [Script.SIMPLIFIED] * 2 + [Script.TRADITIONAL] * 2


def test_conversion_reaches_each_target() -> None:
    assert convert("软件里的头发", "traditional") == "軟件裏的頭髮"
    assert convert("软件里的头发", "taiwan") == "軟體裡的頭髮"
    assert convert("软件里的头发", "hongkong") == "軟件裏的頭髮"
    assert convert(TRADITIONAL, "simplified") == SIMPLIFIED
    with pytest.raises(ValueError, match="target"):
        convert("软件", "klingon")


def test_phrases_are_converted_as_wholes() -> None:
    assert to_simplified("乾隆年間的乾燥劑") == "乾隆年间的干燥剂"


def test_invisible_characters_go_and_the_map_steps_over_them() -> None:
    simplified, offsets = to_simplified_with_map("江\u200b邊\ufeff的樹")
    assert simplified == "江边的树"
    assert list(offsets) == [0, 2, 4, 5]


@given(MIXED_TEXT)
def test_the_map_is_monotone_and_points_at_the_original(text: str) -> None:
    simplified, offsets = to_simplified_with_map(text)
    assert simplified == to_simplified(text)
    assert len(offsets) == len(simplified)
    assert list(offsets) == sorted(set(offsets))
    for char, offset in zip(simplified, offsets, strict=True):
        original = text[offset]
        assert original == char or to_simplified(original) == char or original in "乾"


@given(MIXED_TEXT)
def test_simplifying_twice_changes_nothing_more(text: str) -> None:
    assert to_simplified(to_simplified(text)) == to_simplified(text)


@given(MIXED_TEXT, st.sampled_from(TARGETS))
def test_conversion_is_opencc_s_own(text: str, target: str) -> None:
    import opencc

    names = {"simplified": "t2s", "traditional": "s2t", "taiwan": "s2twp", "hongkong": "s2hk"}
    assert convert(text, target) == _OPENCC.setdefault(
        target, opencc.OpenCC(names[target])
    ).convert(text)


_OPENCC: dict = {}


@given(st.text(max_size=60))
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.integers(1, 50), st.integers(0, 80))
def test_spreading_is_monotone_and_stays_inside(original: int, converted: int) -> None:
    offsets = spread(original, converted)
    assert offsets == sorted(offsets)
    assert all(0 <= offset < original for offset in offsets)
    assert len(offsets) == converted
