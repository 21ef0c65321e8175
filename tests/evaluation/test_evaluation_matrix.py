from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from evaluation_support import (
    ARTICLE,
    OTHER,
    ScriptedRunner,
    dataset_of,
    raw_question,
)
from tasks_support import extract, instruction, material

from workbench.engine.protocol import Engine, Request
from workbench.errors import ArticleError, Cancelled, TemplateError, UsageError
from workbench.evaluation.items import SUMMARY, Dataset, Item, Raw
from workbench.evaluation.ledger import Ledger
from workbench.evaluation.matrix import Piece, outstanding, pieces, run
from workbench.evaluation.metrics.case import Output
from workbench.evaluation.ways import Way, WayOptions, default_names, find_ways
from workbench.tasks.events import Observer, TaskEvent
from workbench.tasks.result import ModelIdentity, TemplateIdentity

QUESTIONS = dataset_of(
    raw_question("a1", "花了多少钱？", "460万元"),
    raw_question("b1", "多少本书？", "2400本", text=OTHER),
    raw_question("a2", "几个摊位？", "128个"),
)
SUMMARIES = dataset_of(
    Raw("s1", SUMMARY, ARTICLE, references=("早市搬家",)),
    Raw("s2", SUMMARY, OTHER, references=("图书车",)),
)


class Log:
    def __init__(self) -> None:
        self.begun: list[str] = []
        self.errors: list[str] = []

    def begins(self, piece: Piece) -> None:
        self.begun.append(f"{piece.arm.model.name} {piece.arm.template.name} {piece.item.name}")

    def event(self, event: TaskEvent) -> None:
        pass

    def ended(self, piece: Piece, error: str) -> None:
        if error:
            self.errors.append(error)


def way(name: str, done: Any = None) -> Way:
    def answer(
        item: Item, engine: Engine, _model: ModelIdentity, _observer: Observer
    ) -> tuple[Output, Mapping[str, Any]]:
        if done is not None:
            return done(item, engine)  # type: ignore[no-any-return]
        return Output(f"{name}: {item.question}"), {"engine": engine.model.description}

    return Way("question", TemplateIdentity(name, name * 8), {}, answer)


def plan(
    runners: list[ScriptedRunner], ways: list[Way], dataset: Dataset = QUESTIONS
) -> list[tuple[ScriptedRunner, list[Piece]]]:
    return [(runner, pieces(runner.model, ways, dataset)) for runner in runners]


def test_a_model_is_loaded_once_and_an_article_stays_while_all_ask_about_it(tmp_path: Path) -> None:
    runners, log = [ScriptedRunner("m"), ScriptedRunner("n")], Log()
    with Ledger(tmp_path) as ledger:
        failed = run(plan(runners, [way("x"), way("y")]), ledger, log)
    assert failed == 0
    assert [(runner.loaded, runner.closed) for runner in runners] == [(1, 1), (1, 1)]
    assert log.begun == [
        f"{model} {template} {item}"
        for model in "mn"
        for items in (("a1", "a2"), ("b1",))
        for template in "xy"
        for item in items
    ]


