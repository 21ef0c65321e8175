"""Whatever was read before, by whom and where: the answer is the one a fresh engine gives.

Compared token for token, at temperature 0. On a CPU, flash attention adds up in 16 bits, so that
logits move by about 0.01 where cells lie in another order; the questions are chosen so that no
choice of the fresh engine was closer than ``CLEAR``.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from engine_support import ARTICLE, answer, ask
from scheduler_support import loaded
from tiny_gguf import Tiny, write
from tiny_lora import TinyAdapter, write_adapter

from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import Adapter, Done, LoadOptions, Message, Request

LONG_ARTICLE = ARTICLE * 5  # above what a state on disk must have at least
CLEAR = 0.05
WORDS = 12
LETTERS = tuple(
    bytes([letter]) for letter in b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)


@pytest.fixture(scope="module", params=["qwen2", "gemma2", "mamba"])
def architecture(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def path(architecture: str, folder: Path) -> Path:
    return write(folder / f"reuse-{architecture}.gguf", Tiny(architecture=architecture))


def question(number: int, article: str = LONG_ARTICLE) -> Request:
    request = ask(article, f"{number}点？", max_tokens=WORDS, answer_start=f"{number}点")
    return replace(request, ignore_end=True)


Wanted = list[tuple[Request, Done]]


def find_clear(path: Path, most: int = 400) -> Wanted:
    """Return two questions with different answers that are no matter of rounding."""
    found: Wanted = []
    with loaded(path, sequences=1) as desk:
        for number in range(1, most):
            [done] = desk.run(question(number))
            if min(desk.margins[number]) > CLEAR and done.text not in [d.text for _, d in found]:
                found.append((question(number), done))
            if len(found) == 2:
                break
    # A scheduler that never did anything else is what all others are compared with.
    fresh: Wanted = []
    for request, _done in found:
        with loaded(path, sequences=1) as desk:
            [done] = desk.run(request)
            assert min(desk.margins[1]) > CLEAR / 2
            fresh.append((request, done))
            other = Message("user", (LONG_ARTICLE[::-1], *request.messages[1].segments[1:]))
            [apart] = desk.run(replace(request, messages=(request.messages[0], other)))
            assert apart.text != done.text, "the article must show in the answer"
    assert len({done.text for _request, done in fresh}) == 2
    return fresh


@pytest.fixture(scope="module")
def wanted(path: Path) -> Wanted:
    return find_clear(path)


def check(done: Done, expected: Done) -> None:
    assert (done.text, done.finish) == (expected.text, expected.finish)
    assert done.usage.generated_tokens == expected.usage.generated_tokens == WORDS


def test_from_a_resident_prefix(path: Path, wanted: Wanted) -> None:
    with loaded(path) as desk:
        for number in (0, 1, 0, 0):
            request, expected = wanted[number]
            [done] = desk.run(request)
            check(done, expected)
        assert done.usage.reused_tokens > 500


@pytest.mark.parametrize("sequences", [1, 4])
def test_one_at_a_time_and_side_by_side(path: Path, wanted: Wanted, sequences: int) -> None:
    with loaded(path, sequences=sequences) as desk:
        done = desk.run(*(request for request, _expected in wanted * 3))
        for one, (_request, expected) in zip(done, wanted * 3, strict=True):
            check(one, expected)
        assert max(len(rows) for rows in desk.batches) == sequences


@pytest.mark.parametrize("when", ["reading", "between", "writing"])
@pytest.mark.parametrize("article", ["same", "other"])
def test_after_a_more_urgent_request_took_its_place(
    path: Path, wanted: Wanted, when: str, article: str
) -> None:
    (first, expected), (second, _expected) = wanted
    with loaded(path, sequences=1) as desk:
        low = desk.submit(first)
        reached: dict[str, Callable[[], bool]] = {
            "reading": lambda: len(desk.batches) == 2,
            "between": lambda: desk.scheduler.statistics().kept > 0,
            "writing": lambda: len(desk.margins[low]) > WORDS // 2,
        }
        desk.until(reached[when])
        urgent = second if article == "same" else ask("急事。" * 50, "几点？", max_tokens=5)
        high = desk.submit(replace(urgent, priority=1))
        # What both have to read is read once, by whom it may.
        desk.until(lambda: high in desk.active())
        assert (desk.active(), desk.waiting()) == ([high], [low])
        desk.run_out()
        assert desk.scheduler.statistics().preempted == 1
        check(desk.done(low), expected)
        if article == "same":
            check(desk.done(high), wanted[1][1])
        ends = [number for number, event in desk.told if isinstance(event, Done)]
        assert ends == [high, low]
        desk.check_at_rest()


def test_after_it_was_read_ahead(path: Path, wanted: Wanted) -> None:
    with loaded(path) as desk:
        desk.prefetch(wanted[0][0])
        desk.run_out()
        for request, expected in wanted:
            [done] = desk.run(request)
            check(done, expected)
            assert done.usage.reused_tokens > 500


def test_after_reading_ahead_was_cut_short(path: Path, wanted: Wanted) -> None:
    with loaded(path) as desk:
        desk.prefetch(wanted[0][0])
        desk.until(lambda: len(desk.batches) == 1)
        answers = desk.run(*(request for request, _expected in wanted))
        for done, (_request, expected) in zip(answers, wanted, strict=True):
            check(done, expected)
            assert done.usage.reused_tokens > 128


def test_from_disk_in_another_process(path: Path, wanted: Wanted, tmp_path: Path) -> None:
    options = LoadOptions(
        str(path),
        context=2048,
        threads=1,
        states=str(tmp_path / "states"),
        states_bytes=1 << 30,
        identity="of this file",
    )
    with LlamaEngine(options) as engine:
        check(answer(engine, wanted[0][0]), wanted[0][1])
        assert engine.statistics().restored_tokens == 0
    assert [path.suffix for path in (tmp_path / "states").iterdir()] == [".state"]
    for request, expected in reversed(wanted):
        with LlamaEngine(options) as engine:
            done = answer(engine, request)
            check(done, expected)
            assert done.usage.reused_tokens == engine.statistics().restored_tokens > 500


INSTRUCTION = "写成一句短讯，保留数字。" * 3


def of_template(number: int, instruction: str) -> Request:
    """Ask what several requests of one template ask: they share an instruction too."""
    request = question(number)
    article, asked = request.messages[1].segments
    messages = (request.messages[0], Message("user", (article, instruction, asked)))
    return replace(request, messages=messages)


def test_what_one_template_had_on_disk_another_template_goes_on_from(
    path: Path, wanted: Wanted, tmp_path: Path
) -> None:
    states = {"states": str(tmp_path), "states_bytes": 1 << 30, "identity": "of this file"}
    with loaded(path, **states) as desk:
        [first] = desk.run(of_template(1, INSTRUCTION))
        assert first.usage.reused_tokens == 0
        desk.scheduler.save(60.0)
    assert len(list(tmp_path.iterdir())) == 1
    requests = [wanted[0][0], of_template(2, INSTRUCTION[::-1]), of_template(1, INSTRUCTION)]
    for request in requests:
        with loaded(path, **states) as desk:
            [done] = desk.run(request)
            assert done.usage.reused_tokens == desk.scheduler.statistics().restored_tokens > 500
        if request is wanted[0][0]:
            check(done, wanted[0][1])
    assert done.text == first.text


def test_an_article_is_read_once_for_two_templates_at_a_time(
    path: Path, wanted: Wanted, architecture: str
) -> None:
    request, expected = wanted[0]
    with loaded(path) as desk:
        other, done = desk.run(of_template(1, INSTRUCTION), request)
        check(done, expected)
        assert other.usage.reused_tokens == 0
        # Recurrent states and sliding windows can be taken up only where they were frozen.
        assert (done.usage.reused_tokens > 500) is (architecture == "qwen2")
    with loaded(path) as desk:
        done, other = desk.run(request, of_template(1, INSTRUCTION))
        check(done, expected)
        assert other.usage.reused_tokens > 500


@pytest.mark.parametrize("on_disk", [False, True])
def test_what_is_on_disk_leaves_the_cache_to_a_long_article_and_comes_back(
    path: Path, wanted: Wanted, tmp_path: Path, on_disk: bool
) -> None:
    request, expected = wanted[0]
    states = {"states": str(tmp_path), "states_bytes": 1 << 30, "identity": "of this file"}
    with loaded(path, **(states if on_disk else {})) as desk:
        desk.run(request)
        desk.scheduler.save(60.0)
        desk.run(question(1, LONG_ARTICLE[::-1]))
        assert desk.scheduler.statistics().kept == (1 if on_disk else 2)
        [done] = desk.run(request)
        check(done, expected)
        assert done.usage.reused_tokens > 500
        assert (desk.scheduler.statistics().restored_tokens > 0) is on_disk
        desk.check_at_rest()


@pytest.mark.parametrize("quotes", [False, True])
def test_prompt_lookup_changes_no_token_of_a_model_without_sense(
    path: Path, wanted: Wanted, quotes: bool
) -> None:
    with loaded(path, draft=4) as desk:
        for request, expected in wanted * 2:
            [done] = desk.run(replace(request, quotes=quotes))
            check(done, expected)
            assert quotes or not done.usage.drafted_tokens


@pytest.mark.parametrize("sequences", [1, 3])
def test_prompt_lookup_guesses_what_is_recited_and_changes_no_token(
    tmp_path: Path, sequences: int
) -> None:
    path = write(tmp_path / "reciter.gguf", Tiny(script=LETTERS))
    text = b"".join(LETTERS).decode()
    request = replace(ask(ARTICLE, text, "背诵", max_tokens=80), quotes=True)
    with loaded(path, draft=4, sequences=sequences) as desk:
        for done in desk.run(*[request] * sequences, replace(request, quotes=False)):
            assert (done.text, done.finish) == (text, "stop")
        guessed = desk.done(1).usage
        assert guessed.generated_tokens == len(text)
        assert guessed.accepted_tokens >= len(text) // 2
        assert guessed.drafted_tokens >= guessed.accepted_tokens
        assert done.usage.drafted_tokens == 0
        desk.check_at_rest()


@pytest.mark.parametrize("most", [1, 2, 7, 51, 52, 53])
def test_prompt_lookup_never_writes_beyond_the_limit(tmp_path: Path, most: int) -> None:
    path = write(tmp_path / "reciter.gguf", Tiny(script=LETTERS))
    text = b"".join(LETTERS).decode()
    request = replace(ask(text, "背诵", max_tokens=most), quotes=True)
    with loaded(path, draft=8, sequences=1) as desk:
        [done] = desk.run(request)
    assert done.text == text[:most]
    assert done.usage.generated_tokens == min(most, len(text))
    assert done.finish == ("length" if most <= len(text) else "stop")


def test_what_was_read_with_one_set_of_adapters_is_of_no_use_to_another(
    random_file: Path, tmp_path: Path
) -> None:
    one, two = (
        Adapter(str(write_adapter(tmp_path / f"{seed}.gguf", TinyAdapter(seed=seed))))
        for seed in (3, 4)
    )
    sets = [(), (one,), (two,), (one, two), (replace(one, scale=0.5),)]
    requests = [replace(question(1), adapters=some) for some in sets]
    states = {"states": str(tmp_path / "states"), "states_bytes": 1 << 30, "identity": "x"}
    expected: list[Done] = []
    for number, request in enumerate(requests):
        alone_states = {**states, "states": str(tmp_path / f"alone-{number}")}
        with loaded(random_file, **alone_states) as desk:
            expected += desk.run(request)
    assert len({done.text for done in expected}) == len(sets)
    for stored in (False, True):
        with loaded(random_file, **states) as desk:
            for request, wanted in zip(requests, expected, strict=True):
                [done] = desk.run(request)
                check(done, wanted)
                assert (done.usage.reused_tokens > 500) == stored
            assert (desk.scheduler.statistics().restored_tokens > 500 * len(sets)) == stored
            alone = len(desk.batches)
            mixed = desk.run(*requests, *requests)
            assert all(done.usage.reused_tokens > 500 for done in mixed)
            of = [len(batch) for batch in desk.batches[alone:]]
            assert max(of) == 2, "two have the same adapters, and only they share a batch"
