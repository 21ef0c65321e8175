"""``workbench batch``: what is printed, saved, checked and refused."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_support import ARTICLE, Ended

Cli = Callable[..., Ended]


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    for number in range(3):
        text = ARTICLE.replace("128", str(128 + number))
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    return folder


def test_a_batch_prints_what_it_wrote_and_goes_on_where_it_stopped(
    cli: Cli, articles: Path, tmp_path: Path, model: Path
) -> None:
    (articles / "empty.txt").write_text("", encoding="utf-8")
    out = tmp_path / "out"
    arguments = ["batch", articles, "-m", model, "-p", "news", "-p", "brief", "-o", out]
    arguments += ["--format", "csv", "--format", "html", "--length", "short", "--json"]
    ended = cli(*arguments)
    assert ended.status == 1
    assert ended.json()["done"] == 6
    assert "6 results, 0 of them from before; 2 failed" in ended.err
    assert any("empty.txt · news" in line and "is empty" in line for line in ended.complaints)
    assert (out / "report.html").is_file()
    again = cli(*arguments)
    assert "6 results, 6 of them from before; 2 failed" in again.err
    told = cli("batch", "status", out)
    assert told.status == 0
    assert "done" in told.out.splitlines()[0]
    assert told.out.splitlines()[1] == "6 done, 2 failed, 0 waiting"
    found = cli("batch", "status", out, "--json").json()
    assert (found["state"], found["done"], found["failed"]) == ("done", 6, 2)
    (out / "report.html").unlink()
    assert cli(*arguments[:-1], "--report-only").status == 0
    assert (out / "report.html").is_file()


def test_a_job_is_saved_checked_and_run_from_its_file(
    cli: Cli, articles: Path, tmp_path: Path, model: Path
) -> None:
    job = tmp_path / "job.toml"
    out = tmp_path / "out"
    given = ["-m", model, "--task", "summarize", "-p", "one-sentence", "-o", out, "--seed", "7"]
    ended = cli("batch", articles, *given, "--format", "jsonl", "--limit", "2", "--save", job)
    assert (ended.status, ended.err.strip()) == (0, f"wrote {job}")
    assert not out.exists()
    assert 'formats = ["jsonl"]' in job.read_text(encoding="utf-8")
    plan = cli("batch", "--job", job, "--check", "--json")
    assert plan.status == 0
    found = plan.json()
    assert (found["articles"], found["shares"][0]["pieces"]) == (2, 2)
    assert found["tokens"] > 0
    assert found["shares"][0]["hours"] is None
    assert found["disk"] < found["disk_free"]
    assert not out.exists()
    shown = cli("batch", "--job", job, "--check")
    assert "2 articles" in shown.out
    assert "workbench bench" in shown.err
    assert cli("batch", "--job", job).status == 0
    assert (out / "results.jsonl").read_text(encoding="utf-8").count("\n") == 2
    [share] = cli("batch", "--job", job, "--limit", "3", "--check", "--json").json()["shares"]
    assert (share["pieces"], share["done"]) == (3, 2)


def test_questions_are_read_from_a_file(
    cli: Cli, articles: Path, tmp_path: Path, model: Path
) -> None:
    questions = tmp_path / "questions.txt"
    questions.write_text("# two\n摊位有多少个？\n\n花了多少钱？\n", encoding="utf-8")
    out = tmp_path / "out"
    ended = cli(
        *("batch", articles, "-m", model, "--ask", questions, "-o", out, "--format", "jsonl")
    )
    assert ended.status == 0, ended.err
    rows = [json.loads(line) for line in (out / "results.jsonl").read_text("utf-8").splitlines()]
    assert len(rows) == 6


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{articles}"], "no folder for the results"),
        (["-o", "{out}"], "no articles are named"),
        (["{articles}", "-o", "{out}", "-p", "none"], "none"),
        (["{articles}", "-o", "{out}", "--task", "compare"], "which articles are compared"),
        (["{articles}", "-o", "{out}", "--ask", "{out}/none"], "cannot be read"),
        (["--job", "{out}/none.toml"], "cannot be read"),
        (["{articles}", "-o", "{out}", "--format", "pdf"], "pdf"),
        (["{articles}", "-o", "{out}", "--var", "x"], "NAME=VALUE"),
        (["status", "{out}"], "holds no batch"),
    ],
)
def test_wrong_use_is_told_in_a_line(
    cli: Cli, articles: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    named = [one.format(articles=articles, out=tmp_path / "out") for one in arguments]
    ended = cli("batch", *named)
    assert ended.status == 2
    assert said in ended.complaint()
    assert not (tmp_path / "out" / "results.jsonl").exists()


def test_a_model_that_is_not_there_is_told_and_the_status_says_so(
    cli: Cli, articles: Path, tmp_path: Path
) -> None:
    ended = cli("batch", articles, "-m", tmp_path / "no.gguf", "-o", tmp_path / "out")
    assert ended.status == 1
    assert "Traceback" not in ended.err
    assert any("no.gguf" in line for line in ended.complaints)
