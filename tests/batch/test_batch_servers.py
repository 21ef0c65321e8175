"""Batches on servers: load is spread, what is busy or gone is waited for, lies are noticed."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from batch_support import Heard, batch, text_of, write_articles
from openai_support import FakeServer, Scene, listed, refusing, saying, serving, usage

from workbench.batch.batch import Batch, Outcome

SAID = "青石镇的早市搬进了河边的新棚。"
STEADY = saying(SAID, counts=usage(400, 12))


@pytest.fixture
def servers() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def address(server: FakeServer) -> str:
    return f"openai:{server.url}#qwen"


def unused() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"openai:http://127.0.0.1:{free.getsockname()[1]}/v1#qwen"


def spread(folder: Path, out: Path, *models: str, **given: Any) -> Batch:
    given.setdefault("spread", len(models) > 1)
    return batch(folder, out, models=models, templates=("one-sentence",), **given)


def stalled(talk: Any) -> None:
    talk.begin()
    talk.wait_until_closed()


def then(first: Scene, *others: Scene) -> list[Scene]:
    return [first, *others]


def run(one: Batch, heard: Heard | None = None) -> Outcome:
    return one.run(heard or Heard())


def test_servers_of_one_model_share_the_articles(tmp_path: Path, servers: ExitStack) -> None:
    folder = write_articles(tmp_path / "articles", 24)
    both = [servers.enter_context(serving(STEADY)) for _server in range(2)]
    one = spread(folder, tmp_path / "out", *map(address, both))
    outcome = run(one)
    assert (outcome.done, outcome.status) == (24, 0)
    assert all(len(server.chats) >= 4 for server in both)
    assert {row.work["model"] for row in one.rows()} == {"qwen"}
    # One server did what the other had done before: where a result was made is no part of its key.
    assert run(spread(folder, tmp_path / "out", address(both[1]))).before == 24


def test_what_is_asked_about_an_article_goes_to_the_server_that_read_it(
    tmp_path: Path, servers: ExitStack
) -> None:
    folder = write_articles(tmp_path / "articles", 12)
    both = [servers.enter_context(serving(STEADY)) for _server in range(2)]
    one = batch(
        folder,
        tmp_path / "out",
        models=tuple(map(address, both)),
        templates=("one-sentence", "brief"),
        spread=True,
    )
    assert run(one).done == 24
    of = [{number for number in range(12) if _asked(server, number)} for server in both]
    assert len(of[0] & of[1]) <= 2  # only at the end may an idle one help out
    assert of[0] | of[1] == set(range(12))


def _asked(server: FakeServer, number: int) -> bool:
    return any(f"{number + 100}个摊位" in str(asked.body) for asked in server.chats)


def test_a_server_that_is_not_there_costs_nothing(tmp_path: Path, servers: ExitStack) -> None:
    folder = write_articles(tmp_path / "articles", 6)
    server = servers.enter_context(serving(STEADY))
    for number, models in enumerate(((address(server), unused()), (unused(), address(server)))):
        outcome = run(spread(folder, tmp_path / str(number), *models))
        assert (outcome.done, outcome.failed, outcome.state) == (6, 0, "done")


def test_a_server_that_is_overloaded_or_stalls_is_tried_again(
    tmp_path: Path, servers: ExitStack
) -> None:
    folder = write_articles(tmp_path / "articles", 4)
    busy = then(refusing(503), refusing(429), stalled, refusing(503, "loading"), STEADY)
    server = servers.enter_context(serving(*busy))
    outcome = run(spread(folder, tmp_path / "out", address(server), patience=8.0))
    assert (outcome.done, outcome.failed, outcome.problems) == (4, 0, ())


def test_a_server_that_stalls_for_good_leaves_its_work_to_the_other(
    tmp_path: Path, servers: ExitStack
) -> None:
    folder = write_articles(tmp_path / "articles", 8)
    bad = servers.enter_context(serving(stalled))
    good = servers.enter_context(serving(STEADY))
    outcome = run(spread(folder, tmp_path / "out", address(bad), address(good), patience=2.0))
    assert (outcome.done, outcome.failed) == (8, 0)
    assert bad.chats


def test_when_no_server_answers_for_long_the_rest_waits_for_another_day(
    tmp_path: Path, servers: ExitStack
) -> None:
    folder = write_articles(tmp_path / "articles", 12)
    server = servers.enter_context(serving(*[STEADY] * 12, refusing(503, "out of memory")))
    one = spread(folder, tmp_path / "out", address(server), patience=0.2)
    heard = Heard()
    outcome = run(one, heard)
    assert (outcome.state, outcome.status, outcome.failed) == ("failed", 1, 0)
    assert outcome.done >= 1
    assert any("out of memory" in problem for problem in outcome.problems)
    server.scenes[:] = [STEADY]
    again = run(one)
    assert (again.done, again.state) == (12, "done")
    assert again.before == outcome.done


def test_an_article_that_a_server_always_drops_is_to_blame_itself(
    tmp_path: Path, servers: ExitStack
) -> None:
    folder = write_articles(tmp_path / "articles", 6)

    def scene(talk: Any) -> None:
        if "102个摊位" in str(talk.asked.body):
            talk.begin()
            talk.cut()
        else:
            STEADY(talk)

    server = servers.enter_context(serving(scene))
    outcome = run(spread(folder, tmp_path / "out", address(server), patience=60.0))
    assert (outcome.done, outcome.failed, outcome.state) == (5, 1, "done")
    assert "broke" in outcome.failures[0].error


def test_counts_that_cannot_be_are_noticed_and_not_believed(
    tmp_path: Path, servers: ExitStack
) -> None:
    folder = write_articles(tmp_path / "articles", 2)
    lying = servers.enter_context(serving(saying(SAID, counts=usage(10**9, 10**9))))
    one = spread(folder, tmp_path / "out", address(lying))
    outcome = run(one)
    assert (outcome.done, outcome.status) == (2, 0)
    assert any("its tokens are estimated" in problem for problem in outcome.problems)
    assert outcome.tokens < 20_000
    assert all(row.result and row.result["usage"]["prompt_tokens"] < 10_000 for row in one.rows())


def test_a_server_that_read_less_than_the_article_fails_it(
    tmp_path: Path, servers: ExitStack
) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.txt").write_text(text_of(1), encoding="utf-8")
    short = servers.enter_context(serving(saying(SAID, counts=usage(3, 4))))
    outcome = run(spread(folder, tmp_path / "out", address(short)))
    assert (outcome.done, outcome.failed) == (0, 1)
    assert "read 3 tokens of a prompt of at least" in outcome.failures[0].error


def test_a_server_of_another_model_is_left_out_and_told(tmp_path: Path, servers: ExitStack) -> None:
    folder = write_articles(tmp_path / "articles", 6)
    good = servers.enter_context(serving(STEADY))
    other = servers.enter_context(serving(STEADY, routes={"/v1/models": listed("llama")}))
    outcome = run(
        spread(folder, tmp_path / "out", address(good), address(other).replace("qwen", "llama"))
    )
    assert outcome.done == 6
    assert any("runs llama, not qwen" in problem for problem in outcome.problems)
    assert other.chats == []
