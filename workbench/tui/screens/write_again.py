"""Having a result written again, perhaps otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Select

from workbench.i18n import N_, _
from workbench.settings import LENGTHS, SCRIPTS
from workbench.tui.screens.form import Form, label

LENGTH_NAMES = {"short": N_("short"), "medium": N_("medium"), "long": N_("long")}
SCRIPT_NAMES = {
    "keep": N_("as the article"),
    "simplified": N_("Simplified"),
    "traditional": N_("Traditional"),
    "taiwan": N_("Traditional (Taiwan)"),
    "hongkong": N_("Traditional (Hong Kong)"),
}


@dataclass(frozen=True)
class Again:
    """How a result is to be written; ``model`` is empty for the one in use."""

    template: str
    model: str
    length: str
    characters: int | None
    script: str
    verify: bool


class WriteAgainForm(Form[Again]):
    """Asks for template, model, length and script.

    ``templates`` and ``models`` are names and titles to choose from; ``now`` is what was used.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "begin", N_("Begin"), show=False, priority=True, id="again.begin"),
    ]

    def __init__(
        self,
        templates: Sequence[tuple[str, str]],
        models: Sequence[tuple[str, str]],
        now: Again,
        heading: str = "",
    ) -> None:
        super().__init__(
            heading or _("Write again"), _("ctrl+s begins · Tab to the next field · Esc leaves")
        )
        self._templates = templates
        self._models = models
        self._now = now

    def fields(self) -> ComposeResult:
        """The choices, as they were made last."""
        now = self._now
        yield label(_("template"))
        yield self._select([(title, name) for name, title in self._templates], now.template, "t")
        yield label(_("model"))
        models = [(_("the one in use"), ""), *((title, name) for name, title in self._models)]
        yield self._select(models, now.model, "m")
        yield label(_("length"))
        lengths = [(_(LENGTH_NAMES[one]), one) for one in LENGTHS]
        yield self._select(lengths, now.length, "l")
        yield label(_("characters in all (empty: as the length says)"))
        yield Input(str(now.characters or ""), type="integer", compact=True, id="again-characters")
        yield label(_("script of the result"))
        yield self._select([(_(SCRIPT_NAMES[one]), one) for one in SCRIPTS], now.script, "s")
        yield label(_("second look: ask the model about every point once more"))
        yield self._select([(_("no"), "no"), (_("yes"), "yes")], "yes" if now.verify else "no", "v")

    def _select(self, options: list[tuple[str, str]], now: str, name: str) -> Select[str]:
        value = now if any(now == one for _title, one in options) else options[0][1]
        plain = [(Content(title), one) for title, one in options]  # titles are no markup
        return Select(plain, value=value, allow_blank=False, compact=True, id=f"again-{name}")

    def on_mount(self) -> None:
        """Begin at the template."""
        self.query_one("#again-t", Select).focus()

    @on(Input.Submitted)
    def action_begin(self) -> None:
        """Hand the choices back; a number that is none is refused."""
        given = self.query_one("#again-characters", Input).value.strip()
        if given and (not given.isdecimal() or int(given) < 1):
            self.complain(_("the number of characters is not a number above 0"))
            return
        self.dismiss(
            Again(
                template=self._value("t"),
                model=self._value("m"),
                length=self._value("l"),
                characters=int(given) if given else None,
                script=self._value("s"),
                verify=self._value("v") == "yes",
            )
        )

    def _value(self, name: str) -> str:
        return str(self.query_one(f"#again-{name}", Select).value)
