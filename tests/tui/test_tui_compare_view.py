"""The table of a finished comparison: cells, passages, filters, the timeline."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.widgets import Input
from tui.compare_support import TEXTS, compared, written
from tui.screens_support import shown, until

from workbench.desk.comparing import Kept, kept
from workbench.store.library import Library
from workbench.tasks.compare.comparison import SILENT
from workbench.tui.themes import marks_of
from workbench.tui.widgets.claim_cells import MARKS
from workbench.tui.widgets.claim_table import ClaimTable
from workbench.tui.widgets.comparison_view import ComparisonView
from workbench.tui.widgets.passage_preview import PassagePreview
from workbench.tui.widgets.timeline_table import TimelineTable


class Host(App[None]):
    """Shows a comparison and nothing else."""

    def __init__(self, library: Library, found: Kept) -> None:
        super().__init__()
        self.library, self.found = library, found
        self.opened: list[ComparisonView.Opened] = []
        self.copied = ""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return marks_of(self.current_theme.dark)

    def compose(self) -> ComposeResult:
        yield ComparisonView(self.library)

    def on_mount(self) -> None:
        self.view.show(self.found)

    @property
    def view(self) -> ComparisonView:
        return self.query_one(ComparisonView)

    def on_comparison_view_opened(self, message: ComparisonView.Opened) -> None:
        self.opened.append(message)

    def copy_to_clipboard(self, text: str) -> None:
        self.copied = text


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.db") as opened:
        yield opened


@pytest.fixture
def host(library: Library, tmp_path: Path) -> Host:
    return hosting(library, tmp_path, 2)


def hosting(library: Library, folder: Path, count: int) -> Host:
    articles = written(folder, dict(list(TEXTS.items())[:count]))
    for article in articles:
        library.add(article)
    return Host(library, kept(library, compared(library, articles, folder=folder / "digests")))


async def test_it_begins_with_what_differs_and_shows_the_passage(host: Host) -> None:
    async with host.run_test(size=(80, 24)) as pilot:
        preview = host.query_one(PassagePreview)
        await until(pilot, lambda: "128个摊位" in preview.plain)

        assert host.view.view == "differ"
        assert "128个" in preview.plain.partition("\n")[0]
        await pilot.press("right")
        await until(pilot, lambda: "130個攤位全部有了頂" in preview.plain)


async def test_enter_opens_the_article_at_what_is_cited(host: Host) -> None:
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.press("right", "enter")
        await until(pilot, lambda: host.opened)

        opened = host.opened[0]
        text = host.library.get(opened.article_id).text
        assert [text[start:end] for start, end in opened.spans] == [
            "青石鎮的早市3月1日遷進了河邊的新棚，130個攤位全部有了頂。"
        ]


async def test_the_first_column_opens_the_first_article_that_says_something(host: Host) -> None:
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.press("left", "enter")
        await until(pilot, lambda: host.opened)
        assert host.opened[0].article_id == 1


async def test_a_silent_cell_opens_nothing_and_says_so(library: Library, tmp_path: Path) -> None:
    host = hosting(library, tmp_path, 3)
    async with host.run_test(size=(140, 40)) as pilot:
        await pilot.press("a")
        rows = host.found.comparison.rows
        at, cell = next(
            (number, cell.article)
            for number, row in enumerate(rows)
            for cell in row.cells
            if cell.status == SILENT
        )
        host.query_one(ClaimTable).move_cursor(row=at, column=cell)
        await until(pilot, lambda: "not found" in host.query_one(PassagePreview).plain)
        await pilot.press("enter")
        await pilot.pause()
        assert host.opened == []


async def test_views_are_a_key_away_and_the_timeline_opens_too(host: Host) -> None:
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.press("d")
        assert host.view.view == "all"
        assert host.query_one(ClaimTable).row_count == len(host.found.comparison.rows)
        await pilot.press("d")
        assert host.view.view == "differ"
        await pilot.press("t")
        table = host.query_one(TimelineTable)
        await until(pilot, lambda: table.row_count == len(host.found.comparison.timeline))
        await pilot.press("enter")
        await until(pilot, lambda: host.opened)
        await pilot.press("V")
        assert host.view.view == "alone"
        await until(pilot, lambda: "No article says" in host.query_one(PassagePreview).plain)


async def test_words_narrow_the_rows_down_in_either_script(host: Host) -> None:
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.press("a", "slash")
        host.query_one("#comparison-words", Input).value = "攤位費"
        table = host.query_one(ClaimTable)
        await until(pilot, lambda: 0 < table.row_count < len(host.found.comparison.rows))
        host.query_one("#comparison-words", Input).value = "没有这个词"
        await until(pilot, lambda: "no row" in host.query_one(PassagePreview).plain)
        assert host.view.leave_find()
        await until(pilot, lambda: table.row_count == len(host.found.comparison.rows))
        assert not host.view.leave_find()


async def test_columns_that_do_not_fit_scroll_and_the_first_one_stays(
    library: Library, tmp_path: Path
) -> None:
    host = hosting(library, tmp_path, 3)
    async with host.run_test(size=(80, 24)) as pilot:
        table = host.query_one(ClaimTable)
        assert table.virtual_size.width > table.size.width
        await pilot.press("right", "right")
        await until(pilot, lambda: table.scroll_offset.x > 0)
        shown = "\n".join(strip.text for strip in host.screen._compositor.render_strips())
        assert "differ" in shown


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (140, 40)])
async def test_no_line_of_a_cell_is_wider_than_its_column(
    host: Host, size: tuple[int, int]
) -> None:
    async with host.run_test(size=size) as pilot:
        await pilot.press("a")
        table = host.query_one(ClaimTable)
        for key in table.rows:
            row = table.get_row(key)
            for column, cell in zip(table.ordered_columns, row, strict=True):
                lines = cell.plain.split("\n")
                assert max(map(cell_len, lines)) <= column.width
                assert len(lines) < table.rows[key].height
                assert not any(line.startswith(("，", "。")) for line in lines)


async def test_marks_tell_without_colour(host: Host) -> None:
    async with host.run_test(size=(100, 30)) as pilot:
        await pilot.press("a")
        table = host.query_one(ClaimTable)
        for row, key in zip(host.found.comparison.rows, table.rows, strict=True):
            cells = table.get_row(key)[1:]
            assert row.verdict in table.get_row(key)[0].plain or row.verdict == "alone"
            for cell, text in zip(row.cells, cells, strict=True):
                assert text.plain.startswith(MARKS[cell.status])


async def test_a_cell_is_copied_with_its_quotes(host: Host) -> None:
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.press("y")
        assert host.copied.startswith("128个")
        assert "“青石镇的早市3月1日搬进了河边的新棚，128个摊位全部有了顶。”" in host.copied


async def test_a_removed_article_is_shown_by_its_quotes_and_opens_nothing(
    library: Library, tmp_path: Path
) -> None:
    first = hosting(library, tmp_path, 2)
    library.remove(1)
    host = Host(library, kept(library, first.found.result_id or 0))
    async with host.run_test(size=(100, 30)) as pilot:
        preview = host.query_one(PassagePreview)
        await until(pilot, lambda: "not in the library any more" in preview.plain)
        assert "128个摊位全部有了顶" in preview.plain
        await pilot.press("enter")
        await pilot.pause()
        assert host.opened == []


async def test_a_tiny_terminal_and_back_loses_nothing(host: Host) -> None:
    async with host.run_test(size=(100, 30)) as pilot:
        await pilot.press("a", "down", "right")
        table = host.query_one(ClaimTable)
        before = (table.cursor_row, table.cursor_column)
        await pilot.resize_terminal(20, 5)
        await pilot.pause()
        await pilot.resize_terminal(100, 30)
        await until(pilot, lambda: table.row_count == len(host.found.comparison.rows))
        assert (table.cursor_row, table.cursor_column) == before
        assert host.view.view == "all"


async def test_another_comparison_shown_while_the_view_is_hidden_takes_the_place_of_the_first(
    library: Library, tmp_path: Path
) -> None:
    articles = written(tmp_path, TEXTS)
    for article in articles:
        library.add(article)
    folder = tmp_path / "digests"
    first = kept(library, compared(library, articles[:2], folder=folder))
    second = kept(library, compared(library, articles, folder=folder))
    host = Host(library, first)
    async with host.run_test(size=(140, 40)) as pilot:
        table = host.query_one(ClaimTable)
        preview = host.query_one(PassagePreview)
        await until(pilot, lambda: len(table.columns) == 3 and preview.plain)
        host.view.display = False
        await pilot.pause()
        host.view.show(second)
        host.view.display = True
        await until(pilot, lambda: len(table.columns) == 4)
        assert "两个月" in shown(host)
