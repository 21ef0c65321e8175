from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.articles import cleaning
from workbench.articles.cleaning import find_removals, kept_text, merged
from workbench.articles.lines import HEAD_LINES, TAIL_LINES
from workbench.articles.model import Removal
from workbench.articles.rules import PLACES, Rule, rules
from workbench.articles.script import convert

BODY = [
    "市里昨天宣布，江边的步道将在秋天以前修完，第一段已经开放，居民傍晚常来散步。",
    "工程分三段进行。沿岸种了三千多棵树，还留出了自行车道，往后可以一直骑到旧码头。",
    "负责人说，明年春天两座小桥也会接上，到时候从北门走到南门只要四十分钟。",
]
TITLE = "江边步道重新开放"
EXAMPLES = [(rule, text) for rule in rules() for text in rule.removes]
CONTENT = [(rule, text) for rule in rules() for text in rule.keeps]


def page(line: str, rule: Rule) -> str:
    if rule.where == "start":
        return "\n".join([line + BODY[0], *BODY[1:]])
    if rule.where == "end":
        return "\n".join([TITLE, *BODY]) + line
    if rule.where == "head":
        return "\n".join([TITLE, line, *BODY])
    return "\n".join([TITLE, *BODY, line])


def removed(text: str) -> list[tuple[str, str]]:
    return [(one.rule, text[one.start : one.end]) for one in find_removals(text)]


@pytest.mark.parametrize(("rule", "line"), EXAMPLES, ids=lambda value: str(value)[:30])
def test_each_rule_removes_its_furniture_and_nothing_else(rule: Rule, line: str) -> None:
    for wanted in (line, convert(line, "traditional")):
        text = page(wanted, rule)
        assert "\n".join(found for _name, found in removed(text)) == wanted
    assert find_removals(page(line, rule))[0].rule == rule.name


@pytest.mark.parametrize(("rule", "line"), CONTENT, ids=lambda value: str(value)[:30])
def test_each_rule_keeps_the_articles_own_lines(rule: Rule, line: str) -> None:
    for kept in (line, convert(line, "traditional")):
        assert removed(page(kept, rule)) == []


def test_every_rule_gives_a_reason_and_examples() -> None:
    names = [rule.name for rule in rules()]
    assert len(names) == len(set(names))
    assert all(rule.reason and rule.removes and rule.keeps for rule in rules())
    assert {rule.where for rule in rules()} == set(PLACES)
    assert not any(rule.words and not rule.needs for rule in rules())


def test_links_after_their_heading_go_with_it() -> None:
    links = ["相关阅读：", "老码头的夜市又热闹了", "两座小桥年内开工", "更多"]
    text = "\n".join([*BODY, *links])
    assert [found for _name, found in removed(text)] == links


def test_a_list_of_links_may_be_longer_than_the_tail() -> None:
    links = ["热门新闻", *(f"江边步道的第{number}则消息" for number in range(TAIL_LINES + 20))]
    assert [found for _name, found in removed("\n".join([*BODY, *links]))] == links


def test_sentences_after_such_a_heading_stay() -> None:
    text = "\n".join([*BODY, "延伸阅读", *BODY[::-1]])
    assert [found for _name, found in removed(text)] == ["延伸阅读"]


def test_bulleted_links_between_paragraphs_go_and_the_heading_after_them_stays() -> None:
    text = "\n".join([BODY[0], "延伸閱讀", "▪ 舊街拓寬延後", "▪ 公車改線", "第二階段", *BODY[1:]])
    assert [found for _name, found in removed(text)] == [
        "延伸閱讀",
        "▪ 舊街拓寬延後",
        "▪ 公車改線",
    ]


def test_furniture_does_not_count_among_the_lines_of_head_and_tail() -> None:
    menu = ["首页", "新闻", "财经", "体育", "娱乐", "科技"] * 4
    bar = "2024-05-06 15:00 来源：某报"
    buttons = ["展开全文", "收藏", "打印", "返回顶部"] * 12
    text = "\n".join([*menu, TITLE, bar, *BODY, "责任编辑：某某", *buttons])
    assert kept_text(text, find_removals(text)).split() == [TITLE, *BODY]


