"""Files with parts in two encodings, with broken bytes, and text that was garbled before."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.articles.charsets.misreading import find_misreading
from workbench.articles.charsets.names import family
from workbench.articles.encoding import decode
from workbench.articles.script import convert
from workbench.errors import ArticleError

NEWS = (
    "区里的老澡堂昨天重新开门，门口排起了长队。\n"
    "师傅说，锅炉换成了电的，水温稳得多；票价没有涨，六十岁以上的人半价。\n"
    "附近居民王女士带着母亲来，她说小时候每个周末都在这里碰见邻居。\n"
)
OLD = convert(NEWS, "traditional")


def test_a_gbk_comment_in_a_utf8_page_is_read() -> None:
    page = f"<p>{NEWS}</p><!-- 编辑注 --><p>{NEWS}</p>"
    data = page.encode().replace("编辑注".encode(), "本页由旧系统生成".encode("gbk"))
    text, encoding = decode(data)
    assert text == page.replace("编辑注", "本页由旧系统生成")
    assert (encoding.name, encoding.also, encoding.undecodable) == ("utf-8", ("gb18030",), 0)


@pytest.mark.parametrize(
    ("name", "old", "other"),
    [("big5", OLD, "utf-8"), ("gb18030", NEWS, "utf-8"), ("utf-8", NEWS, "gb18030")],
)
@pytest.mark.parametrize("place", [0, 1, 3, 6])
def test_lines_in_another_encoding_are_read_in_that(
    name: str, old: str, other: str, place: int
) -> None:
    added = "读者来信：澡堂里的大池子什么时候修好？\n"
    lines = [line.encode(name, "ignore") for line in (old * 2).splitlines(keepends=True)]
    expected = [line.decode(name) for line in lines]
    lines.insert(place, added.encode(other))
    expected.insert(place, added)
    text, encoding = decode(b"".join(lines))
    assert text == "".join(expected)
    assert (encoding.also, encoding.undecodable) == ((other,), 0)
    assert encoding.name in family(name)


def test_half_in_one_and_half_in_another_encoding() -> None:
    data = NEWS.encode("gbk") + NEWS.encode()
    text, encoding = decode(data)
    assert text == NEWS * 2
    assert {encoding.name, *encoding.also} == {"gb18030", "utf-8"}


@pytest.mark.parametrize("cut", [1, 2])
@pytest.mark.parametrize("length", [4, 20, 60])
def test_utf8_cut_inside_a_character_stays_utf8(length: int, cut: int) -> None:
    text, encoding = decode(NEWS[:length].encode()[:-cut])
    assert text == NEWS[: length - 1] + "\ufffd"
    assert (encoding.name, encoding.undecodable) == ("utf-8", 1)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 3 * len(NEWS)), min_size=1, max_size=4), st.integers(0x80, 0xFF))
def test_utf8_with_a_few_bad_bytes_stays_utf8(places: list[int], bad: int) -> None:
    data = bytearray(NEWS.encode())
    for place in places:
        data.insert(place, bad)
    text, encoding = decode(bytes(data))
    assert encoding.name == "utf-8"
    assert encoding.also == ()
    assert encoding.undecodable <= 4 * len(places)
    assert sum(char in text for char in set(NEWS)) >= len(set(NEWS)) - 2 * len(places)


def test_surrogates_written_one_by_one_are_joined() -> None:
    whole = NEWS + "🍜"
    halves = "🍜".encode("utf-16-le")
    high, low = (part.decode("utf-16-le", "surrogatepass") for part in (halves[:2], halves[2:]))
    data = NEWS.encode() + (high + low).encode("utf-8", "surrogatepass")
    assert decode(data)[0] == whole


def test_the_euro_of_code_page_936_is_read() -> None:
    data = NEWS.encode("gbk") + b"\x80" + "五十".encode("gbk")
    text, encoding = decode(data)
    assert text == NEWS + "€五十"
    assert encoding.undecodable == 0


def test_nuls_in_utf8_are_kept() -> None:
    text = NEWS.replace("。", "。\0", 1)
    assert decode(text.encode()) == (text, decode(text.encode())[1])
    assert decode(text.encode())[1].name == "utf-8"


@pytest.mark.parametrize(
    ("meant", "misread"),
    [
        ("utf-8", "latin-1"),
        ("gbk", "latin-1"),
        ("big5", "latin-1"),
        ("big5", "gb18030"),
        ("gbk", "cp950"),
        ("utf-8", "cp1252"),
        ("utf-8", "gb18030"),
    ],
)
@pytest.mark.parametrize("saved", ["utf-8", "utf-16"])
def test_garbled_text_is_restored_where_nothing_was_lost(
    meant: str, misread: str, saved: str
) -> None:
    plain = (OLD if meant == "big5" else NEWS).encode(meant, "ignore")
    lines = []
    for line in plain.splitlines(keepends=True):
        try:
            lines.append((line.decode(misread), line.decode(meant)))
        except UnicodeDecodeError:
            continue
    if not lines:
        pytest.skip("no line of it survives this misreading")
    garbled, expected = ("".join(part) for part in zip(*lines, strict=True))
    text, encoding = decode(garbled.encode(saved))
    assert text == expected
    assert encoding.misread in {misread, "cp1252" if misread == "latin-1" else misread}
    assert encoding.undecodable == 0


def test_garbled_text_with_losses_is_refused_by_its_name() -> None:
    garbled = NEWS.encode().decode("gb18030", "replace").replace("\ufffd", "?")
    with pytest.raises(ArticleError, match="garbled"):
        decode(garbled.encode())


def test_the_users_word_leaves_garbled_text_as_it_is() -> None:
    garbled = NEWS.encode().decode("latin-1")
    assert decode(garbled.encode(), given="utf-8")[0] == garbled


@pytest.mark.parametrize(
    "text",
    [
        NEWS,
        OLD,
        "Ça été déjà évoqué à l’école: où, là-bas, ç’est très élevé, naïve, œuvre, forêt, hôtel.",
        "Привет, мир! Сегодня в городе открылась новая библиотека у старого причала.",
        "港の倉庫が図書館になりました。窓際の席からは渡し船が見えます。",
        "부두의 낡은 창고가 도서관으로 바뀌었습니다. 창가 자리에서 나룻배가 보입니다.",
        "龘靐齉爩鱻麤灪鸞鸝虋",
        "①②③④⑤ ★☆ ←→ ± × ÷ ≤ ≥ ∑ √",
        "čšžřýáíé ďťň ůú ĺŕ ôä",
    ],
)
def test_text_that_is_as_meant_is_not_taken_for_garbled(text: str) -> None:
    assert find_misreading(text) is None
    assert decode(text.encode())[0] == text


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_restored_only_with_reason(text: str) -> None:
    assert find_misreading(text) is None