def test_what_is_done_is_not_done_again_and_its_model_is_not_loaded(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        run(plan([ScriptedRunner("m")], [way("x")]), ledger, Log())
    runners, log = [ScriptedRunner("m"), ScriptedRunner("n")], Log()
    with Ledger(tmp_path) as ledger:
        run(plan(runners, [way("x")]), ledger, log)
        assert not any(
            outstanding(planned, ledger) for _runner, planned in plan(runners, [way("x")])
        )
    assert [runner.loaded for runner in runners] == [0, 1]
    assert {line.split()[0] for line in log.begun} == {"n"}


def test_a_piece_named_twice_is_done_once(tmp_path: Path) -> None:
    log = Log()
    with Ledger(tmp_path) as ledger:
        run(plan([ScriptedRunner("m")], [way("x"), way("x")]), ledger, log)
    assert len(log.begun) == 3


def test_an_item_that_fails_is_kept_as_failed_and_tried_again_later(tmp_path: Path) -> None:
    def fails_at_b(item: Item, _engine: Engine) -> tuple[Output, Mapping[str, Any]]:
        if item.name == "b1":
            raise ArticleError("放不下", path="b1")
        return Output("好"), {}

    log = Log()
    with Ledger(tmp_path) as ledger:
        assert run(plan([ScriptedRunner()], [way("x", fails_at_b)]), ledger, log) == 1
    assert log.errors == ["b1: 放不下"]
    again = Log()
    with Ledger(tmp_path) as ledger:
        assert run(plan([ScriptedRunner()], [way("x")]), ledger, again) == 0
    assert again.begun == ["scripted x b1"]


def test_an_unexpected_error_costs_one_item(tmp_path: Path) -> None:
    def fails(item: Item, _engine: Engine) -> tuple[Output, Mapping[str, Any]]:
        if item.name == "a1":
            raise ZeroDivisionError("durch null")
        return Output("好"), {}

    log = Log()
    with Ledger(tmp_path) as ledger:
        assert run(plan([ScriptedRunner()], [way("x", fails)]), ledger, log) == 1
        assert sum(entry.output is not None for entry in ledger.entries.values()) == 2
    assert log.errors == ["unexpected error: ZeroDivisionError: durch null"]


def test_a_model_that_cannot_be_loaded_is_tried_once_and_the_next_goes_on(tmp_path: Path) -> None:
    broken, sound, log = ScriptedRunner("m", broken="坏了"), ScriptedRunner("n"), Log()
    with Ledger(tmp_path) as ledger:
        assert run(plan([broken, sound], [way("x")]), ledger, log) == 3
        assert {entry.error for entry in ledger.entries.values()} == {"坏了", ""}
    assert broken.loaded == 1
    assert len(log.begun) == 6
    assert broken.closed == sound.closed == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Cancelled("stopped")])
def test_stopping_keeps_what_is_done(tmp_path: Path, error: BaseException) -> None:
    def stops_at_a2(item: Item, _engine: Engine) -> tuple[Output, Mapping[str, Any]]:
        if item.name == "a2":
            raise error
        return Output("好"), {}

    runner = ScriptedRunner()
    with Ledger(tmp_path) as ledger, pytest.raises(type(error)):
        run(plan([runner], [way("x", stops_at_a2)]), ledger, Log())
    assert runner.closed == 1
    assert [entry.item for entry in Ledger(tmp_path).load().entries.values()] == ["a1"]


def outputs(folder: Path, dataset: Dataset, names: tuple[str, ...], **options: Any) -> list[Output]:
    runner = ScriptedRunner(answer=extract if dataset is SUMMARIES else lambda request: "460万元")
    ways = find_ways(names, dataset, WayOptions(**options))
    with Ledger(folder) as ledger:
        assert run([(runner, pieces(runner.model, ways, dataset))], ledger, log := Log()) == 0, (
            log.errors
        )
    found = Ledger(folder).load().entries.values()
    return [entry.output for entry in found if entry.output is not None]


def test_a_template_summarises_as_the_command_does(tmp_path: Path) -> None:
    first, second = outputs(tmp_path, SUMMARIES, ("news",), length="short")
    assert first.points
    assert first.text == "\n".join(first.points)
    assert (first.form, first.asked_points, first.script) == ("points", 3, "simplified")
    assert first.coverage == 1.0
    assert first.prompt_tokens > 0
    assert first.generated_tokens > 0
    assert "图书车" in second.text


def test_a_template_answers_as_the_command_does(tmp_path: Path) -> None:
    found = outputs(tmp_path, QUESTIONS, ("answer",))
    assert len(found) == 3
    assert found[0].text.startswith("460万元")
    assert found[0].refused is False
    assert {output.form for output in found} == {"answer"}


@pytest.mark.parametrize(("dataset", "name"), [(SUMMARIES, "news"), (QUESTIONS, "answer")])
def test_with_a_second_look_the_model_is_asked_about_what_it_wrote(
    tmp_path: Path, dataset: Dataset, name: str
) -> None:
    def answer(request: Request) -> str:
        if request.schema:
            return '"否"'
        return extract(request) if dataset is SUMMARIES else "460万元"

    looked = {}
    for verify in (False, True):
        runner = ScriptedRunner(answer=answer)
        ways = find_ways((name,), dataset, WayOptions(verify=verify))
        with Ledger(tmp_path / str(verify)) as ledger:
            run([(runner, pieces(runner.model, ways, dataset))], ledger, Log())
        looked[verify] = [request for request in runner.engine.requests if request.schema]
    assert not looked[False]
    assert looked[True]
    # What was judged so is another result, which is made anew.
    settings = [find_ways((name,), dataset, WayOptions(verify=one))[0].settings for one in (0, 1)]
    assert settings[0] != settings[1]


