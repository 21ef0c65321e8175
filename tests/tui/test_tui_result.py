"""The result pane beside the reading pane."""

from rich.cells import cell_len
from tasks.tasks_support import MODEL, SIMPLIFIED, TRADITIONAL, ScriptedEngine, article_of, extract
from textual.widgets import Static
from tui.reading_support import PanesApp, made_result, shown_lines, with_wrong_facts
from tui.settling import wait_until

from workbench.prompting.library import find_template
from workbench.tasks.events import PointReady, Step, TaskEvent, Writing
from workbench.tasks.summarize import SummaryOptions, summarize
from workbench.tui.reading.progress_line import progress_line


def status(app: PanesApp) -> str:
    return " ".join(str(app.query_one("#result-status", Static).render()).split())


def remarks(app: PanesApp) -> str:
    return str(app.query_one("#article-remarks", Static).render())


def events_of(folder, source: str = SIMPLIFIED) -> list[TaskEvent]:
    """Return what a summary tells while it is written."""
    found: list[TaskEvent] = []
    article = article_of(folder, source)
    engine = ScriptedEngine(extract)
    summarize(article, find_template("news"), engine, MODEL, SummaryOptions(), found.append)
    return found


def feed(app: PanesApp, event: TaskEvent) -> None:
    if isinstance(event, Step):
        app.result.progress(progress_line("reading", step=event.index))
    elif isinstance(event, Writing):
        app.result.text(event.text)
    elif isinstance(event, PointReady):
        app.result.point(event.point)


async def test_points_show_their_marks_passages_and_support(tmp_path):
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.result.show_result(made_result(tmp_path, SIMPLIFIED), about="2026-11-28 07:10")
        await pilot.pause()
        lines = shown_lines(app.result)
        assert lines[0].strip() == "2026-11-28 07:10"
        assert any(line.startswith("✓ 1. 青石镇的早市") for line in lines)
        assert any("[2] 100%" in line for line in lines)
        assert "read 3 of 3 passages" in status(app)
        assert "6 of 6 facts" in status(app)
        width = app.result.text_view.size.width
        assert all(cell_len(line) <= width for line in lines)


async def test_going_to_a_point_shows_its_passages_in_the_article(tmp_path):
    result = made_result(tmp_path, SIMPLIFIED)
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.article.show(article_of(tmp_path, SIMPLIFIED))
        app.result.show_result(result, article_id=7)
        await pilot.pause()
        app.result.text_view.focus()
        await pilot.press("down", "down")
        await pilot.pause()
        chosen = app.chosen[-1]
        assert chosen.article_id == 7
        point = result["points"][0]
        assert chosen.spans == tuple((one["start"], one["end"]) for one in point["citations"])
        marked = "".join(line[2:].strip() for line in shown_lines(app.article) if line[:1] == ">")
        assert point["citations"][0]["quote"] in marked
        assert any(line.startswith("✓>1.") for line in shown_lines(app.result))


async def test_citations_of_a_point_are_gone_through_one_by_one(tmp_path):
    result = made_result(tmp_path, SIMPLIFIED)
    second = {**result["points"][1]}
    second["citations"] = [*result["points"][0]["citations"], *second["citations"]]
    result["points"][1] = second
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.result.show_result(result)
        await pilot.pause()
        app.result.text_view.focus()
        await pilot.press("down", "down", "down", "right")
        await pilot.pause()
        assert {one["passage"] for one in app.chosen[-1].citations} == {2}
        await pilot.press("right")
        await pilot.pause()
        assert {one["passage"] for one in app.chosen[-1].citations} == {3}
        await pilot.press("right")
        await pilot.pause()
        assert {one["passage"] for one in app.chosen[-1].citations} == {2, 3}


async def test_a_citation_is_chosen_with_the_mouse(tmp_path):
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.result.show_result(made_result(tmp_path, SIMPLIFIED))
        await pilot.pause()
        lines = shown_lines(app.result)
        row = next(number for number, line in enumerate(lines) if "[3]" in line)
        column = cell_len(lines[row][: lines[row].index("[3]")]) + 1
        await pilot.click(app.result.text_view, offset=(column, row))
        await pilot.pause()
        assert {one["passage"] for one in app.chosen[-1].citations} == {3}


async def test_wrong_facts_stand_out_in_both_panes_and_say_why(tmp_path):
    app = PanesApp()
    async with app.run_test(size=(100, 34)) as pilot:
        app.article.show(article_of(tmp_path, SIMPLIFIED))
        app.result.show_result(with_wrong_facts(made_result(tmp_path, SIMPLIFIED)))
        await pilot.pause()
        lines = "\n".join(shown_lines(app.result))
        assert "! 1. " in lines.replace("!>", "! ")
        assert "not in the article: 99万元" in lines
        assert "the article says otherwise: 218 (there: 128)" in " ".join(lines.split())
        app.result.text_view.focus()
        await pilot.press("down", "down")
        await pilot.pause()
        assert "99万元" in remarks(app)
        assert "128" in remarks(app)
        marked = [line for line in shown_lines(app.article) if line.startswith("!")]
        assert len(marked) == 1
        assert "128" in marked[0]


async def test_what_is_written_is_shown_as_it_comes_and_points_as_they_are_checked(tmp_path):
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.result.begin(1, 7)
        app.result.progress(progress_line("reading", 300, 1200, 85.0, 10.6))
        await pilot.pause()
        assert "reading · 300 of 1,200 tokens · 85.0/s · 11 s left" in status(app)
        drafts = points = 0
        for event in events_of(tmp_path):
            feed(app, event)
            await pilot.pause()
            lines = "\n".join(shown_lines(app.result))
            if isinstance(event, Writing):
                drafts += event.text.strip()[:2] in lines
            if isinstance(event, PointReady):
                points += 1
                assert f"✓ {points}. " in lines
        assert drafts
        assert points == 2
        assert app.result.busy


