"""``workbench doctor``: what is here and what is wrong with it."""

import sys
from dataclasses import asdict

import click

from workbench.cli.cache import kept
from workbench.cli.output import complain, put, put_json
from workbench.cli.speed import speed_line
from workbench.diagnosis import Diagnosis, ModelState, diagnose
from workbench.engine.about import NativeReport
from workbench.i18n import _
from workbench.sizes import gigabytes

_WITHOUT_CARDS = ("CPU", "BLAS", "RPC")


@click.command("doctor", help=_("Report on this machine and what is installed."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.option(
    "--offline",
    is_flag=True,
    help=_("Do everything once, on sample articles, and count attempts to reach a network."),
)
@click.option("-m", "--model", metavar="MODEL", help=_("The model that --offline runs."))
def command(as_json: bool, offline: bool, model: str | None) -> int:
    """Print the report; the exit status is 1 where something keeps the program from working."""
    if offline:
        from workbench.cli.rehearsal import run

        return run(model, as_json=as_json)
    if model is not None:
        raise click.UsageError(_("a model is named for --offline only"))
    found = diagnose()
    if as_json:
        put_json(asdict(found))
    else:
        for label, text in _rows(found):
            put(f"{label}: {text}")
        for problem in found.problems:
            complain(problem)
    return 1 if found.problems else 0


def _rows(found: Diagnosis) -> list[tuple[str, str]]:
    llama = found.llama
    rows = [
        (_("workbench"), found.version),
        (_("Python"), found.python),
        (
            _("processor"),
            _("{platform}, {cores} cores, {threads} threads used").format(
                platform=found.platform, cores=found.cores, threads=found.threads
            ),
        ),
        (
            _("memory"),
            _("{available} of {total} available").format(
                available=gigabytes(found.memory_available), total=gigabytes(found.memory_total)
            ),
        ),
        (
            _("llama.cpp"),
            llama.error
            or _("llama-cpp-python {version}; uses {features}").format(
                version=llama.version, features=", ".join(llama.features)
            ),
        ),
        (_("GPU offload"), offload(llama, sys.platform)),
    ]
    rows += [(_("model"), _model(model)) for model in found.models]
    if not found.models:
        rows.append((_("model"), _("none yet; get one with 'workbench models pull'")))
    if found.default:
        rows.append(
            (_("default model"), " — ".join(filter(None, (found.default, found.default_reason))))
        )
    rows += [
        (_("speed of {name}").format(name=model.name), _speed(model))
        for model in found.models
        if model.calibration or model.calibration_problem or model.name == found.default
    ]
    rows.append((_("templates"), str(found.templates)))
    states = found.states
    rows.append((_("KV states"), kept(states.files, states.bytes, states.capacity)))
    library = found.library
    rows.append(
        (
            _("library"),
            _("{articles} articles, {results} results, {size}").format(
                articles=library.articles, results=library.results, size=gigabytes(library.bytes)
            ),
        )
    )
    rows += [
        (_("folder of {what}").format(what=_(name)), path) for name, path in found.folders.items()
    ]
    interfaces = ", ".join(found.network_interfaces)
    rows.append(
        (
            _("network"),
            _("interfaces up: {names}").format(names=interfaces)
            if interfaces
            else _("no interface is up"),
        )
    )
    rows.append(
        (
            _("offline guard"),
            _("holds: a connection to another machine was refused")
            if found.offline_guard
            else _("does NOT hold"),
        )
    )
    return rows


def offload(llama: NativeReport, platform: str) -> str:
    """Say which cards take layers, or why none does and how to change that."""
    if cards := llama.offload_devices:
        return "; ".join(
            _("{description} ({name}), {free} of {total} free").format(
                description=card.description,
                name=card.name,
                free=gigabytes(card.memory_free),
                total=gigabytes(card.memory_total),
            )
            for card in cards
        )
    if llama.error:
        return _("unknown")
    if built := [name for name in llama.backends if name not in _WITHOUT_CARDS]:
        return _(
            "none: this build has {backends} but found no card; see what the driver's own tool says"
            " (docs/gpu.md)"
        ).format(backends=", ".join(built))
    if platform == "darwin":
        return _(
            "none: this build computes on the processor only; a build from source for arm64 has"
            " Metal by default (docs/gpu.md)"
        )
    return _(
        "none: this build computes on the processor only; for a card build llama-cpp-python with"
        " CMAKE_ARGS=-DGGML_CUDA=on (NVIDIA) or -DGGML_VULKAN=on (docs/gpu.md)"
    )


def _model(model: ModelState) -> str:
    verified = {
        True: _("verified"),
        False: _("DAMAGED"),
        None: _("not verified; run 'workbench models verify {name}'").format(name=model.name),
    }[model.verified]
    fit = _("fits") if model.fits else _("does not fit in memory now")
    return f"{model.name}, {gigabytes(model.bytes)}, {fit}, {verified} — {model.path}"


def _speed(model: ModelState) -> str:
    if model.calibration is not None:
        return speed_line(model.calibration)
    return model.calibration_problem or _("not measured; run 'workbench bench -m {name}'").format(
        name=model.name
    )
