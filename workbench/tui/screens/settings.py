"""The settings screen: every setting explained, checked as it is typed, kept in the config file."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import Screen
from textual.widgets import Input, Select, Static

from workbench.desk.settings_help import GROUPS, Explained, parsed, shown
from workbench.errors import SettingsError
from workbench.i18n import N_, _, use_language
from workbench.settings import config_file, stored_settings
from workbench.settings_file import keep_settings, overridden
from workbench.tui.widgets.keys_footer import KeysFooter
from workbench.tui.widgets.said import Said

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

_OF_MODEL = {one.name for one in GROUPS["Model"]}


class SettingRow(Vertical):
    """One setting: its name, what it does, its field, and what is wrong with what was typed."""

    DEFAULT_CSS = """
    SettingRow {
        height: auto;
        padding: 0 2;
        margin: 0 0 1 0;
        & > .setting-name { text-style: bold; }
        & > .setting-about { color: $text-muted; }
        & > .setting-wrong { color: $error; display: none; }
        & > Input { padding: 0 1; background: $boost; }
        & > Input:focus { background: $citation; color: $citation-text; }
    }
    """

    def __init__(self, setting: Explained, value: str, themes: list[str], variable: str) -> None:
        super().__init__()
        self.setting = setting
        self._value = value
        self._choices = themes if setting.name == "theme" else list(setting.choices)
        self._variable = variable

    def compose(self) -> ComposeResult:
        """The name, the sentence, the field."""
        yield Said(self.setting.name, classes="setting-name")
        about = _(self.setting.about)
        if self._variable:
            about += " " + _("{variable} in the environment sets it.").format(
                variable=self._variable
            )
        yield Said(about, classes="setting-about")
        if self._choices:
            options = [(choice or _("(the system's)"), choice) for choice in self._choices]
            if self._value not in self._choices:
                options.append((self._value, self._value))
            yield Select(
                options,
                value=self._value,
                allow_blank=False,
                compact=True,
                disabled=bool(self._variable),
            )
        else:
            yield Input(
                self._value.replace("\n", " ; "),
                disabled=bool(self._variable),
                id=f"setting-{self.setting.name}",
                compact=True,
            )
        yield Said(classes="setting-wrong")

    def complain(self, text: str) -> None:
        """Say what is wrong; an empty text takes it back."""
        said = self.query_one(".setting-wrong", Static)
        said.update(text)
        said.display = bool(text)


class SettingsScreen(Screen[None]):
    """All settings; each is kept as soon as it is right and the field is left, or on enter."""

    TITLE = N_("Settings")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", N_("Back"), id="settings.leave"),
    ]
    DEFAULT_CSS = """
    SettingsScreen {
        & .settings-group { padding: 0 1; text-style: bold; color: $primary; margin: 0 0 1 0; }
        & #settings-file { padding: 0 1; color: $text-muted; }
    }
    """

    @property
    def shell(self) -> "WorkbenchApp":
        """Return the app."""
        return cast("WorkbenchApp", self.app)

    def compose(self) -> ComposeResult:
        """Groups of settings, and where they are kept."""
        settings, variables = stored_settings(), overridden()
        themes = sorted(self.app.available_themes)
        where = _("Kept in {path}").format(path=config_file())
        yield Said(where, id="settings-file")
        with VerticalScroll():
            for group, members in GROUPS.items():
                yield Said(_(group), classes="settings-group")
                for one in members:
                    yield SettingRow(
                        one, shown(settings, one.name), themes, variables.get(one.name, "")
                    )
        yield KeysFooter()

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss()

    @on(Input.Changed)
    def _check(self, event: Input.Changed) -> None:
        row = _row(event.input)
        if row is not None:
            try:
                parsed(row.setting.name, _lines(event.value))
            except SettingsError as error:
                row.complain(error.what)
            else:
                row.complain("")

    @on(Input.Submitted)
    @on(Input.Blurred)
    def _keep_text(self, event: Input.Submitted | Input.Blurred) -> None:
        row = _row(event.input)
        if row is not None:
            self._keep(row, _lines(event.value))

    @on(Select.Changed)
    def _keep_choice(self, event: Select.Changed) -> None:
        row = _row(event.select)
        if row is not None:
            self._keep(row, str(event.value))

    def _keep(self, row: SettingRow, text: str) -> None:
        name = row.setting.name
        try:
            value = parsed(name, text)
            if value == getattr(stored_settings(), name):
                return
            keep_settings({name: value})
        except SettingsError as error:
            row.complain(error.what)
            return
        row.complain("")
        self._apply(name, value)

    def _apply(self, name: str, value: Any) -> None:
        """Let a setting hold at once, where it can."""
        if name == "theme":
            self.shell.use_theme(value)
        elif name == "language":
            use_language(value)
            self.shell.screen.refresh_bindings()
            self.notify(_("What is shown from now on is in this language."))
        elif name in _OF_MODEL:
            self.shell.desk.use_model(
                stored_settings().model, **{} if name == "model" else {name: value}
            )
        else:
            self.shell.desk.use_settings(**{name: value})


def _row(field: Any) -> SettingRow | None:
    parent = field.parent
    return parent if isinstance(parent, SettingRow) else None


def _lines(text: str) -> str:
    return "\n".join(part.strip() for part in text.split(";")) if " ; " in text else text
