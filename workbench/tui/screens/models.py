"""The models screen: what there is and fits, getting and changing it, and how it is run."""

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import ProgressBar, Static
from textual.worker import get_current_worker

from workbench.desk import machines
from workbench.desk.events import EngineChanged
from workbench.desk.model_deeds import (
    ADD,
    BENCH,
    NAMES,
    PULL,
    VERIFY,
    Deed,
    DeedEnded,
    DeedEvent,
    DeedProgress,
    ModelDeeds,
)
from workbench.desk.model_setup import Machine, room_for
from workbench.desk.models import ListedModel, Trouble, about, listed_models, trouble
from workbench.desk.queue_rows import engine_line
from workbench.errors import WorkbenchError
from workbench.i18n import N_, _
from workbench.sizes import gigabytes
from workbench.tui.dialogs.confirm import ConfirmDialog
from workbench.tui.dialogs.model_file import ModelFileDialog
from workbench.tui.messages import DeskMessage
from workbench.tui.screens.model_setup import ModelSetup
from workbench.tui.while_there import while_there
from workbench.tui.widgets.keys_footer import KeysFooter
from workbench.tui.widgets.model_table import ModelTable
from workbench.tui.widgets.said import Said

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp


class ModelsScreen(Screen[None]):
    """A table of models, what is known of the one at the cursor, and what is being done."""

    TITLE = N_("Models")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "use", N_("Use it"), id="models.use"),
        Binding("p", "pull", N_("Get it"), id="models.pull"),
        Binding("x", "stop", N_("Stop"), id="models.stop"),
        Binding("e", "setup", N_("How it is run"), id="models.setup"),
        Binding("a", "add", N_("Add a file"), id="models.add"),
        Binding("v", "verify", N_("Check"), id="models.verify"),
        Binding("b", "bench", N_("Measure"), id="models.bench"),
        Binding("delete", "remove", N_("Remove"), id="models.remove"),
        Binding("r", "look_again", N_("Look again"), id="models.again", show=False),
    ]
    DEFAULT_CSS = """
    ModelsScreen {
        & > Static { padding: 0 1; height: auto; }
        & #models-engine { background: $panel; max-height: 3; }
        & #models-engine.-failed { color: $error; }
        & #models-trouble { color: $warning; }
        & #models-about { background: $panel; color: $text-muted; min-height: 2; max-height: 7; }
        & #models-deed { max-height: 3; }
        & #models-deed.-failed { color: $error; }
        & ProgressBar { padding: 0 1; }
        & .-hidden { display: none; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._machine = Machine(0, 1)
        self._deeds: ModelDeeds | None = None
        self._trouble = Trouble()

    @property
    def shell(self) -> "WorkbenchApp":
        """Return the app."""
        return cast("WorkbenchApp", self.app)

    @property
    def deeds(self) -> ModelDeeds:
        """Return what gets, checks and measures models."""
        self._deeds = self._deeds or ModelDeeds(self.shell.desk, self._hear)
        return self._deeds

    @property
    def table(self) -> ModelTable:
        """Return the table."""
        return self.query_one(ModelTable)

    def compose(self) -> ComposeResult:
        """What is loaded, the table, what is known of one, what is being done, the keys."""
        yield Said(id="models-engine")
        yield Said(id="models-trouble", classes="-hidden")
        yield ModelTable()
        yield Said(id="models-about")
        yield Said(id="models-deed", classes="-hidden")
        yield ProgressBar(show_eta=False, classes="-hidden")
        yield KeysFooter()

    def on_mount(self) -> None:
        """Have the table ready; what there is is looked for when the screen is shown."""
        self.table.focus()
        self._tell_engine()
        self.query_one("#models-about", Static).update(_("looking what is here"))

    def on_unmount(self) -> None:
        """Stop what is being done; a pull goes on from there next time."""
        if self._deeds is not None:
            self._deeds.close()

    def on_screen_resume(self) -> None:
        """What came meanwhile is seen."""
        self._tell_engine()
        self.action_look_again()

    def on_desk_message(self, message: DeskMessage) -> None:
        """Follow loading."""
        if isinstance(message.event, EngineChanged):
            self._tell_engine()
            if message.event.state.phase in ("ready", "failed", "none"):
                self.action_look_again()

    # What there is.

    @property
    def _used(self) -> str:
        state = self.shell.desk.engine_state
        return state.model or self.shell.desk.settings.model

    def action_look_again(self) -> None:
        """Read the catalogue and the files anew."""
        if self.is_mounted:
            self._look()

    @work(thread=True, group="models", exclusive=True)
    def _look(self) -> None:
        from workbench.tasks.conditions import measured_model

        worker = get_current_worker()
        desk, settings = self.shell.desk, self.shell.desk.settings
        try:
            machine = room_for(machines.this_machine(), desk.engine_state.info)
            found = listed_models(
                settings,
                machine.memory,
                headers=True,
                measured=lambda path: measured_model(path, settings, machines.report)[0],
            )
            state = desk.engine_state
            loaded = state.model if state.phase == "ready" else ""
            wrong = trouble(settings, loaded, machine.memory)
        except WorkbenchError as error:
            self.app.call_from_thread(self._say_wrong, str(error))
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show, found, machine, wrong)

    @while_there
    def _say_wrong(self, line: str) -> None:
        self.query_one("#models-about", Static).update(line)

    @while_there
    def _show(self, found: list[ListedModel], machine: Machine, wrong: Trouble) -> None:
        self._machine, self._trouble = machine, wrong
        self.table.show_models(found, self._used, wrong.suggested)
        line = self.query_one("#models-trouble", Static)
        line.update(wrong.line)
        line.set_class(not wrong.line, "-hidden")
        self._tell_engine()
        self._tell_about()
        self._tell_engine()
        self.refresh_bindings()

    @on(ModelTable.RowHighlighted)
    def _moved(self, event: ModelTable.RowHighlighted) -> None:
        event.stop()
        self._tell_about()
        self.refresh_bindings()

    @on(ModelTable.RowSelected)
    def _selected(self, event: ModelTable.RowSelected) -> None:
        event.stop()
        chosen = self.table.chosen
        if chosen is not None and chosen.here is not None:
            self.action_use()
        elif chosen is not None:
            self.action_pull()

    def _tell_about(self) -> None:
        if (chosen := self.table.chosen) is not None:
            self.query_one("#models-about", Static).update("\n".join(about(chosen)))

    def _tell_engine(self) -> None:
        state = self.shell.desk.engine_state
        said = [engine_line(state)]
        failed = state.phase == "failed"
        if (failed or state.phase == "none") and self._trouble.line:
            said, failed = [_("no model is loaded")], False
        if state.phase == "ready" and state.info is not None:
            info = state.info
            said.append(
                _("weights {weights}, KV cache {cache}, computing {compute}").format(
                    weights=gigabytes(info.weight_bytes),
                    cache=gigabytes(info.kv_bytes),
                    compute=gigabytes(info.compute_bytes),
                )
            )
        if self._machine.memory:
            said.append(_("{memory} free").format(memory=gigabytes(self._machine.memory)))
        line = self.query_one("#models-engine", Static)
        line.update(" · ".join(said))
        line.set_class(failed, "-failed")

    # What is being done.

    def _hear(self, event: DeedEvent) -> None:
        self.app.call_later(self._follow, event)

    @while_there
    def _follow(self, event: DeedEvent) -> None:
        line = self.query_one("#models-deed", Static)
        bar = self.query_one(ProgressBar)
        line.remove_class("-hidden")
        if isinstance(event, DeedProgress):
            line.remove_class("-failed")
            line.update(self._progress_line(event))
            bar.set_class(not event.total, "-hidden")
            if event.total:
                bar.update(total=event.total, progress=event.done)
        else:
            bar.add_class("-hidden")
            line.update(event.line)
            line.set_class(event.state == "failed", "-failed")
            self._end(event)
        self.refresh_bindings()

    def _progress_line(self, event: DeedProgress) -> str:
        said = [f"{_(NAMES[event.deed.kind])} {event.deed.name}", event.line]
        if event.deed.kind != BENCH and event.total:
            said.append(f"{gigabytes(event.done)} / {gigabytes(event.total)}")
            if event.rate > 0:
                said.append(_("{rate}/s").format(rate=gigabytes(event.rate)))
        if self.deeds.waiting:
            said.append(_("{count} more wait").format(count=len(self.deeds.waiting)))
        return " · ".join(said)

    def _end(self, event: DeedEnded) -> None:
        severity: Any = {"done": "information", "stopped": "warning"}.get(event.state, "error")
        self.notify(event.line, severity=severity)
        self.action_look_again()

    def _do(self, kind: str, name: str, called: str = "") -> None:
        if not self.deeds.do(Deed(kind, name, called)):
            self.notify(_("{name}: that is being done already").format(name=name))
        elif self.deeds.running is not None and self.deeds.waiting:
            self.notify(_("{name} has to wait its turn").format(name=name))
        self.refresh_bindings()

    # What the user has done.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the keys that do something with the model one is at."""
        chosen = self.table.chosen if self.is_mounted else None
        here = chosen is not None and chosen.here is not None
        if action == "stop":
            return self._deeds is not None and self._deeds.running is not None
        if action == "pull":
            return chosen is not None and chosen.entry is not None and not here
        if action in ("use", "bench"):
            return here and chosen is not None and chosen.writes and not chosen.error
        if action in ("verify", "remove"):
            return here
        return True

    def action_use(self) -> None:
        """Have the model that is chosen do the work from the next job on, and at the next start."""
        chosen = self.table.chosen
        if chosen is None or chosen.here is None:
            return
        if not chosen.writes:
            self.notify(_("this model does not write: choose another"), severity="warning")
            return
        self._use(chosen.name, {})

    def _use(self, model: str, changed: dict[str, Any]) -> None:
        from workbench.settings_file import keep_settings

        try:
            self.shell.desk.use_model(model, **changed)
            keep_settings({"model": model, **changed} if model else changed)
        except WorkbenchError as error:
            self.notify(str(error), severity="error")
        self.action_look_again()

    def action_pull(self) -> None:
        """Get the model that is chosen."""
        chosen = self.table.chosen
        if chosen is None or chosen.entry is None or chosen.here is not None:
            return
        if not chosen.entry.commercial:
            self.notify(
                _("note: {licence} forbids commercial use").format(licence=chosen.entry.licence),
                severity="warning",
            )
        self._do(PULL, chosen.name)

    def action_stop(self) -> None:
        """Stop what is being done with models."""
        self.deeds.stop()
        self.query_one("#models-deed", Static).update(_("stopping"))

    def action_verify(self) -> None:
        """Read the file again and compare its SHA-256."""
        if (chosen := self.table.chosen) and chosen.here:
            self._do(VERIFY, chosen.name)

    def action_bench(self) -> None:
        """Measure how fast the model is here; what waits in the queue is held back meanwhile."""
        chosen = self.table.chosen
        if chosen is None or chosen.here is None:
            return
        if any(job.state == "running" for job in self.shell.desk.jobs()):
            self.notify(_("a job runs: measure when nothing else is done"), severity="warning")
            return
        self._do(BENCH, chosen.name)

    def action_add(self) -> None:
        """Ask for a file of the user's and register it."""

        def given(file: tuple[str, str] | None) -> None:
            if file:
                self._do(ADD, *file)

        self.app.push_screen(ModelFileDialog(), given)

    def action_remove(self) -> None:
        """Remove the model, after asking."""
        chosen = self.table.chosen
        if chosen is None or chosen.here is None:
            return
        path = chosen.here.path
        if chosen.here.origin == "linked":
            said = _("{name} is forgotten; its file stays: {path}")
        else:
            said = _("This deletes {path}.")
        if chosen.name == self._used:
            said += " " + _("It is the model in use.")

        def answered(yes: bool | None) -> None:
            if yes:
                self._remove(chosen)

        self.app.push_screen(
            ConfirmDialog(
                _("Remove {name}?").format(name=chosen.name),
                said.format(name=chosen.name, path=path),
                _("Remove"),
            ),
            answered,
        )

    @work(thread=True, group="models-remove")
    def _remove(self, chosen: ListedModel) -> None:
        from workbench.catalog.registry import remove

        assert chosen.here is not None
        try:
            removed = remove(chosen.name, delete_file=chosen.here.origin != "linked")
        except WorkbenchError as error:
            self.app.call_from_thread(partial(self.notify, str(error), severity="error"))
        else:
            said = (
                _("deleted {path}").format(path=removed.path)
                if removed.deleted
                else _("forgot {name}; the file stays: {path}").format(
                    name=removed.name, path=removed.path
                )
            )
            self.app.call_from_thread(self.notify, said)
        self.app.call_from_thread(self.action_look_again)

    def action_setup(self) -> None:
        """Ask how models are to be run."""
        from workbench.settings_file import overridden

        desk = self.shell.desk

        def given(changed: dict[str, Any] | None) -> None:
            if changed:
                self._use(desk.settings.model, changed)

        used = [one for one in self.table.models if one.name == self._used]
        model = self.table.chosen or (used[0] if used else None)
        self.app.push_screen(ModelSetup(desk.settings, self._machine, model, overridden()), given)
