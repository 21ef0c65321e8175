import threading
from typing import Any

import pytest
from openai_support import (
    CHAT,
    NAME,
    PATIENCE,
    Pauses,
    Scene,
    Talk,
    ask,
    asking,
    breaking_after,
    chunk,
    finish,
    listed,
    llama_routes,
    refusing,
    saying,
    serving,
    usage,
)

from workbench.engine.openai.retry import Backoff
from workbench.engine.protocol import Adapter, Done, Reading, Restarted, Text
from workbench.errors import EngineError

ARTICLE = "青石桥的早市六点开门，卖菜的人把箩筐摆成两排。" * 8


def test_an_answer_streams_in_as_it_is_written() -> None:
    with serving(saying("早市", "开门", "了。")) as server, asking(server) as engine:
        events = list(engine.submit(ask("文章", "问题")))
        assert [event.text for event in events if isinstance(event, Text)] == [
            "早市",
            "开门",
            "了。",
        ]
        done = finish(events)
        assert done.finish == "stop"
        assert (done.usage.prompt_tokens, done.usage.generated_tokens) == (20, 4)
        [chat] = server.chats
        assert chat.body["messages"][1] == {"role": "user", "content": "文章问题"}
        assert chat.body["model"] == NAME


def test_text_comes_before_the_answer_is_whole() -> None:
    go_on = threading.Event()

    def slowly(talk: Talk) -> None:
        talk.begin()
        talk.events(chunk("早"))
        assert go_on.wait(PATIENCE)
        talk.events(chunk("市"), chunk(finish="length"))
        talk.end()

    with serving(slowly) as server, asking(server) as engine:
        answer = engine.submit(ask("问题"))
        assert isinstance(next(answer), Reading)
        assert next(answer) == Text("早")
        go_on.set()
        assert next(answer) == Text("市")
        done = next(answer)
        assert isinstance(done, Done)
        assert done.finish == "length"
        assert list(answer) == []


def test_a_busy_server_is_asked_again_after_the_pause_it_wants() -> None:
    scenes = (refusing(503, Retry_After="7"), refusing(429), saying("好"))
    pauses = Pauses()
    with serving(*scenes) as server, asking(server, pause=pauses) as engine:
        assert finish(engine.submit(ask("问题"))).text == "好"
        assert len(server.chats) == 3
    assert pauses == [7.0, 1.0]


def test_a_server_that_stays_busy_is_given_up_with_its_own_words() -> None:
    with serving(refusing(503, "Loading model")) as server:
        pauses = Pauses()
        with asking(server, pause=pauses) as engine:
            with pytest.raises(EngineError, match="Loading model"):
                finish(engine.submit(ask("问题")))
            assert pauses == [0.5, 1.0, 2.0, 4.0]
            assert len(server.chats) == 5


@pytest.mark.parametrize("status", [400, 404, 422, 500])
def test_what_a_server_refuses_is_not_asked_again(status: int) -> None:
    with (
        serving(refusing(status, "the prompt is\ntoo long"), saying("好")) as server,
        asking(server) as engine,
    ):
        with pytest.raises(EngineError, match="the prompt is too long"):
            finish(engine.submit(ask("问题")))
        assert len(server.chats) == 1
        assert finish(engine.submit(ask("问题"))).text == "好"


def test_a_connection_that_breaks_before_any_text_is_made_anew_unseen() -> None:
    def hang_up(talk: Talk) -> None:
        talk.cut()

    with serving(hang_up, breaking_after(), saying("好")) as server, asking(server) as engine:
        events = list(engine.submit(ask("问题")))
        assert not [event for event in events if isinstance(event, Restarted)]
        assert finish(events).text == "好"
        assert len(server.chats) == 3


def test_a_stream_that_breaks_after_text_is_begun_again_once_and_said_so() -> None:
    with serving(breaking_after("早"), saying("晚市")) as server, asking(server) as engine:
        events = list(engine.submit(ask("问题")))
        kinds = [type(event).__name__ for event in events]
        assert kinds == ["Reading", "Text", "Restarted", "Reading", "Text", "Done"]
        assert finish(events).text == "晚市"


def test_a_stream_that_breaks_again_is_given_up() -> None:
    with serving(breaking_after("早")) as server, asking(server) as engine:
        with pytest.raises(EngineError, match="broke"):
            finish(engine.submit(ask("问题")))
        assert len(server.chats) == 2