def test_credits_in_brackets_after_the_last_sentence_go_alone() -> None:
    text = "\n".join([*BODY, BODY[0] + "（责任编辑：某某）"])
    assert removed(text) == [("ends-line", "（责任编辑：某某）")]


def test_the_dates_of_a_chronology_stay() -> None:
    lines = [part for day in range(1, 5) for part in (f"2024年5月{day}日", BODY[0])]
    assert removed("\n".join(lines)) == []


def test_the_date_a_document_is_signed_with_stays() -> None:
    assert removed("\n".join([TITLE, *BODY, "某某市办公室", "2024年5月6日"])) == []


def test_any_number_of_picture_credits_goes() -> None:
    credit = "图片来源：某网"
    text = "\n".join([TITLE, *(line for row in BODY * 3 for line in (row[:20] + "。", credit))])
    assert [found for _name, found in removed(text)] == [credit] * 9


def test_the_questions_of_an_interview_stay() -> None:
    lines = [TITLE, "记者：步道什么时候开放？", "答：秋天以前。", "记者：谢谢您。", "记者：再见"]
    assert removed("\n".join([*lines, *BODY, *lines[1:]])) == []


@pytest.mark.parametrize(
    "line",
    [
        "扫码点餐，方便了谁",
        "打开天窗说亮话",
        "搜索引擎改变了什么",
        "红包、优惠券与补贴大战",
        "关注老年人的数字鸿沟",
        "下载：一个时代的记忆",
        "分享：一种经济的兴起",
        "2024年的第一场雪",
        "5月6日，江边",
        "体育、文化与旅游",
        "图：一种古老的语言",
        "更多的人",
        "登录月球",
        "一、总体要求",
        "第一章 总则",
        "“不要关闭这扇门”",
        "谁来编辑我们的基因",
        "记者手记",
        "| 项目 | 数量 |",
    ],
)
def test_titles_and_headings_made_of_furniture_words_stay(line: str) -> None:
    for kept in (line, convert(line, "traditional")):
        assert removed("\n".join([kept, *BODY, kept + "（续）", *BODY[::-1]])) == []


def test_furniture_words_in_the_middle_of_an_article_stay() -> None:
    middle = [BODY[1]] * HEAD_LINES + ["评论"] + [BODY[2]] * 45
    assert removed("\n".join([f"{index}{line}" for index, line in enumerate(middle)])) == []


def test_advertisements_go_in_the_middle_too() -> None:
    middle = [BODY[1]] * HEAD_LINES + ["廣告"] + [BODY[2]] * 45
    text = "\n".join([line if line == "廣告" else f"{n}{line}" for n, line in enumerate(middle)])
    assert removed(text) == [("advertisement", "廣告")]


@pytest.mark.parametrize("name", [TITLE + "_本地_某某网", TITLE + " - 某某网", TITLE])
def test_a_title_that_stands_twice_stays_once(name: str) -> None:
    text = "\n".join([name, TITLE, *BODY])
    assert [rule for rule, _found in removed(text)] == ["repeated-title"]
    assert kept_text(text, find_removals(text)).split() == [TITLE, *BODY]


@pytest.mark.parametrize("times", [2, 3])
@pytest.mark.parametrize("block", [[BODY[0]], BODY[:2], [*BODY, "小标题", "又" + BODY[0]]])
def test_paragraphs_pasted_twice_in_a_row_stay_once(block: list[str], times: int) -> None:
    before = [f"{number}，{BODY[1]}" for number in range(9)]
    text = "\n".join([*before, *block * times, "最后一段，" + BODY[2]])
    assert kept_text(text, find_removals(text)).split() == [
        *before,
        *block,
        "最后一段，" + BODY[2],
    ]


def test_verses_and_rows_of_a_table_may_come_twice() -> None:
    verse = ["江水啊江水", "江水啊江水", BODY[0]]
    row = "| 江边的步道将在秋天以前修完 | 第一段已经开放，居民傍晚常来散步 | 三千多棵树 |"
    assert removed("\n".join([*verse, *[row] * 3, BODY[1]])) == []


