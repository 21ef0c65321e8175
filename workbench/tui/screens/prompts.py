"""The prompts screen: the templates, what a model gets of each, and writing one's own."""

from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import OptionList, Static, TextArea
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from workbench.desk.events import EngineChanged
from workbench.desk.prompts import (
    Checked,
    Shown,
    checked,
    estimated_tokens,
    keep_template,
    prompt_for,
    remove_own,
    shortened,
    shown_templates,
    source_of,
)
from workbench.errors import WorkbenchError
from workbench.i18n import N_, _
from workbench.prompting.template import Template
from workbench.tui.controllers.editor import edited_outside
from workbench.tui.dialogs.confirm import ConfirmDialog
from workbench.tui.dialogs.text import TextDialog
from workbench.tui.messages import DeskMessage
from workbench.tui.typeset.cells import shown as visible
from workbench.tui.while_there import while_there
from workbench.tui.widgets.keys_footer import KeysFooter
from workbench.tui.widgets.said import Said
from workbench.tui.widgets.template_text import TemplateText

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

_PREVIEW_SECONDS = 0.3


class PromptsScreen(Screen[None]):
    """A list, the text of the template, and below it what the model gets about the open article."""

    TITLE = N_("Prompts")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", N_("Edit"), id="prompts.edit"),
        Binding("ctrl+s", "save", N_("Save"), id="prompts.save"),
        Binding("ctrl+n", "save_as", N_("Save as"), id="prompts.save_as"),
        Binding("o", "outside", N_("Open in editor"), id="prompts.outside"),
        Binding("delete", "revert", N_("Remove own"), id="prompts.revert"),
        Binding("escape", "leave", N_("Back to the list"), id="prompts.leave"),
    ]
    DEFAULT_CSS = """
    PromptsScreen {
        & #prompts-panes { height: 1fr; }
        & #prompts-list { width: 30; height: 1fr; border: none; padding: 0; }
        & #prompts-right { width: 1fr; height: 1fr; }
        & #prompts-text { height: 1fr; border: none; padding: 0 1; }
        & #prompts-said { height: auto; max-height: 3; padding: 0 1; background: $panel; }
        & #prompts-said.-wrong { color: $error; }
        & #prompts-count { height: 1; padding: 0 1; background: $panel; color: $text-muted; }
        & #prompts-preview { height: 1fr; padding: 0 1; }
        & #prompts-rendered { height: auto; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._listed: list[Shown] = []
        self._open: Shown | None = None
        self._kept = ""
        self._found = Checked(None)
        self._timer: Timer | None = None

    @property
    def shell(self) -> "WorkbenchApp":
        """Return the app."""
        return cast("WorkbenchApp", self.app)

    @property
    def area(self) -> TemplateText:
        """Return the text of the template."""
        return self.query_one(TemplateText)

    @property
    def changed(self) -> bool:
        """Say whether the text differs from the file."""
        return self.area.text != self._kept

    def compose(self) -> ComposeResult:
        """The list, the text, what is wrong with it, and what the model gets."""
        with Horizontal(id="prompts-panes"):
            yield OptionList(id="prompts-list", markup=False)
            with Vertical(id="prompts-right"):
                yield TemplateText(id="prompts-text")
                yield Said(id="prompts-said")
                yield Said(id="prompts-count")
                with VerticalScroll(id="prompts-preview"):
                    yield Said(id="prompts-rendered")
        yield KeysFooter()

    def on_mount(self) -> None:
        """Show what there is."""
        self.look_again(self.shell.desk.settings.template)
        self.query_one(OptionList).focus()

    def on_screen_resume(self) -> None:
        """Another article may be open now."""
        self._preview()

    def on_desk_message(self, message: DeskMessage) -> None:
        """Count anew once a model is there to count."""
        if isinstance(message.event, EngineChanged) and message.event.state.phase == "ready":
            self._preview()

    # The list.

    def look_again(self, name: str = "") -> None:
        """Read the templates anew and go to the one of this name."""
        name = name or (self._open.name if self._open else "")
        self._listed = shown_templates()
        listed = self.query_one(OptionList)
        listed.clear_options()
        listed.add_options(_option(one) for one in self._listed)
        names = [one.name for one in self._listed]
        if self._listed:
            listed.highlighted = names.index(name) if name in names else 0

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        one = self._listed[event.option_index]
        if self.changed and self._open is not None and one.path != self._open.path:
            self.notify(_("save what you changed, or leave it with Escape"), severity="warning")
            self._go_back_to_open()
        elif self._open is None or one != self._open or not self.changed:
            self._show(one)

    def _go_back_to_open(self) -> None:
        paths = [one.path for one in self._listed]
        if self._open is not None and self._open.path in paths:
            with self.prevent(OptionList.OptionHighlighted):
                self.query_one(OptionList).highlighted = paths.index(self._open.path)
        self._begin_editing()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_edit()

    def _show(self, one: Shown) -> None:
        self._open = one
        try:
            self._kept = source_of(one.path)
        except WorkbenchError as error:
            self._kept = ""
            self._say(str(error), wrong=True)
        self.area.read_only = True
        self.area.text = self._kept
        self._check()

    # The text.

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._check()

    def _check(self) -> None:
        if self._open is None:
            return
        found = checked(self.area.text, self._open.path)
        self._found = found
        self.area.mark(found.line)
        if found.error:
            self._say(f"{found.error}. {found.fix}" if found.fix else found.error, wrong=True)
        else:
            self._say(self._whose(self._open, found.template))
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_PREVIEW_SECONDS, self._preview)
        self.refresh_bindings()

    def _whose(self, one: Shown, template: Template | None) -> str:
        whose = _("shipped; what you save is yours and goes before it")
        if one.own:
            whose = _("yours, in place of a shipped one") if one.overrides else _("yours")
        said = [whose, _("for: {task}").format(task=template.task if template else "?")]
        if self.changed:
            said.append(_("changed, not saved"))
        elif template is not None:
            said.append(template.description)
        return " · ".join(said)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        line = self.query_one("#prompts-said", Static)
        line.update(text)
        line.set_class(wrong, "-wrong")

    # What the model gets.

    def _preview(self) -> None:
        if self.is_mounted and self._found.template is not None:
            self._render_prompt(self._found.template, self.shell.article_id)
        elif self.is_mounted and self._open is not None:
            self._show_prompt("", _("nothing can be shown while the template is wrong"))

    @work(thread=True, group="preview", exclusive=True)
    def _render_prompt(self, template: Template, article_id: int | None) -> None:
        worker = get_current_worker()

        def tell(text: str, said: str) -> None:
            # A thread goes on when a later one has taken its place; it has nothing to say then.
            if not worker.is_cancelled:
                self.app.call_from_thread(self._show_prompt, text, said)

        desk = self.shell.desk
        if article_id is None:
            tell(
                template.body,
                _("open an article in the library to see what the model gets of it"),
            )
            return
        try:
            article = self.shell.library.get(article_id)
            prompt = prompt_for(template, article, desk.settings.length)
        except WorkbenchError as error:
            tell("", str(error))
            return
        of = _("what the model gets of “{title}”: {tokens}")
        named = article.title or article.name
        text, guess = shortened(prompt), estimated_tokens(prompt.text)
        said = _("about {count} tokens (an estimate: no model is loaded)").format(count=guess)
        tell(text, of.format(title=named, tokens=said))
        try:
            # A model that reads just now answers when it has done so.
            tokens = desk.count_tokens(prompt.text)
        except WorkbenchError:
            return  # the engine's own state says what became of it
        if tokens is not None:
            said = _("{count} tokens").format(count=tokens)
            tell(text, of.format(title=named, tokens=said))

    @while_there
    def _show_prompt(self, text: str, said: str) -> None:
        self.query_one("#prompts-count", Static).update(said)
        lines = "\n".join(map(visible, text.splitlines()))
        self.query_one("#prompts-rendered", Static).update(lines)

    # What the user has done.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the keys that do something."""
        if not self.is_mounted:
            return True
        editing = not self.area.read_only
        if action in ("save", "leave"):
            return editing
        if action in ("edit", "outside"):
            return not editing and self._open is not None
        if action == "revert":
            return not editing and self._open is not None and self._open.own
        return True

    def action_edit(self) -> None:
        """Write in the text."""
        self._begin_editing()

    def _begin_editing(self) -> None:
        self.area.read_only = False
        self.area.focus()
        if self._found.line:
            self.area.move_cursor((self._found.line - 1, 0))
        self.refresh_bindings()

    def action_leave(self) -> None:
        """Go back to the list; what was not saved is asked about."""

        def answered(yes: bool | None) -> None:
            if yes and self._open is not None:
                self._show(self._open)
                self._end_editing()

        if self.changed:
            self.app.push_screen(
                ConfirmDialog(
                    _("Leave what you changed?"),
                    _("The text is not saved."),
                    _("Throw it away"),
                ),
                answered,
            )
        else:
            self._end_editing()

    def _end_editing(self) -> None:
        self.area.read_only = True
        self.query_one(OptionList).focus()
        self.refresh_bindings()

    def action_save(self) -> None:
        """Write the text to the user's own folder under its own name."""
        if self._open is not None:
            name = self._found.template.name if self._found.template else self._open.name
            self._keep(self.area.text, name, replace=self._open.own and name == self._open.name)

    def action_save_as(self) -> None:
        """Write the text under another name."""
        if self._open is None:
            return
        text = self.area.text

        def given(name: str | None) -> None:
            if name:
                self._keep(text, name, replace=False)

        said = _("Lower-case letters, digits and hyphens.")
        self.app.push_screen(
            TextDialog(_("Save as"), f"{self._open.name}-2", said),
            given,
        )

    def _keep(self, text: str, name: str, *, replace: bool) -> None:
        try:
            path = keep_template(text, name, replace=replace)
        except WorkbenchError as error:
            self._say(str(error), wrong=True)
            self.notify(str(error), severity="error")
            return
        self._kept = self.area.text = source_of(path)
        self._end_editing()
        self.notify(_("saved: {path}").format(path=path))
        self.look_again(name)

    def action_outside(self) -> None:
        """Edit the text in the user's editor; what comes back is checked, not yet saved."""
        try:
            text = edited_outside(self.app, self.area.text)
        except WorkbenchError as error:
            self.notify(str(error), severity="error")
            return
        if text != self.area.text:
            self.area.text = text
            self._begin_editing()

    def action_revert(self) -> None:
        """Delete a template of the user's, after asking."""
        one = self._open
        if one is None or not one.own:
            return

        def answered(yes: bool | None) -> None:
            if not yes:
                return
            try:
                remove_own(one)
            except WorkbenchError as error:
                self.notify(str(error), severity="error")
            self._open = None
            self.look_again(one.name)

        said = _("This deletes {path}.").format(path=one.path)
        if one.overrides:
            said += " " + _("The shipped template of this name counts again.")
        self.app.push_screen(
            ConfirmDialog(_("Remove {name}?").format(name=one.name), said, _("Remove")), answered
        )


def _option(one: Shown) -> Option:
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(one.name)
    if one.error is not None:
        text.append("  " + _("broken"), style="bold")
    elif one.overrides:
        text.append("  " + _("yours, overrides"), style="dim")
    elif one.own:
        text.append("  " + _("yours"), style="dim")
    if one.template is not None and one.template.task != "summarize":
        text.append(f"  {one.template.task}", style="dim")
    return Option(text)
