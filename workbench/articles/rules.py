"""The cleaning rules shipped with the program, read from ``cleaning_rules.toml``."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("cleaning_rules.toml")


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of site furniture; the fields are explained at the top of the file."""

    name: str
    reason: str
    pattern: re.Pattern[str]
    where: str
    word: str = ""
    longest: int = 60
    at_most: int | None = None
    sentences: bool = False
    list: bool = False
    at_end: bool = False
    repeats_title: bool = False
    removes: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules in the order they are tried."""
    import tomllib

    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(
        Rule(
            **{
                **entry,
                "pattern": re.compile(entry["pattern"], re.IGNORECASE),
                "removes": tuple(entry["removes"]),
                "keeps": tuple(entry["keeps"]),
            }
        )
        for entry in table["rule"]
    )
