from pathlib import Path

from tui.settling import wait_until
from tui.tui_support import listed, make_library, scripted_app


async def test_the_ends_of_the_table_are_reached_from_its_first_row(tmp_path: Path) -> None:
    texts = {f"{number}.txt": f"第{number}篇\n\n早市搬了新棚。" for number in range(4)}
    with make_library(tmp_path, texts) as library:
        app = scripted_app(library)
        async with app.run_test(size=(100, 30)) as pilot:
            await listed(pilot, app, 4)
            await pilot.press("end")
            await wait_until(pilot, lambda: app.pane.table.cursor == 3)
            await pilot.press("home")
            await wait_until(pilot, lambda: app.pane.table.cursor == 0)
            await pilot.press("up")
            await pilot.pause()
            assert app.pane.table.cursor == 0
