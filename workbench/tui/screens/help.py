"""Help about where the user is: what the widget is for, and every key that works now."""

from collections.abc import Sequence
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from workbench.i18n import N_, _
from workbench.tui.dialogs.frame import Dialog
from workbench.tui.keys import LiveKey, by_noun, live_keys
from workbench.tui.widgets.said import Said


class HelpScreen(Dialog[None]):
    """Shows the live keys of the screen below, each with the id that ``[keys]`` names it by."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,q", "leave", N_("Leave"), id="help.leave"),
    ]
    DEFAULT_CSS = """
    HelpScreen {
        & #help-keys { height: auto; max-height: 100%; }
        & Static { height: auto; }
        & .help-noun { color: $primary; text-style: bold; margin: 1 0 0 0; }
    }
    """

    def compose(self) -> ComposeResult:
        """What it is about, then the keys by what they are of."""
        below = self.app.screen_stack[-2]
        with Vertical(classes="dialog") as box:
            box.border_title = _("Help")
            with VerticalScroll(id="help-keys"):
                if below.focused is not None and below.focused.HELP:
                    yield Said(_(below.focused.HELP))
                for noun, keys in by_noun(live_keys(below)):
                    yield Said(noun, classes="help-noun")
                    yield Static(_table(keys))
            yield Said(
                _("Other keys: see docs/tui.md, or [keys] in config.toml by these names."),
                classes="dialog-said",
            )

    def on_mount(self) -> None:
        """Let the arrows scroll."""
        self.query_one("#help-keys").focus()


def _table(keys: Sequence[LiveKey]) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(width=16)
    table.add_column(ratio=1)
    table.add_column(justify="right")
    for key in keys:
        table.add_row(
            Text(" ".join(key.keys), style="bold"), Text(key.said), Text(key.id, style="dim")
        )
    return table
