"""The models one can have: those of the catalogue and one's own, and how they suit this machine."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.catalog.entries import Entry, load_catalog
from workbench.catalog.fit import default_model, fits, memory_needed
from workbench.catalog.gguf import GgufHeader, read_header
from workbench.catalog.registry import Installed, installed, locate
from workbench.errors import ModelError
from workbench.i18n import _
from workbench.paths import models_folder
from workbench.settings import Settings
from workbench.sizes import gigabytes
from workbench.tasks.calibration import Calibration

Measured = Callable[[Path], Calibration | None]


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One model: what the catalogue says, where it is, what its file says of itself.

    ``entry`` is None for one the catalogue does not list; ``here`` None for one that is not on this
    machine. ``header`` is None where the file is not here or, with ``error``, damaged.
    """

    name: str
    entry: Entry | None
    here: Installed | None
    header: GgufHeader | None = None
    error: str = ""
    need: int = 0
    """Bytes it takes in memory under the settings, 0 where that is not known."""
    fits: bool = False
    arrived: int = 0
    """Bytes of an interrupted pull that are here."""
    speed: Calibration | None = None

    @property
    def bytes(self) -> int:
        """Return the size of the file."""
        return self.entry.bytes if self.entry else self.here.bytes if self.here else 0

    @property
    def known(self) -> Entry | None:
        """Return the entry, also that of a file of one's own which the catalogue knows."""
        return self.entry or (self.here.entry if self.here else None)

    @property
    def writes(self) -> bool:
        """Say whether it can do the workbench's tasks, as far as is known."""
        if self.header is not None and self.header.kind != "model":
            return False
        return self.known is None or self.known.role == "chat"


def listed_models(
    settings: Settings,
    memory: int,
    *,
    headers: bool = False,
    measured: Measured | None = None,
) -> list[ListedModel]:
    """List the models of the catalogue, then the user's own; ``memory`` in bytes is what is free.

    With ``headers`` the files of catalogued models are read too; ``measured`` looks up speeds.
    ModelError where a catalogue or the records cannot be read.
    """
    present = {model.name: model for model in installed()}
    catalog = load_catalog()
    found = []
    for entry in catalog.values():
        here = present.get(entry.id)
        listed = _described(entry.id, entry, here, settings, memory, headers, measured)
        found.append(listed)
    found += [
        _described(model.name, None, model, settings, memory, True, measured)
        for model in present.values()
        if model.name not in catalog
    ]
    return found


def _described(
    name: str,
    entry: Entry | None,
    here: Installed | None,
    settings: Settings,
    memory: int,
    read: bool,
    measured: Measured | None,
) -> ListedModel:
    header, error = None, ""
    if here is not None and read:
        try:
            header = read_header(here.path)
        except ModelError as wrong:
            error = str(wrong)
    sized = header or entry
    need = memory_needed(sized, settings.context, settings.kv_type) if sized else 0
    fitting = sized is not None and fits(sized, settings.context, memory, settings.kv_type)
    return ListedModel(
        name,
        entry,
        here,
        header,
        error,
        need,
        fitting and not error,
        _arrived(entry) if here is None and entry else 0,
        measured(here.path) if measured and here and not error else None,
    )


