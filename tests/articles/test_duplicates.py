import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.articles.cleaning import find_removals, kept_text
from workbench.articles.duplicates import find_copies
from workbench.articles.script import convert

TITLE = "老码头夜市周末恢复"
BODY = [
    "停了三年的夜市昨晚恢复营业。管理处统计，四个小时里共有三万一千人次进出，高峰时每分钟有两百多人通过东门。",
    "夜市沿江排开一百二十个摊位，比停业前少了四十个。减少的位置用来拓宽通道和安放消防水带，通道由三米增加到五米。",
    "摊主们的感受并不一样。卖糖水的说，营业额是从前的两倍，备的料九点不到就卖光了；卖电器的只做成了三单生意。",
    "周边居民最担心噪声。社区在两端装了分贝仪，数据每十分钟公布一次，超过六十分贝时广播会提醒摊位关掉音响。",
    "管理处表示，试营业为期三个月，之后会根据客流和投诉数量决定是否增加摊位，也会考虑把开放时间延长到午夜。",
]
ARTICLE = "\n".join([TITLE, *BODY])


def kept(text: str) -> str:
    return kept_text(text, find_removals(text)).strip()


@pytest.mark.parametrize("seam", ["\n", "\n\n", "\r\n", "", "\n暂无评论\n", "\n热门文章\n"])
@pytest.mark.parametrize("copies", [2, 3])
def test_an_article_pasted_again_keeps_exactly_one_copy(seam: str, copies: int) -> None:
    text = seam.join([ARTICLE] * copies)
    found = [text[span.start : span.end] for span in find_copies(text)]
    assert len(found) == copies - 1
    assert all(copy.removesuffix(seam.rstrip()) == ARTICLE for copy in found)
    assert kept(text) == ARTICLE


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\n\n　　"),
        lambda text: text.replace("\n", ""),
        lambda text: "\n".join(text[at : at + 20] for at in range(0, len(text), 20)),
        lambda text: text.replace("，", ",").replace("：", ":"),
        lambda text: convert(text, "traditional"),
        lambda text: convert(text, "taiwan"),
        lambda text: text.replace("居民", "市民").replace("九点", "九時").replace("东门", "南门"),
        lambda text: text.replace("。", "。 ").replace("昨晚", "昨天晚上"),
    ],
    ids=["indented", "joined", "wrapped", "half-width", "traditional", "taiwan", "words", "more"],
)
def test_a_copy_that_differs_a_little_goes(change) -> None:  # type: ignore[no-untyped-def]
    copy = change(ARTICLE)
    text = f"{ARTICLE}\n{copy}\n暂无评论"
    assert [text[span.start : span.end] for span in find_copies(text)] == [copy.strip()]
    assert kept(text) == ARTICLE


@pytest.mark.parametrize("end", [150, 200, 260])
def test_a_copy_that_is_cut_short_goes(end: int) -> None:
    text = f"{ARTICLE}\n{ARTICLE[:end]}……"
    assert kept(text) == ARTICLE


def test_furniture_may_stand_around_copies() -> None:
    text = "\n".join(
        ["首页 > 新闻", ARTICLE, "责任编辑：某某", ARTICLE, "责任编辑：某某", "暂无评论"]
    )
    assert kept(text).split() == ARTICLE.split()


def test_an_article_that_quotes_itself_stays() -> None:
    again = "\n".join(
        [ARTICLE, f"正如文章开头所说，“{BODY[0]}”这句话后来被反复引用。", BODY[4][::-1]]
    )
    assert find_copies(again) == ()


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(["江水啊江水", BODY[0], "江水啊江水", BODY[1], "江水啊江水", BODY[2]]),
        "\n".join(
            f"第{number}名，某某队，积分{number}分，净胜球{number}个。" for number in range(99)
        ),
        "\n".join(["今天晴，最高气温二十度，最低气温十度。"] * 30),
        "啊" * 5000,
        ARTICLE,
        "",
    ],
    ids=["refrain", "list", "weather", "filler", "once", "empty"],
)
def test_what_only_resembles_itself_stays(text: str) -> None:
    assert find_copies(text) == ()


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 6), st.integers(3, 5))
def test_copies_with_edits_are_found_and_the_first_never_goes(
    seed: int, edits: int, length: int
) -> None:
    source = random.Random(seed)
    article = "\n".join([TITLE, *BODY[:length]])
    copy = list(article)
    for _edit in range(edits * length // 5):
        copy[source.randrange(len(copy))] = source.choice("的一是了我不人在他有这上们来到时")
    text = f"{article}\n{''.join(copy)}"
    spans = find_copies(text)
    assert spans[0].start >= len(article)
    assert sum(span.end - span.start for span in spans) >= 0.7 * len(copy)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([*BODY, TITLE, "暂无评论", "", "他说，好。"]), max_size=14))
def test_nothing_is_ever_lost_with_a_copy(lines: list[str]) -> None:
    text = "\n".join(lines)
    spans = find_copies(text)
    left = text
    for span in reversed(spans):
        left = left[: span.start] + left[span.end :]
    assert all(line in left for line in lines if line in BODY)