def test_a_stream_without_its_last_words_is_whole_when_it_said_why_it_stopped() -> None:
    def hasty(talk: Talk) -> None:
        talk.begin()
        talk.events(chunk("好"), chunk(finish="stop"))
        talk.cut()

    with serving(hasty) as server, asking(server) as engine:
        done = finish(engine.submit(ask("问题")))
        assert (done.text, done.finish, len(server.chats)) == ("好", "stop", 1)


def test_a_silent_server_is_given_up() -> None:
    over = threading.Event()

    def stall(talk: Talk) -> None:
        assert talk.wait_until_closed()
        over.set()

    once = Backoff(attempts=1)
    with serving(stall) as server, asking(server, silence=0.1, backoff=once) as engine:
        with pytest.raises(EngineError, match="silent"):
            finish(engine.submit(ask("问题")))
        assert over.wait(PATIENCE)


@pytest.mark.parametrize("stage", ["before the headers", "in the stream"])
def test_cancelling_closes_the_connection_so_that_the_server_stops(stage: str) -> None:
    waiting, closed = threading.Event(), threading.Event()

    def stall(talk: Talk) -> None:
        if stage == "in the stream":
            talk.begin()
            talk.events(chunk("早市"))
        waiting.set()
        if talk.wait_until_closed():
            closed.set()

    with serving(stall) as server, asking(server) as engine:
        answer = engine.submit(ask("问题"))
        assert waiting.wait(PATIENCE)
        if stage == "in the stream":
            assert [type(next(answer)) for _event in range(2)] == [Reading, Text]
        canceller = threading.Thread(target=answer.cancel)
        canceller.start()
        done = list(answer)[-1]
        canceller.join()
        assert isinstance(done, Done)
        assert done.finish == "cancelled"
        assert done.text == ("早市" if stage == "in the stream" else "")
        assert closed.wait(PATIENCE)
        assert len(server.chats) == 1


def test_closing_an_answer_waits_until_it_is_over() -> None:
    waiting, closed = threading.Event(), threading.Event()

    def stall(talk: Talk) -> None:
        talk.begin()
        waiting.set()
        assert talk.wait_until_closed()
        closed.set()

    with serving(stall) as server, asking(server) as engine:
        answer = engine.submit(ask("问题"))
        assert waiting.wait(PATIENCE)
        answer.close()
        assert answer.over
        assert list(answer) == []
        assert closed.wait(PATIENCE)


def test_cancelling_ends_a_pause_before_another_try() -> None:
    pausing = threading.Event()

    def pause(seconds: float, stopping: threading.Event) -> None:
        pausing.set()
        assert stopping.wait(PATIENCE)

    with serving(refusing(503)) as server, asking(server, pause=pause) as engine:
        answer = engine.submit(ask("问题"))
        assert pausing.wait(PATIENCE)
        answer.cancel()
        assert finish(answer).finish == "cancelled"


def test_cancelling_the_engine_ends_what_runs_and_what_waits() -> None:
    waiting = threading.Event()

    def stall(talk: Talk) -> None:
        waiting.set()
        talk.wait_until_closed()

    with serving(stall) as server, asking(server, sequences=1) as engine:
        answers = [engine.submit(ask(str(number))) for number in range(3)]
        assert waiting.wait(PATIENCE)
        engine.cancel()
        assert [finish(answer).finish for answer in answers] == ["cancelled"] * 3
        assert len(server.chats) == 1


def test_a_closed_engine_refuses_work() -> None:
    with serving() as server, asking(server) as engine:
        assert engine.model
        engine.close()
        for use in (lambda: engine.submit(ask("问")), lambda: engine.count_tokens(["字"])):
            with pytest.raises(EngineError, match="closed"):
                use()


def test_requests_run_side_by_side_up_to_the_sequences() -> None:
    both = threading.Barrier(2)

    def together(talk: Talk) -> None:
        both.wait(PATIENCE)
        saying("好")(talk)

    with serving(together) as server, asking(server, sequences=2) as engine:
        answers = [engine.submit(ask(str(number))) for number in range(4)]
        assert [finish(answer).text for answer in answers] == ["好"] * 4


