"""What is chosen to be reported, and how it is put in fewer words, without a model."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tasks_support import SIMPLIFIED, article_of, long_text

from workbench.articles.reader import read_article
from workbench.grounding.facts import extract_facts
from workbench.tasks.drafting import judge
from workbench.tasks.material import Material
from workbench.tasks.plan import Part
from workbench.tasks.summary.asks import MOST_EVIDENCE, Asker
from workbench.tasks.summary.clauses import compressed, split_clauses, without_echoes, worth_of
from workbench.tasks.summary.concise import concise, without_dateline
from workbench.tasks.summary.enriching import additions
from workbench.tasks.wording import closed, in_chinese_marks, is_balanced

NEWS = """河西区新图书馆开馆

2026年5月6日

河西区图书馆新馆5月6日开馆，藏书82万册，比旧馆多出31万册。馆长沈一舟说，开馆首日接待读者4600人。

图书馆门前的银杏树下有几张长椅。几位老人坐在那里看报纸。春天的风吹过来，很舒服。

新馆由区里投资2.6亿元建设，用了三年。地下车库有300个车位，前两小时免费。

图片来源：河西区图书馆。责任编辑：某某。
"""


def of(folder: Path, text: str) -> Material:
    return Material(article_of(folder, text))


def test_sentences_that_state_facts_come_before_those_that_paint(tmp_path: Path) -> None:
    material = of(tmp_path, NEWS)
    asker = Asker(material)
    scores = dict(zip((s.text for s in material.sentences), asker.salience.scores, strict=True))
    lead = next(score for text, score in scores.items() if "82万册" in text)
    painted = [score for text, score in scores.items() if "银杏" in text or "春天" in text]
    furniture = [score for text, score in scores.items() if "责任编辑" in text]
    assert lead == max(scores.values())
    assert all(score < lead - 1 for score in painted)
    assert all(score < max(painted) for score in furniture)


def test_what_was_told_is_not_chosen_again(tmp_path: Path) -> None:
    material = of(tmp_path, NEWS)
    asker = Asker(material)
    everything = range(len(material.sentences))
    first = asker.salience.best(everything, [])
    assert first is not None
    second = asker.salience.best(everything, [material.sentences[first].text])
    assert second != first
    assert asker.salience.best(everything, [], everything) is None


@pytest.mark.parametrize("count", [1, 3, 7])
def test_every_stretch_is_asked_about_and_no_sentence_twice(tmp_path: Path, count: int) -> None:
    material = of(tmp_path, long_text(12))
    stretches = [Part(1, 4), Part(5, 8), Part(9, len(material.lines))]
    asks = Asker(material).plan(stretches, count, 50)
    assert len(asks) == max(3, count)
    chosen = [index for ask in asks for index in ask.sentences]
    assert len(chosen) == len(set(chosen))
    assert all(0 < len(ask.text) <= MOST_EVIDENCE for ask in asks)
    told = [
        sum(stretch.first <= ask.stretch.first <= stretch.last for ask in asks)
        for stretch in stretches
    ]
    # One ask of three may leave its stretch for what is worth far more.
    assert sum(number > 0 for number in told) >= 2
    assert [ask.sentences for ask in asks] == sorted(ask.sentences for ask in asks)


@pytest.mark.parametrize(
    ("sentence", "shorter"),
    [
        ("据了解，新馆已经开馆，但是车位不够。", "新馆已开馆，但车位不够。"),
        ("昆仑制药(300999)发布了新产品。", "昆仑制药发布新产品。"),
        ("2026年5月6日，新馆的大门正式打开。", "5月6日，新馆的大门正式打开。"),
        ("2025年5月6日，新馆的工程正式动工。", "2025年5月6日，新馆的工程正式动工。"),
        ("他说“我们已经准备好，但是还不够”。", "他说“我们已经准备好，但是还不够”。"),
        ("区里对12个安置点的食堂进行检查。", "区里检查12个安置点的食堂。"),
        ("河西、桥东、城南、港口及新区等约350人到场。", "河西、桥东等约350人到场。"),
    ],
)  # fmt: skip
def test_a_sentence_says_the_same_in_fewer_characters(sentence: str, shorter: str) -> None:
    assert concise(sentence, date="2026-05-06") == shorter


@given(st.text(alphabet="据了解，已经但是对进行检查2026年5月6日约350人、等“”。《》", max_size=60))
def test_saying_it_shorter_changes_no_figure(text: str) -> None:
    short = concise(text, date="2026-05-06")
    assert len(short) <= len(text)
    kept = {fact.value for fact in extract_facts(text) if fact.kind in ("amount", "percent")}
    assert kept <= {fact.value for fact in extract_facts(short)} | kept
    for figure in ("350人",):
        assert short.count(figure) == text.count(figure) or "等约" in text


@pytest.mark.parametrize(
    ("opening", "rest"),
    [
        (
            "[ 2026-05-06 16：40 ] ，正文：某某网河西5月6日电 （记者某甲、某乙）",
            "新馆5月6日上午正式开馆。",
        ),
        ("2026-05-06 20:44:47，正文：某新社河西5月6日电 (记者 某甲)", "新馆5月6日上午正式开馆。"),
        ("，正文：某某日报5月6日讯 ", "新馆5月6日上午正式开馆。"),
        ("", "5月6日，河西区图书馆新馆正式开馆。"),
    ],
)
def test_the_dateline_of_news_is_no_part_of_what_is_told(opening: str, rest: str) -> None:
    assert without_dateline(opening + rest) == rest


def test_the_least_informative_clause_goes_first() -> None:
    text = "河西区图书馆新馆5月6日开馆，门前的风景十分宜人，藏书82万册，比旧馆多出31万册。"
    assert compressed(text, 34, worth_of()) == (
        "河西区图书馆新馆5月6日开馆，藏书82万册，比旧馆多出31万册。"
    )


def test_a_clause_that_is_the_predicate_of_the_first_stays() -> None:
    text = "量子计算机和超级计算机的协同工作，被称为“量超融合”，这一说法流传很广，讨论的人很多。"
    short = compressed(text, 30, worth_of())
    assert short is None or "被称为" in short


CLAUSES = st.lists(
    st.sampled_from(
        ["新馆开馆", "藏书82万册", "虽然天冷", "其中31万册是新书", "他说“好，真好”", "被称为新馆"]
    ),
    min_size=1,
    max_size=8,
).flatmap(
    lambda parts: st.lists(st.sampled_from("，；。"), min_size=len(parts), max_size=len(parts)).map(
        lambda marks: "".join(a + b for a, b in zip(parts, marks, strict=True))
    )
)


@given(CLAUSES, st.integers(8, 60))
def test_what_is_left_of_a_text_is_its_own_clauses_within_the_limit(text: str, limit: int) -> None:
    assert "".join(split_clauses(text)) == text
    short = compressed(text, limit, worth_of())
    if short is not None:
        assert len(short) <= limit
        assert is_balanced(short)
        for clause in split_clauses(short):
            assert clause.strip("，；。") in text


def test_a_point_is_given_the_figures_its_model_left_out(tmp_path: Path) -> None:
    material = of(tmp_path, NEWS)
    whole = Part(1, len(material.lines))
    draft = judge("河西区图书馆新馆5月6日开馆。", material, whole, characters=60)
    everything = range(len(material.sentences))
    longer = additions(draft, everything, [], 40, material)
    assert longer
    assert "82万册" in longer[0] or "31万册" in longer[0]
    for text in longer:
        assert text.startswith("河西区图书馆新馆5月6日开馆")
        assert len(text) <= len(draft.text) + 40
    assert not additions(draft, everything, [], 5, material)
    told = [sentence.text for sentence in material.sentences]
    assert not additions(draft, everything, told, 40, material)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("新馆开馆,藏书82万册", "新馆开馆，藏书82万册。"),
        ("他说:“很好", "他说：“很好”。"),
        ("他说：“很好。”", "他说：“很好。”"),
        ("藏书820,000册(约数)", "藏书820,000册（约数）。"),
        ("新馆开馆，", "新馆开馆。"),
        ("", ""),
    ],
)
def test_a_line_that_was_stopped_gets_its_marks_back(written: str, shown: str) -> None:
    assert closed(in_chinese_marks(written)) == shown


def test_the_title_and_short_articles_are_handled(tmp_path: Path) -> None:
    asker = Asker(of(tmp_path, SIMPLIFIED))
    asks = asker.plan([Part(1, 1)], 1, 50)
    assert len(asks) == 1
    assert asks[0].text


def test_no_stretch_gives_its_place_to_an_opening_that_only_announces() -> None:
    sample = Path(__file__).parents[2] / "workbench" / "samples" / "city-library-nights.txt"
    material = Material(read_article(sample))
    last = len(material.lines)
    asks = Asker(material).plan([Part(n, n) for n in range(1, last + 1)], last, 60)
    assert not [ask.text for ask in asks if ask.text.endswith("有了新安排。")]
    assert asks[-1].stretch == Part(last, last)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("海报贴满车厢引发争议，引发争议。", "海报贴满车厢引发争议。"),
        ("镇里颁发证书，首次颁发证书给摊主。", "镇里颁发证书，首次颁发证书给摊主。"),
        ("颁发证书，首次颁发证书，拓宽销路。", "首次颁发证书，拓宽销路。"),
        ("早市开门。早市开门。", "早市开门。"),
        ("他说“好，好”，众人称好。", "他说“好，好”，众人称好。"),
        ("8元，每天8元。", "8元，每天8元。"),
    ],
)
def test_a_clause_that_the_next_one_says_whole_goes(text: str, wanted: str) -> None:
    assert without_echoes(text) == wanted
