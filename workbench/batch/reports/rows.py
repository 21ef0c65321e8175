"""What a report is made of: one row a piece of work, done or failed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FORMATS = ("markdown", "jsonl", "csv", "xlsx", "html", "docx")
"""Formats a report can be written in."""

SPLITS = ("tag", "folder", "template", "model", "source", "month")
"""What the rows of a report can be divided by, into a set of files each."""


@dataclass(frozen=True, slots=True)
class Row:
    """One piece of work of a batch: what it was about, what was asked, what came of it.

    ``article`` has ``path``; and where they are known ``part``, ``sha256``, ``title``, ``date``,
    ``source``, ``script``, ``characters``, ``tags`` (list), and ``text``, the article's own text,
    into which the citations of the result point: passages can be shown in context where it is
    given. ``work`` has ``task`` (``summarize``, ``compare`` or ``ask``), ``template``, ``model``,
    and for questions ``question``. ``result`` is what the task returned, as its ``to_json`` gives
    it; None where it failed, ``error`` then says why in one line. ``seconds`` is how long it took.
    ``others`` are the articles after the first where there are several, as in a comparison.
    """

    article: Mapping[str, Any]
    work: Mapping[str, Any]
    result: Mapping[str, Any] | None
    error: str = ""
    seconds: float = 0.0
    others: tuple[Mapping[str, Any], ...] = ()

    @property
    def articles(self) -> tuple[Mapping[str, Any], ...]:
        """Return all articles of the piece of work, in order."""
        return (self.article, *self.others)

    @property
    def task(self) -> str:
        """Return which task it is of."""
        found = self.result or {}
        return str(found.get("task") or self.work.get("task") or "summarize")
