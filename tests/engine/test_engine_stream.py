import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.stream import AnswerStream, partial_suffix

FEW = st.text("ab<>/thinkno。\n ", max_size=40)


def stream(data: bytes, cuts: list[int], **options: object) -> tuple[AnswerStream, str]:
    answer = AnswerStream(**options)  # type: ignore[arg-type]
    shown = ""
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        shown += answer.push(data[start:end])
        if answer.stopped:
            return answer, shown
    return answer, shown + answer.finish()


@given(st.text(), st.lists(st.integers(0, 200)))
def test_characters_come_whole_however_tokens_divide_them(text: str, cuts: list[int]) -> None:
    answer, shown = stream(text.encode("utf-8"), cuts, may_think=False)
    assert shown == answer.text == text


@given(st.text(min_size=1), st.integers(1, 3))
def test_a_character_cut_off_by_the_end_is_left_out(text: str, missing: int) -> None:
    data = text.encode("utf-8")[:-missing]
    _answer, shown = stream(data, [], may_think=False)
    assert shown == data.decode("utf-8", "ignore")


def ends_first(text: str, stops: tuple[str, ...]) -> str:
    """Read character by character until some stop string is complete."""
    for length in range(len(text) + 1):
        complete = [stop for stop in stops if text[:length].endswith(stop)]
        if complete:
            return text[: length - max(map(len, complete))]
    return text


@given(
    st.text("ab。", max_size=30),
    st.lists(st.text("ab。", min_size=1, max_size=4), max_size=3).map(tuple),
    st.lists(st.integers(0, 100)),
)
def test_output_ends_before_the_stop_string_that_is_complete_first(
    text: str, stops: tuple[str, ...], cuts: list[int]
) -> None:
    answer, shown = stream(text.encode(), cuts, stops=stops, may_think=False)
    assert shown == answer.text == ends_first(text, stops)
    assert answer.stopped == any(stop in text for stop in stops)


@given(FEW, st.lists(st.integers(0, 100)), st.booleans())
def test_thought_does_not_depend_on_how_tokens_divide_it(
    text: str, cuts: list[int], inside: bool
) -> None:
    whole, shown_whole = stream(text.encode(), [], inside_thought=inside)
    parts, shown_parts = stream(text.encode(), cuts, inside_thought=inside)
    assert (whole.thought, shown_whole) == (parts.thought, shown_parts)


@given(FEW, FEW, st.lists(st.integers(0, 100)))
def test_thinking_is_kept_apart_from_the_answer(thought: str, text: str, cuts: list[int]) -> None:
    written = f"\n<think>{thought}</think>\n\n答{text}"
    answer, shown = stream(written.encode(), cuts)
    expected, _closed, rest = f"{thought}</think>\n\n答{text}".partition("</think>")
    assert answer.thought == expected.strip()
    assert shown == rest.lstrip()


@pytest.mark.parametrize(
    ("written", "inside", "shown", "thought"),
    [
        ("想想</think>答", True, "答", "想想"),
        ("<think>没有想完", False, "", "没有想完"),
        ("还没想完</thi", True, "", "还没想完</thi"),
        ("<thi", False, "<thi", ""),
        ("标签<think>不是思考</think>", False, "标签<think>不是思考</think>", ""),
        ("<think></think>", False, "", ""),
        ("  缩进", False, "  缩进", ""),
    ],
)
def test_edges_of_thinking(written: str, inside: bool, shown: str, thought: str) -> None:
    for cuts in ([], list(range(len(written.encode())))):
        answer, seen = stream(written.encode(), cuts, inside_thought=inside)
        assert (seen, answer.thought) == (shown, thought)


def test_stop_strings_in_the_thinking_do_not_end_the_answer() -> None:
    answer, shown = stream("<think>停。</think>走停。".encode(), [], stops=("停。",))
    assert (shown, answer.thought, answer.stopped) == ("走", "停。", True)


@given(st.text("ab", max_size=8), st.text("ab", min_size=1, max_size=5))
def test_partial_suffix_is_the_longest_proper_beginning(text: str, wanted: str) -> None:
    lengths = [n for n in range(len(wanted)) if text.endswith(wanted[:n])]
    assert partial_suffix(text, wanted) == max(lengths)


def test_thinking_is_told_from_its_first_byte_to_its_last() -> None:
    answer = AnswerStream(inside_thought=True)
    seen = []
    for piece in (b"a", b"b</thi", b"nk>", b"\n", b"c"):
        seen.append(answer.thinking)
        answer.push(piece)
    assert seen == [True, True, True, False, False]
    assert (answer.text, answer.thought) == ("c", "ab")
