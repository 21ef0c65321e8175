"""What a summary's progress says where it is not drawn over: a line for each new thing it does."""

import pytest

from workbench.cli.progress import SummaryProgress
from workbench.tasks.events import Again, Checking, ReadingProgress, Step, Writing


def test_each_step_is_counted_and_so_is_each_check(capsys: pytest.CaptureFixture[str]) -> None:
    with SummaryProgress() as progress:
        progress.name = "渡口.txt"
        for event in (
            Step(1, 2, 1, 1),
            ReadingProgress(10, 400, 0),
            Writing("渡口"),
            Step(2, 2, 1, 1),
            ReadingProgress(400, 400, 400),
            Writing("渡船"),
            Checking(1, 2),
            Checking(2, 2),
            ReadingProgress(410, 430, 400),
            Writing("每天两班渡船"),
        ):
            progress(event)
    assert capsys.readouterr().err.splitlines() == [
        "渡口.txt [1/2] reading 10 of 400 tokens",
        "渡口.txt [1/2] writing 渡口",
        "渡口.txt [2/2] reading 400 of 400 tokens",
        "渡口.txt [2/2] writing 渡船",
        "渡口.txt [check 1/2] checking what was written",
        "渡口.txt [check 2/2] checking what was written",
        "渡口.txt [check 2/2] reading 410 of 430 tokens",
        "渡口.txt [check 2/2] writing 每天两班渡船",
    ]


def test_the_part_of_a_long_article_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with SummaryProgress() as progress:
        progress.name = "渡口.txt"
        progress(Step(3, 9, 2, 4))
        progress(Writing("渡"))
    assert capsys.readouterr().err == "渡口.txt part 2 of 4 [3/9] writing 渡\n"


def test_what_was_written_before_a_restart_is_not_shown_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with SummaryProgress() as progress:
        progress(Step(1, 1, 1, 1))
        progress(Writing("第一次"))
        progress(Again("it died"))
        progress(Step(1, 1, 1, 1))
        progress(Checking(1, 1))
        progress(Writing("第二次"))
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].endswith("writing 第二次")
    assert any("it died" in line for line in lines)
