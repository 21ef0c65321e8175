"""Names of files that stay the same from one run to the next, whatever else was in the batch."""

import hashlib
import json
from pathlib import Path
from typing import Any

from workbench.batch.reports.told import Told
from workbench.filenames import beginning, ending, plain

_NAME_BYTES = 255
"""What common file systems allow a file name (NAME_MAX)."""
_FORBIDDEN = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
"""What file systems of Windows do not take in a name."""
_DIGITS = 8


class Names:
    """Gives each result a name of its own: article, template, and a hash of what it is.

    The hash is of the articles' places and of what was asked, not of their texts, so that an
    article that changed keeps its file. Where two were asked with settings that differ in nothing
    but sampling and the like, the later one's hash is of all of them.
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def stem(self, told: Told) -> str:
        """Return the name without its ending."""
        row, work = told.row, told.row.work
        places = [[str(one.get("path")), one.get("part")] for one in row.articles]
        asked = [row.task, told.template, told.model, work.get("question")]
        readable_part = _readable(told)
        stem = f"{readable_part}.{_digest([places, asked])}"
        count = 0
        while stem in self._taken:
            stem = f"{readable_part}.{_digest([places, asked, dict(work), count])}"
            count += 1
        self._taken.add(stem)
        return stem


def group_folders(groups: list[str]) -> dict[str, str]:
    """Name a folder for each group; those whose names would be one, or say too little, get a hash.

    Some file systems take names that differ in case for one.
    """
    safe = {group: _safe(group) for group in groups}
    folded = [name.casefold() for name in safe.values()]
    return {
        group: name
        if name == group and folded.count(name.casefold()) == 1
        else f"{name}.{_digest(group)}"
        for group, name in safe.items()
    }


def _readable(told: Told) -> str:
    article = told.row.article
    template = _safe(told.template) or told.row.task
    room = _NAME_BYTES - len(f".{template}.{'0' * _DIGITS}.md".encode())
    part = ending(_safe(str(article["part"])), room // 2) if article.get("part") else ""
    stem = _safe(Path(str(article.get("path") or "")).stem)
    file = beginning(stem, room - len(f".{part}".encode())) or "article"
    return ".".join(one for one in (file, part, template) if one)


def _safe(name: str) -> str:
    found = plain(name).translate(_FORBIDDEN).strip(" .")
    return beginning(found, 120)


def _digest(identity: Any) -> str:
    told = json.dumps(identity, sort_keys=True, default=str)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
