"""What became of an article so far, from the results about it: its status in a list."""

from collections.abc import Mapping
from typing import Any

NEW, READ, SUMMARISED, FLAGGED = "new", "read", "summarised", "flagged"
STATUSES = (NEW, READ, SUMMARISED, FLAGGED)
"""By rising standing, from 0; ``flagged`` where the latest summary has a fact that is wrong."""
_WRONG = frozenset({"differs", "unsupported"})


def standing_of(result: Mapping[str, Any]) -> int:
    """Return the standing that a result, as JSON, gives to the articles it is about."""
    if result.get("task") != "summarize":
        return STATUSES.index(READ)
    return STATUSES.index(FLAGGED if _has_wrong(result) else SUMMARISED)


def condition(status: str, table: str = "articles") -> str:
    """Return an SQL condition on the rows of ``articles``: that they have a status."""
    standing = STATUSES.index(status)
    if not standing:
        return f"{table}.id NOT IN (SELECT article_id FROM result_articles)"
    within = f"{table}.id IN (SELECT article_id FROM result_articles WHERE standing = {standing})"
    if standing == len(STATUSES) - 1:
        return within
    above = f"SELECT article_id FROM result_articles WHERE standing > {standing}"
    return f"{within} AND {table}.id NOT IN ({above})"


def _has_wrong(value: object, *, check: bool = False) -> bool:
    if isinstance(value, Mapping):
        if check and value.get("status") in _WRONG:
            return True
        return any(_has_wrong(one, check=_holds_checks(name)) for name, one in value.items())
    if isinstance(value, list | tuple):
        return any(_has_wrong(one, check=check) for one in value)
    return False


def _holds_checks(name: object) -> bool:
    return isinstance(name, str) and name.endswith("checks")
