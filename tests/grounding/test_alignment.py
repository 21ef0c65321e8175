import os
import random
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.grounding.alignment import Aligned, Aligner, copied_share

ARTICLE = [
    "山城图书馆4月17日重新开放，第一天就来了两千多名读者。",
    "新馆的屋顶装有太阳能板，每年可发电12万千瓦时。",
    "馆长说，夜间开放时间延长到十点，方便上班的人。",
    "附近的小学把每周三的阅读课搬到了儿童阅览室。",
    "工程总投资1.8亿元，其中六成来自市财政。",
    "有读者抱怨座位太少，周末常常要排队等候。",
]
SENTENCES = st.lists(
    st.text("图书馆读者开放时间座位年月日0123，。", min_size=2, max_size=30), max_size=8
)


@pytest.mark.parametrize("index", range(len(ARTICLE)))
def test_a_sentence_taken_verbatim_is_supported_by_itself_alone(index: int) -> None:
    assert Aligner(ARTICLE).align(ARTICLE[index]) == Aligned((index,), 1.0)


@given(SENTENCES, st.data())
def test_any_sentence_of_a_text_is_fully_supported_by_that_text(
    sentences: list[str], data: st.DataObject
) -> None:
    wordy = [text for text in sentences if any(char.isalnum() for char in text)]
    if wordy:
        text = data.draw(st.sampled_from(wordy))
        assert Aligner(sentences).align(text).support == 1.0


@pytest.mark.parametrize(
    ("point", "index"),
    [
        ("图书馆于四月十七日开放，首日读者超过两千人。", 0),
        ("屋顶的太阳能板一年发电12万千瓦时。", 1),
        ("为了方便上班族，夜间开放到十点。", 2),
        ("小学每周三的阅读课改在儿童阅览室上。", 3),
        ("总投资1.8亿元，市财政出了60%。", 4),
        ("周末座位不够，读者要排队。", 5),
    ],
)
def test_a_paraphrase_finds_the_sentence_it_is_from(point: str, index: int) -> None:
    aligned = Aligner(ARTICLE).align(point)
    assert index in aligned.sentences
    assert 0.2 < aligned.support <= 1


def test_a_point_made_of_two_sentences_cites_both() -> None:
    aligned = Aligner(ARTICLE).align("总投资1.8亿元的图书馆屋顶装有太阳能板，每年发电12万千瓦时。")
    assert {1, 4} <= set(aligned.sentences)


def test_only_the_sentences_allowed_are_looked_at() -> None:
    aligner = Aligner(ARTICLE)
    assert aligner.align(ARTICLE[0], range(1, 6)).sentences != (0,)
    assert 0 not in aligner.align(ARTICLE[0], [5, 3, 1]).sentences
    assert aligner.align(ARTICLE[0], []) == Aligned((), 0.0)
    assert aligner.align(ARTICLE[0], [0, 99]).sentences == (0,)


@pytest.mark.parametrize(
    ("sentences", "point"), [([], "图书馆"), (ARTICLE, ""), (ARTICLE, "。，"), ([""], "")]
)
def test_nothing_supports_nothing(sentences: list[str], point: str) -> None:
    assert Aligner(sentences).align(point) == Aligned((), 0.0)


def test_what_has_nothing_in_common_has_no_support() -> None:
    assert Aligner(ARTICLE).align("海豚擅长跳跃").support == 0.0


def test_alignment_is_the_same_in_every_process() -> None:
    program = (
        "import sys; from workbench.grounding.alignment import Aligner\n"
        "lines = sys.stdin.read().splitlines()\n"
        "print([Aligner(lines).align(a + b) for a in lines for b in lines])\n"
    )  # fmt: skip
    outputs = {
        subprocess.run(
            [sys.executable, "-X", "utf8", "-c", program],
            input="\n".join(ARTICLE),
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1
    assert outputs != {""}


def test_a_sentence_is_found_again_in_a_long_article() -> None:
    rng = random.Random(3)
    parts = [text.rstrip("。").split("，") for text in ARTICLE]
    sentences = [
        f"第{number}次记录，编号{number * 37}，"
        + "，".join(rng.choice(rng.choice(parts)) for _ in range(3))
        for number in range(3, 500)
    ]
    assert sum(map(len, sentences)) > 20_000
    aligner = Aligner(sentences)
    for index in range(0, len(sentences), 25):
        found = aligner.align(sentences[index])
        assert index in found.sentences
        assert found.support == 1.0


@given(st.text(max_size=80), st.text(max_size=80))
def test_the_copied_share_is_a_share(point: str, source: str) -> None:
    assert 0 <= copied_share(point, source) <= 1
    assert copied_share(point, "") == 0


def test_only_long_runs_count_as_copied() -> None:
    text = "".join(chr(0x4E00 + number) for number in range(60))
    assert copied_share(text, text) == 1
    assert copied_share(text[:20], text) == 0
    assert copied_share(text[:30] + "完全不同的结尾", text) == pytest.approx(30 / 37)
