"""Results for spreadsheets: CSV files, and one XLSX with a sheet for each of the same tables."""

import csv
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.batch.reports.columns import TABLES, Column, Table, Value
from workbench.batch.reports.told import Told
from workbench.batch.reports.writer import Take
from workbench.i18n import _

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_FORMULA = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a text for a formula (OWASP, CSV injection)."""
MOST_ROWS = 1_048_576
MOST_CHARACTERS = 32_767
"""What a sheet and a cell hold (Excel specifications and limits)."""


@contextmanager
def csv_files(folder: Path, title: str, aside: Path) -> Iterator[Take]:
    """Write a CSV file for each table, in UTF-8 with the mark by which spreadsheets know it.

    Texts that would be taken for formulas have an apostrophe before them.
    """
    with ExitStack() as stack:
        writers = []
        for table in TABLES:
            path = folder / f"{table.name}.csv"
            stream = stack.enter_context(path.open("w", encoding="utf-8-sig", newline=""))
            # Quoted throughout: a sheet that divides at semicolons must not find a formula inside.
            writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC)
            writer.writerow(table.headings())
            writers.append((table, writer))

        def take(told: Told) -> None:
            for table, writer in writers:
                for row in table.rows(told):
                    writer.writerow([_harmless(value) for value in row])

        yield take


def _harmless(value: Value) -> Value:
    if isinstance(value, str):
        return f"'{value}" if value.lstrip(" \n").startswith(_FORMULA) else value
    return "" if value is None else value


@contextmanager
def xlsx(folder: Path, title: str, aside: Path) -> Iterator[Take]:
    """Write ``results.xlsx``; rows go to disk as they come, so that memory stays flat."""
    import xlsxwriter

    with tempfile.TemporaryDirectory(dir=aside) as rows:
        options = {
            "constant_memory": True,
            "tmpdir": rows,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        path = folder / "results.xlsx"
        with path.open("w+b") as stream:
            book = xlsxwriter.Workbook(stream, options)
            try:
                book.set_properties({"title": title})
                sheets = [_Sheet(book, table) for table in TABLES]

                def take(told: Told) -> None:
                    for sheet in sheets:
                        for row in sheet.table.rows(told):
                            sheet.add(row)

                yield take
                for sheet in sheets:
                    sheet.finish()
            except BaseException:
                # Left open, it would complain when it is forgotten.
                book.fileclosed = True
                raise
            _close(book)


class _Sheet:
    """One table in the book; where its sheet is full it goes on in another."""

    def __init__(self, book: "Workbook", table: Table):
        self.table = table
        self._book = book
        self._number = 0
        self._head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}
        )
        formats: dict[str, dict[str, Any]] = {
            "text": {"text_wrap": True},
            "number": {"num_format": "#,##0"},
            "share": {"num_format": "0%"},
            "seconds": {"num_format": "0.0"},
        }
        self._shown = {
            name: book.add_format({"valign": "top", **how}) for name, how in formats.items()
        }
        self._wrong = book.add_format({"bold": True, "font_color": "#B3402E", "valign": "top"})
        self._begin()

    def add(self, row: Any) -> None:
        """Write one row."""
        if self._at == MOST_ROWS:
            self.finish()
            self._begin()
        for place, (column, value) in enumerate(zip(self.table.columns, row, strict=True)):
            self._put(place, column, value)
        self._at += 1

    def finish(self) -> None:
        """Let the headings filter what is below them."""
        self._sheet.autofilter(0, 0, max(self._at - 1, 1), len(self.table.columns) - 1)

    def _begin(self) -> None:
        self._number += 1
        name = _(self.table.title) + (f" {self._number}" if self._number > 1 else "")
        self._sheet: Worksheet = self._book.add_worksheet(name[:31])
        self._sheet.freeze_panes(1, 1)
        for place, column in enumerate(self.table.columns):
            self._sheet.set_column(place, place, column.width)
            self._sheet.write_string(0, place, _(column.heading), self._head)
        self._at = 1

    def _put(self, place: int, column: Column, value: Value) -> None:
        shown = self._shown[column.shown]
        if value is None or value == "":
            return
        if isinstance(value, str):
            self._sheet.write_string(self._at, place, fitting(value), shown)
            return
        if column.heading == "wrong facts" and value:
            shown = self._wrong
        self._sheet.write_number(self._at, place, value, shown)


def fitting(text: str) -> str:
    """Return as much of a text as a cell holds, which counts characters beyond U+FFFF twice."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * MOST_CHARACTERS:
        return text
    rest = " … " + _("(a cell holds no more)")
    room = 2 * (MOST_CHARACTERS - len(rest))
    return units[:room].decode("utf-16-le", "ignore") + rest


def _close(book: "Workbook") -> None:
    from xlsxwriter.exceptions import FileCreateError

    try:
        book.close()
    except FileCreateError as error:
        raise OSError(str(error)) from error
