"""One way through the whole app: add, read, summarise, check a citation, edit, export."""

from pathlib import Path

from tasks.tasks_support import SIMPLIFIED
from textual.widgets import Input, RadioButton, TextArea
from tui.reading_support import shown_lines
from tui.settling import wait_until
from tui.tui_support import listed, scripted_app, shown

from workbench.store.library import Library
from workbench.tui.screens.add import AddScreen


async def test_from_a_file_to_an_exported_summary(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "en")
    source = tmp_path / "早市.txt"
    source.write_text(SIMPLIFIED, encoding="utf-8")
    target = tmp_path / "摘要.md"
    with Library.open(tmp_path / "library.db") as library:
        app = scripted_app(library)
        async with app.run_test(size=(140, 44)) as pilot:
            await listed(pilot, app, 0)
            await pilot.press("a")
            await wait_until(pilot, lambda: isinstance(app.screen, AddScreen))
            await wait_until(pilot, lambda: isinstance(app.screen.focused, Input))
            app.screen.query_one(Input).value = str(source)
            await pilot.press("enter")
            await listed(pilot, app, 1)
            await wait_until(pilot, lambda: app.screen is app.main)

            app.pane.focus_rows()
            await wait_until(pilot, lambda: app.screen.focused is app.pane.table)
            await pilot.press("enter")
            await wait_until(pilot, lambda: app.article_id == 1)
            await wait_until(pilot, lambda: "128个摊位" in shown(app))

            await pilot.press("s")
            result = app.main.result_view
            await wait_until(pilot, lambda: result.result_id is not None)
            first = result.result_id

            await pilot.press("f4")
            await wait_until(pilot, lambda: app.screen.focused is result.text_view)
            await pilot.press("down", "down")
            article = app.main.article_view
            await wait_until(
                pilot, lambda: any(line.startswith(">") for line in shown_lines(article))
            )

            await pilot.press("e")
            await wait_until(pilot, lambda: app.screen.query(TextArea))
            area = app.screen.query_one(TextArea)
            area.text = area.text.replace("128", "218")
            await pilot.press("ctrl+s")
            await wait_until(pilot, lambda: result.result_id not in (first, None))
            assert "218" in result.result.points[0].text
            await wait_until(pilot, lambda: app.pane.table.row_at(0).status == "flagged")

            await pilot.press("w")
            await wait_until(pilot, lambda: app.screen.query(RadioButton))
            field = app.screen.query_one(Input)
            field.value = str(target)
            field.focus()
            await wait_until(pilot, lambda: app.screen.focused is field)
            await pilot.press("enter")
            await wait_until(pilot, target.exists)
        assert "218" in target.read_text(encoding="utf-8")
        assert len(library.results_of(1)) == 2
