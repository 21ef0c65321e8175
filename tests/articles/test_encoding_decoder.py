"""The incremental decoder: as the whole, in bounded memory, whatever the cuts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.articles.encoding import decide, decode, decoder
from workbench.articles.script import convert
from workbench.errors import ArticleError

NEWS = (
    "码头边的旧仓库改成了图书馆，周末开放到晚上九点。\n"
    "馆长说，书架是用拆下来的木梁做的；孩子们最喜欢靠窗的一排座位，从那里可以看见渡船。\n"
    "Tickets are free, 每人限领两张（周一闭馆）。\n"
)
CODECS = ["utf-8", "utf-16-le", "utf-16-be", "gb18030", "hz"]


def in_steps(data: bytes, step: int, name_of: bytes | None = None) -> tuple[str, int]:
    reader = decoder(decide(name_of or data))
    parts = [reader.decode(data[start : start + step]) for start in range(0, len(data), step)]
    return "".join(parts) + reader.decode(b"", final=True), reader.undecodable


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("step", [1, 2, 3, 7, 50])
def test_bytes_handed_over_in_steps_decode_as_the_whole(codec: str, step: int) -> None:
    data = NEWS.encode(codec)
    assert in_steps(data, step) == (NEWS, 0)


@pytest.mark.parametrize("step", [1, 5, 1000])
def test_big5_in_steps_decodes_as_the_whole(step: int) -> None:
    text = convert(NEWS, "traditional")
    data = text.encode("big5", "ignore")
    assert in_steps(data, step) == (data.decode("big5"), 0)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([*NEWS.encode("gb18030").splitlines(True), b"\xff", b"\xb0", b"a\n"])),
    st.integers(1, 40),
)
def test_broken_bytes_cost_the_same_in_steps_as_in_the_whole(parts: list[bytes], step: int) -> None:
    data = NEWS.encode("gb18030") * 3 + b"".join(parts)
    text, encoding = decode(data)
    assert in_steps(data, step) == (text, encoding.undecodable)


def test_characters_beyond_the_basic_plane_survive_a_cut_between_their_halves() -> None:
    text = NEWS + "𠮷野家的招牌🍜。"
    for codec in ("utf-16-le", "utf-16-be"):
        assert in_steps(text.encode(codec), 1) == (text, 0)


def test_a_byte_order_mark_is_left_off_and_later_ones_stay() -> None:
    data = (NEWS + "\ufeff尾").encode("utf-8-sig")
    assert in_steps(data, 1)[0] == NEWS + "\ufeff尾"


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5", "utf-16-le", "euc_jp", "hz"])
def test_a_line_without_end_does_not_fill_the_memory(codec: str) -> None:
    line = convert(NEWS, "traditional").replace("\n", "") if codec == "big5" else "旧码头渡船"
    if codec == "euc_jp":
        line = "港の倉庫が図書館になりました。"
    data = line.encode(codec, "ignore") * (300_000 // len(line))
    reader = decoder(decide(data[:4000], complete=False))
    longest, text = 0, ""
    for start in range(0, len(data), 8192):
        text += reader.decode(data[start : start + 8192])
        longest = max(longest, len(reader.getstate()[0]))
    text += reader.decode(b"", final=True)
    assert longest < 70_000
    assert text == data.decode(codec)
    assert reader.undecodable == 0


def test_a_state_can_be_returned_to() -> None:
    data = NEWS.encode("gb18030")
    reader = decoder(decide(data))
    reader.decode(data[:31])
    state = reader.getstate()
    first = reader.decode(data[31:], final=True)
    reader.setstate(state)
    assert reader.decode(data[31:], final=True) == first
    reader.reset()
    assert reader.decode(data, final=True) == NEWS


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5", "utf-16-le"])
@pytest.mark.parametrize("cut", range(101, 107))
def test_a_sample_cut_inside_a_character_tells_as_much(codec: str, cut: int) -> None:
    text = convert(NEWS, "traditional")
    data = text.encode(codec, "ignore") * 3
    assert decide(data[:cut], complete=False).name == codec
    assert decide(data[:cut], complete=False, declared="iso-8859-1").name == codec


def test_a_sample_cut_in_utf8_is_still_strict_utf8() -> None:
    data = NEWS.encode()
    assert {decide(data[:cut], complete=False).method for cut in range(4, 90)} == {"utf-8"}
    assert decide(data[:4], complete=True).method == "scored"


def test_decide_refuses_what_decode_refuses() -> None:
    with pytest.raises(ArticleError):
        decide(bytes(range(128, 256)) * 20)
    assert decide(b"").name == "utf-8"
