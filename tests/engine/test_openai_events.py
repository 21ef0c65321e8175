import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.openai.events import (
    MOST_BYTES,
    Chunk,
    Counts,
    EventReader,
    MalformedStream,
    Progress,
    error_text,
    read_chunk,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)
LINE = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12)


def read(pieces: Iterable[bytes]) -> list[str]:
    reader = EventReader()
    found = [data for piece in pieces for data in reader.push(piece)]
    return found + list(reader.finish())


@st.composite
def streams(draw: st.DrawFn) -> tuple[list[bytes], list[str]]:
    """Draw a stream cut into pieces anywhere, and the data it carries."""
    events = draw(st.lists(st.lists(LINE, min_size=1, max_size=3), max_size=5))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    noise = draw(st.sampled_from(["", ": ping", "event: x", "id", "retry: 3"]))
    text = draw(st.sampled_from(["", "\ufeff"]))
    for lines in events:
        text += f"{noise}{end}" if noise else ""
        text += "".join(f"data: {line}{end}" for line in lines) + end
    encoded = text.encode()
    cuts = sorted(draw(st.sets(st.integers(0, len(encoded)), max_size=12)))
    bounds = [0, *cuts, len(encoded)]
    pieces = [encoded[a:b] for a, b in zip(bounds, bounds[1:], strict=False)]
    return pieces, ["\n".join(lines) for lines in events]


@given(streams())
def test_how_the_bytes_were_cut_never_shows(drawn: tuple[list[bytes], list[str]]) -> None:
    pieces, data = drawn
    assert read(pieces) == data


@given(st.binary(max_size=200), st.integers(0, 200))
def test_any_bytes_are_read_the_same_in_one_piece_or_two(stream: bytes, cut: int) -> None:
    whole = read([stream])
    assert read([stream[:cut], stream[cut:]]) == whole
    assert read(stream[i : i + 1] for i in range(len(stream))) == whole


def test_an_event_is_read_as_soon_as_its_empty_line_is_there() -> None:
    reader = EventReader()
    assert list(reader.push(b"data: a\r\n\r")) == ["a"]
    assert list(reader.push(b"\ndata:b\n\n")) == ["b"]
    assert list(reader.push(b"data: c\n")) == []
    assert list(reader.finish()) == ["c"]


def test_a_line_without_end_is_not_kept_for_ever() -> None:
    reader = EventReader()
    assert list(reader.push(b"x" * MOST_BYTES)) == []
    with pytest.raises(MalformedStream):
        list(reader.push(b"x"))


@given(JSON)
def test_any_json_is_a_chunk_or_malformed(value: Any) -> None:
    try:
        chunk = read_chunk(json.dumps(value))
    except MalformedStream:
        return
    assert isinstance(chunk, Chunk)


@given(JSON, JSON, JSON, JSON)
def test_of_a_chunk_only_what_is_sound_is_taken(
    delta: Any, usage: Any, timings: Any, progress: Any
) -> None:
    value = {
        "choices": [{"delta": delta, "finish_reason": delta}],
        "usage": usage,
        "timings": timings,
        "prompt_progress": progress,
    }
    chunk = read_chunk(json.dumps(value))
    assert isinstance(chunk.text, str)
    assert isinstance(chunk.finish, str)


@given(st.text(max_size=60))
def test_any_text_is_a_chunk_or_malformed(text: str) -> None:
    try:
        read_chunk(text)
    except MalformedStream:
        return


@given(*[st.none() | st.integers() | st.booleans() | st.floats() | st.text(max_size=3)] * 3)
def test_progress_never_goes_past_the_end(total: Any, processed: Any, cache: Any) -> None:
    value = {"total": total, "processed": processed, "cache": cache}
    chunk = read_chunk(json.dumps({"choices": [], "prompt_progress": value}))
    if chunk.progress is not None:
        at = chunk.progress
        assert 0 <= at.cached <= at.done <= at.total


def test_a_chunk_of_llama_server_is_understood() -> None:
    last = {
        "choices": [],
        "usage": {
            "completion_tokens": 3,
            "prompt_tokens": 20,
            "prompt_tokens_details": {"cached_tokens": 5},
        },
        "timings": {"cache_n": 5, "prompt_n": 15, "predicted_n": 3},
    }
    assert read_chunk(json.dumps(last)).counts == Counts(prompt=20, cached=5, generated=3)
    del last["usage"]
    assert read_chunk(json.dumps(last)).counts == Counts(prompt=20, cached=5, generated=3)
    progress = {"total": 9, "cache": 2, "processed": 4, "time_ms": 5}
    first = {"choices": [{"delta": {"role": "assistant"}}], "prompt_progress": progress}
    assert read_chunk(json.dumps(first)).progress == Progress(done=4, total=9, cached=2)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"error": {"message": "too long", "code": 400}}, "too long"),
        ({"error": "too long"}, "too long"),
        ({"object": "error", "message": "too long"}, "too long"),
        ({"detail": "too long"}, "too long"),
        ({"error": {"code": 400}}, "400"),
        ({"error": {}}, "error"),
        ({"error": None}, ""),
        ({}, ""),
        ([], ""),
    ],
)
def test_the_words_of_an_error_are_found_where_servers_put_them(value: Any, text: str) -> None:
    assert error_text(value) == text
