from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.articles.model import Script, Wording
from workbench.articles.script import convert, detect, detect_wording, fold

SIMPLIFIED = "江边的步道修了两年，沿岸种下三千多棵树，居民说这里变得凉爽。"
TRADITIONAL = "江邊的步道修了兩年，沿岸種下三千多棵樹，居民說這裡變得涼爽。"
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
        ("2025", Script.OTHER),
        ("GPT-4 与 Llama 的差距仍然较大", Script.SIMPLIFIED),
        ("𠮷𠀋𫝈", Script.SIMPLIFIED),
    ],
)
def test_the_script_is_told_by_the_characters_only_it_has(text: str, script: Script) -> None:
    assert detect(text) is script


@pytest.mark.parametrize(
    ("text", "wording"),
    [
        ("我在網路上看到計程車司機的影片，螢幕裡的人用軟體叫車。", Wording.TAIWAN),
        ("全台有三百間超商參與，新台幣五十元的便當賣得最好。", Wording.TAIWAN),
        ("佢哋喺巴士站等咗好耐，好多人都冇位坐。", Wording.HONG_KONG),
        ("本港現時有三千架的士，長者乘巴士只需兩港元。", Wording.HONG_KONG),
        (TRADITIONAL, None),
        ("爲了數據安全，軟件公司優化了羣衆使用的視頻信息平台。", None),
        ("", None),
    ],
)
def test_the_wording_is_told_by_the_words_only_one_place_uses(
    text: str, wording: Wording | None
) -> None:
    assert detect_wording(text) is wording


def test_one_word_however_often_does_not_tell_alone() -> None:
    assert detect_wording("這裡" * 2 + "下雨了。") is None


def test_each_place_s_standard_is_told_from_the_other_s() -> None:
    text = "他说软件里的信息显示，温度下降后，卫生站的人坐着出租车去看望群众，路线和税率都查过了。"
    assert detect_wording(convert(text, "taiwan")) is Wording.TAIWAN
    assert detect_wording(convert(text, "traditional")) is None


@pytest.mark.skipif(not ARTICLES.exists(), reason="needs the articles beside the checkout")
def test_pages_with_a_few_stray_characters_keep_their_script() -> None:
    found = [detect(path.read_text("utf-8")) for path in sorted(ARTICLES.glob("00*.txt"))]
    assert found[:4] == [Script.SIMPLIFIED] * 2 + [Script.TRADITIONAL] * 2


@given(st.text(max_size=60))
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text(st.sampled_from(SIMPLIFIED + TRADITIONAL + "𫝈㑮⼈ＡＢ，　ab"), max_size=40))
def test_folding_goes_character_by_character(text: str) -> None:
    assert fold(text) == "".join(map(fold, text))
    assert fold(fold(text)) == fold(text)
