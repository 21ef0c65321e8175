import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.articles.encoding import decode
from workbench.articles.script import convert
from workbench.errors import ArticleError

NEWS = (
    "市里昨天宣布，江边的步道将在秋天以前修完。工程分三段进行，第一段已经开放，居民傍晚常来散步。"
    "负责人说，沿岸种了三千多棵树，还留出了自行车道；明年春天，两座小桥也会接上，到时候可以一直走到旧码头。"
)
SHARED = Path(__file__).parents[3] / "shared" / "data" / "news_1930.txt"
CODECS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk", "gb2312"]


@pytest.mark.parametrize("codec", CODECS)
def test_simplified_text_comes_back_from_every_encoding(codec: str) -> None:
    text, encoding = decode(NEWS.encode(codec))
    assert text == NEWS
    assert encoding.undecodable == 0


@pytest.mark.parametrize(
    ("codec", "name"), [("gbk", "gb18030"), ("gb2312", "gb18030"), ("gb18030", "gb18030")]
)
def test_the_gb_family_is_reported_as_gb18030(codec: str, name: str) -> None:
    assert decode(NEWS.encode(codec))[1].name == name


@pytest.mark.parametrize("codec", ["big5", "big5hkscs", "cp950", "gbk", "utf-16-le"])
@pytest.mark.parametrize("target", ["traditional", "hongkong", "taiwan"])
@pytest.mark.parametrize("length", [20, 200])
def test_traditional_text_comes_back(codec: str, target: str, length: int) -> None:
    data = convert(NEWS, target)[:length].encode(codec, "ignore")
    text, encoding = decode(data)
    assert text == data.decode(codec)
    assert encoding.method == "scored"
    assert encoding.confidence > encoding.runner_up_confidence


def test_hong_kong_characters_are_read_as_hkscs() -> None:
    text = convert(NEWS, "hongkong") + "佢哋嚟咗，啲嘢喺嗰度。"
    data = text.encode("big5hkscs", "ignore")
    decoded, encoding = decode(data)
    assert decoded == data.decode("big5hkscs")
    assert "哋嚟咗" in decoded
    assert encoding.name == "big5hkscs"


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides_and_is_left_off(codec: str) -> None:
    text, encoding = decode(NEWS.encode(codec))
    assert not text.startswith("\ufeff")
    assert encoding.method == "bom"


def test_utf16_of_few_chinese_characters_is_known_by_its_nuls() -> None:
    english = "The riverside path opens again in May.\nIt took two years."
    assert decode(english.encode("utf-16-le"))[0] == english
    assert decode(english.encode("utf-16-be"))[0] == english


def test_a_true_declaration_is_believed_and_a_false_one_is_not() -> None:
    assert decode(NEWS.encode("gbk"), declared="gb2312")[1].method == "declared"
    text, encoding = decode(convert(NEWS, "traditional").encode("big5", "ignore"), declared="gbk")
    assert encoding.name == "big5"
    assert text == convert(NEWS, "traditional").replace("裏", "")
    assert decode(NEWS.encode("gbk"), declared="iso-8859-1")[0] == NEWS
    assert decode(NEWS.encode("gbk"), declared="no-such-charset")[0] == NEWS


def test_the_users_word_stands_against_what_the_bytes_look_like() -> None:
    text, encoding = decode(NEWS.encode("gbk"), given="big5")
    assert encoding.method == "given"
    assert text != NEWS


@pytest.mark.parametrize("name", ["no-such", "zip", "rot13", "idna", "", "x\0y"])
def test_an_unknown_encoding_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(ArticleError, match="there is no encoding"):
        decode(NEWS.encode(), given=name)


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5"])
def test_a_few_broken_bytes_cost_only_themselves(codec: str) -> None:
    text = convert(NEWS * 3, "traditional") if codec == "big5" else NEWS * 3
    data = bytearray(text.encode(codec, "ignore"))
    data[101:101] = b"\xff"
    decoded, encoding = decode(bytes(data))
    assert encoding.name == codec
    assert 1 <= encoding.undecodable <= 3
    whole = text.encode(codec, "ignore").decode(codec)
    assert decoded[-len(NEWS) :] == whole[-len(NEWS) :]


def test_a_lost_byte_costs_its_line_at_most() -> None:
    data = bytearray("\n".join([NEWS] * 6).encode("gb18030"))
    del data[101]
    decoded, encoding = decode(bytes(data))
    assert encoding.name == "gb18030"
    assert decoded.endswith("\n".join([NEWS] * 4))


def test_a_replacement_character_the_author_wrote_is_not_counted_as_lost() -> None:
    data = (NEWS + "\ufffd" + NEWS).encode() + b"\xff"
    assert decode(data)[1].undecodable == 1


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(ArticleError):
        decode(bytes(range(128, 256)) * 20)
    with pytest.raises(ArticleError, match="NUL"):
        decode(b"\x00\x01\x02\x03abc" * 50)
    with pytest.raises(ArticleError, match="most of it"):
        decode(b"\xff" * 300, given="utf-8")


def test_western_text_in_windows_1252_is_read() -> None:
    text = "The café on the corner – “open again” – serves crème brûlée until late in the evening."
    decoded, encoding = decode(text.encode("cp1252"))
    assert decoded == text
    assert encoding.name == "cp1252"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60))
def test_any_text_in_utf8_comes_back(text: str) -> None:
    assert decode(text.encode())[0] == text.removeprefix("\ufeff")


@settings(max_examples=60, deadline=None)
@given(st.permutations(NEWS.replace("。", "，").split("，")), st.sampled_from(CODECS))
def test_sentences_in_any_order_come_back(parts: list[str], codec: str) -> None:
    text = "，".join(parts).strip("，") + "。"
    assert decode(text.encode(codec))[0] == text


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_in_one_line(data: bytes) -> None:
    refusal = ""
    try:
        text, encoding = decode(data)
    except ArticleError as error:
        refusal = str(error)
    if refusal:
        assert "\n" not in refusal
    else:
        assert 0 <= encoding.confidence <= 1
        assert encoding.undecodable <= max(len(text), 1)


@pytest.mark.skipif(not SHARED.exists(), reason="needs the news texts beside the checkout")
@pytest.mark.parametrize("length", [None, 200])
def test_news_articles_are_told_apart(length: int | None) -> None:
    lines = [line for line in SHARED.read_text("utf-8").splitlines() if len(line) > 200]
    wrong: list[str] = []
    for line in random.Random(7).sample(lines, 60):
        article = line.strip()[:length]
        traditional = convert(article, "traditional")
        cases = [(codec, article) for codec in CODECS] + [("big5", traditional)]
        cases.append(("big5hkscs", convert(article, "hongkong")))
        for codec, text in cases:
            data = text.encode(codec, "ignore")
            if decode(data)[0] != data.decode(codec):
                wrong.append(f"{codec}: {text[:20]}")
    assert wrong == []