async def test_escape_asks_to_stop_and_what_there_is_stays(tmp_path):
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.result.begin(1, 7)
        for event in events_of(tmp_path):
            feed(app, event)
            if isinstance(event, PointReady):
                break
        app.result.text("写到一半")
        app.result.text_view.focus()
        await pilot.press("escape")
        assert [one.what for one in app.wanted] == ["stop"]
        app.result.stop()
        await pilot.pause()
        lines = "\n".join(shown_lines(app.result))
        assert "✓ 1. " in lines
        assert "写到一半" not in lines
        assert "stopped; 1 points were written" in status(app)
        assert not app.result.busy


async def test_what_a_killed_engine_was_writing_is_void_and_said_to_be_so(tmp_path):
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.result.begin(1, 7)
        app.result.progress("")
        app.result.text("这半句话作废")
        app.result.again("the engine's process ended")
        await pilot.pause()
        lines = "".join(shown_lines(app.result))
        assert "作废" not in lines
        assert "what it was writing is void" in " ".join(lines.split())
        app.result.text("重新写的话")
        await pilot.pause()
        lines = "".join(shown_lines(app.result))
        assert "重新写的话" in lines
        assert "void" not in lines


async def test_the_terminal_may_shrink_to_almost_nothing_and_grow_while_it_is_written(tmp_path):
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.result.begin(1, 7)
        for number, event in enumerate(events_of(tmp_path)):
            feed(app, event)
            if number == 5:
                await pilot.resize_terminal(20, 5)
            if number == 10:
                await pilot.resize_terminal(100, 30)
            await pilot.pause()
        await wait_until(pilot, lambda: app.result.text_view.page.width > 20)
        await pilot.pause()
        assert any("✓ 1. 青石镇" in line for line in shown_lines(app.result))


async def test_a_failure_is_a_state_that_keeps_what_was_written(tmp_path):
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.result.begin(1, 7)
        for event in events_of(tmp_path):
            feed(app, event)
        app.result.fail("model.gguf: is gone. Choose another model.")
        await pilot.pause()
        assert "✓ 1. " in "\n".join(shown_lines(app.result))
        assert "is gone" in status(app)
        assert app.result.has_class("-failed")


async def test_a_result_that_means_nothing_is_a_state(tmp_path):
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.result.show_result({"task": "summarize"})
        await pilot.pause()
        assert "means nothing" in status(app)


async def test_fields_of_a_template_are_shown_with_their_checks(tmp_path):
    result = made_result(tmp_path, SIMPLIFIED)
    citation = result["points"][0]["citations"][0]
    check = {"kind": "number", "text": "218", "start": 0, "end": 3, "status": "differs"}
    result |= {
        "points": [],
        "fields": {"摊位": [{"数目": "218", "地方": "河边"}], "日期": "3月1日"},
        "field_checks": [
            {
                "path": "/摊位/0/数目",
                "text": "218",
                "citations": [citation],
                "checks": [{**check, "instead": "128"}],
                "support": 1.0,
                "weak": False,
            },
            {
                "path": "/日期",
                "text": "3月1日",
                "citations": [citation],
                "checks": [],
                "support": 1.0,
                "weak": False,
            },
        ],
    }
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.article.show(article_of(tmp_path, SIMPLIFIED))
        app.result.show_result(result)
        await pilot.pause()
        lines = shown_lines(app.result)
        assert any(line.strip() == "摊位:" for line in lines)
        assert any(line.startswith("!   - 数目: 218; 地方: 河边 [2]") for line in lines)
        assert "there: 128" in " ".join(" ".join(lines).split())
        app.result.text_view.focus()
        await pilot.press("down", "down")
        await pilot.pause()
        assert any(line.startswith("!") and "128" in line for line in shown_lines(app.article))


async def test_a_point_is_copied_with_its_passages(tmp_path):
    result = made_result(tmp_path, TRADITIONAL)
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.result.show_result(result)
        await pilot.pause()
        app.result.text_view.focus()
        await pilot.press("down", "down", "y")
        numbers = dict.fromkeys(one["passage"] for one in result["points"][0]["citations"])
        cited = "".join(f"[{number}]" for number in numbers)
        assert app.clipboard == f"{result['points'][0]['text']} {cited}"


async def test_not_everything_read_is_said_loudly(tmp_path):
    result = made_result(tmp_path, SIMPLIFIED)
    result["coverage"] = {**result["coverage"], "passages_read": 1}
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.result.show_result(result)
        await pilot.pause()
        assert any("only 1 of 3 passages were read" in line for line in shown_lines(app.result))


async def test_after_an_article_without_a_result_the_next_ones_own_result_is_shown(tmp_path):
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.result.show_result(made_result(tmp_path, SIMPLIFIED))
        await wait_until(pilot, lambda: any("青石镇" in line for line in shown_lines(app.result)))
        app.result.show_nothing()
        await pilot.pause()
        app.result.show_result(made_result(tmp_path, TRADITIONAL))
        await pilot.pause()
        text = "\n".join(shown_lines(app.result))
        assert "青石镇" not in text
        assert "圖書車" in text


async def test_an_article_shown_while_its_pane_is_hidden_takes_the_place_of_the_first(tmp_path):
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.article.show(article_of(tmp_path, SIMPLIFIED))
        await wait_until(pilot, lambda: any("青石镇" in line for line in shown_lines(app.article)))
        app.article.display = False
        await pilot.pause()
        app.article.show(article_of(tmp_path, TRADITIONAL))
        app.article.display = True
        await pilot.pause()
        text = "\n".join(shown_lines(app.article))
        assert "青石镇" not in text
        assert "圖書車" in text
