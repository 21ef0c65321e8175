"""Dialogs that ask one thing and return it typed."""

from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList
from tui.screens_support import shown, until

from workbench.tui.dialogs.choose import Choice, ChooseDialog
from workbench.tui.dialogs.confirm import ConfirmDialog
from workbench.tui.dialogs.export import ExportDialog
from workbench.tui.dialogs.text import TextDialog
from workbench.tui.themes import marks_of

CHOICES = [Choice(3, "圖書車", "2026-03-05"), Choice(5, "早市的新棚", "2026-03-02")]
NOT_YET = "not yet"


class Host(App[None]):
    def __init__(self, dialog: ModalScreen[Any]) -> None:
        super().__init__()
        self.dialog = dialog
        self.answer: Any = NOT_YET

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return marks_of(self.current_theme.dark)

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answered)

    def answered(self, answer: Any) -> None:
        self.answer = answer

    async def ready(self, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: self.screen is self.dialog and self.screen.focused)


async def test_one_of_many_is_chosen_by_arrows_or_by_words_of_either_script() -> None:
    host = Host(ChooseDialog("Earlier", CHOICES, "none"))
    async with host.run_test(size=(80, 24)) as pilot:
        await host.ready(pilot)
        host.screen.query_one(Input).value = "图书"
        await until(pilot, lambda: host.screen.query_one(OptionList).option_count == 1)
        await pilot.press("enter")
        await until(pilot, lambda: host.answer == 3)

    host = Host(ChooseDialog("Earlier", CHOICES, "none"))
    async with host.run_test(size=(80, 24)) as pilot:
        await host.ready(pilot)
        await pilot.press("down", "up", "down", "enter")
        await until(pilot, lambda: host.answer == 5)


async def test_words_that_fit_nothing_choose_nothing() -> None:
    host = Host(ChooseDialog("Earlier", CHOICES, "none"))
    async with host.run_test(size=(80, 24)) as pilot:
        await host.ready(pilot)
        host.screen.query_one(Input).value = "没有"
        await until(pilot, lambda: host.screen.query_one(OptionList).option_count == 0)
        await pilot.press("enter")
        await pilot.pause()
        assert host.answer == NOT_YET
        await pilot.press("escape")
        await until(pilot, lambda: host.answer is None)


async def test_where_there_is_nothing_to_choose_it_says_what_to_do() -> None:
    host = Host(ChooseDialog("Earlier", [], "Compare something first."))
    async with host.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Compare something first." in shown(host))
        await pilot.press("escape")
        await until(pilot, lambda: host.answer is None)


@pytest.mark.parametrize(("keys", "answer"), [(["enter"], False), (["tab", "enter"], True)])
async def test_what_cannot_be_undone_is_done_only_when_it_is_chosen(
    keys: list[str], answer: bool
) -> None:
    host = Host(ConfirmDialog("Delete", "It is gone then.", "Delete"))
    async with host.run_test(size=(80, 24)) as pilot:
        await host.ready(pilot)
        await pilot.press(*keys)
        await until(pilot, lambda: host.answer is answer)


async def test_a_line_of_text_is_returned_without_space_around_it() -> None:
    host = Host(TextDialog("Name", "旧名"))
    async with host.run_test(size=(80, 24)) as pilot:
        await host.ready(pilot)
        host.screen.query_one(Input).value = "   "
        await pilot.press("enter")
        await pilot.pause()
        assert host.answer == NOT_YET
        host.screen.query_one(Input).value = " 新名 "
        await pilot.press("enter")
        await until(pilot, lambda: host.answer == "新名")


async def test_a_file_that_is_there_is_replaced_only_when_that_is_said_again(
    tmp_path: Path,
) -> None:
    (tmp_path / "out.md").write_text("old", encoding="utf-8")
    host = Host(ExportDialog("Export", "out", {"markdown": "md", "json": "json"}))
    async with host.run_test(size=(100, 30)) as pilot:
        await host.ready(pilot)
        field = host.screen.query_one(Input)
        for wrong, said in ((str(tmp_path), "is a folder"), (f"{tmp_path}/a/b.md", "no folder")):
            field.value = wrong
            await pilot.press("enter")
            await until(pilot, lambda said=said: said in shown(host))
        field.value = str(tmp_path / "out.md")
        await pilot.press("enter")
        await until(pilot, lambda: "already" in shown(host))
        assert host.answer == NOT_YET
        await pilot.press("enter")
        await until(pilot, lambda: host.answer == (tmp_path / "out.md", "markdown"))


async def test_the_ending_follows_the_format(tmp_path: Path) -> None:
    host = Host(ExportDialog("Export", "out", {"markdown": "md", "json": "json"}))
    async with host.run_test(size=(100, 30)) as pilot:
        await host.ready(pilot)
        field = host.screen.query_one(Input)
        field.value = str(tmp_path / "out.md")
        await pilot.press("shift+tab", "right", "enter")
        await until(pilot, lambda: field.value.endswith("out.json"))
        host.screen.query_one("#export-write", Button).press()
        await until(pilot, lambda: host.answer == (tmp_path / "out.json", "json"))