def test_the_baseline_hands_over_the_whole_article_and_the_instruction() -> None:
    asked: list[Request] = []

    def remember(request: Request) -> str:
        asked.append(request)
        return "1. 早市搬进了新棚。\n2、**花了460万元**\n\n- 开了小巴"

    runner = ScriptedRunner(answer=remember)
    (done,) = find_ways(("baseline",), SUMMARIES, WayOptions(length="short"))
    output, result = done.timed(SUMMARIES.items[0], runner.engine, runner.model, lambda event: None)
    assert material(asked[0]).strip() == ARTICLE.strip()
    assert "3条要点" in instruction(asked[0])
    assert len(asked[0].messages) == 1
    assert output.points == ("早市搬进了新棚。", "花了460万元", "开了小巴")
    assert (output.asked_points, output.asked_characters) == (3, 50)
    assert result["finish"] == "stop"


def test_the_baseline_puts_the_question(tmp_path: Path) -> None:
    (done,) = find_ways(("baseline",), QUESTIONS, WayOptions())
    runner = ScriptedRunner()
    output, _result = done.timed(
        QUESTIONS.items[0], runner.engine, runner.model, lambda event: None
    )
    (request,) = runner.engine.requests
    assert instruction(request).endswith("问题：花了多少钱？")
    assert (output.text, output.refused) == ("460万元", None)


@pytest.mark.parametrize("text", ["回答“{question}”，一个词。", "回答问题。"])
def test_an_instruction_of_ones_own_is_tried_by_hand(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(text, encoding="utf-8")
    (done,) = find_ways((f"baseline:{path}",), QUESTIONS, WayOptions())
    assert done.identity.name == "baseline:mine"
    runner = ScriptedRunner()
    done.timed(QUESTIONS.items[0], runner.engine, runner.model, lambda event: None)
    (request,) = runner.engine.requests
    assert "花了多少钱？" in instruction(request)
    path.write_text(text + "好", encoding="utf-8")
    (changed,) = find_ways((f"baseline:{path}",), QUESTIONS, WayOptions())
    assert changed.identity.sha256 != done.identity.sha256


def test_an_article_that_does_not_fit_fails_by_hand() -> None:
    (done,) = find_ways(("baseline",), SUMMARIES, WayOptions())
    runner = ScriptedRunner()
    runner.engine.model = runner.engine.model.__class__(
        "scripted", 600, 600, 65_536, True, False, 0.0
    )
    with pytest.raises(ArticleError, match="the context holds 600"):
        done.timed(SUMMARIES.items[0], runner.engine, runner.model, lambda event: None)


@pytest.mark.parametrize(
    ("names", "dataset", "words"),
    [
        (("news",), QUESTIONS, "the dataset holds nothing but questions"),
        (("answer",), SUMMARIES, "nothing but articles to summarise"),
        (("comparison",), SUMMARIES, "compare"),
    ],
)
def test_templates_for_other_things_are_refused(
    names: tuple[str, ...], dataset: Dataset, words: str
) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        find_ways(names, dataset, WayOptions())
    assert caught.value.fix


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateError):
        find_ways(("newz",), SUMMARIES, WayOptions())
    with pytest.raises(UsageError):
        find_ways((f"baseline:{tmp_path / 'none.txt'}",), SUMMARIES, WayOptions())


def test_variables_go_to_the_templates_that_have_them() -> None:
    options = WayOptions(variables={"reader": "记者"})
    brief, news = find_ways(("brief", "news"), SUMMARIES, options)
    assert (brief.identity.variables, news.identity.variables) == ({"reader": "记者"}, {})
    with pytest.raises(UsageError, match="none of the templates has a variable"):
        find_ways(("news",), SUMMARIES, options)


def test_without_a_template_the_baseline_is_held_against_the_usual_one() -> None:
    assert default_names(QUESTIONS, "news") == ("baseline", "answer")
    assert default_names(SUMMARIES, "brief") == ("baseline", "brief")
