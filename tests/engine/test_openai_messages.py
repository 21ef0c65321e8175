import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai_support import ask

from workbench.engine.openai.messages import Server, completion, plain, reading, templating
from workbench.engine.protocol import Adapter, Sampling
from workbench.errors import EngineError

MARKS = [
    "<|im_end|>",
    "<|im_start|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|start_header_id|>",
    "<s>",
    "</s>",
    "<end_of_turn>",
    "<start_of_turn>",
    "[INST]",
    "[/INST]",
    "<<SYS>>",
    "<think>",
    "</think>",
    "<｜Assistant｜>",
    "<eos>",
]
STANDARD = {
    *("model", "messages", "max_tokens", "temperature", "top_p", "seed", "stream"),
    "stream_options",
}


@pytest.mark.parametrize("mark", MARKS)
def test_what_looks_like_a_special_token_is_broken(mark: str) -> None:
    text = plain(f"他写道：{mark}，完。")
    assert mark not in text
    assert text.replace(" ", "") == f"他写道：{mark}，完。"


@given(st.lists(st.sampled_from([*MARKS, "<", "|", ">", "[", "文", " "]), max_size=8).map("".join))
def test_no_mark_survives_and_nothing_but_spaces_is_added(text: str) -> None:
    found = plain(text)
    assert not [mark for mark in MARKS if mark in found]
    assert found.replace(" ", "") == text.replace(" ", "")


@given(st.text(st.characters(exclude_characters="<[")))
def test_other_text_is_left_as_it_is(text: str) -> None:
    assert plain(text) == text


def test_an_unknown_server_is_sent_only_what_openai_defines() -> None:
    request = ask("文章", "问题", stop=("\n",), sampling=Sampling(repeat_penalty=1.1))
    body = completion(request, "m", Server.OTHER)
    assert set(body) == {*STANDARD, "stop"}
    assert body["stream_options"] == {"include_usage": True}
    assert body["stop"] == ["\n"]


@pytest.mark.parametrize(
    ("server", "more"),
    [
        (
            Server.LLAMA,
            {
                *("top_k", "min_p", "repeat_penalty", "repeat_last_n", "cache_prompt"),
                *("return_progress", "chat_template_kwargs"),
            },
        ),
        (Server.VLLM, {"top_k", "min_p", "repetition_penalty", "chat_template_kwargs"}),
        (Server.LM_STUDIO, {"top_k", "repeat_penalty"}),
        (Server.OLLAMA, {"reasoning_effort"}),
    ],
)
def test_a_known_server_is_sent_what_it_knows_besides(server: Server, more: set[str]) -> None:
    sampling = Sampling(0.7, 20, 0.8, 0.1, 1.1, 64, 7)
    body = completion(ask("问题", sampling=sampling), "m", server)
    assert set(body) == STANDARD | more
    assert (body["temperature"], body["top_p"], body["seed"]) == (0.7, 0.8, 7)
    assert {1.1, 20, 0.1, 64, True, "none"} >= {
        body[name] for name in more if name != "chat_template_kwargs"
    }


@pytest.mark.parametrize("server", [Server.LLAMA, Server.VLLM])
def test_the_model_is_asked_to_think_only_where_it_should(server: Server) -> None:
    def thinks(**options: Any) -> Any:
        return completion(ask("问", **options), "m", server)["chat_template_kwargs"]

    assert thinks() == {"enable_thinking": False}
    assert thinks(thinking=True) == {"enable_thinking": True}
    assert thinks(thinking=True, answer_start="标题：") == {"enable_thinking": False}


@pytest.mark.parametrize("server", list(Server))
def test_the_beginning_of_an_answer_is_its_last_message(server: Server) -> None:
    body = completion(ask("问题", answer_start="标题："), "m", server)
    assert body["messages"][-1] == {"role": "assistant", "content": "标题："}
    continues = server in (Server.LLAMA, Server.VLLM)
    assert body.get("continue_final_message", False) is continues
    assert body.get("add_generation_prompt", True) is not continues


def test_counting_and_writing_lay_a_prompt_out_alike() -> None:
    request = ask("文章", "问题", answer_start="标题：")
    for server in Server:
        body = completion(request, "m", server)
        laid_out = templating(request, server)
        assert {name: body[name] for name in laid_out} == laid_out


def test_a_schema_is_passed_on_as_openai_defines_it() -> None:
    schema = {"type": "object", "properties": {"标题": {"type": "string"}}}
    body = completion(ask("问", schema=json.dumps(schema)), "m", Server.OTHER)
    assert body["response_format"]["type"] == "json_schema"
    assert body["response_format"]["json_schema"]["schema"] == schema


def test_a_grammar_is_passed_on_to_llama_server() -> None:
    body = completion(ask("问", grammar='root ::= "好"'), "m", Server.LLAMA)
    assert body["grammar"] == 'root ::= "好"'


@pytest.mark.parametrize("server", list(Server))
def test_writing_past_the_end_is_asked_of_those_that_can(server: Server) -> None:
    request = ask("问", ignore_end=True)
    if server in (Server.LLAMA, Server.VLLM):
        assert completion(request, "m", server)["ignore_eos"] is True
    else:
        with pytest.raises(EngineError, match="cannot write on past the end"):
            completion(request, "m", server)


@pytest.mark.parametrize(
    ("options", "server", "why"),
    [
        ({"grammar": "root ::= x"}, Server.VLLM, "grammar"),
        ({"grammar": "root ::= x"}, Server.OLLAMA, "grammar"),
        ({"grammar": "root ::= x", "schema": "{}"}, Server.LLAMA, "at once"),
        ({"schema": "{"}, Server.LLAMA, "not JSON"),
        ({"adapters": (Adapter("a.gguf"),)}, Server.LLAMA, "adapters"),
        ({"adapters": (Adapter("a.gguf"),)}, Server.OTHER, "adapters"),
    ],
)
def test_what_cannot_be_done_is_refused(options: dict[str, Any], server: Server, why: str) -> None:
    with pytest.raises(EngineError, match=why):
        completion(ask("问", **options), "m", server)


def test_reading_ahead_holds_all_but_the_last_segment() -> None:
    body = reading(ask("文章", "更多", "问题"), "m")
    assert [turn["content"] for turn in body["messages"]] == ["你是编辑。", "文章更多"]
    assert body["max_tokens"] == 0
