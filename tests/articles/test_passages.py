import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.articles.model import Removal
from workbench.articles.passages import LONGEST, split
from workbench.articles.sentences import LONG_SENTENCE, sentences

ARTICLES = Path(__file__).parents[3] / "shared" / "articles"


def cut(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text, 0, len(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("雨停了。路还湿着。", ["雨停了。", "路还湿着。"]),
        ("真的吗？！他不信……后来信了。", ["真的吗？！", "他不信……", "后来信了。"]),
        ("他说:“雨停了。路还湿着。”我没动。", ["他说:“雨停了。路还湿着。”", "我没动。"]),
        ("“走吗？”，她问。", ["“走吗？”，她问。"]),
        ("涨了3.5%,到1.2万。其次", ["涨了3.5%,到1.2万。", "其次"]),
        ("标题\n正文一句", ["标题", "正文一句"]),
        ("雨停了.路还湿着.", ["雨停了.", "路还湿着."]),
        ("用 v2.0.1 版,见 example.org/a.html 页。", ["用 v2.0.1 版,见 example.org/a.html 页。"]),
        ("见 example.org/?q=1 页。好", ["见 example.org/?q=1 页。", "好"]),
        ("先写 a != b 再写 <!-- x --> 即可。", ["先写 a != b 再写 <!-- x --> 即可。"]),
        ("贵吗?不贵;很值!走", ["贵吗?", "不贵;", "很值!", "走"]),
        ('她说"好。"然后走了', ['她说"好。"', "然后走了"]),
        ('他停下。"走吧。"', ["他停下。", '"走吧。"']),
        ("（他笑了。）天晴了。", ["（他笑了。）", "天晴了。"]),
        ("It rained. We stayed in. Mr. A left.", ["It rained.", "We stayed in.", "Mr. A left."]),
        ("等等......然后呢", ["等等......", "然后呢"]),
        ("一\r\n二\u2028三", ["一", "二", "三"]),
        ("“走吧。”他说。雨停了。", ["“走吧。”他说。", "雨停了。"]),
        ("「下雨了嗎？」小王笑著問道，沒有人答。", ["「下雨了嗎？」小王笑著問道，沒有人答。"]),
        ("“进展顺利。”负责人表示。天晴了。", ["“进展顺利。”负责人表示。", "天晴了。"]),
        ("“他来了。”我不知道。", ["“他来了。”", "我不知道。"]),
        ("“好看。”这是一部小说。", ["“好看。”", "这是一部小说。"]),
        ("他说“你说“好。”就行。”走了。", ["他说“你说“好。”就行。”", "走了。"]),
        ("「他說『好。』就走。」我信。", ["「他說『好。』就走。」", "我信。"]),
        ("“雨停了。路还湿。“走吧。”他走。", ["“雨停了。", "路还湿。", "“走吧。”", "他走。"]),
        ("等等⋯⋯然後呢﹖好﹗", ["等等⋯⋯", "然後呢﹖", "好﹗"]),
        ("1. 选址。2. 施工。", ["1. 选址。", "2. 施工。"]),
        ("他说：“好。”王平介绍，天晴了。", ["他说：“好。”", "王平介绍，天晴了。"]),
        ("“好。”王平说，“走吧。”", ["“好。”王平说，“走吧。”"]),
        (f"“{'雨' * 80}。”他说，天晴了。", [f"“{'雨' * 80}。”", "他说，天晴了。"]),
        ("一. 选址。二. 施工。", ["一. 选址。", "二. 施工。"]),
        ("甲&nbsp;乙&#39;丙。丁", ["甲&nbsp;乙&#39;丙。", "丁"]),
        ("| 县 | 户数。 | 备注；无 |\n雨停。", ["| 县 | 户数。 | 备注；无 |", "雨停。"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_a_very_long_sentence_is_split_at_commas_then_by_length() -> None:
    commas = "沿岸种下许多树木，" * 100
    assert all(len(piece) <= LONG_SENTENCE and piece.endswith("，") for piece in cut(commas))
    bare = "树" * 3000
    pieces = cut(bare)
    assert "".join(pieces) == bare
    assert max(map(len, pieces)) <= LONG_SENTENCE


def test_short_paragraphs_join_and_long_ones_are_split() -> None:
    heading = "一、江边的步道"
    body = "沿岸种下三千多棵树，居民说这里比从前凉爽得多。" * 20
    text = f"{heading}\n\n{body}\n\n“来吗？”\n“来。”\n“那走吧。”\n"
    passages = split(text)
    assert text[passages[0].start :].startswith(heading)
    assert passages[0].end - passages[0].start > len(heading)
    assert all(60 <= one.end - one.start <= LONGEST + 60 for one in passages)
    assert text[passages[-1].start : passages[-1].end].endswith("“那走吧。”")


def shown(text: str) -> list[str]:
    return [text[one.start : one.end] for one in split(text)]


BODY = "沿岸种下三千多棵树，居民说这里比从前凉爽得多，傍晚来散步的人也多了。"


@pytest.mark.parametrize(
    "heading",
    ["二、步道的来历", "（三）管护", "第二章 河堤", "① 资金", "几点做法", "做法如下："],
)
def test_a_heading_is_in_the_passage_of_what_follows(heading: str) -> None:
    for before in range(1, 6):
        text = f"{BODY * before}\n{heading}\n{BODY * 5}\n{heading}\n{BODY * 2}"
        starts = [part.rfind(heading) for part in shown(text) if heading in part]
        ends = [part for part in shown(text) if part.endswith(heading)]
        assert starts
        assert not ends


def test_short_text_before_a_heading_does_not_tear_it_off() -> None:
    text = f"{BODY}{BODY[:20]}。\n二、步道的来历和管护办法\n{BODY * 4}"
    assert not any(part.endswith("办法") for part in shown(text))


def test_a_list_stays_with_the_line_that_announces_it() -> None:
    items = "\n".join(
        f"{number}. 每户每月补{number}0元，三月起发到卡上；" for number in range(1, 9)
    )
    text = f"{BODY * 2}\n补贴办法如下：\n{items}"
    (part,) = [part for part in shown(text) if "补贴办法" in part]
    assert "如下：\n1. 每户" in part


def test_rows_of_a_table_are_never_cut() -> None:
    rows = [f"| 第{n}户 | 收入。支出；结余 | 三月. 四月 | {BODY[:18]} |" for n in range(30)]
    text = "\n".join(rows)
    for part in shown(text):
        assert set(part.split("\n")) <= set(rows)


def test_lines_of_verse_stay_whole() -> None:
    lines = ["江水绕过旧码头", "灯一盏一盏亮了", "有人在桥上等船", "船没有来"] * 9
    parts = shown("\n".join(lines))
    assert [line for part in parts for line in part.split("\n")] == lines
    assert all(60 <= len(part) <= LONGEST for part in parts)


def test_ids_stay_with_what_a_passage_says_in_either_script_and_however_spaced() -> None:
    traditional = "江邊的步道修了兩年，沿岸種下三千多棵樹，居民說這裡變得涼爽。" * 2
    simplified = "江边的步道修了两年，沿岸种下三千多棵树，居民说这里变得凉爽。" * 2
    (one,), (other,) = split(traditional), split(f"　　{simplified[:9]}\u200b{simplified[9:]}\n")
    assert one.id == other.id
    assert re.fullmatch("[0-9a-f]{10}", one.id)
    first, gone, second = f"{BODY * 2}\n", "广告\n", f"{simplified}\n"
    text = first + gone + second + gone + first
    removals = tuple(
        Removal(found.start(), found.end(), "x", "y") for found in re.finditer(gone, text)
    )
    ids = [passage.id for passage in split(text, removals)]
    assert ids[2] == f"{ids[0]}-2"
    assert split(second)[0].id == ids[1] == one.id


def test_passages_never_reach_over_a_removal() -> None:
    text = "雨停了。广告广告路还湿着。"
    passages = split(text, (Removal(4, 8, "x", "y"),))
    assert [text[one.start : one.end] for one in passages] == ["雨停了。", "路还湿着。"]


PIECES = st.sampled_from(
    [
        "雨停了",
        "。",
        "！",
        "？",
        "；",
        "……",
        "“",
        "”",
        "「",
        "」",
        "（",
        "）",
        "，",
        "\n",
        "\r\n",
        " ",
        "　",
    ]
    + [
        ".",
        "!",
        "?",
        ";",
        ",",
        '"',
        "3.5",
        "GPT-4",
        "沿岸种下三千多棵树" * 6,
        "\u2028",
        "a.b",
        "他说",
        "负责人表示，",
        "‘",
        "’",
        "|",
        "1. ",
        "一、总则",
        "如下：",
        "&nbsp;",
        "⋯⋯",
        "树" * 450,
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join), st.data())
def test_passages_removals_and_whitespace_rebuild_the_text(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    removals = tuple(
        Removal(start, end, "r", "w") for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    )
    passages = split(text, removals)
    owners = [0] * len(text)
    for removal in removals:
        for offset in range(removal.start, removal.end):
            owners[offset] += 1
    last = 0
    assert len({passage.id for passage in passages}) == len(passages)
    for number, passage in enumerate(passages, start=1):
        assert passage.number == number
        assert last <= passage.start < passage.end
        last = passage.end
        assert passage.sentences[0].start == passage.start
        assert passage.sentences[-1].end == passage.end
        assert not any(one.start < passage.end and passage.start < one.end for one in removals)
        for span in passage.sentences:
            assert span.end - span.start <= LONG_SENTENCE
            for offset in range(span.start, span.end):
                owners[offset] += 1
    for offset, owner in enumerate(owners):
        assert owner == 1 or (owner == 0 and text[offset].isspace())


@pytest.mark.skipif(not ARTICLES.exists(), reason="needs the articles beside the checkout")
def test_real_pages_come_in_passages_of_readable_size() -> None:
    for path in ARTICLES.glob("*.txt"):
        sizes = [one.end - one.start for one in split(path.read_text("utf-8"))]
        assert sum(60 <= size <= LONGEST for size in sizes) >= 0.95 * len(sizes)
