"""The prompts screen: what a model gets, writing one's own template, and going back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tasks.tasks_support import SIMPLIFIED, TRADITIONAL, extract
from textual.widgets import Button, Input, OptionList, Static, TextArea
from tui.screens_support import ScreenHost, shown, until

from workbench.articles.reader import read_article
from workbench.desk.prompts import (
    Shown,
    checked,
    estimated_tokens,
    keep_template,
    shown_templates,
    source_of,
)
from workbench.errors import TemplateError
from workbench.paths import shipped_prompts_folder, user_prompts_folder
from workbench.prompting.library import find_template
from workbench.settings import stored_settings
from workbench.store.library import Library
from workbench.tasks.work import Work
from workbench.tui.dialogs.confirm import ConfirmDialog
from workbench.tui.dialogs.text import TextDialog
from workbench.tui.screens.prompts import PromptsScreen
from workbench.tui.themes import DARK, LIGHT

SIZES = [(80, 24), (100, 30), (140, 40)]
NEWS = (shipped_prompts_folder() / "news.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    stored_settings.cache_clear()
    yield
    stored_settings.cache_clear()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.db") as found:
        for number, text in enumerate((SIMPLIFIED, TRADITIONAL)):
            path = tmp_path / f"{number}.txt"
            path.write_text(text, encoding="utf-8")
            found.add(read_article(path))
        yield found


def host_of(library: Library, theme: str = DARK, article: int = 1) -> ScreenHost:
    host = ScreenHost(library, PromptsScreen, extract, theme)
    host.article_id = article
    return host


def line(host: ScreenHost, name: str) -> str:
    return str(host.screen.query_one(name, Static).content)


def area(host: ScreenHost) -> TextArea:
    return host.screen.query_one(TextArea)


async def opened(host: ScreenHost, pilot: Any, name: str = "news") -> None:
    await until(pilot, lambda: isinstance(host.screen, PromptsScreen) and area(host).text)
    names = [one.name for one in shown_templates()]
    host.screen.query_one(OptionList).highlighted = names.index(name)
    await until(pilot, lambda: f"name: {name}\n" in area(host).text)
    await until(pilot, lambda: "tokens" in line(host, "#prompts-count"))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("theme", "article"), [(DARK, 1), (LIGHT, 2)])
def test_prompts_are_drawn(
    library: Library, snap_compare: Any, size: tuple[int, int], theme: str, article: int
) -> None:
    async def ready(pilot: Any) -> None:
        await opened(pilot.app, pilot)

    host = host_of(library, theme, article)
    assert snap_compare(host, terminal_size=size, run_before=ready)


async def test_what_the_model_gets_is_shown_and_counted(library: Library) -> None:
    host = host_of(library)
    async with host.run_test(size=(140, 40)) as pilot:
        await opened(host, pilot)
        assert "an estimate" in line(host, "#prompts-count")
        assert "青石镇" in line(host, "#prompts-rendered")
        assert "{{" not in line(host, "#prompts-rendered")
        host.desk.submit(Work("summarize", "news", length="short"), [1])
        await until(pilot, lambda: host.desk.count_tokens("字") is not None)
        await until(pilot, lambda: "an estimate" not in line(host, "#prompts-count"))


async def test_what_is_wrong_is_told_while_it_is_typed(library: Library) -> None:
    host = host_of(library)
    async with host.run_test(size=(100, 30)) as pilot:
        await opened(host, pilot)
        await pilot.press("e")
        number = area(host).text.count("\n") + 1
        area(host).text = area(host).text.rstrip("\n") + "\n{{ titel }}\n"
        await until(pilot, lambda: host.screen.query_one("#prompts-said").has_class("-wrong"))
        assert line(host, "#prompts-said").startswith(f"line {number}: ")
        assert "titel" in line(host, "#prompts-said")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert not user_prompts_folder().exists()
        area(host).text = area(host).text.replace("{{ titel }}", "{{ title }}")
        await until(pilot, lambda: not host.screen.query_one("#prompts-said").has_class("-wrong"))


async def test_a_shipped_template_is_changed_kept_as_ones_own_and_given_back(
    library: Library,
) -> None:
    host = host_of(library)
    async with host.run_test(size=(100, 30)) as pilot:
        await opened(host, pilot)
        await pilot.press("e")
        area(host).text = area(host).text.rstrip("\n") + "\n只写要紧的。\n"
        await until(pilot, lambda: "not saved" in line(host, "#prompts-said"))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: (user_prompts_folder() / "news.md").is_file())
        assert "只写要紧的。" in find_template("news").body
        await until(pilot, lambda: "in place of a shipped one" in line(host, "#prompts-said"))
        assert "overrides" in shown(host)
        await pilot.press("delete")
        await until(pilot, lambda: isinstance(host.screen, ConfirmDialog))
        host.screen.query_one("#confirm-yes", Button).press()
        await until(pilot, lambda: not (user_prompts_folder() / "news.md").exists())
        assert "只写要紧的。" not in find_template("news").body
        await until(
            pilot,
            lambda: isinstance(host.screen, PromptsScreen) and area(host).text == NEWS,
        )


async def test_a_template_is_kept_under_a_new_name_and_impossible_names_are_refused(
    library: Library,
) -> None:
    host = host_of(library)
    async with host.run_test(size=(100, 30)) as pilot:
        await opened(host, pilot)
        for name in ("../elsewhere", "早报"):
            await pilot.press("ctrl+n")
            await until(pilot, lambda: isinstance(host.screen, TextDialog))
            host.screen.query_one(Input).value = name
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(host.screen, PromptsScreen))
            await until(pilot, lambda: "cannot be a name" in line(host, "#prompts-said"))
        await pilot.press("ctrl+n")
        await until(pilot, lambda: isinstance(host.screen, TextDialog))
        host.screen.query_one(Input).value = "morning"
        await pilot.press("enter")
        await until(pilot, lambda: (user_prompts_folder() / "morning.md").is_file())
        await until(pilot, lambda: "name: morning\n" in area(host).text)
        assert find_template("morning").body == find_template("news").body


async def test_what_was_typed_is_not_lost_by_going_elsewhere(library: Library) -> None:
    host = host_of(library)
    async with host.run_test(size=(100, 30)) as pilot:
        await opened(host, pilot)
        await pilot.press("e")
        area(host).text = area(host).text + "\n补充。\n"
        await until(pilot, lambda: "not saved" in line(host, "#prompts-said"))
        host.screen.query_one(OptionList).highlighted = 0
        await pilot.pause()
        await pilot.pause()
        assert "补充。" in area(host).text
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(host.screen, ConfirmDialog))
        await pilot.press("escape")
        assert "补充。" in area(host).text


async def test_a_broken_template_of_ones_own_is_listed_and_says_why(library: Library) -> None:
    user_prompts_folder().mkdir(parents=True)
    (user_prompts_folder() / "broken.md").write_text("---\nname: broken\n---\n文", "utf-8")
    host = host_of(library)
    async with host.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: isinstance(host.screen, PromptsScreen) and area(host).text)
        names = [one.name for one in shown_templates()]
        host.screen.query_one(OptionList).highlighted = names.index("broken")
        await until(pilot, lambda: "is missing" in line(host, "#prompts-said"))
        assert host.screen.query_one("#prompts-said").has_class("-wrong")
        assert "broken" in shown(host)


def test_one_template_is_not_written_over_another_by_accident() -> None:
    keep_template(NEWS, "mine", replace=False)
    with pytest.raises(TemplateError, match="exists already"):
        keep_template(NEWS, "mine", replace=False)
    with pytest.raises(TemplateError):
        keep_template(NEWS + "\n{% if %}", "mine", replace=True)
    assert find_template("mine").body == find_template("news").body


def test_a_text_that_is_no_template_says_on_which_line() -> None:
    path = Path("news.md")
    wrong = checked(NEWS.rstrip("\n") + "\n{% endif %}\n", path)
    assert wrong.template is None
    assert wrong.line == NEWS.count("\n") + 1
    assert checked(NEWS, path).template is not None


def test_an_estimate_counts_chinese_by_the_character() -> None:
    assert estimated_tokens("字" * 1000) == 700
    assert estimated_tokens("") == 0


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TemplateError):
        source_of(path)


def test_what_is_listed_says_whose_it_is() -> None:
    keep_template(NEWS, "news", replace=False)
    found = {one.name: one for one in shown_templates()}
    assert isinstance(found["news"], Shown)
    assert found["news"].own
    assert found["news"].overrides
    assert sum(one.name == "news" for one in shown_templates()) == 1
