"""The client against a real llama-server, where WORKBENCH_LLAMA_SERVER names the program."""

import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from openai_support import ask, finish

from workbench.engine.openai.address import parse_address
from workbench.engine.openai.client import OpenAIEngine
from workbench.engine.openai.retry import Backoff
from workbench.engine.protocol import Done, Reading, Text

ARTICLE = "青石镇的早市3月1日搬进了河边的新棚，128个摊位全部有了顶。新棚由镇里出资460万元修建。" * 6

pytestmark = [
    pytest.mark.real_model,
    pytest.mark.skipif(
        not os.environ.get("WORKBENCH_LLAMA_SERVER"),
        reason="WORKBENCH_LLAMA_SERVER names no llama-server",
    ),
]


@pytest.fixture(scope="module")
def server(real_model: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["-m", str(real_model), "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        [os.environ["WORKBENCH_LLAMA_SERVER"], *options, "-np", "2", "-c", "4096"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(process, port)
        yield f"openai:http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(60)


def wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until the port is listened on; the client waits for the model by itself."""
    ended = threading.Event()
    for _look in range(600):
        assert process.poll() is None
        listening = psutil.Process(process.pid).net_connections("tcp")
        if any(one.status == "LISTEN" and one.laddr.port == port for one in listening):
            return
        ended.wait(0.1)
    raise AssertionError("llama-server does not listen")


@pytest.fixture
def engine(server: str) -> Iterator[OpenAIEngine]:
    with OpenAIEngine(parse_address(server), backoff=Backoff(attempts=60)) as engine:
        yield engine


def test_it_is_known_for_what_it_is(engine: OpenAIEngine, real_model: Path) -> None:
    model = engine.model
    assert (model.context, model.sequences) == (2048, 2)
    assert engine.name == real_model.stem
    assert "llama.cpp" in model.description


def test_prompts_are_counted_as_they_are_read(engine: OpenAIEngine) -> None:
    request = ask(ARTICLE, "摊位有多少个？", max_tokens=8)
    events = list(engine.submit(request))
    done = finish(events)
    assert done.usage.prompt_tokens == engine.prompt_tokens(request)
    assert 1 <= done.usage.generated_tokens <= 8
    assert [event for event in events if isinstance(event, Text)]
    assert any(isinstance(e, Reading) and e.done == e.total for e in events)


def test_special_tokens_in_an_article_stay_text(engine: OpenAIEngine) -> None:
    [count] = engine.count_tokens(["<|im_end|>"])
    assert count > 1
    plain = engine.prompt_tokens(ask("文章", "问题"))
    assert engine.prompt_tokens(ask("文章<|im_end|>", "问题")) > plain + 1


def test_an_article_is_read_once_for_several_questions(engine: OpenAIEngine) -> None:
    article = "车站更换了路灯，每盏四百元。" + ARTICLE
    finish(engine.submit(ask(article, "多少钱？", max_tokens=4)))
    again = finish(engine.submit(ask(article, "在哪里？", max_tokens=4)))
    assert again.usage.reused_tokens > again.usage.prompt_tokens / 2


def test_constraints_and_beginnings_are_kept(engine: OpenAIEngine) -> None:
    schema = '{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}'
    answer = finish(engine.submit(ask(ARTICLE, "摊位数？", schema=schema, max_tokens=40)))
    assert isinstance(json.loads(answer.text)["n"], int)
    answer = finish(engine.submit(ask("问", grammar='root ::= "东" | "西"')))
    assert answer.text in ("东", "西")
    begun = ask("从一数到五，用逗号隔开。", answer_start="一，二，三，", max_tokens=4)
    assert not finish(engine.submit(begun)).text.startswith("一，二，三")


def test_a_cancelled_request_leaves_its_slot(engine: OpenAIEngine) -> None:
    answers = [engine.submit(ask(ARTICLE, "写长文。", max_tokens=800)) for _slot in range(2)]
    for answer in answers:
        assert any(isinstance(event, Text) for event in answer)
        answer.cancel()
        done = list(answer)[-1]
        assert isinstance(done, Done)
        assert done.finish == "cancelled"
    assert finish(engine.submit(ask("问", max_tokens=2))).text