def test_a_higher_priority_goes_first() -> None:
    waiting, go_on = threading.Event(), threading.Event()

    def first(talk: Talk) -> None:
        waiting.set()
        assert go_on.wait(PATIENCE)
        saying("好")(talk)

    with serving(first, saying("好")) as server, asking(server, sequences=1) as engine:
        answers = [engine.submit(ask("running"))]
        assert waiting.wait(PATIENCE)
        answers += [engine.submit(ask(name, priority=p)) for name, p in [("b", 0), ("a", 5)]]
        answers.append(engine.submit(ask("c")))
        go_on.set()
        for answer in answers:
            finish(answer)
        order = [chat.body["messages"][1]["content"] for chat in server.chats]
        assert order == ["running", "a", "b", "c"]


@pytest.mark.parametrize(
    "lie",
    [
        {"choices": []},
        {"usage": None, "choices": []},
        {"usage": "none", "choices": []},
        {"usage": {"prompt_tokens": -5, "completion_tokens": "many"}},
        {"usage": {"prompt_tokens": 10**30, "completion_tokens": 10**30}},
        {"usage": {"prompt_tokens": True, "completion_tokens": 1.5}},
        {"usage": {"prompt_tokens_details": [], "completion_tokens": None}},
        {"timings": {"cache_n": "x", "prompt_n": {}}},
        usage(prompt=500, generated=10**6, cached=10**7),
        usage(prompt=0, generated=0),
    ],
)
def test_counts_that_cannot_be_true_are_replaced_by_estimates(lie: dict[str, Any]) -> None:
    with serving(saying("早市", "开门", counts=lie)) as server, asking(server) as engine:
        done = finish(engine.submit(ask(ARTICLE, "问题")))
        assert done.text == "早市开门"
        assert 0 <= done.usage.reused_tokens <= done.usage.prompt_tokens <= 2**40
        assert done.usage.prompt_tokens >= len(ARTICLE) / 2
        assert 1 <= done.usage.generated_tokens <= 64
        assert done.usage.read_seconds >= 0
        assert done.usage.write_seconds >= 0


def test_a_server_that_read_only_part_of_the_prompt_is_found_out() -> None:
    cut = saying("好", counts=usage(prompt=30))
    expected = pytest.raises(EngineError, match="read 30 tokens of a prompt of at least")
    with serving(cut) as server, asking(server) as engine, expected:
        finish(engine.submit(ask(ARTICLE, "问题")))


def test_what_a_server_counts_apart_as_cached_was_read() -> None:
    apart = saying("好", counts=usage(prompt=10, cached=190))
    with serving(apart) as server, asking(server) as engine:
        assert finish(engine.submit(ask(ARTICLE, "问题"))).text == "好"


def test_llama_servers_progress_and_timings_are_told() -> None:
    def scene(talk: Talk) -> None:
        talk.begin()
        for done in (5, 12, 20):
            progress = {"total": 20, "cache": 5, "processed": done, "time_ms": 1}
            talk.events({**chunk(), "prompt_progress": progress})
        timings = {"cache_n": 5, "prompt_n": 15, "predicted_n": 3, "draft_n": 4}
        timings["draft_n_accepted"] = 2
        talk.events(chunk("好"), chunk(finish="stop"), {"choices": [], "timings": timings})
        talk.end()

    with serving(scene, routes=llama_routes()) as server, asking(server) as engine:
        events = list(engine.submit(ask("文章", "问题")))
        readings = [event for event in events if isinstance(event, Reading)]
        assert readings[1:] == [Reading(5, 20, 5), Reading(12, 20, 5), Reading(20, 20, 5)]
        spent = finish(events).usage
        assert (spent.prompt_tokens, spent.reused_tokens, spent.generated_tokens) == (20, 5, 3)
        assert (spent.drafted_tokens, spent.accepted_tokens) == (4, 2)


def test_the_seconds_are_those_to_the_first_token_and_from_there() -> None:
    ticks = iter([0.0, 0.0, 10.0, 12.5, 14.0])

    def clock() -> float:
        return next(ticks)

    with serving(saying("早", "市")) as server, asking(server, clock=clock) as engine:
        spent = finish(engine.submit(ask("问题"))).usage
        assert (spent.read_seconds, spent.write_seconds) == (2.5, 1.5)