def test_what_has_no_shape_goes_at_the_ends_of_lines_and_never_tears_a_sentence() -> None:
    text = (
        f"\u200b{BODY[0]}\u200b\n&nbsp;&#12288; {BODY[1][:5]}&nbsp;{BODY[1][5:]}<br/>\n<p>{BODY[2]}"
    )
    assert removed(text) == [
        ("invisible", "\u200b"),
        ("invisible", "\u200b"),
        ("invisible", "&nbsp;&#12288;"),
        ("tag", "<br/>"),
        ("tag", "<p>"),
    ]


def test_tables_of_vertical_bars_stay_whole() -> None:
    table = [
        "| 年份 | 长度 | 来源 |",
        "|---|---|---|",
        "| 2023 | 三公里 | 市政 |",
        "| 2024 | 五公里 | 市政 |",
    ]
    assert removed("\n".join([*table, *BODY, *table])) == []


def test_a_page_of_nothing_but_furniture_keeps_it() -> None:
    assert find_removals("暂无评论\n推荐内容") == ()


def test_lists_of_removals_are_joined_in_order_and_apart() -> None:
    first = [Removal(0, 5, "a", "a"), Removal(10, 12, "a", "a")]
    second = [Removal(3, 8, "b", "b"), Removal(10, 11, "b", "b")]
    assert [(one.start, one.end) for one in merged(first, second)] == [(0, 5), (5, 8), (10, 12)]


LINES = st.sampled_from(
    [
        *BODY,
        TITLE,
        "",
        " ",
        "\u200b",
        "\x0c",
        *(text for _rule, text in EXAMPLES),
        "图" * 90 + "图源：某网",
    ]
)
PAGES = st.builds(
    lambda lines, end: end.join(lines),
    st.lists(LINES, max_size=40),
    st.sampled_from(["\n", "\r\n", "\n\n", "\n\x0c"]),
)


@settings(max_examples=150, deadline=None)
@given(PAGES)
def test_removals_are_ordered_apart_and_never_a_sentence(text: str) -> None:
    last = 0
    kept = []
    removals = find_removals(text)
    for one in removals:
        assert last <= one.start < one.end <= len(text)
        assert one.reason
        kept.append(text[last : one.start])
        last = one.end
        if one.rule not in {"repeated-article", "repeated-paragraph", "page-header"}:
            assert not any(sentence in text[one.start : one.end] for sentence in BODY)
    kept.append(text[last:])
    assert "".join(kept) == "".join(
        char
        for at, char in enumerate(text)
        if not any(one.start <= at < one.end for one in removals)
    )


@settings(max_examples=150, deadline=None)
@given(PAGES)
def test_every_sentence_of_an_article_stays_at_least_once(text: str) -> None:
    left = kept_text(text, find_removals(text))
    assert all(sentence in left for sentence in BODY if sentence in text)


@settings(max_examples=200, deadline=None)
@given(
    st.text(
        st.sampled_from("市。，：/（）[]|图记者来源编辑广告0123 \n\u200b&nbsp;<p>·#-\x0c“”年月日"),
        max_size=300,
    )
)
def test_any_text_is_cleaned_without_an_error(text: str) -> None:
    removals = find_removals(text)
    assert all(0 <= one.start < one.end <= len(text) for one in removals)
    assert all(
        first.end <= second.start for first, second in zip(removals, removals[1:], strict=False)
    )


@pytest.mark.parametrize(
    "name", sorted(path.stem for path in (Path(__file__).parent / "pages").glob("*.html"))
)
def test_saved_pages_lose_their_furniture_and_none_of_their_text(name: str) -> None:
    from workbench.articles.reader import read_article

    path = Path(__file__).parent / "pages" / f"{name}.html"
    title, *paragraphs = path.with_suffix(".txt").read_text("utf-8").splitlines()
    article = read_article(path)
    lines = [
        line
        for line in cleaning.kept_text(article.text, article.removals).splitlines()
        if line.strip()
    ]
    kept = [line.strip() for line in lines]
    assert [line for line in paragraphs if line not in kept] == []
    assert [
        line for line in kept if line not in paragraphs and line != title.removeprefix("# ")
    ] == []
