from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from tasks.tasks_support import SIMPLIFIED, TRADITIONAL, article_of

from workbench.articles.model import Article, Encoding, Removal, Script
from workbench.articles.passages import split
from workbench.tui.typeset import Kind, Page, break_text, shown, shown_text, typeset
from workbench.tui.typeset.kinsoku import NO_END, NO_START

_CHINESE = st.sampled_from("青石镇的早市搬进了河边新棚国軍體發裏里后後臺台麵面互联网")
_MARKS = st.sampled_from("，。、；：！？）」』”’》】（「『“‘《【…—·％%.,!?()")
_PIECES = st.one_of(
    _CHINESE,
    _CHINESE,
    _MARKS,
    st.sampled_from(["——", "……", "。”", "，“"]),
    st.sampled_from([" ", "\u3000", "\xa0", "  "]),
    st.sampled_from(
        ["iPhone", "460万元", "3.5%", "128个", "https://a.cn/b?c=d", "GPT-4", "2026年"]
    ),
    st.sampled_from(
        ["\u200b", "e\u0301", "👨\u200d👩\u200d👧", "❤\ufe0f", "\u202e", "\x1b", "\t", "\ud800"]
    ),
)
_TEXTS = st.lists(_PIECES, max_size=120).map("".join)


def lines_of(text: str, width: int, first: int = 0) -> list[str]:
    return [text[start:end] for start, end in break_text(text, width, first)]


@given(_TEXTS, st.integers(2, 40), st.sampled_from([0, 4]))
@settings(max_examples=300)
def test_every_character_stands_in_one_line_and_no_line_is_too_wide(text, width, first):
    first = min(first, width - 2)
    found = break_text(text, width, first)
    covered = [place for start, end in found for place in range(start, end)]
    assert covered == sorted(set(covered))
    seen = {place for place, char in enumerate(text) if not char.isspace()}
    assert seen <= set(covered)
    for number, (start, end) in enumerate(found):
        assert cell_len(shown(text[start:end])) <= width - (0 if number else first)
        assert not text[start].isspace()
        assert not text[end - 1].isspace()


@given(_TEXTS, st.integers(2, 40))
@settings(max_examples=300)
def test_no_line_begins_or_ends_with_a_mark_that_may_not_where_that_can_be_helped(text, width):
    found = break_text(text, width)
    for (start, end), (after, _end) in zip(found, found[1:], strict=False):
        if text[after] in NO_START or text[end - 1] in NO_END:
            places = range(start + 1, end + 1)
            assert not any(_is_fine(text, place, end) for place in places), text[start:end]


def _is_fine(text: str, place: int, end: int) -> bool:
    """Say whether a line may end here by its marks alone, seen without the code under test."""
    before, after = text[:place].rstrip(), text[place:].lstrip()
    if not before or not after or text[place] in "\u200b\u202e\u200d\ufe0f\u0301":
        return False
    if text[place - 1] == "\u200d":
        return False
    return after[0] not in NO_START and before[-1] not in NO_END


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("新棚由镇里修建，用了七个月。", 14, ["新棚由镇里修", "建，用了七个", "月。"]),
        ("他说：“亮堂了。”又说", 8, ["他说：", "“亮堂", "了。”又", "说"]),
        ("价格从4月起涨了460万元整", 14, ["价格从4月起涨", "了460万元整"]),
        ("用 iPhone 拍照片", 8, ["用", "iPhone", "拍照片"]),
        ("他停了——没有走……后来", 8, ["他停了——", "没有走……", "后来"]),
        ("涨幅达到3.5%以上", 10, ["涨幅达到", "3.5%以上"]),
        ("一二三四五六", 4, ["一二", "三四", "五六"]),
        ("！！！！！！", 4, ["！！", "！！", "！！"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("   ", 4, []),
    ],
)
def test_lines_break_as_a_typesetter_breaks_them(text, width, lines):
    assert lines_of(text, width) == lines


def page_of(article: Article, width: int, **options: object) -> Page:
    return typeset(shown_text(article, **options), width)


