"""What is said to the user is broken as Chinese is."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.css.query import NoMatches
from textual.screen import Screen

from workbench.tui.while_there import while_there
from workbench.tui.widgets.said import Said

TEXT = "已读 35/35 个段落（另有 71 个字符作为杂项略去） · 26 项事实中 26 项见于原文，重写了 2 个。"


class Host(App[None]):
    """Says something, as wide as it is."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def compose(self) -> ComposeResult:
        yield Said(self.text)

    @property
    def said(self) -> Said:
        return self.query_one(Said)


async def test_lines_are_filled_and_begin_with_no_mark() -> None:
    host = Host(TEXT)
    async with host.run_test(size=(32, 10)) as pilot:
        lines = str(host.said.render()).split("\n")
        assert len(lines) == host.said.size.height == 3
        assert all(20 <= cell_len(line) <= 32 for line in lines)
        assert not any(line[0] in "，。）·" for line in lines)
        await pilot.resize_terminal(100, 10)
        await pilot.pause()
        assert host.said.size.height == 1
        host.said.update("模型[没有]载入\n\n  请选一个")
        await pilot.pause()
        assert str(host.said.render()).split("\n") == ["模型[没有]载入", "", "  请选一个"]
        assert host.said.size.height == 3


@given(
    st.text(st.sampled_from("我你他，。（）ab 1\n「」"), max_size=60),
    st.integers(min_value=4, max_value=40),
)
def test_nothing_is_lost_and_no_line_is_too_wide(text: str, width: int) -> None:
    lines = Said(text)._lines(width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cell_len(line) <= width for line in lines)


class Leaving(Screen[None]):
    """Shows what a thread tells it."""

    def compose(self) -> ComposeResult:
        yield Said(id="line")

    @while_there
    def tell(self, line: str) -> None:
        self.query_one("#line", Said).update(line)

    def tell_at_once(self, line: str) -> None:
        self.query_one("#line", Said).update(line)


async def test_a_screen_whose_widgets_are_gone_is_told_nothing() -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        screen = Leaving()
        screen.tell("not yet there")
        await app.push_screen(screen)
        screen.tell("there")
        assert screen.query_one(Said).content == "there"
        await screen.query_one(Said).remove()
        screen.tell("gone")
        try:
            screen.tell_at_once("gone")
        except NoMatches:
            pass
        else:
            raise AssertionError("there is still something to tell")
        await pilot.pause()
