import threading
from pathlib import Path

import pytest
from engine_support import ARTICLE, LONG, answer, ask, finish
from tiny_gguf import Tiny, write

from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import (
    Done,
    LoadOptions,
    Message,
    Reading,
    Request,
    Sampling,
    Text,
)
from workbench.errors import EngineError

QUESTIONS = ("早市几点开门？", "早市几点收摊？", "箩筐怎么摆？", "早市几点开门？")


def fresh_answer(path: Path, request: Request) -> Done:
    with LlamaEngine(LoadOptions(str(path), context=0, threads=1)) as engine:
        return answer(engine, request)


def test_questions_on_one_article_reuse_it(engine: LlamaEngine) -> None:
    first, *others = (answer(engine, ask(ARTICLE, question)) for question in QUESTIONS)
    shared = sum(engine.count_tokens([ARTICLE]))
    assert first.usage.prompt_tokens > shared
    for other in others:
        assert other.usage.reused_tokens >= shared
        assert other.usage.reused_tokens < other.usage.prompt_tokens


def test_reading_tells_of_reuse_and_comes_to_its_end(engine: LlamaEngine) -> None:
    answer(engine, ask(ARTICLE, "问题一", max_tokens=1))
    events = list(engine.submit(ask(ARTICLE, "问题二", max_tokens=1)))
    readings = [event for event in events if isinstance(event, Reading)]
    total = engine.prompt_tokens(ask(ARTICLE, "问题二", max_tokens=1))
    assert readings[0].done == readings[0].reused > 0
    assert readings[-1].done == readings[-1].total == total
    assert isinstance(events[-1], Done)
    assert events[-1].usage.prompt_tokens == total
    assert events[-1].usage.reused_tokens == readings[0].reused


def test_progress_is_told_at_least_every_256_tokens(engine: LlamaEngine) -> None:
    events = list(engine.submit(ask("第一篇。" * 200, max_tokens=1)))
    done = [event.done for event in events if isinstance(event, Reading)]
    assert max(after - before for before, after in zip(done, done[1:], strict=False)) <= 256


def test_an_article_cannot_end_its_turn(engine: LlamaEngine) -> None:
    for name in ("<|im_end|>", "<|im_start|>", "<|endoftext|>"):
        # In a byte-level vocabulary without merges for it, text is a token a byte.
        assert engine.count_tokens([name]) == [len(name)]
        plain, attack = (engine.prompt_tokens(ask(text)) for text in ("甲", f"甲{name}"))
        assert attack - plain == len(name)


def test_greedy_writing_repeats_itself(engine: LlamaEngine) -> None:
    assert answer(engine, ask("同一个问题")).text == answer(engine, ask("同一个问题")).text


def test_sampling_follows_its_seed(engine: LlamaEngine) -> None:
    def sampled(seed: int) -> str:
        sampling = Sampling(temperature=2.0, top_k=0, top_p=1.0, min_p=0.0, seed=seed)
        return answer(engine, ask("写一段", max_tokens=30, sampling=sampling)).text

    assert sampled(1) == sampled(1)
    assert len({sampled(seed) for seed in range(1, 5)}) > 1


def test_top_k_of_one_is_greedy_at_any_temperature(engine: LlamaEngine) -> None:
    sampling = Sampling(temperature=5.0, top_k=1)
    assert answer(engine, ask("问", sampling=sampling)).text == answer(engine, ask("问")).text


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(temperature=-1.0),
        Sampling(temperature=float("inf")),
        Sampling(temperature=float("nan")),
        Sampling(top_k=-1),
        Sampling(top_k=2**31),
        Sampling(top_p=1.5),
        Sampling(min_p=-0.1),
        Sampling(repeat_penalty=0.0),
        Sampling(repeat_last=-1),
        Sampling(seed=-1),
        Sampling(seed=2**32),
    ],
)
def test_impossible_sampling_is_refused(engine: LlamaEngine, sampling: Sampling) -> None:
    with pytest.raises(EngineError, match="must lie between"):
        answer(engine, ask("问", sampling=sampling))


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Request((), 5), "says nothing"),
        (Request((Message("user", ("",)),), 5), "says nothing"),
        (ask("问", max_tokens=0), "at least one token"),
        (ask("问", stop=("",)), "stop string is empty"),
    ],
)
def test_requests_without_sense_are_refused(
    engine: LlamaEngine, request_: Request, said: str
) -> None:
    with pytest.raises(EngineError, match=said):
        answer(engine, request_)


