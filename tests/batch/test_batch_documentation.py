"""What docs/batch.md shows is run and read."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from batch_support import write_articles

from workbench.batch.job_file import read_job

PAGE = Path(__file__).parents[2] / "docs" / "batch.md"


def shown(language: str) -> str:
    [block] = re.findall(
        rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    return str(block)


def test_the_example_in_python_runs(tmp_path: Path, tiny: Path) -> None:
    write_articles(tmp_path / "articles", 2)
    shutil.copy(tiny, tmp_path / "model.gguf")
    (tmp_path / "example.py").write_text(shown("python"), encoding="utf-8")
    root = str(PAGE.parents[1])
    ended = subprocess.run(
        [sys.executable, "example.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": root, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr.decode()
    lines = ended.stdout.decode().splitlines()
    assert lines[0] == "2 articles"
    assert lines[-1].startswith("4 done, 0 failed: ")
    assert "results.jsonl" in lines[-1]
    assert sum("早市" in line for line in lines) >= 4
    assert (tmp_path / "out" / "report.html").is_file()


def test_the_job_file_it_shows_is_one(tmp_path: Path) -> None:
    path = tmp_path / "job.toml"
    path.write_text(shown("toml"), encoding="utf-8")
    job = read_job(path)
    assert job.templates == ("news", "brief")
    assert job.formats == ("html", "xlsx")
    assert job.settings["context"] == 8192
