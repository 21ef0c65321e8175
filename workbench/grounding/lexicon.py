"""The words by which names are told, read once from ``lexicon.toml``."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("lexicon.toml")


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def words(table: str, key: str) -> list[str]:
    """Return the words of an entry, longer ones first, as a pattern has to try them."""
    return sorted(set(_table()[table][key].split()), key=lambda word: (-len(word), word))


def characters(table: str, key: str) -> str:
    """Return the characters of an entry, blanks left out."""
    return "".join(_table()[table][key].split())


def mapping(table: str) -> dict[str, str]:
    """Return a table of texts, each without line ends."""
    return {key: text.replace("\n", "") for key, text in _table()[table].items()}
