"""What may happen in a night: each has a clear outcome, and nothing is lost."""

import errno
import os
import random
import resource
import signal
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from batch_support import Heard, Script, batch, results, run, states, text_of, write_articles
from process_support import done, ended, kill, start, until
from tasks_support import extract

from workbench.batch.batch import Batch
from workbench.batch.ledger import Ledger
from workbench.batch.stopping import AT_ONCE, FINISH, Stop
from workbench.engine.protocol import Request
from workbench.errors import UsageError, WorkbenchError
from workbench.store import schema

FEW = ("--sequences", "1", "--format", "jsonl", "--length", "short")


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, tiny: Path
) -> tuple[Path, dict[str, bytes]]:
    """Articles, and what comes of them where nobody disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    articles = write_articles(folder / "articles", 3)
    status, _out, err = ended(
        start(
            *(articles, "-m", tiny, "-p", "news", "-p", "one-sentence", "-o", folder / "out", *FEW),
            WORKBENCH_HOME=str(folder / "home"),
        )
    )
    assert status == 0, err
    found = results(folder / "out")
    assert len(found) == 6
    return articles, found


def test_a_batch_that_is_killed_again_and_again_ends_with_the_same_results(
    undisturbed: tuple[Path, dict[str, bytes]], tmp_path: Path, tiny: Path
) -> None:
    articles, expected = undisturbed
    out = tmp_path / "out"
    arguments = (articles, "-m", tiny, "-p", "news", "-p", "one-sentence", "-o", out, *FEW)
    chance = random.Random(20261128)
    had = 0
    for _kill in range(4):
        process = start(*arguments)
        enough = min(had + chance.randrange(2), len(expected) - 1)
        until(lambda enough=enough: done(out) >= enough, process)  # type: ignore[misc]
        until_some_moment = chance.random() * 0.4
        try:
            process.wait(until_some_moment)
        except subprocess.TimeoutExpired:
            kill(process)
        else:
            process.communicate()
        had = done(out)
    status, _text, err = ended(start(*arguments))
    assert status == 0, err
    assert results(out) == expected
    with closing(sqlite3.connect(out / "ledger.db")) as connection:
        [(tries,)] = connection.execute("SELECT max(tries) FROM pieces")
    assert tries == 1
    lines = (out / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(expected)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_once_it_finishes_what_is_written_and_goes_on_later(
    undisturbed: tuple[Path, dict[str, bytes]], tmp_path: Path, tiny: Path, number: signal.Signals
) -> None:
    articles, expected = undisturbed
    out = tmp_path / "out"
    arguments = (articles, "-m", tiny, "-p", "news", "-p", "one-sentence", "-o", out, *FEW)
    process = start(*arguments)
    until(lambda: done(out) >= 1, process)
    process.send_signal(number)
    status, _text, err = ended(process)
    assert status == 130, err
    assert "the same command goes on" in err
    found = states(out)
    assert found.get("running", 0) == 0
    assert 1 <= found["done"] < len(expected)
    assert (out / "results.jsonl").is_file()
    assert ended(start(*arguments))[0] == 0
    assert results(out) == expected


def test_asked_twice_it_stops_at_once(tmp_path: Path, tiny: Path) -> None:
    articles = write_articles(tmp_path / "articles", 3)
    (articles / "000.txt").write_text(text_of(0) * 60, encoding="utf-8")
    out = tmp_path / "out"
    process = start(articles, "-m", tiny, "-p", "news", "-o", out, *FEW)
    until(lambda: out.is_dir() and bool(_running(out)), process)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    status, _text, err = ended(process)
    assert status == 130, err
    assert states(out).get("running", 0) == 0
    assert not (out / "results.jsonl").exists()


def _running(out: Path) -> int:
    try:
        return states(out).get("running", 0)
    except sqlite3.Error:
        return 0


def test_two_batches_into_one_folder_are_refused_clearly(articles: Path, tmp_path: Path) -> None:
    one = batch(articles, tmp_path / "out")
    with Ledger(one.folder), pytest.raises(WorkbenchError) as raised:
        run(one)
    assert "another batch is writing there" in str(raised.value)
    assert run(one).done == 6


def test_a_disk_that_is_full_ends_it_and_what_is_done_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = write_articles(tmp_path / "articles", 60)
    out = tmp_path / "out"
    limit, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        # No file of this process may grow beyond it: SQLite sees a disk that takes no more.
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, most))
        with pytest.raises(WorkbenchError) as raised:
            run(batch(articles, out))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
    assert "the disk takes no more" in str(raised.value)
    assert "Free some space" in str(raised.value)
    kept = len(results(out))
    assert 0 < kept < 60
    outcome = run(batch(articles, out))
    assert (outcome.done, outcome.before, outcome.status) == (60, kept, 0)


def test_reports_that_cannot_be_written_lose_no_result(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = batch(articles, tmp_path / "out")

    def full(*_given: object, **_named: object) -> None:
        raise WorkbenchError("cannot be written: " + os.strerror(errno.ENOSPC), path=one.folder)

    with monkeypatch.context() as patched:
        patched.setattr("workbench.batch.batch.write_reports", full)
        outcome = run(one)
    assert outcome.status == 1
    assert any(os.strerror(errno.ENOSPC) in problem for problem in outcome.problems)
    assert run(one).before == 6


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_told_at_once(articles: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir(mode=0o500)
    script = Script()
    with pytest.raises(WorkbenchError, match="cannot be written"):
        run(batch(articles, out), script)
    assert script.sessions == []


def test_a_ledger_that_cannot_be_written_is_told_at_once(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    run(batch(articles, out, limit=2))
    connect = sqlite3.connect

    def readonly(name: str, **given: object) -> sqlite3.Connection:
        return connect(name.replace("mode=rw", "mode=ro"), **given)  # type: ignore[call-overload]

    script = Script()
    with monkeypatch.context() as patched:
        patched.setattr("workbench.store.connection.sqlite3.connect", readonly)
        with pytest.raises(WorkbenchError, match="cannot be written"):
            run(batch(articles, out), script)
    assert script.sessions == []
    assert run(batch(articles, out)).before == 2


def test_an_output_that_is_a_file_is_refused(articles: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a letter", encoding="utf-8")
    with pytest.raises(WorkbenchError, match="cannot be written"):
        run(batch(articles, tmp_path / "out"))
    assert (tmp_path / "out").read_text(encoding="utf-8") == "a letter"


def test_a_database_of_somebody_else_is_left_alone(articles: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with closing(sqlite3.connect(out / "ledger.db")) as connection:
        connection.execute("CREATE TABLE accounts (money)")
    with pytest.raises(WorkbenchError, match="of another program"):
        run(batch(articles, out))


def test_a_ledger_that_is_locked_is_waited_for_and_then_told(
    articles: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run(batch(articles, out, limit=2))
    with closing(sqlite3.connect(out / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(WorkbenchError) as raised:
            run(batch(articles, out), busy_seconds=0.05)
    assert "another program keeps it locked" in str(raised.value)
    outcome = run(batch(articles, out), busy_seconds=5.0)
    assert (outcome.done, outcome.before) == (6, 2)


def test_a_ledger_that_is_locked_in_mid_run_ends_it_and_it_goes_on_later(
    articles: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with closing(sqlite3.connect(":memory:")) as nothing:
        locks = [nothing]

        def answer(request: Request) -> str:
            if len(locks) == 1 and "102个摊位" in str(request.messages):
                other = sqlite3.connect(
                    out / "ledger.db", isolation_level=None, timeout=90, check_same_thread=False
                )
                other.execute("BEGIN IMMEDIATE")
                locks.append(other)
            return extract(request)

        try:
            with pytest.raises(WorkbenchError, match="another program keeps it locked"):
                run(batch(articles, out), Script(answer), busy_seconds=0.05)
        finally:
            for one in locks[1:]:
                one.close()
    kept = len(results(out))
    assert kept <= 2
    outcome = run(batch(articles, out))
    assert (outcome.done, outcome.before) == (6, kept)


def test_an_article_that_changes_in_mid_run_is_told_and_done_again_next_time(
    articles: Path, tmp_path: Path
) -> None:
    changed: list[str] = []

    def answer(request: Request) -> str:
        if "105个摊位" in str(request.messages) and not changed:
            changed.append("000.txt")
            (articles / "000.txt").write_text(text_of(70), encoding="utf-8")
        return extract(request)

    one = batch(articles, tmp_path / "out")
    outcome = run(one, Script(answer))
    assert outcome.status == 0
    assert "1 files changed after they were read" in outcome.problems[0]
    assert next(one.rows()).article["text"] == text_of(0)
    again = run(one)
    assert (again.done, again.before, again.problems) == (6, 5, ())
    assert next(one.rows()).article["text"] == text_of(70)


def test_a_clock_that_is_set_back_changes_nothing(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = batch(articles, tmp_path / "out", limit=3)
    run(one)
    long_ago = datetime(1999, 12, 31, 23, 59, tzinfo=UTC)
    monkeypatch.setattr(schema, "now", lambda: long_ago.isoformat(timespec="seconds"))
    monkeypatch.setattr("workbench.batch.ledger.now", schema.now)
    monkeypatch.setattr("time.time", long_ago.timestamp)
    os.utime(articles / "003.txt", (0, 0))
    whole = batch(articles, tmp_path / "out")
    outcome = run(whole)
    assert (outcome.done, outcome.before, outcome.state) == (6, 3, "done")
    assert whole.status().state == "done"
    assert whole.status().started_at.startswith("1999")
    assert run(whole).before == 6


def test_stopping_from_a_program_is_as_from_the_keyboard(tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "articles", 40)
    stop = Stop()

    def answer(request: Request) -> str:
        if "102个摊位" in str(request.messages):
            stop.ask(FINISH)
        return extract(request)

    one = batch(articles, tmp_path / "out")
    outcome = run(one, Script(answer), stop=stop)
    assert (outcome.state, outcome.status) == ("stopped", 130)
    assert 3 <= outcome.done < 40
    stopped = Stop()
    stopped.ask(AT_ONCE)
    assert run(one, stop=stopped).files == ()
    assert run(one).done == 40


def test_the_status_of_a_batch_is_told_while_it_runs_and_after(
    articles: Path, tmp_path: Path
) -> None:
    one = batch(articles, tmp_path / "out")
    seen = []

    def answer(request: Request) -> str:
        if "103个摊位" in str(request.messages):
            seen.append(Batch(one.job).status())
        return extract(request)

    with pytest.raises(UsageError, match="holds no batch"):
        one.status()
    run(one, Script(answer), watcher=Heard())
    assert seen[0].state == "running"
    assert one.status().state == "done"
    with closing(sqlite3.connect(tmp_path / "out" / "ledger.db")) as connection:
        connection.execute("UPDATE runs SET state = 'running', ended_at = NULL")
        connection.commit()
    assert one.status().state == "killed"
