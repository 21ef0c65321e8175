"""Which articles of the library are meant: by date, source, collection, tag, script."""

import os
import re
from dataclasses import dataclass

from workbench.articles.model import Script
from workbench.errors import UsageError
from workbench.i18n import _
from workbench.store import standing
from workbench.store.connection import storable

_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


@dataclass(frozen=True, slots=True)
class Filters:
    """What an article must be; None and empty ask nothing.

    ``date_from`` and ``date_to`` are included, and may be a year or a month: ``2024-05``. An
    article has to carry every one of ``tags``. ``added_from`` is the day it was added, in UTC.
    """

    date_from: str | None = None
    date_to: str | None = None
    source: str | None = None
    collection: str | None = None
    tags: tuple[str, ...] = ()
    script: Script | None = None
    added_from: str | None = None
    folder: str | None = None
    status: str | None = None

    def __post_init__(self) -> None:
        for date in (self.date_from, self.date_to, self.added_from):
            if date is not None and not _DATE.fullmatch(date):
                raise UsageError(
                    _("{date!r} is not a date such as 2024-05-31, 2024-05 or 2024").format(
                        date=date
                    )
                )
        if self.status is not None and self.status not in standing.STATUSES:
            raise UsageError(
                _("{name!r} is no status; there are: {names}").format(
                    name=self.status, names=", ".join(standing.STATUSES)
                )
            )

    def condition(self, table: str = "articles") -> tuple[str, tuple[object, ...]]:
        """Return an SQL condition on the rows of ``articles``, and its parameters.

        ``table`` is the name or alias of that table in the statement.
        """
        conditions, parameters = ["1"], list[object]()
        if self.date_from:
            conditions.append(f"{table}.date >= ?")
            parameters.append(self.date_from)
        if self.date_to:
            # A month's days come after it, and before the tilde; so an index of dates is used.
            conditions.append(f"{table}.date <= ?")
            parameters.append(f"{self.date_to}~")
        if self.added_from:
            conditions.append(f"{table}.added_at >= ?")
            parameters.append(self.added_from)
        if self.source:
            conditions.append(f"{table}.source = CAST(? AS TEXT)")
            parameters.append(storable(self.source))
        if self.script:
            conditions.append(f"{table}.script = ?")
            parameters.append(self.script.value)
        if self.collection:
            conditions.append(
                f"{table}.id IN (SELECT article_id FROM collection_articles"
                " JOIN collections ON collections.id = collection_id WHERE name = CAST(? AS TEXT))"
            )
            parameters.append(storable(self.collection))
        for tag in self.tags:
            conditions.append(
                f"{table}.id IN (SELECT article_id FROM tags WHERE tag = CAST(? AS TEXT))"
            )
            parameters.append(storable(tag))
        if self.folder:
            # What begins with the folder and a separator comes before the sign after that one.
            begins = self.folder.rstrip(os.sep) + os.sep
            conditions.append(
                f"{table}.id IN (SELECT article_id FROM files"
                " JOIN occurrences ON file_id = files.id"
                " WHERE path >= CAST(? AS TEXT) AND path < CAST(? AS TEXT))"
            )
            parameters += [storable(begins), storable(begins[:-1] + chr(ord(os.sep) + 1))]
        if self.status:
            conditions.append(standing.condition(self.status, table))
        return " AND ".join(conditions), tuple(parameters)
