"""What a batch does, and does not do again."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from batch_support import Heard, Script, batch, names, results, run, states, text_of, write_articles
from tasks_support import extract, long_text

from workbench.batch.batch import Batch
from workbench.engine.protocol import Request
from workbench.errors import EngineError, UsageError, WorkbenchError


def test_every_template_is_put_to_every_article(articles: Path, tmp_path: Path) -> None:
    one = batch(articles, tmp_path / "out", templates=("news", "brief"))
    outcome = run(one)
    assert (outcome.done, outcome.failed, outcome.status) == (12, 0, 0)
    found = list(one.rows())
    assert names(found) == [f"{number // 2:03}.txt" for number in range(12)]
    assert [row.work["template"] for row in found[:2]] == ["news", "brief"]
    assert all(row.result and row.result["points"] for row in found)
    assert found[0].article["text"] == text_of(0)
    assert (tmp_path / "out" / "results.jsonl").read_text().count("\n") == 12


def test_what_is_done_is_not_done_again_and_no_model_is_loaded(
    articles: Path, tmp_path: Path
) -> None:
    one = batch(articles, tmp_path / "out")
    run(one)
    again = Script()
    outcome = run(one, again)
    assert (outcome.done, outcome.before, outcome.status) == (6, 6, 0)
    assert again.loaded == 0


def test_a_template_that_changed_is_done_alone(articles: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.md"
    front = "---\nname: own\ntitle: Own\ntask: summarize\ndescription: For a test.\n---\n"
    own.write_text(front + "写一句话。\n", encoding="utf-8")
    one = batch(articles, tmp_path / "out", templates=("news", str(own)))
    run(one)
    own.write_text(front + "只写一句话。\n", encoding="utf-8")
    outcome = run(one)
    assert (outcome.done, outcome.before) == (12, 6)


@pytest.mark.parametrize(
    "changed",
    [
        {"length": "short"},
        {"script": "traditional"},
        {"verify": True},
        {"unsupported": "drop"},
        {"settings": {"seed": 7}},
        {"settings": {"context": 4096}},
        {"models": ("other",)},
    ],
)
def test_whatever_a_result_depends_on_makes_another_one(
    articles: Path, tmp_path: Path, changed: dict[str, Any]
) -> None:
    run(batch(articles, tmp_path / "out"))

    def answer(request: Request) -> str:
        return "是" if "是否" in str(request.messages[-1]) else extract(request)

    script = Script(answer)
    outcome = run(batch(articles, tmp_path / "out", **changed), script)
    assert (outcome.done, outcome.before) == (6, 0)
    assert states(tmp_path / "out") == {"done": 12}


def test_an_article_that_changed_is_done_again_and_a_new_one_too(
    articles: Path, tmp_path: Path
) -> None:
    one = batch(articles, tmp_path / "out")
    run(one)
    (articles / "000.txt").write_text(text_of(50), encoding="utf-8")
    (articles / "new.txt").write_text(text_of(60), encoding="utf-8")
    outcome = run(one)
    assert (outcome.done, outcome.before, outcome.failed) == (7, 5, 0)
    [first, *_rest] = one.rows()
    assert first.article["text"] == text_of(50)


def test_a_file_that_moved_is_known_by_what_it_says(articles: Path, tmp_path: Path) -> None:
    one = batch(articles, tmp_path / "out")
    run(one)
    (articles / "000.txt").rename(articles / "zzz.txt")
    again = Script()
    outcome = run(one, again)
    assert (outcome.before, again.loaded) == (6, 0)
    assert names(list(one.rows()))[-1] == "zzz.txt"


def test_articles_that_say_the_same_are_done_once_and_reported_each(
    articles: Path, tmp_path: Path
) -> None:
    (articles / "copy.txt").write_text(text_of(0), encoding="utf-8")
    one = batch(articles, tmp_path / "out")
    outcome = run(one)
    assert outcome.done == 6
    assert len(list(one.rows())) == 7


def test_the_articles_are_read_one_after_the_other_with_all_that_is_asked(
    articles: Path, tmp_path: Path
) -> None:
    heard = Heard()
    run(batch(articles, tmp_path / "out", templates=("news", "brief", "figures")), watcher=heard)
    files = [name.partition(" · ")[0] for name in heard.begun]
    assert files == sorted(files)
    assert len(files) == 18


def test_what_fails_costs_nobody_else_and_is_done_again_only_when_asked(
    articles: Path, tmp_path: Path
) -> None:
    (articles / "empty.txt").write_text("", encoding="utf-8")
    broken = [True]

    def answer(request: Request) -> str:
        if "102个摊位" in str(request.messages) and broken:
            raise EngineError("the model tripped")
        return extract(request)

    one = batch(articles, tmp_path / "out")
    heard = Heard()
    outcome = run(one, Script(answer), watcher=heard)
    assert (outcome.done, outcome.failed, outcome.status) == (5, 2, 1)
    assert [failure.error for failure in outcome.failures] == [
        "the model tripped",
        "is empty. Leave it out, or put the article's text in it.",
    ]
    assert len(heard.failures) == 2
    reported = [row.error for row in one.rows() if row.result is None]
    assert reported == [failure.error for failure in outcome.failures]
    broken.clear()
    assert run(one, Script(answer)).failed == 2
    assert run(one, Script(answer), retry_failed=True).failed == 1


def test_an_engine_that_fails_again_and_again_is_given_up_and_the_rest_waits(
    tmp_path: Path,
) -> None:
    def answer(_request: Request) -> str:
        raise EngineError("the card fell out")

    folder = write_articles(tmp_path / "articles", 40)
    outcome = run(batch(folder, tmp_path / "out"), Script(answer))
    assert outcome.state == "failed"
    assert outcome.failed < 20
    assert "the card fell out" in outcome.problems
    assert run(batch(folder, tmp_path / "out"), retry_failed=True).done == 40


def test_a_model_that_cannot_be_loaded_leaves_everything_waiting(
    articles: Path, tmp_path: Path
) -> None:
    def load() -> None:
        raise EngineError("no memory", fix="Close programs.")

    outcome = run(batch(articles, tmp_path / "out"), Script(load=load))
    assert (outcome.state, outcome.done, outcome.failed) == ("failed", 0, 0)
    assert outcome.problems == ("no memory. Close programs.",)
    assert run(batch(articles, tmp_path / "out")).done == 6


def test_several_pieces_are_done_at_once_where_the_engine_writes_several(
    articles: Path, tmp_path: Path
) -> None:
    together = threading.Barrier(3, timeout=90)
    met: list[int] = []

    def answer(request: Request) -> str:
        if len(met) < 3:
            met.append(together.wait())
        return extract(request)

    outcome = run(batch(articles, tmp_path / "out"), Script(answer, sequences=3))
    assert outcome.done == 6
    one_by_one = run(batch(articles, tmp_path / "other"))
    assert one_by_one.done == 6
    assert results(tmp_path / "out") == results(tmp_path / "other")


def test_questions_and_comparisons_are_work_like_any_other(articles: Path, tmp_path: Path) -> None:
    asked = batch(articles, tmp_path / "asked", questions=("摊位费是多少？", "修了多久？"))
    assert run(asked).done == 12
    assert {row.work["question"] for row in asked.rows()} == {"摊位费是多少？", "修了多久？"}
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text(
        "# which with which\narticles/000.txt\tarticles/001.txt\n"
        "articles/002.txt,articles/003.txt\narticles/004.txt\tarticles/gone.txt\n",
        encoding="utf-8",
    )
    compared = batch(articles, tmp_path / "compared", inputs=(), task="compare", pairs=str(pairs))
    outcome = run(compared)
    assert (outcome.done, outcome.failed) == (2, 1)
    assert "pairs.tsv:4" in outcome.failures[0].name
    [first, *_rest] = compared.rows()
    assert [Path(one["path"]).name for one in first.articles] == ["000.txt", "001.txt"]
    assert run(compared).before == 2


def test_articles_of_a_folder_and_near_duplicates_are_compared(tmp_path: Path) -> None:
    for place in ("east", "west"):
        write_articles(tmp_path / "articles" / place, 2)
    lonely = tmp_path / "articles" / "alone.txt"
    lonely.write_text("河堤修好了，长三公里。" + text_of(30), encoding="utf-8")
    heard = Heard()
    one = batch(tmp_path / "articles", tmp_path / "out", task="compare", group_by="folder")
    assert run(one, watcher=heard).done == 1  # both folders hold the same texts
    assert len(list(one.rows())) == 2
    assert heard.notices == ["1 articles share nothing with another one and are not compared"]
    long = long_text(12)
    for name, text in (
        ("a", long),
        ("b", long.replace("七米", "八米").replace("班组", "工人")),
        ("c", text_of(3)),
    ):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    alike = batch(
        tmp_path,
        tmp_path / "alike",
        inputs=[str(tmp_path / f"{name}.txt") for name in "abc"],
        task="compare",
        group_by="near-duplicates",
    )
    assert run(alike).done == 1
    [row] = alike.rows()
    assert [Path(found["path"]).name for found in row.articles] == ["a.txt", "b.txt"]


def test_limit_only_and_order_say_which_articles_and_when(articles: Path, tmp_path: Path) -> None:
    (articles / "long.txt").write_text(text_of(9) * 3, encoding="utf-8")
    few = batch(articles, tmp_path / "out", limit=2, order="longest")
    assert run(few).done == 2
    assert names(list(few.rows()))[0] == "long.txt"
    some = batch(articles, tmp_path / "out", only=("00[3-5].txt", "第1号"))
    # Patterns are of whole names, other texts may stand anywhere.
    assert run(some).done == 1
    some = batch(articles, tmp_path / "out", only=("*/00[3-5].txt",))
    assert run(some).done == 3
    assert run(batch(articles, tmp_path / "out")).done == 7


def test_the_command_at_the_end_is_told_how_it_went_and_may_fail(
    articles: Path, tmp_path: Path
) -> None:
    told = tmp_path / "told.json"
    one = batch(
        articles, tmp_path / "out", notify=f"cat > '{told}'; test $WORKBENCH_BATCH_DONE = 6"
    )
    heard = Heard()
    assert run(one, watcher=heard).status == 0
    assert heard.notices == []
    assert json.loads(told.read_text())["done"] == 6
    outcome = run(batch(articles, tmp_path / "out", notify="exit 3"), watcher=heard)
    assert outcome.status == 0
    assert heard.notices == ["the notice ended with status 3: exit 3"]


def test_what_a_batch_wrote_is_not_taken_for_articles(articles: Path) -> None:
    one = batch(articles, articles / "out", formats=("markdown", "jsonl"))
    assert run(one).done == 6
    heard = Heard()
    again = run(one, watcher=heard)
    assert (again.done, again.before, again.failed) == (6, 6, 0)
    assert any("are of this batch and are no articles" in notice for notice in heard.notices)


def test_a_model_is_its_file_whatever_it_is_called(articles: Path, tmp_path: Path) -> None:
    run(batch(articles, tmp_path / "out"), Script(sha256="a" * 64))
    renamed = Script(sha256="a" * 64)
    outcome = run(batch(articles, tmp_path / "out", models=("renamed",)), renamed)
    assert (outcome.before, renamed.loaded) == (6, 0)
    other = Script(sha256="b" * 64)
    assert run(batch(articles, tmp_path / "out"), other).before == 0


def test_two_models_do_the_same_articles(articles: Path, tmp_path: Path) -> None:
    script = Script()
    one = batch(articles, tmp_path / "out", models=("first", "second"))
    assert run(one, script).done == 12
    assert [row.work["model"] for row in one.rows()][:2] == ["first", "second"]
    assert len(script.sessions) == 2


def test_a_dump_of_many_articles_is_gone_on_with(tmp_path: Path) -> None:
    dump = tmp_path / "dump.jsonl"
    lines = [json.dumps({"text": text_of(number)}, ensure_ascii=False) for number in range(8)]
    dump.write_text("\n".join(lines), encoding="utf-8")
    one = batch(dump, tmp_path / "out", limit=3)
    assert run(one).done == 3
    whole = batch(dump, tmp_path / "out")
    outcome = run(whole)
    assert (outcome.done, outcome.before) == (8, 3)
    assert len(list(whole.rows())) == 8


def test_progress_is_told_and_ends_with_everything(articles: Path, tmp_path: Path) -> None:
    heard = Heard()
    run(batch(articles, tmp_path / "out"), watcher=heard)
    last = heard.seen[-1]
    assert (last.counts.done, last.units, last.units_total) == (6, 6, 6)
    assert last.share == pytest.approx(1.0)
    assert last.tokens > 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"output": ""}, "no folder"),
        ({"inputs": ()}, "no articles are named"),
        ({"task": "compare"}, "which articles are compared"),
        ({"task": "ask"}, "no question"),
        ({"pairs": "x"}, "are for comparing"),
        ({"order": "upwards"}, "cannot be 'upwards'"),
        ({"formats": ("pdf",)}, "cannot be 'pdf'"),
        ({"characters": 1}, "characters must lie between"),
        ({"settings": {"contexts": 3}}, "no setting 'contexts'"),
        ({"spread": True}, "only servers can share"),
    ],
)
def test_a_job_that_makes_no_sense_is_refused_at_once(
    articles: Path, tmp_path: Path, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError) as raised:
        batch(articles, tmp_path / "out", **given)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"templates": ("nothing",)}, "nothing"),
        ({"templates": ("answer",)}, "answer"),
        ({"variables": {"nobody": "x"}}, "nobody"),
    ],
)
def test_templates_and_variables_are_checked_before_anything_is_read(
    articles: Path, tmp_path: Path, given: dict[str, Any], said: str
) -> None:
    script = Script()
    with pytest.raises(WorkbenchError) as raised:
        run(batch(articles, tmp_path / "out", **given), script)
    assert said in str(raised.value)
    assert script.sessions == []


def test_the_package_gives_the_batch_by_name() -> None:
    import workbench

    assert workbench.Batch is Batch
    missing: Callable[[], Any] = lambda: workbench.nothing  # noqa: E731
    with pytest.raises(AttributeError):
        missing()
