from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.articles.cleaning import find_removals, kept_text
from workbench.articles.page_lines import find_page_lines

PROSE = "江边的步道第{}段已经开放，沿岸种了三千多棵树，居民傍晚常来散步。"


def pages(header: str, footer: str, count: int = 5) -> str:
    return "\x0c".join(
        "\n".join(
            [
                header.format(number),
                *(PROSE.format(10 * number + row) for row in range(6)),
                footer.format(number),
            ]
        )
        for number in range(1, count + 1)
    )


def removed(text: str) -> list[str]:
    return [text[one.start : one.end] for one in find_page_lines(text) if one.rule == "page-header"]


def test_headers_and_page_numbers_go_on_every_page() -> None:
    text = pages("江边步道建设年报", "- {} -")
    assert sorted(removed(text)) == sorted(
        ["江边步道建设年报"] * 5 + [f"- {n} -" for n in range(1, 6)]
    )
    left = kept_text(text, find_removals(text))
    assert left.count("江边的步道第") == 30


def test_a_header_with_the_number_of_its_page_goes() -> None:
    assert len(removed(pages("年报 第{}页 共5页", "{}/5"))) == 10


def test_headers_of_left_and_right_pages_go() -> None:
    left_right = "\x0c".join(
        f"{'年报二〇二四' if number % 2 else '江边步道建设处'}\n{PROSE.format(number)}"
        for number in range(8)
    )
    assert len(removed(left_right)) == 8


def test_figures_that_only_stand_at_the_top_stay() -> None:
    figures = "\x0c".join(f"{value}\n{PROSE.format(value)}" for value in (37, 5, 912, 44, 8))
    assert removed(figures) == []


def test_without_pages_or_with_two_nothing_goes() -> None:
    assert removed(pages("年报", "{}", count=2)) == []
    assert removed(pages("年报", "{}").replace("\x0c", "\n")) == []


def test_sentences_that_begin_every_page_stay() -> None:
    same = "\x0c".join(f"{PROSE.format(1)}\n{PROSE.format(number)}" for number in range(9))
    assert removed(same) == []


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from(["年报", "1", "2", "3", PROSE, "", "- 4 -"]), max_size=6),
        max_size=9,
    )
)
def test_prose_is_never_a_header(content: list[list[str]]) -> None:
    text = "\x0c".join("\n".join(page) for page in content)
    assert PROSE not in removed(text)
