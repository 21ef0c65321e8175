"""Reading ahead of need: it makes way at once, goes on afterwards, and is silent when it fails."""

from dataclasses import replace
from pathlib import Path

import pytest
from engine_support import ARTICLE, ask
from scheduler_support import ARTICLES, FATAL, SAID, Desk, about, loaded

from workbench.engine.context import Status
from workbench.engine.protocol import Message, Reading, Request


def test_reading_ahead_makes_way_at_once_and_goes_on_afterwards(desk: Desk) -> None:
    ahead = desk.prefetch(about(ARTICLES[2]))
    desk.until(lambda: len(desk.batches) == 2)
    number = desk.submit(about(ARTICLES[0]))
    desk.step()
    assert (desk.active(), desk.waiting()) == ([number], [ahead])
    desk.until(lambda: desk.ended(number))
    assert not desk.finished
    desk.run_out()
    assert desk.finished == [ahead]
    [done] = desk.run(about(ARTICLES[2]))
    assert done.usage.reused_tokens == done.usage.prompt_tokens - instruction(desk)
    read = [rows.start for batch in desk.batches for rows in batch if rows.tokens]
    assert read.count(0) == 2, "each article was begun once"


def instruction(desk: Desk) -> int:
    from workbench.engine.layout import lay_out

    layout = lay_out(desk.model, about("短"))
    return len(layout.tokens) - layout.shared


def test_a_request_goes_on_from_where_reading_ahead_for_it_is(desk: Desk) -> None:
    ahead = desk.prefetch(about(ARTICLES[2]))
    desk.until(lambda: len(desk.batches) == 2)
    number = desk.submit(about(ARTICLES[2]))
    desk.step()
    first = desk.events(number)[0]
    assert isinstance(first, Reading)
    assert first.done == first.reused == sum(len(rows.tokens) for [rows] in desk.batches[:2])
    assert first.done > 256
    desk.run_out()
    assert desk.finished == [ahead]
    assert desk.done(number).text == SAID


def test_reading_ahead_waits_for_a_request_on_the_same_article_and_finds_all_read(
    desk: Desk,
) -> None:
    number = desk.submit(about(ARTICLES[2]))
    desk.step()
    ahead = desk.prefetch(about(ARTICLES[2]))
    desk.until(lambda: desk.ended(number))
    batches = len(desk.batches)
    desk.run_out()
    assert desk.finished == [ahead]
    assert len(desk.batches) == batches


def test_only_the_latest_is_read_ahead_and_the_same_goes_on(desk: Desk) -> None:
    first = desk.prefetch(about(ARTICLES[1]))
    desk.step()
    second = desk.prefetch(about(ARTICLES[2]))
    assert desk.finished == [first]
    desk.until(lambda: len(desk.batches) == 3)
    third = desk.prefetch(about(ARTICLES[2], "别的问题"))
    assert desk.finished == [first, second]
    assert desk.active() == [third]
    desk.run_out()
    assert desk.finished == [first, second, third]
    starts = [rows.start for batch in desk.batches for rows in batch]
    assert starts.count(0) == 2
    desk.check_at_rest()


def test_what_cannot_be_read_ahead_is_forgotten(desk: Desk) -> None:
    number = desk.prefetch(about("长" * 5000))
    assert desk.finished == [number]
    alone = desk.prefetch(Request((Message("user", ("无",)),), 5))
    desk.run_out()
    assert desk.finished == [number, alone]
    assert not desk.told


@pytest.mark.parametrize("status", [Status.NO_ROOM, Status.ABORTED, Status.MALFORMED, FATAL])
def test_reading_ahead_that_fails_is_silent(desk: Desk, status: int) -> None:
    desk.statuses = [int(status)] * 2
    ahead = desk.prefetch(about(ARTICLES[2]))
    desk.run_out()
    assert desk.finished == [ahead]
    assert not desk.told
    desk.check_at_rest()


def test_a_window_that_slid_on_is_not_taken_for_one_that_is_whole(window_file: Path) -> None:
    """llama.cpp gives away the cells behind the window of a sequence's end.

    A request that shares only the beginning of what is kept would miss those it needs.
    """
    longer = Request((Message("user", (ARTICLE * 4, "别的事。" * 20, "问")),), 300)
    shorter = replace(ask(ARTICLE * 4, "几点？", max_tokens=12), ignore_end=True)
    shorter = replace(shorter, messages=shorter.messages[1:])
    with loaded(window_file, sequences=1, context=1024) as desk:
        [wanted] = desk.run(shorter)
        clear = min(desk.margins[1]) > 0.05
    with loaded(window_file, sequences=1, context=1024) as desk:
        assert desk.model.info.reuse == "whole"
        desk.run(replace(longer, ignore_end=True))
        desk.run(replace(ask("新" * 150, max_tokens=200), ignore_end=True))
        [done] = desk.run(shorter)
        assert done.usage.reused_tokens == 0
        assert done.text == wanted.text or not clear
