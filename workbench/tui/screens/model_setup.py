"""The form of how models are run: each setting in a sentence, what it costs here, what fits."""

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import DescendantFocus
from textual.widgets import Button, Input, Select, Static

from workbench.desk.model_setup import FIELDS, Machine, Reckoning, reckon
from workbench.desk.models import ListedModel
from workbench.desk.settings_help import Explained, shown
from workbench.i18n import _
from workbench.settings import Settings
from workbench.tui.dialogs.frame import Dialog
from workbench.tui.widgets.said import Said


class SetupField(Vertical):
    """One setting: its name and what it does, the field, what it costs or what is wrong."""

    DEFAULT_CSS = """
    SetupField {
        height: auto;
        margin: 0 0 1 0;
        & > .setup-about { color: $text-muted; height: auto; }
        & > Input { background: $boost; padding: 0 1; }
        & > Input:focus { background: $citation; color: $citation-text; }
        & > .setup-cost { color: $success; height: auto; }
        & > .setup-cost.-wrong { color: $error; }
    }
    """

    def __init__(self, setting: Explained, value: str) -> None:
        super().__init__()
        self.setting = setting
        self._value = value

    def compose(self) -> ComposeResult:
        """Lay it out."""
        name = self.setting.name
        about = _("{name}: {sentence}").format(name=name, sentence=_(self.setting.about))
        if name == "lora":
            about += " " + _("Several are separated by “ ; ”.")
        yield Said(about, classes="setup-about")
        if self.setting.choices:
            yield Select(
                [(choice, choice) for choice in self.setting.choices],
                value=self._value,
                allow_blank=False,
                compact=True,
                id=f"setup-{name}",
            )
        else:
            yield Input(self._value.replace("\n", " ; "), compact=True, id=f"setup-{name}")
        yield Said(classes="setup-cost")

    @property
    def text(self) -> str:
        """Return what stands in the field, as the config file has it."""
        if self.setting.choices:
            return str(self.query_one(Select).value)
        value = self.query_one(Input).value
        if self.setting.name == "lora":
            return "\n".join(one.strip() for one in value.split(" ; ") if one.strip())
        return value

    def say(self, cost: str, wrong: str) -> None:
        """Say what it costs, or what is wrong."""
        line = self.query_one(".setup-cost", Static)
        line.update(wrong or cost)
        line.set_class(bool(wrong), "-wrong")
        line.display = bool(wrong or cost)


class ModelSetup(Dialog[dict[str, Any]]):
    """Returns the settings that were changed, as values; reckons anew as one types."""

    AUTO_FOCUS: ClassVar[str] = ""
    DEFAULT_CSS = """
    ModelSetup {
        & > .dialog { width: 96; height: 90%; }
        & VerticalScroll { height: 1fr; }
        & #setup-total { height: auto; margin: 0 0 0 0; }
        & #setup-total.-wrong { color: $error; }
        & .dialog-buttons { margin: 0; }
    }
    """

    def __init__(
        self,
        settings: Settings,
        machine: Machine,
        model: ListedModel | None,
        overridden: dict[str, str],
    ) -> None:
        super().__init__()
        self._settings, self._machine, self._model = settings, machine, model
        self._overridden = overridden
        self.reckoning: Reckoning | None = None

    def compose(self) -> ComposeResult:
        """The fields, what it comes to, and two buttons."""
        with Vertical(classes="dialog") as box:
            name = self._model.name if self._model else ""
            box.border_title = _("How models are run: {name}").format(name=name)
            with VerticalScroll(can_focus=False):
                for setting in FIELDS:
                    row = SetupField(setting, shown(self._settings, setting.name))
                    row.disabled = setting.name in self._overridden
                    yield row
            yield Said(id="setup-total")
            with Horizontal(classes="dialog-buttons"):
                yield Button(_("Use these"), variant="primary", id="setup-use", compact=True)
                yield Button(_("Leave"), id="setup-leave", compact=True)

    def on_mount(self) -> None:
        """Say what it costs as it is, and begin with the first field."""
        self._reckon()
        # Focused before the fields have their place, it would be scrolled away from its sentence.
        self.call_after_refresh(self.query(Input).first().focus, scroll_visible=False)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Keep what a field means and costs in sight with it."""
        parent = event.widget.parent
        if isinstance(parent, SetupField):
            self.call_after_refresh(parent.scroll_visible, animate=False)

    @on(Input.Changed)
    @on(Select.Changed)
    def _changed(self, event: Input.Changed | Select.Changed) -> None:
        event.stop()
        self._reckon()

    def _reckon(self) -> None:
        rows = list(self.query(SetupField))
        texts = {row.setting.name: row.text for row in rows}
        header = self._model.header if self._model else None
        speed = self._model.speed if self._model else None
        found = reckon(texts, self._settings, self._machine, header, speed)
        self.reckoning = found
        for row in rows:
            name = row.setting.name
            cost = found.costs.get(name, "")
            if variable := self._overridden.get(name):
                cost = _("{variable} in the environment sets it.").format(variable=variable)
            row.say(cost, found.wrong.get(name, ""))
        total = self.query_one("#setup-total", Static)
        said = found.total or _("What it takes is known once the model is here.")
        if found.fits is False:
            said = _("too large: {said}").format(said=said)
        total.update(said)
        total.set_class(found.fits is False, "-wrong")
        self.query_one("#setup-use", Button).disabled = bool(found.wrong)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._use()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "setup-use":
            self._use()
        else:
            self.dismiss(None)

    def _use(self) -> None:
        found = self.reckoning
        if found is None or found.wrong:
            return
        changed = {
            name: value
            for name, value in found.values.items()
            if value != getattr(self._settings, name) and name not in self._overridden
        }
        self.dismiss(changed)
