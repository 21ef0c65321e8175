"""What a paraphrase keeps must not alarm; what it changes must."""

from pathlib import Path

import pytest

from workbench.grounding.checks import (
    DIFFERS,
    ELSEWHERE,
    SUPPORTED,
    UNSUPPORTED,
    Source,
    check_facts,
)

SENTENCES = {
    "library": "山城图书馆4月17日重新开放，新馆面积3.2万平方米，藏书120万册。",
    "loan": "该公司2023年5月获得500万美元贷款，年利率为4.5%。",
    "survey": "调查显示，六成受访者每天阅读超过半小时，35%的人使用电子书。",
    "harvest": "全县一亿三千万斤粮食入库，比去年增长十二个百分点。",
    "fund": "基金会将在三年内投入人民币3000万元，帮助79个村修路。",
    "fair": "展会于5月28日至6月3日举行，来自十五个国家的240家企业参加。",
    "model": "研究团队用GPT-4和LLaMA 2做了对比，准确率分别为91.5%和84%。",
    "price": "新台币500亿元的工程分3至5年完成，首期款2亿、4亿和6亿港元。",
    "match": "比赛下午3点开始，主队以三比二获胜，现场有两万三千名观众。",
    "share": "约三分之一的农户加入合作社，户均增收8000多元。",
}
ARTICLE = Source("\n".join(SENTENCES.values()), date="2024-06-10")

KEPT = [
    ("library", "四月十七日，山城图书馆开放。"),
    ("library", "新馆有32000平方米，藏书1,200,000册。"),
    ("library", "2024年4月17日开馆，藏书一百二十万册。"),
    ("loan", "公司得到五百万美元贷款。"),
    ("loan", "公司得到5,000,000美元贷款，利率百分之四点五。"),
    ("loan", "二〇二三年五月，公司获得贷款。"),
    ("loan", "2023年，公司借到US$500万。"),
    ("survey", "60%的受访者每天阅读。"),
    ("survey", "6成的人每天阅读，百分之三十五用电子书。"),
    ("harvest", "1.3亿斤粮食入库，增长12个百分点。"),
    ("harvest", "2023年以来增长了十二个百分点。"),
    ("fund", "3年投入3000万元人民币。"),
    ("fund", "基金会投入3000万元，涉及七十九个村。"),
    ("fair", "展会5月28日开幕，6月3日结束。"),
    ("fair", "15个国家的二百四十家企业参展。"),
    ("model", "团队比较了GPT-4与LLaMA-2。"),
    ("model", "准确率一个是百分之九十一点五，一个是84%。"),
    ("price", "工程耗资500亿新台币，为期三到五年。"),
    ("price", "首期款有2亿港元、4亿港元和六亿港元。"),
    ("match", "比赛15时开始，3比2结束。"),
    ("match", "现场观众23000人。"),
    ("share", "三分之一农户入社，户均增收八千多元。"),
]
CHANGED = [
    ("library", "4月18日，图书馆开放。", "4月18日"),
    ("library", "五月十七日，图书馆开放。", "五月十七日"),
    ("library", "新馆面积4.2万平方米。", "4.2万"),
    ("library", "藏书一百三十万册。", "一百三十万"),
    ("library", "2021年4月17日开放。", "2021年4月17日"),
    ("loan", "公司获得800万美元贷款。", "800万美元"),
    ("loan", "公司获得500万欧元贷款。", "500万欧元"),
    ("loan", "公司获得五千万美元贷款。", "五千万美元"),
    ("loan", "年利率为5.4%。", "5.4%"),
    ("loan", "年利率为百分之六点五。", "百分之六点五"),
    ("loan", "2022年5月获得贷款。", "2022年5月"),
    ("survey", "七成受访者每天阅读。", "七成"),
    ("survey", "53%的人使用电子书。", "53%"),
    ("harvest", "1.8亿斤粮食入库。", "1.8亿"),
    ("harvest", "增长十二点五个百分点。", "十二点五个百分点"),
    ("harvest", "增长12%。", "12%"),
    ("fund", "投入三亿元。", "三亿元"),
    ("fund", "帮助97个村修路。", "97"),
    ("fund", "帮助九十七个村修路。", "九十七"),
    ("fair", "展会5月26日开幕。", "5月26日"),
    ("fair", "展会6月13日闭幕。", "6月13日"),
    ("fair", "420家企业参加。", "420"),
    ("fair", "二十五个国家参加。", "二十五"),
    ("model", "团队用GPT-5做了对比。", "GPT-5"),
    ("model", "团队用LLaMA 3做了对比。", "LLaMA 3"),
    ("model", "准确率为95.1%。", "95.1%"),
    ("price", "工程耗资500亿美元。", "500亿美元"),
    ("price", "首期款9亿港元。", "9亿港元"),
    ("match", "比赛下午7点开始。", "7"),
    ("match", "现场有三万六千名观众。", "三万六千"),
    ("share", "约四分之三的农户入社。", "四分之三"),
    ("share", "户均增收9000多元。", "9000多元"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "point"), KEPT)
