import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path

import pytest
from evaluation_support import ARTICLE, OTHER, dataset_of, raw_question
from jsonschema import Draft202012Validator

from workbench.evaluation.arms import Arm
from workbench.evaluation.board import Board, boards, to_json
from workbench.evaluation.datasets.expected import fact_of
from workbench.evaluation.items import SUMMARY, Dataset, Raw
from workbench.evaluation.ledger import Ledger
from workbench.evaluation.metrics.case import Output
from workbench.evaluation.metrics.table import METRICS, chosen
from workbench.evaluation.report import render
from workbench.evaluation.report.scales import written
from workbench.evaluation.report.view import excerpt
from workbench.evaluation.writing import write_files
from workbench.tasks.result import ModelIdentity, TemplateIdentity

SCHEMA = Draft202012Validator(
    json.loads(
        resources.files("workbench.evaluation").joinpath("results.schema.json").read_text("utf-8")
    )
)
EVIL = '</style><script>alert("1")</script>&<b>'
VOID = {"meta", "line", "circle", "rect", "br"}


def arm(model: str, template: str, kind: str = "question") -> Arm:
    return Arm(
        kind, ModelIdentity(model, model * 8, "Q4"), TemplateIdentity(template, "b" * 64), {}
    )


@pytest.fixture
def questions() -> Dataset:
    return dataset_of(
        raw_question("a1", "花了多少钱？", "460万元"),
        raw_question("a2", "几个摊位？", "128个"),
        raw_question("b1", EVIL, answerable=False, text=OTHER),
    )


@pytest.fixture
def ledger(tmp_path: Path, questions: Dataset) -> Ledger:
    """The baseline is right once and refuses nothing; the template is right and refuses."""
    told = {
        "baseline": ["450万元", "128个", EVIL],
        "answer": ["460万元", "128个", "文中未提及"],
    }
    with Ledger(tmp_path) as ledger:
        for template, texts in told.items():
            for item, text in zip(questions.items, texts, strict=True):
                refused = text == "文中未提及" if template == "answer" else None
                output = Output(text, refused=refused, seconds=2.0, script="simplified")
                ledger.add(item, arm("m", template), output)
        ledger.add(questions.items[0], arm("n", "answer"), None, error=EVIL)
    return ledger


def board_of(dataset: Dataset, ledger: Ledger) -> Board:
    (board,) = boards(dataset, ledger, chosen(()))
    return board


def test_the_best_comes_first_and_is_held_against_the_baseline(
    questions: Dataset, ledger: Ledger
) -> None:
    board = board_of(questions, ledger)
    assert [standing.label for standing in board.standings] == [
        "m / answer",
        "m / baseline",
        "n / answer",
    ]
    best, baseline, broken = board.standings
    assert best.estimates["f1"].mean == 1
    assert best.estimates["refused-unanswerable"].mean == 1
    assert baseline.estimates["refused-unanswerable"].mean == 0
    assert best.reference == "m / baseline"
    assert (best.differences["em"].mean, best.differences["em"].wins) == (0.5, 1)
    assert baseline.reference == ""
    assert (broken.done, broken.failed) == (0, 1)
    assert board.best(METRICS["f1"]) == 1
    assert board.best(METRICS["seconds"]) is None, "none is better where all are alike"


def test_only_items_of_the_dataset_are_scored(questions: Dataset, ledger: Ledger) -> None:
    fewer = replace(questions, items=questions.items[:1])
    assert board_of(fewer, ledger).standings[0].done == 1


def test_an_added_metric_is_measured_from_what_is_stored(
    questions: Dataset, ledger: Ledger
) -> None:
    (board,) = boards(questions, ledger, [METRICS["f1-cmrc"]])
    assert [metric.name for metric in board.metrics] == ["f1-cmrc"]
    assert board.standings[0].estimates["f1-cmrc"].mean == 1