@given(st.lists(_TEXTS, min_size=1, max_size=5), st.integers(6, 50), st.data())
@settings(max_examples=150, deadline=None)
def test_every_line_knows_the_stretches_of_the_original_it_shows(texts, width, data):
    text = "\n".join(texts)
    script = data.draw(st.sampled_from(["keep", "simplified", "traditional", "taiwan"]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    removals = tuple(
        Removal(a, b, "rule", "an advertisement")
        for a, b in zip(cuts[::2], cuts[1::2], strict=False)
        if a < b
    )
    removals = tuple(
        one
        for index, one in enumerate(removals)
        if not index or one.start > removals[index - 1].end
    )
    article = made(text, removals)
    page = page_of(article, width, script=script, removed=data.draw(st.booleans()))
    at = -1
    for number, line in enumerate(page.lines):
        for span in page.spans(number):
            assert 0 <= span.start <= span.end <= len(text)
            assert span.end > at or span.start >= at
            at = span.start
            if script == "keep" and len(page.spans(number)) == 1:
                assert page.text(number) == text[span.start : span.end]
        if line.paragraph >= 0 and page.paragraphs[line.paragraph].places and script == "keep":
            place = page.offset_at(number, line.start)
            assert place is not None
            assert text[place] == page.paragraphs[line.paragraph].text[line.start]
            found = page.locate(place)
            assert found is not None
            assert found.line == number
            assert page.within(number, place, place + 1) == (line.start, line.start + 1)


def made(text: str, removals: tuple[Removal, ...] = ()) -> Article:
    return Article(
        path=Path("a.txt"),
        sha256="0" * 64,
        size=len(text),
        format="text",
        encoding=Encoding("utf-8", "utf-8", 1.0),
        script=Script.SIMPLIFIED,
        text=text,
        passages=split(text, removals),
        removals=removals,
    )


@pytest.mark.parametrize(
    ("source", "script", "asked", "expected"),
    [
        (SIMPLIFIED, "traditional", "七个月", "七個月"),
        (TRADITIONAL, "simplified", "圖書車", "图书车"),
        (TRADITIONAL, "keep", "圖書車", "圖書車"),
    ],
)
def test_a_passage_is_found_where_it_is_shown_in_either_script(
    tmp_path, source, script, asked, expected
):
    article = article_of(tmp_path, source)
    page = page_of(article, 30, script=script)
    start = article.text.rindex(asked)
    place = page.locate(start)
    within = page.within(place.line, start, start + len(asked))
    shown_there = page.paragraphs[page.lines[place.line].paragraph].text
    assert within is not None
    assert shown_there[within[0] : within[1]] in expected
    assert shown_there[place.character :].startswith(expected)


def test_titles_headings_and_what_was_cleaned_out_are_told_apart(tmp_path):
    text = (
        "河边的早市\n\n过去下雨天，菜农只能撑着油布卖菜，许多人干脆不出摊，新棚用了七个月才建成。\n"
        "摊位与收费\n摊位费没有涨，仍是每天8元，收费员改用手机收款，秤上的数字老人也看得清。\n"
        "分享到：微信 新浪微博 QQ空间\n"
    )
    article = article_of(tmp_path, text)
    kinds = {one.text: one.kind for one in shown_text(article).paragraphs}
    assert kinds["河边的早市"] is Kind.TITLE
    assert kinds["摊位与收费"] is Kind.HEADING
    hidden = [one.text for one in shown_text(article).paragraphs]
    assert all(
        article.text[r.start : r.end].strip() not in "".join(hidden) for r in article.removals
    )
    everything = shown_text(article, removed=True).paragraphs
    removed = [one.text for one in everything if one.kind is Kind.REMOVED]
    assert removed == ["分享到：微信 新浪微博 QQ空间"]
    assert any(one.kind is Kind.NOTE for one in everything)


def test_a_paragraph_is_indented_by_two_characters_where_there_is_room(tmp_path):
    article = article_of(tmp_path, SIMPLIFIED)
    page = page_of(article, 40)
    body = [line for number, line in enumerate(page.lines) if page.kind(number) is Kind.BODY]
    assert body[0].indent == 4
    assert body[1].indent == 0
    assert {line.indent for line in page_of(article, 12).lines} == {0}
