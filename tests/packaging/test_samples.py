from pathlib import Path

import pytest

from workbench.articles.model import Script
from workbench.articles.reader import read_article

SAMPLES = Path(__file__).parents[2] / "workbench" / "samples"


@pytest.mark.parametrize(
    ("name", "script", "date"),
    [
        ("city-library-nights.txt", Script.SIMPLIFIED, "2024-09-03"),
        ("county-meals-for-the-old.txt", Script.SIMPLIFIED, "2025-07-21"),
        ("fishing-harbour-electric-boats.txt", Script.TRADITIONAL, "2025-03-18"),
    ],
)
def test_sample_reads_as_what_it_is(name: str, script: Script, date: str) -> None:
    article = read_article(SAMPLES / name)
    assert article.script == script
    assert article.date == date
    assert (article.title or "").split() == article.text.splitlines()[0].split()
    read = "".join(article.passage_text(passage) for passage in article.passages)
    paragraphs = [line for line in article.text.splitlines()[3:] if line]
    assert len(paragraphs) >= 6
    assert all(paragraph[:20] in read and paragraph[-20:] in read for paragraph in paragraphs)


def test_every_sample_is_described() -> None:
    described = (SAMPLES / "README.md").read_text(encoding="utf-8")
    names = [path.name for path in SAMPLES.glob("*.txt")]
    assert len(names) == 3
    assert all(f"`{name}`" in described for name in names)