@pytest.mark.parametrize(
    "scene",
    [
        lambda talk: talk.raw(b"<html>welcome</html>", Content_Type="text/html"),
        lambda talk: talk.raw(b"{}", Content_Type="application/json"),
        lambda talk: talk.raw(b"\x00\xff\xfe" * 100),
        lambda talk: (talk.begin(), talk.send(b"data: {oh\n\n"), talk.end()),
        lambda talk: (talk.begin(), talk.send(b"data: [1, 2]\n\n"), talk.end()),
        lambda talk: (talk.begin(), talk.send(b"data: {}\n\n"), talk.end()),
    ],
)
def test_nonsense_is_told_in_one_line(scene: Scene) -> None:
    with serving(scene) as server, asking(server) as engine:
        with pytest.raises(EngineError, match="does not answer as one with OpenAI's API") as caught:
            finish(engine.submit(ask("问题")))
        assert "\n" not in str(caught.value)
        assert len(server.chats) == 1


def test_an_answer_that_is_not_streamed_is_an_answer_too() -> None:
    message = {"message": {"role": "assistant", "content": "好"}, "finish_reason": "stop"}
    whole: Scene = lambda talk: talk.json({"choices": [message], **_counts()})  # noqa: E731
    with serving(whole) as server, asking(server) as engine:
        done = finish(engine.submit(ask("问题")))
        assert (done.text, done.usage.prompt_tokens) == ("好", 20)


def _counts() -> dict[str, Any]:
    return {"usage": usage()["usage"]}


def test_an_error_in_the_stream_is_told() -> None:
    def scene(talk: Talk) -> None:
        talk.begin()
        talk.events(chunk("早"), {"error": {"code": 500, "message": "out of memory"}})
        talk.end()

    expected = pytest.raises(EngineError, match="out of memory")
    with serving(scene) as server, asking(server) as engine, expected:
        finish(engine.submit(ask("问题")))


def test_a_stop_string_that_the_server_ignores_ends_the_answer_here() -> None:
    closed = threading.Event()

    def scene(talk: Talk) -> None:
        talk.begin()
        talk.events(chunk("早市开门。\n"), chunk("还有"))
        if talk.wait_until_closed():
            closed.set()

    with serving(scene) as server, asking(server) as engine:
        done = finish(engine.submit(ask("问题", stop=("\n",))))
        assert (done.text, done.finish) == ("早市开门。", "stop")
        assert closed.wait(PATIENCE)


@pytest.mark.parametrize(
    "chunks",
    [
        [chunk("<thi"), chunk("nk>先想想"), chunk("</think>\n\n好")],
        [chunk(reasoning_content="先想想"), chunk("好")],
        [chunk(reasoning="先想想"), chunk("好")],
    ],
)
def test_thinking_is_kept_apart_and_not_stopped_by_stop_strings(
    chunks: list[dict[str, Any]],
) -> None:
    def scene(talk: Talk) -> None:
        talk.begin()
        talk.events(*chunks, chunk(finish="stop"))
        talk.end()

    with serving(scene) as server, asking(server) as engine:
        done = finish(engine.submit(ask("问题", thinking=True, stop=("想",))))
        assert (done.text, done.thought) == ("好", "先想想")
        assert "stop" not in server.chats[0].body


@pytest.mark.parametrize("written", [("标题", "：早市"), ("标题：", "早市"), ("早市",)])
def test_the_beginning_of_an_answer_is_not_part_of_it_even_if_repeated(
    written: tuple[str, ...],
) -> None:
    with serving(saying(*written)) as server, asking(server) as engine:
        assert finish(engine.submit(ask("问题", answer_start="标题："))).text == "早市"
        assert server.chats[0].body["messages"][-1] == {"role": "assistant", "content": "标题："}


def test_a_prompt_that_cannot_fit_is_refused_before_it_is_sent() -> None:
    with serving(routes=llama_routes(context=100)) as server, asking(server) as engine:
        with pytest.raises(EngineError, match="the context of the server is 100"):
            finish(engine.submit(ask("字" * 60, max_tokens=50)))
        assert not server.chats


def test_a_prompt_that_fits_by_the_servers_count_is_sent_whatever_the_estimate() -> None:
    fits = saying("好", counts=usage(prompt=70))
    with serving(fits, routes=llama_routes(context=100)) as server, asking(server) as engine:
        assert finish(engine.submit(ask("字" * 50, max_tokens=8))).text == "好"


