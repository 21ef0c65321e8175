from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.articles.cleaning import find_removals
from workbench.articles.metadata import (
    Metadata,
    find_metadata,
    iso_date,
    joined,
    title_of_name,
)
from workbench.articles.model import Finding

BODY = [
    "市里昨天宣布，江边的步道将在秋天以前修完，第一段已经开放，居民傍晚常来散步。",
    "工程分三段进行。沿岸种了三千多棵树，还留出了自行车道，往后可以一直骑到旧码头。",
    "负责人说，明年春天两座小桥也会接上，到时候从北门走到南门只要四十分钟。",
]
TITLE = "江边步道重新开放"


@pytest.mark.parametrize(
    ("head", "tail", "expected"),
    [
        ([TITLE, "2024-05-06 15:00 某某社"], [], (TITLE, "2024-05-06", None, None)),
        ([TITLE, "来源：某报 作者：某某"], [], (TITLE, None, "某某", "某报")),
        ([TITLE, "某报 2024年5月6日 08:00"], [], (TITLE, "2024-05-06", None, None)),
        ([TITLE, "发布时间：2024/5/6"], [], (TITLE, "2024-05-06", None, None)),
        ([TITLE, "民國113年5月6日"], [], (TITLE, "2024-05-06", None, None)),
        (
            [TITLE, "出版：2024-05-06 10:00 更新：2024-05-07 11:00"],
            [],
            (TITLE, "2024-05-06", None, None),
        ),
        ([TITLE, "（二〇二四年五月六日）"], [], (TITLE, "2024-05-06", None, None)),
        (["標題：" + TITLE], [], (TITLE, None, None, None)),
        (["江边的步道，开了。"], [], (None, None, None, None)),
        (["2024-05-06 15：00，正文：步道开了。"], [], (None, "2024-05-06", None, None)),
        (["2024-05-06，正文：步道开了。"], [], (None, "2024-05-06", None, None)),
        (["2024年5月6日，步道开了。"], [], (None, None, None, None)),
        (["昨日，步道开了。"], [], (None, None, None, None)),
        (["2024-13-45 15:00"], [], (None, None, None, None)),
        ([TITLE], ["（来源：某报 某刊记者：某某；编辑：某人）"], (TITLE, None, "某某", "某报")),
        ([TITLE], ["图片来源：某网"], (TITLE, None, None, None)),
        ([TITLE, "文／王小明"], [], (TITLE, None, "王小明", None)),
        ([TITLE, "記者王○○／台北報導"], [], (TITLE, None, "王○○", None)),
        ([TITLE, "本报记者 王小明 通讯员 李某"], [], (TITLE, None, "王小明", None)),
        ([TITLE, "撰文：王小明、李大同 编辑：张某"], [], (TITLE, None, "王小明、李大同", None)),
        ([TITLE], ["最后一句。（某某报记者 王小明）"], (TITLE, None, "王小明", None)),
        ([TITLE], ["最后一句。责任编辑：王小明"], (TITLE, None, None, None)),
        (
            [TITLE, "新华社某地5月6日电（记者王小明）步道开了，人们都来了，一直走到天黑。"],
            [],
            (TITLE, None, "王小明", "新华社"),
        ),
        (
            [TITLE, "據某報報導，步道開了，人們都來了，一直走到天黑才回家。"],
            [],
            (TITLE, None, None, None),
        ),
        ([TITLE], ["某某市办公室", "2024年5月6日"], (TITLE, "2024-05-06", None, None)),
        (["本文转自【某某日报】；" + BODY[0]], [], (None, None, None, "某某日报")),
        (["原标题：步道开了", BODY[0]], [], ("步道开了", None, None, None)),
        ([TITLE, "来源：网络"], [], (TITLE, None, None, None)),
    ],
)
def test_metadata_is_what_the_page_states(
    head: list[str], tail: list[str], expected: tuple[str | None, ...]
) -> None:
    text = "\n".join([*head, *BODY, *tail])
    found = find_metadata(text, find_removals(text))
    assert (found.title, found.date, found.byline, found.source) == expected
    known = {"title", "date", "byline", "source"}
    assert {one.field for one in found.findings} == {name for name in known if getattr(found, name)}
    for one in found.findings:
        assert one.where == "text"
        part = text[one.start : one.end]
        assert part == getattr(found, one.field) or iso_date(part) == found.date


