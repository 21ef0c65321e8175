"""What ``workbench doctor`` finds out about this machine and what is installed."""

import os
import platform
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench import __version__, paths
from workbench.catalog.entries import load_catalog
from workbench.catalog.fit import available_memory, default_model, memory_needed
from workbench.catalog.gguf import read_header
from workbench.catalog.hashes import known_sha256
from workbench.catalog.registry import Installed, installed, resolve
from workbench.engine.about import NativeReport, native_report
from workbench.engine.openai.address import names_server, parse_address
from workbench.engine.states import StateStore
from workbench.errors import TemplateError, WorkbenchError
from workbench.i18n import N_, _
from workbench.offline import NetworkForbidden, forbid_network
from workbench.prompting.library import Listed, list_templates
from workbench.prompting.render import check
from workbench.settings import Settings, config_file, stored_settings
from workbench.store.library import Library
from workbench.tasks.calibration import Calibration
from workbench.tasks.conditions import measured_model


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model that is here.

    ``verified``: True, the SHA-256 is what it should be; False, it is not; None, not yet hashed.
    ``needs`` is the memory in bytes at the context that is set. ``calibration`` is what was
    measured of it as it would be run now.
    """

    name: str
    path: str
    bytes: int
    needs: int
    fits: bool
    verified: bool | None
    problem: str = ""
    calibration: Calibration | None = None
    calibration_problem: str = ""


@dataclass(frozen=True, slots=True)
class StatesKept:
    """KV states on disk: how many, their bytes, and the bytes they may take; 0: none is kept."""

    files: int
    bytes: int
    capacity: int


@dataclass(frozen=True, slots=True)
class LibraryKept:
    """The library: its articles and results, and the bytes it takes; 0 where there is none."""

    articles: int = 0
    results: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything found; ``problems`` are what keeps the program from working."""

    version: str
    python: str
    platform: str
    cores: int
    logical_cores: int
    threads: int
    memory_total: int
    memory_available: int
    llama: NativeReport
    gpu_layers: int
    context: int
    models: tuple[ModelState, ...]
    default: str
    default_reason: str
    folders: dict[str, str]
    templates: int
    states: StatesKept
    library: LibraryKept
    offline_guard: bool
    network_interfaces: tuple[str, ...]
    problems: tuple[str, ...] = field(default=())


def diagnose() -> Diagnosis:
    """Look at everything once; what fails to be read becomes a problem, never an error."""
    import psutil

    problems: list[str] = []
    settings = _try(stored_settings, Settings(), problems)
    llama = native_report()
    if llama.error:
        problems.append(f"llama.cpp: {llama.error}")
    models = tuple(_state(model, settings, llama) for model in _try(installed, [], problems))
    problems += [f"{model.name}: {model.problem}" for model in models if model.problem]
    listed = list_templates()
    problems += [str(error) for item in listed if (error := _fault(item))]
    choice = _try(lambda: default_model(settings.context, kv_type=settings.kv_type), None, problems)
    if names_server(settings.model):
        _try(lambda: parse_address(settings.model), None, problems)
    elif settings.model:
        _try(lambda: resolve(settings.model), None, problems)
    _try(load_catalog, {}, problems)
    memory = psutil.virtual_memory()
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    return Diagnosis(
        version=__version__,
        python=f"{platform.python_version()} ({sys.executable})",
        platform=f"{platform.system()} {platform.machine()}",
        cores=cores,
        logical_cores=os.cpu_count() or 1,
        threads=settings.threads or cores,
        memory_total=memory.total,
        memory_available=available_memory(),
        llama=llama,
        gpu_layers=settings.gpu_layers,
        context=settings.context,
        models=models,
        default=settings.model or (choice.name if choice and choice.pulled else ""),
        default_reason="" if settings.model or choice is None else choice.reason,
        folders={
            N_("config"): str(config_file()),
            N_("prompts"): str(paths.user_prompts_folder()),
            N_("shipped prompts"): str(paths.shipped_prompts_folder()),
            N_("models"): str(paths.models_folder()),
            N_("data"): str(paths.data_folder()),
            N_("library"): str(paths.library_file()),
            N_("cache"): str(paths.cache_folder()),
            N_("KV states"): str(paths.states_folder()),
        },
        templates=sum(_fault(item) is None for item in listed),
        states=_states_kept(settings.cache_bytes),
        library=_try(_library_kept, LibraryKept(), problems),
        offline_guard=_guard_holds(),
        network_interfaces=_interfaces(),
        problems=tuple(dict.fromkeys(problems)),
    )


def _try(find: Any, otherwise: Any, problems: list[str]) -> Any:
    try:
        return find()
    except WorkbenchError as error:
        problems.append(str(error))
        return otherwise


def _fault(item: Listed) -> WorkbenchError | None:
    if item.template is None:
        return item.error
    try:
        check(item.template)
    except TemplateError as error:
        return error
    return None


def _state(model: Installed, settings: Settings, llama: NativeReport) -> ModelState:
    known = known_sha256(Path(model.path))
    verified = None if known is None or model.entry is None else known == model.entry.sha256
    problem = "" if verified is not False else _("the SHA-256 differs from the catalogue")
    try:
        header = read_header(Path(model.path))
        needs = memory_needed(header, settings.context, settings.kv_type)
    except WorkbenchError as error:
        needs, problem = 0, str(error)
    fits = needs <= available_memory()
    try:
        calibration, damage = measured_model(Path(model.path), settings, lambda: llama)
    except WorkbenchError as error:
        calibration, damage = None, str(error)
    return ModelState(
        model.name,
        str(model.path),
        model.bytes,
        needs,
        fits,
        verified,
        problem,
        calibration,
        damage,
    )


def _states_kept(capacity: int) -> StatesKept:
    return StatesKept(*StateStore(paths.states_folder(), capacity).measure(), capacity)


def _library_kept() -> LibraryKept:
    with Library.open(readonly=True) as library:
        found = library.statistics()
    return LibraryKept(found.articles, found.results, found.bytes)


def _guard_holds() -> bool:
    """Try to reach an address that no network routes, and say whether the guard refused."""
    import socket

    forbid_network()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # 192.0.2.0/24 is set aside for documentation (RFC 5737); connecting UDP sends nothing.
            probe.connect(("192.0.2.1", 9))
        except NetworkForbidden:
            return True
        except OSError:
            return False
    return False


def _interfaces() -> tuple[str, ...]:
    """Name the network interfaces that are up and not the machine's own loopback."""
    import psutil

    try:
        states = psutil.net_if_stats()
    except OSError:
        return ()
    return tuple(
        sorted(
            name
            for name, state in states.items()
            if state.isup and "loopback" not in state.flags and not name.startswith("lo")
        )
    )