def test_what_a_server_cannot_do_fails_that_request_only() -> None:
    with serving() as server, asking(server) as engine:
        for wrong in (
            ask("问", grammar='root ::= "好"'),
            ask("问", adapters=(Adapter("x.gguf"),)),
            ask("问", ignore_end=True),
            ask("问", schema="{"),
        ):
            with pytest.raises(EngineError):
                finish(engine.submit(wrong))
        assert finish(engine.submit(ask("问", adapters=()))).text == "好"
        assert len(server.chats) == 1


def test_prefetching_has_llama_server_read_what_is_shared_and_write_nothing() -> None:
    asked = threading.Event()

    def scene(talk: Talk) -> None:
        talk.json({"choices": []})
        asked.set()

    with serving(scene, routes=llama_routes()) as server, asking(server) as engine:
        assert engine.model
        engine.prefetch(ask("文章", "问题"))
        assert asked.wait(PATIENCE)
        [chat] = server.chats
        assert chat.body["max_tokens"] == 0
        assert [turn["content"] for turn in chat.body["messages"]] == ["你是编辑。", "文章"]


def test_a_request_ends_the_reading_ahead() -> None:
    reading, closed = threading.Event(), threading.Event()

    def stall(talk: Talk) -> None:
        reading.set()
        if talk.wait_until_closed():
            closed.set()

    one_slot = llama_routes(slots=1)
    with serving(stall, saying("好"), routes=one_slot) as server, asking(server) as engine:
        assert engine.model
        engine.prefetch(ask("文章", "问题"))
        assert reading.wait(PATIENCE)
        assert finish(engine.submit(ask("文章", "问题"))).text == "好"
        assert closed.wait(PATIENCE)


def test_nothing_is_read_ahead_where_that_may_do_harm() -> None:
    with serving() as server, asking(server) as engine:
        engine.prefetch(ask("文章", "问题"))
        assert engine.model
        engine.prefetch(ask("文章", "问题"))
        assert finish(engine.submit(ask("文章", "问题"))).text == "好"
        assert [chat.body["max_tokens"] for chat in server.chats] == [64]
    running = threading.Event()

    def stall(talk: Talk) -> None:
        running.set()
        talk.wait_until_closed()

    with serving(stall, routes=llama_routes()) as server, asking(server) as engine:
        answer = engine.submit(ask("问题"))
        assert running.wait(PATIENCE)
        engine.prefetch(ask("文章", "问题"))
        engine.prefetch(ask("只有一段"))
        answer.close()
        assert len(server.chats) == 1


def test_tokens_are_counted_by_llama_server_with_special_ones_as_text() -> None:
    with serving(routes=llama_routes()) as server, asking(server) as engine:
        assert engine.count_tokens(["一二三", ""]) == [3, 0]
        engine.count_tokens(["<|im_end|>"])
        assert server.asked[-1].body == {"content": "< |im_end|>", "parse_special": False}
        request = ask("文章", "问题")
        assert engine.prompt_tokens(request) == len("<system>你是编辑。<user>文章问题")


def test_tokens_are_counted_by_vllm() -> None:
    routes = {
        "/v1/models": listed(NAME, owner="vllm", max_model_len=2048),
        "/tokenize": lambda talk: talk.json({"count": 7, "max_model_len": 2048, "tokens": []}),
    }
    with serving(routes=routes) as server, asking(server) as engine:
        assert engine.model.context == 2048
        assert engine.count_tokens(["一二三"]) == [7]
        assert server.asked[-1].body["prompt"] == "一二三"
        assert engine.prompt_tokens(ask("文章", "问题")) == 7
        assert server.asked[-1].body["messages"][1]["content"] == "文章问题"


def test_where_the_server_counts_nothing_a_prompt_is_estimated() -> None:
    with serving() as server, asking(server) as engine:
        [count] = engine.count_tokens(["青石桥的早市"])
        assert count == 6
        assert engine.prompt_tokens(ask("青石桥的早市")) > count
        assert {asked.path for asked in server.asked} - {CHAT} == {
            "/v1/models",
            "/api/version",
            "/api/v0/models",
        }


def test_counting_survives_a_connection_that_breaks() -> None:
    broken = threading.Event()

    def once(talk: Talk) -> None:
        if broken.is_set():
            talk.json({"tokens": [1]})
        else:
            broken.set()
            talk.cut()

    routes = {**llama_routes(), "/tokenize": once}
    with serving(routes=routes) as server, asking(server) as engine:
        assert engine.count_tokens(["一", "二"]) == [1, 1]