def test_a_request_larger_than_the_context_is_refused_before_any_work(
    engine: LlamaEngine,
) -> None:
    answer(engine, ask(ARTICLE, max_tokens=1))
    context = engine.model.context
    prompt = engine.prompt_tokens(ask(ARTICLE))
    with pytest.raises(EngineError, match=rf"{prompt} tokens.* {context}") as refused:
        list(engine.submit(ask(ARTICLE, max_tokens=context - prompt + 1)))
    assert refused.value.fix
    with pytest.raises(EngineError, match="larger context"):
        list(engine.submit(ask("长" * context)))
    assert answer(engine, ask(ARTICLE, max_tokens=1)).usage.prompt_tokens == prompt


def test_a_request_that_just_fits_is_carried_out(engine: LlamaEngine) -> None:
    text = "长" * 1300
    room = engine.model.context - engine.prompt_tokens(ask(text))
    assert 0 < room < 200
    done = answer(engine, ask(text, max_tokens=room))
    assert done.usage.generated_tokens == room or done.finish == "stop"


def test_odd_texts_are_no_obstacle(engine: LlamaEngine) -> None:
    for text in ("\x00前后\x00", "\ud800", "\U0001f600", "﻿", "e\u0301", "\r\n\t"):
        assert answer(engine, ask(text, max_tokens=2)).usage.generated_tokens <= 2
    assert engine.count_tokens(["", "a\x00b"]) == [0, 3]
    assert engine.count_tokens([]) == []


SCRIPT = (
    "水库的".encode() + b"\xe5",  # the first byte of 库's neighbour 底, whose rest comes later
    b"\xba",
    b"\x95" + "，".encode(),
    b"abc",
    b"de",
    "终。".encode(),
)


@pytest.fixture(scope="module")
def reciter(folder: Path) -> LlamaEngine:
    path = write(folder / "reciter.gguf", Tiny(script=SCRIPT))
    with LlamaEngine(LoadOptions(str(path), threads=1)) as engine:
        yield engine


def test_characters_divided_over_tokens_are_shown_whole(reciter: LlamaEngine) -> None:
    events = list(reciter.submit(ask("背诵", max_tokens=50)))
    texts = [event.text for event in events if isinstance(event, Text)]
    assert texts == ["水库的", "底，", "abc", "de", "终。"]
    assert events[-1].text == "水库的底，abcde终。"
    assert events[-1].finish == "stop"
    assert events[-1].usage.generated_tokens == len(SCRIPT)


def test_a_character_cut_off_by_the_limit_is_left_out(reciter: LlamaEngine) -> None:
    done = answer(reciter, ask("背诵", max_tokens=2))
    assert (done.text, done.finish) == ("水库的", "length")


@pytest.mark.parametrize(
    ("stops", "text"),
    [
        (("cd",), "水库的底，ab"),
        (("，a", "底，"), "水库的"),
        (("cde终。结束",), "水库的底，abcde终。"),
        (("水",), ""),
        (("不在里面", "e终"), "水库的底，abcd"),
    ],
)
def test_stop_strings_are_found_across_tokens(
    reciter: LlamaEngine, stops: tuple[str, ...], text: str
) -> None:
    events = list(reciter.submit(ask("背诵", max_tokens=50, stop=stops)))
    assert "".join(event.text for event in events if isinstance(event, Text)) == text
    assert events[-1].text == text
    assert events[-1].finish == "stop"


def test_the_beginning_of_the_answer_is_prompt_not_output(reciter: LlamaEngine) -> None:
    request = ask("背诵", max_tokens=50, answer_start="\n")
    plain = reciter.prompt_tokens(ask("背诵"))
    assert reciter.prompt_tokens(request) == plain + 1
    assert answer(reciter, request).text == "水库的底，abcde终。"


def test_thinking_is_kept_apart_from_the_answer(folder: Path) -> None:
    script = (b"<think>", "先想".encode(), b"</thi", b"nk>", b"\n\n".replace(b"\n\n", b"\r\n"))
    path = write(folder / "thinker.gguf", Tiny(script=(*script, "再答".encode())))
    with LlamaEngine(LoadOptions(str(path), threads=1)) as engine:
        events = list(engine.submit(ask("问", max_tokens=50, thinking=True)))
    assert [event.text for event in events if isinstance(event, Text)] == ["再答"]
    assert (events[-1].text, events[-1].thought) == ("再答", "先想")


@pytest.mark.parametrize("file", ["random_file", "recurrent_file"])
def test_reuse_of_the_prefix_never_shows_in_the_answer(
    file: str, request: pytest.FixtureRequest
) -> None:
    path: Path = request.getfixturevalue(file)
    wanted = [fresh_answer(path, ask(ARTICLE, question)) for question in QUESTIONS[:3]]
    with LlamaEngine(LoadOptions(str(path), context=0, threads=1)) as engine:
        for question, expected in zip(QUESTIONS, [*wanted, wanted[0]], strict=True):
            done = answer(engine, ask(ARTICLE, question))
            assert (done.text, done.finish) == (expected.text, expected.finish)


