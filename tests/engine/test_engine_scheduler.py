"""Who runs when, what happens when llama.cpp refuses, and that nothing is lost or held for ever."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from engine_support import ARTICLE, ask
from scheduler_support import ARTICLES, FATAL, SAID, Desk, about, ends, loaded

from workbench.engine.context import Rows, Status
from workbench.engine.protocol import Done, Message, Request


def started(desk: Desk) -> list[int]:
    return list(dict.fromkeys(number for number, _event in desk.told))


# Side by side


@pytest.mark.parametrize("sequences", [1, 2, 4, 8])
def test_many_requests_on_several_articles_end_with_the_text_they_get_alone(
    reciter_file: Path, sequences: int
) -> None:
    requests = [about(article, f"{turn}") for turn in range(4) for article in ARTICLES]
    with loaded(reciter_file, sequences=sequences, context=4096) as desk:
        done = desk.run(*requests)
        assert [(one.text, one.finish) for one in done] == [(SAID, "stop")] * len(requests)
        assert sequences // 2 < max(len(batch) for batch in desk.batches) <= sequences
        desk.check_at_rest()


def test_an_article_is_read_once_by_all_its_requests(desk: Desk) -> None:
    requests = [about(article, f"第{turn}问") for turn in range(5) for article in ARTICLES]
    layouts = {}
    numbers = [desk.submit(request) for request in requests]
    for job in desk.scheduler._waiting:
        layouts[job.number] = job.layout
    desk.run_out()
    read = sum(len(rows.tokens) for batch in desk.batches for rows in batch if not rows.outputs)
    read += sum(len(r.tokens) for batch in desk.batches for r in batch if r.outputs == 1)
    written = sum(desk.done(number).usage.generated_tokens for number in numbers)
    articles = {layout.tokens[: layout.shared] for layout in layouts.values()}
    assert len(articles) == len(ARTICLES)
    instructions = sum(len(layout.tokens) - layout.shared for layout in layouts.values())
    # A token that was written is computed where another follows it; the end is never computed.
    assert read == sum(map(len, articles)) + instructions + written
    unread = sum(
        done.usage.prompt_tokens - done.usage.reused_tokens for done in map(desk.done, numbers)
    )
    assert unread == sum(map(len, articles)) + instructions


def test_places_stay_free_for_those_who_wait_for_what_is_being_read(reciter_file: Path) -> None:
    with loaded(reciter_file, sequences=4, context=4096) as desk:
        numbers = [
            desk.submit(about(article, f"{turn}")) for article in ARTICLES for turn in range(4)
        ]
        desk.step()
        assert desk.active() == numbers[:1]
        desk.run_out()
        assert started(desk) == numbers


def test_places_that_nobody_waits_for_are_taken_by_another_article(reciter_file: Path) -> None:
    with loaded(reciter_file, sequences=4, context=4096) as desk:
        first = [desk.submit(about(ARTICLES[0], f"{turn}")) for turn in range(2)]
        other = [desk.submit(about(ARTICLES[1], f"{turn}")) for turn in range(3)]
        desk.step()
        assert desk.active() == [first[0], other[0]]


def test_requests_on_one_article_follow_each_other(reciter_file: Path) -> None:
    requests = [about(article, f"{turn}") for turn in range(4) for article in ARTICLES]
    with loaded(reciter_file, sequences=1, context=1024) as desk:
        desk.run(*requests)
        order = [(number - 1) % len(ARTICLES) for number in started(desk)]
    assert order == [0] * 4 + [1] * 4 + [2] * 4


def test_on_a_cpu_one_batch_reads_or_writes_and_neither_waits_long(desk: Desk) -> None:
    for turn in range(4):
        for article in ARTICLES:
            desk.submit(about(article, f"{turn}"))
    desk.run_out()
    kinds = ""
    for batch in desk.batches:
        lengths = {len(rows.tokens) for rows in batch}
        assert lengths == {1} or 1 not in lengths
        kinds += "w" if lengths == {1} else "r"
    # Who writes goes on after each batch that was read beside it.
    assert "wrw" in kinds
    assert "rr" not in kinds.lstrip("r")


def test_who_comes_later_writes_beside_those_that_are_writing(desk: Desk) -> None:
    first = desk.submit(about(ARTICLES[0]))
    desk.until(lambda: bool(desk.written(first)))
    second = desk.submit(about("短"))
    desk.until(lambda: desk.ended(first))
    assert desk.written(second)
    desk.run_out()
    assert desk.done(first).text == desk.done(second).text == SAID


def test_who_does_not_fit_waits_and_then_runs(reciter_file: Path) -> None:
    with loaded(reciter_file, sequences=4, context=512) as desk:
        small, large = about("短", max_tokens=200), about("长" * 50, max_tokens=250)
        first = desk.submit(small)
        second = desk.submit(large)
        third = desk.submit(about("矮", max_tokens=200))
        desk.step()
        # The third would fit, but is younger: it must not keep the second waiting.
        assert (desk.active(), desk.waiting()) == ([first], [second, third])
        desk.run_out()
        assert ends(desk) == [first, second, third]
        assert {desk.done(number).text for number in (first, second, third)} == {SAID}


def test_a_context_full_to_the_brim_kills_nothing(random_file: Path) -> None:
    chance = random.Random(5)
    with loaded(random_file, sequences=4, context=512) as desk:
        size = desk.model.context.size
        empty = len_of(desk, about(""))
        for number in range(1, 13):
            article = "满" * chance.randrange(0, 120) + str(number % 3)
            room = size - len_of(desk, about(article))
            most = room if number % 2 else chance.randrange(1, room + 1)
            desk.submit(replace(about(article, max_tokens=most), ignore_end=bool(number % 5)))
        assert empty < 100
        desk.run_out()
        for number in range(1, 13):
            done = desk.done(number)
            asked = done.usage.generated_tokens
            assert done.finish == "length" or asked < size
        assert desk.scheduler.statistics().preempted == 0
        desk.check_at_rest()


def len_of(desk: Desk, request: Request) -> int:
    from workbench.engine.layout import lay_out

    return len(lay_out(desk.model, request).tokens)


def test_what_two_read_at_the_same_time_is_kept_and_counted_once(desk: Desk) -> None:
    """One shares the beginning of what the other shares, and both begin with nothing there."""
    longer = Request((Message("user", (ARTICLE, "乙" * 20, "问")),), 12)
    shorter = Request((Message("user", (ARTICLE, "问" * 60)),), 600)
    numbers = [desk.submit(longer), desk.submit(shorter)]
    desk.run_out()
    assert [desk.done(number).text for number in numbers] == [SAID, SAID]


def test_room_is_made_only_where_it_helps(reciter_file: Path) -> None:
    with loaded(reciter_file, sequences=2, context=1024) as desk:
        desk.run(about(ARTICLES[0]))
        held = desk.submit(about("短", max_tokens=400))
        desk.step()
        waits = desk.submit(about("另", max_tokens=600))
        again = desk.submit(about(ARTICLES[0], priority=1))
        desk.step()
        assert waits in desk.waiting()
        desk.run_out()
        assert desk.done(again).usage.reused_tokens > 400
        assert desk.done(held).text == SAID


def test_what_is_of_use_is_copied_before_it_has_to_go(reciter_file: Path) -> None:
    """A longer prefix must leave, but what it has in common with the request is not read again."""
    with loaded(reciter_file, sequences=1, context=1024) as desk:
        desk.run(Request((Message("user", (ARTICLES[0], "乙" * 100, "问")),), 12))
        kept = desk.scheduler.statistics().kept_tokens
        [done] = desk.run(about_alone(ARTICLES[0], 450))
        assert kept + done.usage.prompt_tokens + 450 > 1024
        assert done.usage.reused_tokens >= 256


def about_alone(article: str, max_tokens: int) -> Request:
    return Request((Message("user", (article, "问")),), max_tokens)


# Who goes first


def test_the_more_urgent_goes_first_and_the_others_go_on_after_it(reciter_file: Path) -> None:
    with loaded(reciter_file, sequences=2) as desk:
        low = [desk.submit(about(article)) for article in ARTICLES]
        desk.until(lambda: bool(desk.written(low[0])))
        high = [desk.submit(about("急", f"{number}", priority=number)) for number in (1, 3, 2)]
        desk.run_out()
        assert ends(desk)[-1] in low
        assert started(desk).index(high[1]) < started(desk).index(high[0])
        assert {desk.done(number).text for number in (*low, *high)} == {SAID}
        assert desk.scheduler.statistics().preempted >= 2


def test_the_more_urgent_takes_room_as_well_as_a_sequence(reciter_file: Path) -> None:
    with loaded(reciter_file, sequences=4, context=512) as desk:
        low = desk.submit(about("短", max_tokens=300))
        desk.until(lambda: bool(desk.written(low)))
        high = desk.submit(about("急", max_tokens=300, priority=1))
        desk.step()
        assert (desk.active(), desk.waiting()) == ([high], [low])
        desk.run_out()
        assert ends(desk) == [high, low]
        assert desk.done(low).text == SAID


def test_nobody_is_passed_over_for_ever(reciter_file: Path) -> None:
    with loaded(reciter_file, sequences=1) as desk:
        desk.submit(about(ARTICLES[0]))
        desk.step()
        other = desk.submit(about(ARTICLES[1]))
        for _request in range(60):
            desk.until(lambda: len(desk.active()) + len(desk.waiting()) < 4)
            desk.submit(about(ARTICLES[0]))
        assert desk.ended(other)
        before = ends(desk).index(other)
        desk.run_out()
        assert before < 25


# Cancelled


@pytest.mark.parametrize("file", ["reciter_file", "recurrent_file", "window_file"])
def test_cancelled_at_any_moment_it_ends_once_and_disturbs_nobody(
    file: str, request: pytest.FixtureRequest
) -> None:
    path: Path = request.getfixturevalue(file)
    questions = [ask(ARTICLE * 3, f"{number}", max_tokens=6) for number in range(3)]
    for step in range(14):
        with loaded(path, sequences=2) as desk:
            numbers = [desk.submit(question) for question in questions]
            for _step in range(step):
                desk.step()
            was = ends(desk)
            desk.cancel(numbers[0])
            desk.run_out()
            assert sorted(ends(desk)) == numbers
            assert desk.done(1).finish == ("cancelled" if 1 not in was else desk.done(1).finish)
            assert desk.done(1).text == desk.written(1)
            if file == "reciter_file":
                assert all(desk.done(number).text == SAID for number in numbers[1:])
            desk.check_at_rest()


@pytest.mark.parametrize("file", ["reciter_file", "recurrent_file", "window_file"])
@pytest.mark.parametrize("batch", range(1, 8))
def test_stopped_inside_a_step_the_others_are_computed_again(
    file: str, batch: int, request: pytest.FixtureRequest
) -> None:
    """The flag is up when llama.cpp begins: it gives up between two nodes of its graph."""
    path: Path = request.getfixturevalue(file)
    questions = [replace(ask(ARTICLE * 3, f"{n}", max_tokens=6), ignore_end=True) for n in range(3)]
    with loaded(path, sequences=2) as fresh:
        wanted = [(done.text, done.finish) for done in fresh.run(*questions)]
        clear = min(min(margins) for margins in fresh.margins.values()) > 0.02
    with loaded(path, sequences=2) as desk:

        def interfere(rows: list[Rows]) -> None:
            if len(desk.batches) == batch:
                desk.cancel(4)

        desk.before_decode = interfere
        for question in questions:
            desk.submit(question)
        desk.submit(ask("会被取消的", max_tokens=5000 // 4))
        desk.cancel(4)  # once now, and again inside: that stops the step though others compute
        desk.interrupts.forget(4)
        desk.run_out()
        assert sorted(ends(desk)) == [1, 2, 3, 4]
        if clear:
            assert [(desk.done(n).text, desk.done(n).finish) for n in (1, 2, 3)] == wanted
        desk.check_at_rest()


# All of it at random


@pytest.mark.parametrize("file", ["reciter_file", "random_file", "recurrent_file", "window_file"])
@pytest.mark.parametrize("seed", range(3))
def test_whatever_comes_each_request_ends_once_and_the_books_are_right(
    file: str, seed: int, request: pytest.FixtureRequest
) -> None:
    path: Path = request.getfixturevalue(file)
    chance = random.Random(seed)
    with loaded(path, sequences=3, context=768, draft=3) as desk:

        def interfere(_rows: list[Rows]) -> None:
            if chance.random() < 0.05 and desk.active():
                desk.cancel(chance.choice(desk.active()))

        desk.before_decode = interfere
        for _turn in range(150):
            article = "".join(chance.choice(ARTICLES)[: chance.choice([40, 100, 200])])
            wish = replace(
                about(article, f"{chance.randrange(3)}", chance.choice([1, 5, 60])),
                priority=chance.choice([0, 0, 0, 1, 2]),
                quotes=chance.random() < 0.5,
                ignore_end=chance.random() < 0.5,
            )
            draw = chance.random()
            if draw < 0.45:
                desk.submit(wish)
            elif draw < 0.55:
                desk.prefetch(wish)
            elif draw < 0.65 and desk.numbers:
                desk.cancel(chance.randint(1, desk.numbers))
            elif draw < 0.72:
                desk.statuses = [int(chance.choice([Status.NO_ROOM, Status.ABORTED, FATAL]))]
            for _step in range(chance.choice([0, 0, 1, 5])):
                desk.step()
        desk.run_out()
        desk.check_at_rest()
        if file == "reciter_file":
            for number, event in desk.told:
                if isinstance(event, Done) and event.finish == "stop":
                    assert event.text == SAID, number
