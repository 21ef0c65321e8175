"""The forms and lists around a result."""

import time
from typing import Any

from tasks.tasks_support import SIMPLIFIED, TRADITIONAL
from textual.app import App
from textual.screen import Screen
from textual.widgets import Input, OptionList, Select, Static, TextArea
from tui.reading_support import COLOURS, made_result, shown_lines, with_wrong_facts
from tui.settling import wait_until

from workbench.store.results import StoredResult
from workbench.tui.screens.beside import BesideScreen
from workbench.tui.screens.earlier_results import Chosen, EarlierForm
from workbench.tui.screens.edit_point import EditForm
from workbench.tui.screens.rate_result import RateForm, Rating
from workbench.tui.screens.write_again import Again, WriteAgainForm
from workbench.tui.widgets.result_view import ResultView

NOTHING = object()


class FormApp(App[None]):
    """Shows one form and keeps what it returns."""

    def __init__(self, form: Screen[Any]) -> None:
        super().__init__()
        self._form = form
        self.answer: Any = NOTHING

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return COLOURS

    def on_mount(self) -> None:
        self.push_screen(self._form, self._keep)

    def _keep(self, answer: Any) -> None:
        self.answer = answer


def stored(number: int, result: dict[str, Any], **changed: Any) -> StoredResult:
    values = {
        "id": number,
        "task": "summarize",
        "model": "qwen",
        "template": "news",
        "headline": "",
        "created_at": f"2026-11-28T07:0{number}:00+00:00",
        "article_ids": (1,),
        "feedback": (),
        "result": result,
    }
    return StoredResult(**(values | changed))


async def test_a_rating_is_chosen_by_its_number_and_kept_with_a_note():
    app = FormApp(RateForm())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("4", "tab")
        await pilot.press(*"ok", "enter")
        await pilot.pause()
    assert app.answer == Rating(4, "ok")


async def test_a_text_is_edited_and_an_empty_one_is_refused():
    app = FormApp(EditForm("一共218个摊位。"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        area = app.screen.query_one(TextArea)
        area.text = "  "
        await pilot.press("ctrl+s")
        assert "needs a text" in str(app.screen.query_one(".dialog-wrong", Static).render())
        area.text = "一共128个\n摊位。"
        await pilot.press("ctrl+s")
        await pilot.pause()
    assert app.answer == "一共128个 摊位。"


async def test_escape_leaves_a_form_without_an_answer():
    app = FormApp(EditForm("一"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
    assert app.answer is None


async def test_a_result_is_written_again_by_another_template_model_and_length():
    now = Again("news", "", "medium", None, "keep", False)
    form = WriteAgainForm([("news", "News [/b]"), ("brief", "[b]Brief")], [("qwen", "Qwen")], now)
    app = FormApp(form)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.screen.query_one("#again-t", Select).value = "brief"
        app.screen.query_one("#again-m", Select).value = "qwen"
        app.screen.query_one("#again-v", Select).value = "yes"
        app.screen.query_one("#again-characters", Input).value = "0"
        await pilot.press("ctrl+s")
        assert "above 0" in str(app.screen.query_one(".dialog-wrong", Static).render())
        app.screen.query_one("#again-characters", Input).value = "300"
        await pilot.press("ctrl+s")
        await pilot.pause()
    assert app.answer == Again("brief", "qwen", "medium", 300, "keep", True)


async def test_a_form_fits_a_small_terminal():
    now = Again("news", "", "medium", None, "keep", False)
    app = FormApp(WriteAgainForm([("news", "News")], [], now))
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        box = app.screen.query_one(".dialog")
        assert app.screen.region.contains_region(box.region)
        await pilot.press("ctrl+s")
        await pilot.pause()
    assert app.answer == now


async def test_earlier_results_are_listed_with_what_is_wrong_and_one_is_chosen(tmp_path):
    good = made_result(tmp_path, SIMPLIFIED)
    results = [stored(2, with_wrong_facts(good)), stored(1, good)]
    app = FormApp(EarlierForm(results, 2))
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        options = app.screen.query_one(OptionList)
        prompts = [str(options.get_option_at_index(number).prompt) for number in range(2)]
        assert prompts[0].startswith("> #2")
        assert "! 2 facts not borne out" in prompts[0]
        assert "!" not in prompts[1]
        await pilot.press("down", "enter")
        await pilot.pause()
    assert app.answer == Chosen((1,))


async def test_two_results_are_marked_to_be_shown_side_by_side(tmp_path):
    good = made_result(tmp_path, SIMPLIFIED)
    app = FormApp(EarlierForm([stored(3, good), stored(2, good), stored(1, good)], 3))
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        await pilot.press("equals_sign")
        assert "mark two" in str(app.screen.query_one(".dialog-wrong", Static).render())
        await pilot.press("down", "space", "down", "space", "equals_sign")
        await pilot.pause()
    assert app.answer == Chosen((2, 1))


async def test_two_results_stand_side_by_side_with_the_evidence_below(tmp_path):
    good = made_result(tmp_path, SIMPLIFIED)
    strange = stored(2, with_wrong_facts(good), model="[/openai:x#y]")
    app = FormApp(BesideScreen([strange, stored(1, good)]))
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: len(app.screen.query(ResultView)) == 2)
        await pilot.press("down", "down")
        await pilot.pause()
        views = list(app.screen.query(ResultView))
        assert any("218" in line for line in shown_lines(views[0]))
        assert any("128" in line for line in shown_lines(views[1]))
        assert views[0].region.y == views[1].region.y
        said = str(app.screen.query_one("#beside-quotes", Static).render())
        assert "not in the article: 99万元" in said
        assert good["points"][0]["citations"][0]["quote"] in said
        await pilot.press("e", "r")
        await pilot.resize_terminal(50, 30)
        await wait_until(pilot, lambda: views[0].region.x == views[1].region.x)
        await pilot.press("escape")
        await pilot.pause()
    assert app.answer is None


def test_side_by_side_is_drawn(snap_compare, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    good = made_result(tmp_path, TRADITIONAL)
    shorter = {**good, "points": good["points"][:1]}
    app = FormApp(BesideScreen([stored(2, good), stored(1, shorter)]))

    async def look(pilot):
        await pilot.pause()
        await pilot.press("down", "down")
        await pilot.pause()

    assert snap_compare(app, terminal_size=(100, 30), run_before=look)
