import re

from hypothesis import given
from hypothesis import strategies as st

from workbench.pages.histograms import histogram
from workbench.pages.marking import pieces
from workbench.pages.plots import Dot, bars, forest, scatter
from workbench.pages.scales import ticks

EVIL = '</style><script>alert("1")</script>&<b>'

DOTS = st.lists(
    st.builds(
        Dot,
        st.integers(1, 99),
        st.integers(0, 7),
        st.floats(-1e6, 1e6),
        st.floats(0, 1),
        st.floats(-1e6, 1e6),
        st.floats(-1e6, 1e6),
        st.text(max_size=5),
        st.text(max_size=5),
    ),
    max_size=4,
)


@given(dots=DOTS, percent=st.booleans())
def test_any_figures_make_a_drawing_that_can_be_parsed(dots: list[Dot], percent: bool) -> None:
    from lxml import etree

    for plot in (
        scatter(dots, EVIL, EVIL, percent=percent),
        bars(dots, EVIL, percent=percent),
        forest(dots, EVIL, percent=percent),
    ):
        cleaned = re.sub("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]", "", plot)
        if cleaned:
            root = etree.fromstring(cleaned.encode())
            assert root.tag == "svg"
            assert "nan" not in cleaned.replace("</title>", "").lower() or "nan" in str(dots)


@given(low=st.floats(-1e6, 1e6), size=st.floats(0.01, 1e9) | st.just(0.0))
def test_ticks_hold_what_they_are_for(low: float, size: float) -> None:
    high = low + size
    marks = ticks(low, high)
    slack = 1e-6 * max(1.0, abs(low), abs(high))
    assert marks[0] <= low + slack
    assert marks[-1] >= high - slack
    assert 2 <= len(marks) <= 14
    assert marks == sorted(set(marks))


@given(
    text=st.text(max_size=20),
    spans=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=5),
)
def test_marking_loses_no_character(text: str, spans: list[tuple[int, int]]) -> None:
    inside = [(min(pair), min(max(pair), len(text))) for pair in spans if min(pair) < len(text)]
    found = pieces(text, inside)
    assert "".join(piece["text"] for piece in found) == text
    marked = {place for start, end in inside for place in range(start, end)}
    at = 0
    for piece in found:
        for _char in piece["text"]:
            assert piece["found"] == (at in marked)
            at += 1


@given(
    values=st.lists(
        st.floats(-1e9, 1e9) | st.sampled_from([float("nan"), float("inf")]), max_size=50
    )
)
def test_a_histogram_counts_every_number(values: list[float]) -> None:
    from lxml import etree

    plot = histogram(values, EVIL)
    numbers = [value for value in values if abs(value) < float("inf")]
    if not numbers:
        assert plot == ""
        return
    root = etree.fromstring(plot.encode())
    counts = [int(title.text.rpartition(": ")[2]) for title in root.iter("title")]
    assert sum(counts) == len(numbers)


def test_a_histogram_begins_where_it_is_told_to() -> None:
    assert ">0<" in histogram([0.8, 0.9], "support", low=0.0)
