"""The prompts screen on bad days: a wrong line, an article of a book's length, a busy model."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tasks.tasks_support import SIMPLIFIED, extract
from textual.widgets import OptionList, Static
from tui.screens_support import ScreenHost, shown, until

from workbench.articles.reader import read_article
from workbench.desk.prompts import Prompt, keep_template, named, shortened, shown_templates
from workbench.errors import TemplateError
from workbench.paths import shipped_prompts_folder, user_prompts_folder
from workbench.settings import stored_settings
from workbench.store.library import Library
from workbench.tui.controllers import editor
from workbench.tui.screens import prompts as screen_module
from workbench.tui.screens.prompts import PromptsScreen
from workbench.tui.widgets.template_text import TemplateText

NEWS = (shipped_prompts_folder() / "news.md").read_text(encoding="utf-8")
CHARACTERS = 300_000


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    stored_settings.cache_clear()
    yield
    stored_settings.cache_clear()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.db") as found:
        long = "\n".join(f"第{number}日，{SIMPLIFIED}" for number in range(1, 10_000))
        for number, text in enumerate((SIMPLIFIED, long[:CHARACTERS])):
            path = tmp_path / f"{number}.txt"
            path.write_text(text, encoding="utf-8")
            found.add(read_article(path))
        yield found


def line(host: ScreenHost, name: str) -> str:
    return str(host.screen.query_one(name, Static).content)


def area(host: ScreenHost) -> TemplateText:
    return host.screen.query_one(TemplateText)


async def opened(host: ScreenHost, pilot: Any) -> None:
    await until(pilot, lambda: isinstance(host.screen, PromptsScreen) and area(host).text)
    names = [one.name for one in shown_templates()]
    host.screen.query_one(OptionList).highlighted = names.index("news")
    await until(pilot, lambda: area(host).text == NEWS)
    await until(pilot, lambda: "tokens" in line(host, "#prompts-count"))


def colours(host: ScreenHost, text: str) -> set[str]:
    """Return the colours in which a text stands on the screen."""
    return {
        str(segment.style.color.triplet)
        for strip in host.screen._compositor.render_strips()
        for segment in strip
        if text in segment.text and segment.style and segment.style.color
    }


async def test_the_wrong_line_stands_out_until_it_is_right(library: Library) -> None:
    host = ScreenHost(library, PromptsScreen, extract)
    async with host.run_test(size=(100, 40)) as pilot:
        await opened(host, pilot)
        await pilot.press("e")
        right = colours(host, "summarize")
        area(host).text = NEWS.replace("task: summarize", "task: summarise", 1)
        await until(pilot, lambda: line(host, "#prompts-said").startswith("line "))
        await until(pilot, lambda: colours(host, "summarise") - right)
        area(host).text = NEWS
        await until(pilot, lambda: not host.screen.query_one("#prompts-said").has_class("-wrong"))
        await until(pilot, lambda: colours(host, "summarize") == right)


async def test_of_a_long_article_the_beginning_is_shown_and_all_is_counted(
    library: Library,
) -> None:
    host = ScreenHost(library, PromptsScreen, extract)
    host.article_id = 2
    async with host.run_test(size=(100, 30)) as pilot:
        await opened(host, pilot)
        said = line(host, "#prompts-rendered")
        assert len(said) < 10_000
        assert "characters more" in said.splitlines()[-1]
        count = int(
            "".join(filter(str.isdigit, line(host, "#prompts-count").rpartition("about")[2]))
        )
        assert count > CHARACTERS / 3


async def test_while_the_model_is_busy_an_estimate_stands_and_typing_goes_on(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = ScreenHost(library, PromptsScreen, extract)
    free = threading.Event()

    def busy(text: str) -> int:
        free.wait(90)
        return len(text)

    monkeypatch.setattr(host.desk, "count_tokens", busy)
    async with host.run_test(size=(100, 30)) as pilot:
        await opened(host, pilot)
        assert "an estimate" in line(host, "#prompts-count")
        await pilot.press("e", "ctrl+end", *"abc")
        assert area(host).text != NEWS
        free.set()
        await until(pilot, lambda: "an estimate" not in line(host, "#prompts-count"))


async def test_what_the_editor_made_of_a_text_is_checked_and_not_yet_kept(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        screen_module, "edited_outside", lambda _app, text: text + "\n{{ nothing_such }}\n"
    )
    host = ScreenHost(library, PromptsScreen, extract)
    async with host.run_test(size=(100, 30)) as pilot:
        await opened(host, pilot)
        await pilot.press("o")
        await until(pilot, lambda: "nothing_such" in line(host, "#prompts-said"))
        assert not area(host).read_only
        assert not user_prompts_folder().exists()


async def test_an_editor_that_cannot_be_started_is_told(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "/nowhere/editor")
    host = ScreenHost(library, PromptsScreen, extract)
    told: list[str] = []
    monkeypatch.setattr(PromptsScreen, "notify", lambda _screen, text, **_given: told.append(text))
    async with host.run_test(size=(100, 30)) as pilot:
        await opened(host, pilot)
        await pilot.press("o")
        await until(pilot, lambda: told)
        assert area(host).text == NEWS
    assert editor.editor_command() == ["/nowhere/editor"]


async def test_without_an_open_article_the_screen_says_so(library: Library) -> None:
    host = ScreenHost(library, PromptsScreen, extract)
    host.article_id = None
    async with host.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "open an article" in shown(host))


@given(st.text(st.characters(codec="utf-8"), max_size=20_000))
def test_a_prompt_is_shown_whole_or_says_what_is_left_out(text: str) -> None:
    said = shortened(Prompt("s", text, "i"))
    assert said.startswith("i\n\ns\n\n")
    assert (len(text) > 6_000) == ("characters more" in said.rpartition("\n")[2])


@given(st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True))
def test_a_new_name_stands_in_the_text_once_and_changes_nothing_else(name: str) -> None:
    renamed = named(NEWS, name)
    before, after = NEWS.splitlines(), renamed.splitlines()
    assert [line for line, old in zip(after, before, strict=True) if line != old] in (
        [f"name: {name}"],
        [],
    )


@pytest.mark.parametrize("name", ["", "../x", "a/b", "A", "新", "a" * 65, "a.md", "-a"])
def test_a_name_that_could_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(TemplateError):
        keep_template(NEWS, name, replace=True)
    assert not user_prompts_folder().exists()
