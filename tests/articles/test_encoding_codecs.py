"""The encodings Python lacks, those of old mail, and those that are not Chinese."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.articles.charsets import names, plausibility
from workbench.articles.encoding import codec_name, decide, decode
from workbench.articles.script import convert
from workbench.errors import ArticleError

NEWS = (
    "镇上的邮局搬到了车站旁边，寄件窗口从两个增加到五个。"
    "工作人员介绍，取件柜全天开放，老人可以打电话预约送件上门。"
)
OLD = convert(NEWS, "traditional")
FREQUENT = [char for char, bits in plausibility.chinese().items() if bits <= 10.0 and char >= "一"]
SIMPLIFIED = [char for char in FREQUENT if char.encode("gb2312", "ignore")]
TRADITIONAL = [char for char in FREQUENT if char.encode("big5", "ignore")]


def sentences(characters: list[str]) -> st.SearchStrategy[str]:
    """Make texts of 30 to 60 different frequent characters, with some punctuation."""
    chosen = st.lists(st.sampled_from(characters), min_size=30, max_size=60, unique=True)
    return chosen.map(lambda one: "，".join("".join(one)[at : at + 9] for at in range(0, 60, 9)))


@settings(max_examples=100, deadline=None)
@given(
    sentences(SIMPLIFIED),
    st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "gbk"]),
)
def test_simplified_text_comes_back_from_every_encoding(text: str, codec: str) -> None:
    decoded, encoding = decode(text.encode(codec))
    assert decoded == text
    assert (encoding.undecodable, encoding.also, encoding.misread) == (0, (), None)


@settings(max_examples=100, deadline=None)
@given(sentences(TRADITIONAL), st.sampled_from(["utf-8", "utf-16-le", "big5", "cp950", "gb18030"]))
def test_traditional_text_comes_back_from_every_encoding(text: str, codec: str) -> None:
    assert decode(text.encode(codec))[0] == text


@settings(max_examples=50, deadline=None)
@given(sentences(TRADITIONAL))
def test_euc_tw_and_old_mail_come_back(text: str) -> None:
    codec_name("euc-tw")
    data = text.encode("euc_tw")
    assert data.decode("euc_tw") == text
    assert decode(data, given="euc-tw")[0] == text
    simplified = "".join(char for char in text if char.encode("gb2312", "ignore"))
    assert decode(simplified.encode("hz"))[0] == simplified


def test_euc_tw_is_what_other_programs_write() -> None:
    # As written by iconv of glibc.
    data = bytes.fromhex(
        "f7d8c4b8cefbe2d3c9fde4b0ccafc4a7cbcfd7bbd5e9f9b1a1a2d9ecc7b5"
        "e1a7c4c7dab7cca5d4b6ecc1c5fbccafc4ecd4b6a1a4"
    )
    text, encoding = decode(data)
    assert text == "鎮上的郵局搬到了車站旁邊，寄件窗口從兩個增加到五個。"
    assert encoding.name == "euc_tw"
    assert decode(data + b"\xff")[1].undecodable == 1


def shifted(text: str) -> bytes:
    return b"\x0e" + bytes(byte & 0x7F for byte in text.encode("gb2312")) + b"\x0f"


@pytest.mark.parametrize("length", range(8, 20))
def test_short_euc_tw_is_not_taken_for_broken_utf8(length: int) -> None:
    codec_name("euc-tw")
    text = "對過往車輛進行檢查時化建設加大干預"[:length]
    assert decode(text.encode("euc_tw"))[0] == text


def test_iso_2022_cn_is_read() -> None:
    lines = NEWS.split("。")
    data = b"\r\n".join(b"No. 1 \x1b$)A" + shifted(line) for line in lines)
    text, encoding = decode(data)
    assert text == "\r\n".join(f"No. 1 {line}" for line in lines)
    assert (encoding.name, encoding.undecodable) == ("iso2022_cn", 0)


def test_iso_2022_cn_with_cns_planes_is_read() -> None:
    codec_name("euc-tw")
    plane1 = bytes(byte & 0x7F for byte in "郵局".encode("euc_tw"))
    plane2 = bytes(byte & 0x7F for byte in "飧".encode("euc_tw")[-2:])
    second = b"\x1b$*H" if len("飧".encode("euc_tw")) == 4 else b""
    data = b"\x1b$)G\x0e" + plane1 + b"\x0f" + second
    assert data.decode("iso2022_cn") == "郵局"
    if second:
        assert (data + b"\x1bN" + plane2).decode("iso2022_cn") == "郵局飧"


def test_iso_2022_cn_is_read_and_not_written() -> None:
    with pytest.raises(UnicodeEncodeError):
        NEWS.encode(codec_name("iso-2022-cn") or "")


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("shift_jis", "cp932"),
        ("euc_jp", "euc_jp"),
        ("iso2022_jp", "iso2022_jp"),
        ("utf-16-le", "utf-16-le"),
    ],
)
def test_japanese_is_told_apart(codec: str, name: str) -> None:
    text = "港の倉庫が図書館になりました。週末は午後九時まで開いています。窓際の席が人気です。"
    decoded, encoding = decode(text.encode(codec))
    assert (decoded, encoding.name) == (text, name)


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("euc_kr", "cp949"),
        ("cp949", "cp949"),
        ("iso2022_kr", "iso2022_kr"),
        ("utf-16-le", "utf-16-le"),
    ],
)
def test_korean_is_told_apart(codec: str, name: str) -> None:
    text = "부두의 낡은 창고가 도서관으로 바뀌었다. 주말에는 저녁 아홉 시까지 문을 연다."
    decoded, encoding = decode(text.encode(codec))
    assert (decoded, encoding.name) == (text, name)


@pytest.mark.parametrize(
    "text",
    [
        "Le café du port a rouvert hier; la bibliothèque, elle, fermera à neuf heures.",
        "Die Bücherei am Fluß öffnet früher, sagte der Bürgermeister am Dienstag.",
        "It’s the harbour’s oldest warehouse – “a landmark”, he said – and it’s open.",
    ],
)
def test_western_text_is_told_apart(text: str) -> None:
    decoded, encoding = decode(text.encode("cp1252"))
    assert (decoded, encoding.name) == (text, "cp1252")


def test_other_languages_are_read_as_declared_and_not_guessed() -> None:
    text = "Старый склад у причала стал библиотекой, по выходным она открыта до девяти."
    data = text.encode("cp1251")
    decoded, encoding = decode(data, declared="windows-1251")
    assert (decoded, encoding.method) == (text, "declared")


@pytest.mark.parametrize("text", ["联通", "移动", "你好", "中国", "经济", "标题：通知"])
@pytest.mark.parametrize("codec", ["gbk", "utf-8", "utf-16"])
def test_the_shortest_texts_come_back(text: str, codec: str) -> None:
    assert decode(text.encode(codec))[0] == text


@pytest.mark.parametrize(
    "text", ["да", "Привет", "μια", "naïve", "œuvre", "Ąžuolas", "שלום", "éèê"]
)
def test_short_words_in_utf8_are_not_taken_for_gbk(text: str) -> None:
    assert decode(text.encode()) == (text, decode(text.encode())[1])
    assert decode(text.encode())[1].method == "utf-8"


@pytest.mark.parametrize(
    "text", ["a ~{ b", "x = ~{y}~", "~{~}", "cost ~ {5} ~} end", "\x1b[31mred"]
)
def test_ascii_with_signs_of_escapes_stays_ascii(text: str) -> None:
    assert decode(text.encode()) == (text, decode(text.encode())[1])
    assert decode(text.encode())[1].name == "utf-8"


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("GB2312", "gb2312"),
        ("x-gbk", "gb18030"),
        ("Big5-HKSCS", "big5hkscs"),
        ("big5-eten", "big5"),
        ("'utf8'", "utf-8"),
        ("x-sjis", "cp932"),
        ("euc-tw", "euc_tw"),
        ("iso-2022-cn", "iso2022_cn"),
        ("windows-936", "gb18030"),
    ],
)
def test_labels_of_web_mail_and_databases_are_known(label: str, name: str) -> None:
    assert codec_name(label) == name


def test_a_label_means_the_widest_of_its_family() -> None:
    assert names.known("gb2312") == "gb18030"
    assert names.known("euc-kr") == "cp949"
    assert names.known("nothing-such") is None
    assert names.known(None) is None


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_the_users_utf16_without_a_mark_is_of_the_order_that_makes_sense(codec: str) -> None:
    assert decode(NEWS.encode(codec), given="utf-16")[0] == NEWS
    assert decode("café".encode(codec), given="UTF-16")[0] == "café"


def test_the_score_falls_with_what_speaks_against_it() -> None:
    plain = decide(NEWS.encode("gbk"))
    rare = decide("龘靐齉爩鱻麤灪鸞鸝虋".encode("gb18030") + NEWS.encode("gbk"))
    assert plain.confidence > rare.confidence > rare.runner_up_confidence
    assert plain.runner_up is not None


def test_a_wrong_declaration_is_overruled_by_a_few_words() -> None:
    assert decode(OLD[:20].encode("big5", "ignore"), declared="gbk")[0] == OLD[:20]
    assert decode(NEWS[:20].encode("gbk"), declared="big5")[0] == NEWS[:20]
    assert decode(NEWS[:20].encode("gbk"), declared="utf-8")[0] == NEWS[:20]


@pytest.mark.parametrize(
    "name", ["hz", "iso2022_cn", "euc_tw", "utf-16", "utf-32", "big5", "utf-7"]
)
@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=120))
def test_any_bytes_given_any_name_are_read_or_refused_in_one_line(name: str, data: bytes) -> None:
    refusal = ""
    try:
        text, encoding = decode(data, given=name)
    except ArticleError as error:
        refusal = str(error)
    if refusal:
        assert "\n" not in refusal
    else:
        assert encoding.undecodable <= len(text)