def _arrived(entry: Entry) -> int:
    parts = models_folder() / f"{entry.file}.parts" / "data"
    try:
        return parts.stat().st_size
    except OSError:
        return 0


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why no work can be done with a model, in one line, and the name of one that could be got."""

    line: str = ""
    suggested: str = ""


def trouble(settings: Settings, loaded: str, memory: int) -> Trouble:
    """Say what is wrong with the model in use; ``loaded`` is its name while it is in memory.

    An empty line where all is well. Nothing is loaded or asked for elsewhere.
    """
    from workbench.engine.openai.address import names_server

    name = settings.model or loaded
    if names_server(name):
        return Trouble()
    if name:
        if _file_is_there(name):
            return Trouble()
        if loaded:
            line = _("the file of {name} is gone: it works on until it has to be loaded again")
        else:
            line = _("the file of {name} is not here: get it again, or use another")
        return Trouble(line.format(name=name), name)
    choice = default_model(settings.context, memory=memory, kv_type=settings.kv_type)
    if choice.pulled:
        return Trouble()
    line = _("No model that is here can be used. {name} can be got with the key p: {reason}")
    return Trouble(line.format(name=choice.name, reason=choice.reason), choice.name)


def _file_is_there(name: str) -> bool:
    try:
        return locate(name)[1].is_file()
    except (ModelError, OSError):
        return False


def listed_json(listed: ListedModel) -> dict[str, Any]:
    """Return a model as the CLI's JSON has it."""
    if listed.entry is not None:
        return {
            **entry_json(listed.entry),
            "here": listed.here is not None,
            "path": str(listed.here.path) if listed.here else None,
            "fits": listed.fits,
        }
    assert listed.here is not None
    described: dict[str, Any] = {
        "id": listed.name,
        "name": listed.name,
        "bytes": listed.bytes,
        "here": True,
        "path": str(listed.here.path),
        "fits": listed.fits,
        "origin": listed.here.origin,
    }
    if listed.header is None:
        return {**described, "error": listed.error}
    return {
        **described,
        "context": listed.header.context_length,
        "quantization": listed.header.quantization,
    }


def own_model(model: Installed, settings: Settings, memory: int) -> ListedModel:
    """Describe one model of the user's; a file damaged since it was added too."""
    return _described(model.name, None, model, settings, memory, True, None)


def entry_json(entry: Entry) -> dict[str, Any]:
    """Return an entry of the catalogue, and where it can be had."""
    return {**asdict(entry), "sources": ["hub", *(["index"] if entry.index else [])]}


def place(listed: ListedModel, used: str) -> str:
    """Say in a word or two where a model is: in use, here, begun, or still to be got."""
    if listed.error:
        return _("damaged")
    if listed.name == used and listed.here is not None:
        return _("in use")
    if listed.here is not None:
        return _("here") if listed.here.origin == "pulled" else _("own")
    if listed.arrived and listed.bytes:
        return _("{share:.0%} got").format(share=min(1.0, listed.arrived / listed.bytes))
    return ""


def fit(listed: ListedModel) -> str:
    """Say whether a model fits in the memory there is, and what it takes."""
    if listed.error or not listed.need:
        return "?"
    need = gigabytes(listed.need)
    return (
        _("fits, {need}").format(need=need)
        if listed.fits
        else _("too large, {need}").format(need=need)
    )


def speed(listed: ListedModel) -> str:
    """Say how many tokens a second a model writes here, where that was measured."""
    return f"{listed.speed.write_tps[min(listed.speed.write_tps)]:.1f}" if listed.speed else ""


def licence(listed: ListedModel) -> str:
    """Name the licence; a mark where it forbids commercial use."""
    known = listed.known
    if known is None:
        return ""
    return known.licence if known.commercial else _("{licence} (!)").format(licence=known.licence)


def about(listed: ListedModel) -> list[str]:
    """Say in a few lines all that helps in choosing a model."""
    lines = []
    known = listed.known
    if known is not None:
        facts = [
            known.name,
            known.parameters,
            known.quantization,
            _("for: {role}").format(role=known.role),
            _("{tokens} tokens of context").format(tokens=known.context),
            _("licence {licence}").format(licence=known.licence),
        ]
        lines.append(" · ".join(str(one) for one in facts if one))
        if not known.commercial:
            lines.append(_("The licence forbids commercial use."))
        if known.note:
            lines.append(known.note)
    elif listed.header is not None:
        facts = [
            listed.header.name,
            listed.header.architecture,
            listed.header.quantization,
            _("{tokens} tokens of context").format(tokens=listed.header.context_length)
            if listed.header.context_length
            else "",
        ]
        lines.append(" · ".join(str(one) for one in facts if one))
    if listed.speed is not None:
        lines.append(
            _("measured here: reads {read:.0f}, writes {write:.1f} tokens/s").format(
                read=listed.speed.read_tps, write=listed.speed.write_tps[min(listed.speed.writing)]
            )
        )
    if listed.here is not None:
        lines.append(str(listed.here.path))
    elif listed.arrived:
        lines.append(
            _("{got} of {size} are here: getting it goes on from there").format(
                got=gigabytes(listed.arrived), size=gigabytes(listed.bytes)
            )
        )
    if listed.error:
        lines.append(listed.error)
    return lines