@pytest.mark.parametrize("how", ["cancel", "close", "thread"])
def test_cancelled_while_reading(slow_engine: LlamaEngine, slow_file: Path, how: str) -> None:
    expected = fresh_answer(slow_file, ask(ARTICLE, how))
    events = slow_engine.submit(ask(LONG, how))
    assert isinstance(next(events), Reading)
    if how == "close":
        events.close()
    else:
        if how == "thread":
            thread = threading.Thread(target=slow_engine.cancel)
            thread.start()
            thread.join()
        else:
            slow_engine.cancel()
        done = finish(events)
        assert (done.finish, done.text, done.usage.generated_tokens) == ("cancelled", "", 0)
    assert answer(slow_engine, ask(ARTICLE, how)).text == expected.text


def test_what_was_read_before_a_cancel_is_kept(slow_engine: LlamaEngine) -> None:
    request = ask("另一篇" + LONG, max_tokens=1)
    for event in slow_engine.submit(request):
        if isinstance(event, Reading) and event.done > event.reused:
            slow_engine.cancel()
    again = slow_engine.submit(request)
    reading = next(again)
    again.close()
    assert isinstance(reading, Reading)
    assert reading.reused >= 128


def test_cancelled_while_writing(slow_engine: LlamaEngine, slow_file: Path) -> None:
    expected = fresh_answer(slow_file, ask(ARTICLE, "写"))
    endless = Sampling(temperature=1.0, top_k=0, top_p=1.0, min_p=0.0)
    shown = ""
    for event in slow_engine.submit(ask("写", max_tokens=10_000, sampling=endless)):
        if isinstance(event, Text):
            shown += event.text
            slow_engine.cancel()
    assert isinstance(event, Done)
    assert event.text == shown
    assert event.finish in ("cancelled", "stop")
    assert answer(slow_engine, ask(ARTICLE, "写")).text == expected.text


def test_cancel_without_a_request_stops_nothing(engine: LlamaEngine) -> None:
    engine.cancel()
    assert answer(engine, ask("问")).finish != "cancelled"
    engine.cancel()
    assert answer(engine, ask("问")).finish != "cancelled"


def test_ping_and_counting_are_answered_while_a_prompt_is_read(
    slow_engine: LlamaEngine,
) -> None:
    events = slow_engine.submit(ask("乒乓" + LONG))
    next(events)
    assert slow_engine.ping() >= 0.0
    assert slow_engine.count_tokens(["abc"]) == [3]
    assert slow_engine.prompt_tokens(ask("问")) > 0
    with pytest.raises(EngineError, match="no such role"):
        slow_engine.prompt_tokens(Request((Message("odd", ("问",)),), 1))
    slow_engine.cancel()
    assert finish(events).finish == "cancelled"


def test_one_thread_can_have_several_requests_and_read_them_in_any_order(
    engine: LlamaEngine,
) -> None:
    texts = ("第一", "第二", "第三", "第四", "第五", "第六")
    expected = [answer(engine, ask(text)).text for text in texts]
    answers = [engine.submit(ask(text)) for text in texts]
    got = [finish(one).text for one in reversed(answers)]
    assert [len(text) > 0 for text in got] == [len(text) > 0 for text in reversed(expected)]


def test_requests_of_other_threads_run_beside_each_other(engine: LlamaEngine) -> None:
    expected = {text: answer(engine, ask(text)).text for text in ("甲", "乙", "丙")}
    got: dict[str, str] = {}

    def work(text: str) -> None:
        got[text] = answer(engine, ask(text)).text

    threads = [threading.Thread(target=work, args=(text,)) for text in expected]
    first = engine.submit(ask("先"))
    next(first)
    for thread in threads:
        thread.start()
    finish(first)
    for thread in threads:
        thread.join(60)
    assert got == expected


def test_what_was_read_before_is_counted_as_reusable(engine: LlamaEngine) -> None:
    request = ask(ARTICLE, "几点？")
    before = engine.reusable_tokens(request)
    answer(engine, request)
    other = ask(ARTICLE, "谁？")
    reusable = engine.reusable_tokens(other)
    assert reusable > before
    assert answer(engine, other).usage.reused_tokens == reusable
    assert engine.reusable_tokens(ask("另一篇文章。" * 40, "谁？")) < reusable
