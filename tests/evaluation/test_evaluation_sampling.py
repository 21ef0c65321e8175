import itertools

from evaluation_support import ARTICLE, OTHER, items_of, raw_question
from hypothesis import given
from hypothesis import strategies as st

from workbench.evaluation.datasets.sampling import sample
from workbench.evaluation.datasets.swapping import SUFFIX, with_swapped
from workbench.evaluation.items import Dataset, Raw

NAMES = st.lists(st.text(min_size=1, max_size=5), max_size=30, unique=True)


def raws(names: list[str]) -> list[Raw]:
    return [raw_question(name, "几个？", "128个") for name in names]


@given(names=NAMES, seed=st.integers(0, 5), limit=st.integers(1, 12), more=st.integers(0, 12))
def test_a_larger_sample_holds_the_smaller(
    names: list[str], seed: int, limit: int, more: int
) -> None:
    small, total = sample(raws(names), limit=limit, offset=0, seed=seed)
    large, _total = sample(raws(names), limit=limit + more, offset=0, seed=seed)
    assert total == len(names)
    assert len(small) == min(limit, len(names))
    assert {item.name for item in small} <= {item.name for item in large}
    order = [names.index(item.name) for item in large]
    assert order == sorted(order), "items stay in the order of the file"


@given(names=NAMES, seed=st.integers(0, 5), limit=st.integers(1, 6))
def test_samples_a_limit_apart_share_nothing_and_hold_all(
    names: list[str], seed: int, limit: int
) -> None:
    found: list[str] = []
    for offset in range(0, len(names) + limit, limit):
        chosen, _total = sample(raws(names), limit=limit, offset=offset, seed=seed)
        found += [item.name for item in chosen]
    assert sorted(found) == sorted(names)


@given(names=NAMES, seed=st.integers(0, 5), offset=st.integers(0, 12))
def test_without_a_limit_what_is_passed_over_is_left_out(
    names: list[str], seed: int, offset: int
) -> None:
    rest, _total = sample(raws(names), limit=None, offset=offset, seed=seed)
    if offset:
        first, _total = sample(raws(names), limit=offset, offset=0, seed=seed)
        assert {item.name for item in first}.isdisjoint(item.name for item in rest)
    assert len(rest) == max(0, len(names) - offset)


def test_other_seeds_draw_others() -> None:
    names = [str(number) for number in range(40)]
    drawn = {
        tuple(item.name for item in sample(raws(names), limit=5, offset=0, seed=seed)[0])
        for seed in range(8)
    }
    assert len(drawn) == 8


def test_a_swapped_question_is_put_to_an_article_without_its_answer() -> None:
    third = "河口的渡船停了。" * 3 + "一共460万元。"
    items = items_of(
        raw_question("a", "新棚花了多少钱？", "460万元"),
        raw_question("b", "车里有多少本书？", "2400本", text=OTHER),
        raw_question("c", "渡船怎么了？", "停了", text=third),
    )
    found, without = with_swapped(items, seed=1)
    assert without == 0
    swapped = {item.name.removesuffix(SUFFIX): item for item in found if item.name.endswith(SUFFIX)}
    assert set(swapped) == {"a", "b", "c"}
    assert swapped["a"].article.text == OTHER, "the third text holds the answer"
    for item in items:
        other = swapped[item.name]
        assert other.article.text != item.article.text
        assert (other.question, other.answerable, other.references) == (item.question, False, ())
        assert other.fingerprint != item.fingerprint
    assert with_swapped(items, seed=1)[0] == found


def test_a_question_is_not_swapped_to_traditional_text_that_answers_it() -> None:
    items = items_of(
        raw_question("a", "谁搬家？", "卖豆腐的摊主"),
        raw_question("b", "誰？", "司機", text="賣豆腐的攤主說，亮堂了。司機把路跑熟了。"),
    )
    found, without = with_swapped(items, seed=1)
    assert without == 1
    assert [item.name for item in found] == ["a", "b", "b" + SUFFIX]


def test_items_on_one_article_follow_each_other() -> None:
    items = items_of(
        raw_question("a", "几个？", "128个"),
        raw_question("b", "几本？", "2400本", text=OTHER),
        raw_question("c", "多少钱？", "460万元", text=ARTICLE),
    )
    ordered = Dataset("d", items, 3).of_kind("question")
    assert [item.name for item in ordered] == ["a", "c", "b"]
    groups = [name for name, _run in itertools.groupby(item.group for item in ordered)]
    assert len(groups) == len(set(groups))