def test_a_paraphrase_in_another_notation_does_not_alarm(source: str, point: str) -> None:
    cited = Source(SENTENCES[source], date="2024-06-10")
    checks = check_facts(point, cited, ARTICLE)
    assert checks
    assert [check for check in checks if check.status != SUPPORTED] == []


@pytest.mark.parametrize(("source", "point", "swapped"), CHANGED)
def test_a_swapped_fact_is_wrong(source: str, point: str, swapped: str) -> None:
    checks = check_facts(point, Source(SENTENCES[source]), ARTICLE)
    marked = [check for check in checks if check.wrong]
    assert [check.text for check in marked] == [swapped]
    assert [point[check.start : check.end] for check in marked] == [swapped]


def test_a_fact_of_another_sentence_is_elsewhere() -> None:
    checks = check_facts("藏书240万册，79个村", Source(SENTENCES["library"]), ARTICLE)
    assert [(check.text, check.status) for check in checks] == [
        ("240万", DIFFERS),
        ("79", ELSEWHERE),
    ]


@pytest.mark.parametrize("date", ["2024-06-10", None])
def test_words_for_years_mean_something_only_with_a_date(date: str | None) -> None:
    source = Source("去年产量翻番，今年持平。", date=date)
    checks = check_facts("2023年翻番，2024年持平，2022年未提。", source, source)
    supported = [check.text for check in checks if check.status == SUPPORTED]
    assert supported == (["2023年", "2024年"] if date else [])


def test_yesterday_is_the_day_before_the_article() -> None:
    source = Source("会议昨日闭幕。", date="2024-03-01")
    assert check_facts("会议2月29日闭幕。", source, source)[0].status == SUPPORTED
    assert check_facts("会议2月27日闭幕。", source, source)[0].status == UNSUPPORTED


def test_a_day_alone_belongs_to_the_month_named_before_it() -> None:
    source = Source("8月9日抵达，10日签约。")
    assert check_facts("8月10日签约。", source, source)[0].status == SUPPORTED
    assert check_facts("7月10日签约。", source, source)[0].wrong


@pytest.mark.parametrize("date", ["", "2024", "2024-13-45", "昨天"])
def test_a_date_that_is_none_is_passed_over(date: str) -> None:
    source = Source("5月1日开幕", date=date)
    assert check_facts("五月一日开幕", source, source)[0].status == SUPPORTED


def test_names_of_products_are_whole_words() -> None:
    source = Source("GPT-4o、OpenAI和LLaMA 2.5")
    for point in ("GPT-4", "AI", "LLaMA 2"):
        assert check_facts(point, source, source)[0].wrong, point
    for point in ("gpt-4O", "OpenAI", "LLaMA-2.5"):
        assert check_facts(point, source, source)[0].status == SUPPORTED, point


def test_real_news_supports_itself() -> None:
    path = Path(__file__).parents[2].parent / "shared" / "data" / "news_1930.txt"
    if not path.is_file():
        pytest.skip("the news texts are not here")
    for line in path.read_text("utf-8").splitlines()[:120]:
        source = Source(line)
        for sentence in line.split("。"):
            checks = check_facts(sentence, source, source)
            assert [check for check in checks if check.wrong] == []