def test_results_hold_every_output_and_its_scores(questions: Dataset, ledger: Ledger) -> None:
    results, _report = write_files(ledger.folder, questions, boards(questions, ledger, chosen(())))
    found = json.loads(results.read_text(encoding="utf-8"))
    SCHEMA.validate(found)
    (board,) = found["boards"]
    assert board["ranked_by"] == "overall"
    first, *_rest = board["configurations"]
    assert first["differences"]["em"]["mean"] == 0.5
    assert first["template"]["name"] == "answer"
    wrong = board["items"][0]["outputs"][1]
    assert (wrong["label"], wrong["text"], wrong["unsupported"]) == (
        "m / baseline",
        "450万元",
        ["450万元"],
    )
    assert wrong["scores"]["em"] == {"part": 0.0, "whole": 1.0}
    assert board["items"][0]["outputs"][2]["error"] == EVIL
    plain = to_json(questions, boards(questions, ledger, chosen(())), items=False)
    SCHEMA.validate(json.loads(json.dumps(plain)))
    assert "items" not in plain["boards"][0]


class Page(HTMLParser):
    """Collects what a page names, and whether its elements are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attributes:
            if name in ("href", "src", "srcset", "action", "data") or name.startswith("on"):
                self.links.append(f"{name}={value}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_asks_for_nothing_and_escapes_everything(
    questions: Dataset, ledger: Ledger
) -> None:
    text = render(questions, [board_of(questions, ledger)])
    page = Page(text)
    assert page.open == []
    assert page.links == []
    assert "script" not in page.tags
    assert page.tags.count("style") == 1
    assert "svg" in page.tags
    assert not re.search(r"https?://|@import|url\(", text)
    shown = "".join(page.text)
    assert EVIL in shown, "what a model wrote is shown as it is"
    assert "default-src 'none'" in text


def test_the_page_marks_the_facts_that_the_article_does_not_hold(
    questions: Dataset, ledger: Ledger
) -> None:
    text = render(questions, [board_of(questions, ledger)])
    assert "<mark>450万元</mark>" in text
    assert "<mark>460万元</mark>" not in text
    assert '<mark class="found">460万元</mark>' in text, "the answer is shown in the article"


def test_the_worst_item_comes_first(questions: Dataset, ledger: Ledger) -> None:
    text = render(questions, [board_of(questions, ledger)])
    assert text.index("花了多少钱？") < text.index("几个摊位？")


def test_summaries_and_answers_each_have_a_board(tmp_path: Path) -> None:
    items = dataset_of(
        raw_question("q", "花了多少钱？", "460万元"), Raw("s", SUMMARY, ARTICLE)
    ).items
    items = (items[0], replace(items[1], expected=(fact_of("460万元"), fact_of("128个"))))
    dataset = Dataset("own", items, 2)
    with Ledger(tmp_path) as ledger:
        ledger.add(items[0], arm("m", "answer"), Output("460万元"))
        ledger.add(
            items[1], arm("m", "news", SUMMARY), Output("花了460万元", ("花了460万元",), "points")
        )
    summaries, answers = boards(dataset, ledger, chosen(()))
    assert (summaries.kind, answers.kind) == ("summary", "question")
    assert summaries.standings[0].estimates["fact-recall"].mean == 0.5
    text = render(dataset, [summaries, answers])
    assert "128个" in text
    assert Page(text).open == []


def test_nothing_done_makes_no_board(tmp_path: Path, questions: Dataset) -> None:
    assert boards(questions, Ledger(tmp_path).load(), chosen(())) == []


def test_values_are_written_as_their_metric_is() -> None:
    assert written(0.1234, METRICS["f1"]) == "12.3"
    assert written(0.05, METRICS["f1"], sign=True) == "+5.0"
    assert written(3.14159, METRICS["seconds"]) == "3.1"
    assert written(1234.5, METRICS["tokens-read"]) == "1234"


def test_the_excerpt_is_around_the_answer() -> None:
    (item,) = dataset_of(
        raw_question("a", "多少钱？", "460万元", text="甲。" * 300 + "花了460万元。" + "乙。" * 300)
    ).items
    found = excerpt(item)
    assert [piece["text"] for piece in found if piece["found"]] == ["460万元"]
    text = "".join(piece["text"] for piece in found)
    assert text.startswith("…")
    assert text.endswith("…")
    assert len(text) < 400
