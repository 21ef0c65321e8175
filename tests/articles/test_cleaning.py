import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.articles.cleaning import HEAD_LINES, find_removals, kept_text
from workbench.articles.metadata import find_metadata, iso_date
from workbench.articles.rules import Rule, rules
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
    if rule.where == "head":
        return "\n".join([TITLE, line, *BODY])
    return "\n".join([TITLE, *BODY, line])


def removed(text: str) -> list[tuple[str, str]]:
    return [(one.rule, text[one.start : one.end]) for one in find_removals(text)]


@pytest.mark.parametrize(("rule", "line"), EXAMPLES, ids=lambda value: str(value)[:30])
def test_each_rule_removes_its_furniture_and_nothing_else(rule: Rule, line: str) -> None:
    for wanted in (line, convert(line, "traditional")):
        text = page(wanted, rule)
        assert [found for _name, found in removed(text)] == [wanted]
    assert find_removals(page(line, rule))[0].rule == rule.name


@pytest.mark.parametrize(("rule", "line"), CONTENT, ids=lambda value: str(value)[:30])
def test_each_rule_keeps_the_articles_own_lines(rule: Rule, line: str) -> None:
    assert removed(page(line, rule)) == []


def test_every_rule_gives_a_reason_and_examples() -> None:
    names = [rule.name for rule in rules()]
    assert len(names) == len(set(names))
    assert all(rule.reason and rule.removes and rule.keeps for rule in rules())
    assert all(rule.word for rule in rules() if rule.where == "anywhere")


def test_links_after_their_heading_go_with_it() -> None:
    links = ["相关阅读：", "老码头的夜市又热闹了", "两座小桥年内开工", "更多"]
    text = "\n".join([*BODY, *links])
    assert [found for _name, found in removed(text)] == links


def test_sentences_after_such_a_heading_stay() -> None:
    text = "\n".join([*BODY, "延伸阅读", *BODY[::-1]])
    assert [found for _name, found in removed(text)] == ["延伸阅读"]


def test_credits_in_brackets_after_the_last_sentence_go_alone() -> None:
    text = "\n".join([*BODY, BODY[0] + "（责任编辑：某某）"])
    assert removed(text) == [("credits", "（责任编辑：某某）")]


def test_the_dates_of_a_chronology_stay() -> None:
    lines = [part for day in range(1, 5) for part in (f"2024年5月{day}日", BODY[0])]
    assert removed("\n".join(lines)) == []


def test_furniture_words_in_the_middle_of_an_article_stay() -> None:
    middle = [BODY[1]] * HEAD_LINES + ["评论"] + [BODY[2]] * 45
    assert removed("\n".join([f"{index}{line}" for index, line in enumerate(middle)])) == []


@pytest.mark.parametrize("seam", ["\n", "\n\n", "\r\n", ""])
@pytest.mark.parametrize("copies", [2, 3])
def test_an_article_pasted_twice_keeps_exactly_one_copy(seam: str, copies: int) -> None:
    if not seam and copies == 3:
        return
    article = "\n".join([TITLE, *BODY]) if seam else "".join(BODY)
    text = seam.join([article] * copies)
    removals = find_removals(text)
    assert {one.rule for one in removals} == {"repeated-article"}
    assert kept_text(text, removals).strip() == article


def test_a_second_copy_goes_though_furniture_stands_around() -> None:
    article = [TITLE, *BODY]
    text = "\n".join(["首页 > 新闻", *article, *article, "暂无评论"])
    assert kept_text(text, find_removals(text)).split("\n\n")[0].strip() == "\n".join(article)


def test_a_refrain_is_no_second_copy() -> None:
    text = "\n".join(["江水啊江水", BODY[0], "江水啊江水", BODY[1], "江水啊江水", BODY[2]])
    assert removed(text) == []


def test_invisible_characters_go_but_never_tear_a_sentence() -> None:
    text = f"\u200b{BODY[0]}\u200b\n\ufeff{BODY[1][:5]}\u200b{BODY[1][5:]}"
    assert [(one.start, one.end) for one in find_removals(text)] == [
        (0, 1),
        (len(BODY[0]) + 1, len(BODY[0]) + 2),
        (len(BODY[0]) + 3, len(BODY[0]) + 4),
    ]


def test_a_page_of_nothing_but_furniture_keeps_it() -> None:
    assert find_removals("暂无评论\n推荐内容") == ()


LINES = st.sampled_from(
    [*BODY, TITLE, "", " ", "\u200b", *(text for _rule, text in EXAMPLES), "图" * 90 + "图源：某网"]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(LINES, max_size=40), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_removals_are_ordered_apart_and_never_a_sentence(lines: list[str], end: str) -> None:
    text = end.join(lines)
    last = 0
    for one in find_removals(text):
        assert last <= one.start < one.end <= len(text)
        assert one.reason
        last = one.end
        if one.rule != "repeated-article":
            assert not any(sentence in text[one.start : one.end] for sentence in BODY)


@pytest.mark.parametrize(
    ("head", "tail", "expected"),
    [
        ([TITLE, "2024-05-06 15:00 某某社"], [], (TITLE, "2024-05-06", None, None)),
        ([TITLE, "来源：某报 作者：某某"], [], (TITLE, None, "某某", "某报")),
        ([TITLE, "某报 2024年5月6日 08:00"], [], (TITLE, "2024-05-06", None, None)),
        ([TITLE, "发布时间：2024/5/6"], [], (TITLE, "2024-05-06", None, None)),
        (["標題：" + TITLE], [], (TITLE, None, None, None)),
        (["江边的步道，开了。"], [], (None, None, None, None)),
        (["2024-05-06 15：00，正文：步道开了。"], [], (None, "2024-05-06", None, None)),
        (["2024-05-06，正文：步道开了。"], [], (None, "2024-05-06", None, None)),
        (["2024年5月6日，步道开了。"], [], (None, None, None, None)),
        (["2024-13-45 15:00"], [], (None, None, None, None)),
        ([TITLE], ["（来源：某报 某刊记者：某某；编辑：某人）"], (TITLE, None, "某某", "某报")),
        ([TITLE], ["图片来源：某网"], (TITLE, None, None, None)),
    ],
)
def test_metadata_is_what_the_page_states(
    head: list[str], tail: list[str], expected: tuple[str | None, ...]
) -> None:
    text = "\n".join([*head, *BODY, *tail])
    found = find_metadata(text, find_removals(text))
    assert (found.title, found.date, found.byline, found.source) == expected


def test_a_reporter_in_the_dateline_is_the_byline() -> None:
    text = "本地新闻网5月6日电（记者甲乙丙、丁戊）" + BODY[0]
    assert find_metadata(text).byline == "甲乙丙、丁戊"


def test_markdown_states_its_title_and_front_matter() -> None:
    text = "---\ntitle: 步道\ndate: 2024-05-06\nauthor: 某某\n---\n# 另一题\n\n" + BODY[0]
    found = find_metadata(text, markdown=True)
    assert (found.title, found.date, found.byline) == ("步道", "2024-05-06", "某某")
    assert find_metadata("# 步道 开了\n" + BODY[0], markdown=True).title == "步道 开了"


def test_dates_that_do_not_exist_are_none() -> None:
    assert iso_date("2024-02-30") is None
    assert iso_date("２０２４年２月２９日") == "2024-02-29"
    assert iso_date(None) is None
