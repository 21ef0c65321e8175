"""``workbench eval`` as a user meets it: what it prints, keeps and goes on with."""

import json
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from cli_support import ARTICLE, COMMAND, RECITED, Ended, descendants, environment

SUBJECTS = ("早市", "码头", "车站", "图书馆", "菜场", "渡口", "茶馆", "祠堂")


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """Sixteen questions on eight articles."""
    entries = [
        {
            "title": subject,
            "paragraphs": [
                {
                    "context": ARTICLE.replace("早市", subject),
                    "qas": [
                        {
                            "id": f"{subject}-{number}",
                            "question": asked,
                            "answers": [{"text": answer}],
                        }
                        for number, (asked, answer) in enumerate(
                            ((f"{subject}搬进了哪里？", "河边的新棚"), ("出资多少？", "460万元"))
                        )
                    ],
                }
            ],
        }
        for subject in SUBJECTS
    ]
    path = tmp_path / "questions.json"
    path.write_text(json.dumps({"data": entries}, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder of one article, with facts and a question."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "早市.txt").write_text(ARTICLE, encoding="utf-8")
    facts = "河边新棚|新棚\n清晨六点\n!涨价\n? 镇长姓什么？ =>\n"
    (folder / "早市.facts.txt").write_text(facts, encoding="utf-8")
    return folder


def records(folder: Path) -> list[dict[str, Any]]:
    text = (folder / "ledger.jsonl").read_text(encoding="utf-8")
    found = [json.loads(line) for line in text.splitlines()]
    return [record for record in found if record["type"] == "output"]


def test_a_leaderboard_is_printed_and_files_are_left(
    cli: Callable[..., Ended], model: Path, own: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ended = cli("eval", own, "-m", model, "-o", out)
    assert ended.status == 0, ended.err
    lines = ended.out.splitlines()
    assert [line.split()[:3] for line in lines if "model / template" in line] == [
        ["model", "/", "template"],
        ["model", "/", "template"],
    ]
    named = {line.split(" / ")[1].split()[0] for line in lines if "tiny / " in line}
    assert named == {"baseline", "news", "answer"}
    assert {path.name for path in out.iterdir() if not path.name.startswith(".")} == {
        "ledger.jsonl", "report.html", "results.json",
    }  # fmt: skip
    assert RECITED in (out / "report.html").read_text(encoding="utf-8")
    assert "4 outputs, 0 are there" in ended.err


def test_json_on_standard_output_is_the_leaderboard(
    cli: Callable[..., Ended], model: Path, own: Path, tmp_path: Path
) -> None:
    ended = cli("eval", own, "-m", model, "-p", "baseline", "-o", tmp_path / "out", "--json")
    assert ended.status == 0
    summaries, answers = ended.json()["boards"]
    (summary,) = summaries["configurations"]
    assert summary["metrics"]["fact-recall"]["mean"] == 0.5
    assert summary["metrics"]["forbidden"]["mean"] == 0
    (answer,) = answers["configurations"]
    assert answer["metrics"]["refused-unanswerable"]["mean"] == 0


def test_the_report_is_made_again_without_a_model(
    cli: Callable[..., Ended], model: Path, questions: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    arguments = ("eval", questions, "-o", out, "--limit", 4)
    first = cli(*arguments, "-m", model, "-p", "baseline", "--json")
    assert first.status == 0, first.err
    (out / "report.html").unlink()
    again = cli(*arguments, "--report-only", "--json", "--metrics", "em,f1-cmrc")
    assert again.status == 0, again.err
    assert (out / "report.html").is_file()
    (board,) = again.json()["boards"]
    assert [metric["name"] for metric in board["metrics"]] == ["em", "f1-cmrc"]
    (old,) = first.json()["boards"]
    for name in ("em", "f1-cmrc"):
        assert (
            board["configurations"][0]["metrics"][name] == old["configurations"][0]["metrics"][name]
        )


def test_a_larger_sample_goes_on_from_the_smaller(
    cli: Callable[..., Ended], model: Path, questions: Path, tmp_path: Path
) -> None:
    arguments = (
        "eval",
        questions,
        "-m",
        model,
        "-p",
        "baseline",
        "-o",
        tmp_path / "out",
        "--limit",
    )
    assert cli(*arguments, 3).status == 0
    ended = cli(*arguments, 5)
    assert "5 outputs, 3 are there" in ended.err
    assert max(Counter(record["key"] for record in records(tmp_path / "out")).values()) == 1


def test_questions_are_put_to_articles_that_do_not_answer_them(
    cli: Callable[..., Ended], model: Path, questions: Path, tmp_path: Path
) -> None:
    path = tmp_path / "two.json"
    data = json.loads(questions.read_text(encoding="utf-8"))["data"][:2]
    data[1]["paragraphs"][0]["context"] = "海边小学有了一辆图书车。"
    data[1]["paragraphs"][0]["qas"] = []
    data[1]["paragraphs"][0]["qas"].append(
        {"id": "x", "question": "谁有了车？", "answers": [{"text": "海边小学"}]}
    )
    path.write_text(json.dumps({"data": data}), encoding="utf-8")
    ended = cli(
        "eval", path, "-m", model, "-p", "baseline", "-o", tmp_path / "out", "--json",
        "--unanswerable", "swap",
    )  # fmt: skip
    assert ended.status == 0, ended.err
    (board,) = ended.json()["boards"]
    metrics = board["configurations"][0]["metrics"]
    assert metrics["refused-unanswerable"]["count"] == metrics["refused-answerable"]["count"] == 3
    assert metrics["em"]["count"] == 3


def test_a_failed_item_is_in_the_report_and_in_the_status(
    cli: Callable[..., Ended], model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [
        {"text": "早市搬家。", "summary": "早市"},
        {"text": "渡口停了。" * 900, "summary": "渡口"},
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    arguments = (
        "eval",
        path,
        "-m",
        model,
        "-p",
        "baseline",
        "-o",
        tmp_path / "out",
        "--context",
        2048,
    )
    ended = cli(*arguments)
    assert ended.status == 1
    (complaint,) = ended.complaints
    assert "line 2" in complaint
    assert "the context holds" in complaint
    assert "failed" in ended.out
    assert "the context holds" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    again = cli(*arguments)
    assert again.status == 1
    assert "2 outputs, 1 are there" in again.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("none.json", "-o", "out"),
        ("DATA",),
        ("DATA", "-o", "out", "--report-only"),
        ("DATA", "-o", "out", "--report-only", "-m", "x"),
        ("DATA", "-o", "out", "--metrics", "em,bleu"),
        ("DATA", "-o", "out", "-p", "news"),
        ("DATA", "-o", "out", "--offset", "99"),
        ("DATA", "-o", "out", "--limit", "0"),
    ],
)
def test_wrong_use_is_told_in_one_line_before_anything_is_done(
    cli: Callable[..., Ended],
    questions: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = cli("eval", *(str(questions) if one == "DATA" else one for one in arguments))
    assert ended.status == 2, ended.err
    assert ended.complaint()
    assert ended.out == ""
    assert not (tmp_path / "out").exists()


def start(home: Path, *arguments: object) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [*COMMAND, "eval", *map(str, arguments)],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_run_killed_again_and_again_ends_with_what_one_run_makes(
    home: Path, model: Path, questions: Path, tmp_path: Path
) -> None:
    def arguments(out: Path) -> tuple[object, ...]:
        return (questions, "-m", model, "-p", "baseline", "-p", "answer", "-o", out)

    whole, broken = tmp_path / "whole", tmp_path / "broken"
    with start(home, *arguments(whole)) as process:
        _out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    engines: list[psutil.Process] = []
    for pieces_seen in (1, 4, 9):
        with start(home, *arguments(broken)) as process:
            assert process.stderr is not None
            seen = 0
            for line in process.stderr:
                seen += b" / " in line
                if seen > pieces_seen:
                    break
            engines += descendants(process.pid)
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
    before = records(broken) if (broken / "ledger.jsonl").exists() else []
    assert 0 < len(before) < 32
    with start(home, *arguments(broken)) as process:
        _out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err

    def made(folder: Path) -> list[tuple[str, str]]:
        return sorted((record["key"], record["output"]["text"]) for record in records(folder))

    assert made(broken) == made(whole)
    assert len(made(broken)) == len(dict(made(broken))) == 32, "nothing is done twice"
    _gone, alive = psutil.wait_procs(engines, timeout=90)
    assert alive == []


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(
    home: Path, model: Path, questions: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with start(home, questions, "-m", model, "-p", "baseline", "-o", out) as process:
        assert process.stderr is not None
        seen = b""
        for line in process.stderr:
            seen += line
            if line.startswith(b"2/16"):
                break
        process.send_signal(signal.SIGINT)
        _out, rest = process.communicate(timeout=60)
    assert process.returncode == 130, seen + rest
    assert "the same command goes on" in rest.decode()
    assert rest.decode().rstrip().endswith("workbench: stopped")
    assert len(records(out)) >= 2