def test_the_dates_of_a_chronology_are_not_the_pages() -> None:
    lines = [part for day in range(1, 5) for part in (f"2024年5月{day}日", BODY[0])]
    assert find_metadata("\n".join(lines)).date is None


def test_a_reporter_in_the_dateline_is_the_byline() -> None:
    text = "本地新闻网5月6日电（记者甲乙丙、丁戊）" + BODY[0]
    assert find_metadata(text).byline == "甲乙丙、丁戊"


def test_markdown_states_its_title_and_front_matter() -> None:
    text = "---\ntitle: 步道\ndate: 2024-05-06\nauthor: 某某\n---\n# 另一题\n\n" + BODY[0]
    found = find_metadata(text, markdown=True)
    assert (found.title, found.date, found.byline) == ("步道", "2024-05-06", "某某")
    assert {(one.where, one.detail) for one in found.findings} == {("file", "front matter")}
    heading = find_metadata("# 步道 开了\n" + BODY[0], markdown=True)
    assert (heading.title, heading.findings[0].start) == ("步道 开了", 2)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-02-30", None),
        ("２０２４年２月２９日", "2024-02-29"),
        ("民國一一三年", None),
        ("民國113年12月31日", "2024-12-31"),
        ("25/12/2024", "2024-12-25"),
        ("12-25-2024", "2024-12-25"),
        ("05-06-2024", None),
        ("05-05-2024", "2024-05-05"),
        ("二〇二四年十一月二十三日", "2024-11-23"),
        ("Nov 3, 2024", "2024-11-03"),
        ("20240506", "2024-05-06"),
        ("昨日", None),
        (None, None),
        ("一二三四年十月", None),
        ("12024-05-06", None),
    ],
)
def test_dates_are_read_where_they_are_unambiguous(written: str | None, day: str | None) -> None:
    assert iso_date(written) == day


def test_what_a_file_states_comes_before_what_its_text_says() -> None:
    found = Metadata(
        "正文题",
        "2024-05-06",
        findings=(
            Finding("title", "text", start=0, end=3),
            Finding("date", "text", start=4, end=14),
        ),
    )
    stated = Metadata("网页题", byline="某某", findings=(Finding("byline", "file", "author"),))
    result = joined(stated, "page", found, Path("a.html"))
    assert (result.title, result.date, result.byline) == ("网页题", "2024-05-06", "某某")
    assert result.findings == (
        Finding("title", "page"),
        Finding("date", "text", start=4, end=14),
        Finding("byline", "file", "author"),
    )


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("江边步道重新开放", "江边步道重新开放"),
        ("03_江边步道_重新开放 (1)", "江边步道 重新开放"),
        ("2024年江边步道的账本", "2024年江边步道的账本"),
        ("000_c7bf4b70b23976e6", None),
        ("新建文本文档 (2)", None),
        ("article-7624", None),
        ("步道", None),
        ("北京_a8f3c2d19e77b6a0c4d5", None),
    ],
)
def test_a_file_name_is_a_title_only_where_it_reads_like_one(name: str, title: str | None) -> None:
    assert title_of_name(name) == title
    assert joined(Metadata(), "file", Metadata(), Path(f"{name}.txt")).title == title


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *BODY,
                TITLE,
                "2024-05-06",
                "记者",
                "：",
                "来源:",
                "某报",
                "\n",
                "（",
                "）",
                "文／王小明",
                " ",
                "民国113年5月6日",
            ]
        ),
        max_size=30,
    )
)
def test_findings_point_at_what_they_name(parts: list[str]) -> None:
    text = "".join(parts)
    found = find_metadata(text, find_removals(text))
    for one in found.findings:
        assert one.start is not None
        value = text[one.start : one.end]
        assert " ".join(value.split()) == getattr(found, one.field) or iso_date(value) == found.date
