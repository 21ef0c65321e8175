"""``workbench bundle``: one file with all that a machine without a network needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from workbench.bundle.bootstrap import (
    BundleError,
    Manifest,
    Progress,
    install_programs,
    read_manifest,
    verify,
)
from workbench.bundle.creating import Contents, create
from workbench.bundle.installing import INSTALLED, KEPT, Placed, install
from workbench.catalog.fit import default_model
from workbench.cli.output import complain, put, put_json, put_table, say
from workbench.cli.status_line import StatusLine
from workbench.engine.openai.address import names_server
from workbench.errors import UsageError, WorkbenchError
from workbench.i18n import _
from workbench.settings import stored_settings
from workbench.sizes import gigabytes


@click.group("bundle", help=_("Carry models, templates, settings and programs to another machine."))
def command() -> None:
    """Group the bundle commands."""


@command.command("create", help=_("Write FILE, to be installed where there is no network."))
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-m", "--model", "models", multiple=True, metavar="NAME|PATH", help=_("May be given again.")
)
@click.option("--no-models", is_flag=True, help=_("Leave models out."))
@click.option("--no-programs", is_flag=True, help=_("Leave the programs out."))
@click.option(
    "--wheels",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help=_("Take the programs from this folder of wheels; else those that are installed here."),
)
@click.option("--no-templates", is_flag=True, help=_("Leave your own templates out."))
@click.option("--no-settings", is_flag=True, help=_("Leave your settings out."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def create_command(
    file: Path,
    models: tuple[str, ...],
    no_models: bool,
    no_programs: bool,
    wheels: Path | None,
    no_templates: bool,
    no_settings: bool,
    as_json: bool,
) -> None:
    """Write the bundle and say what to do with it."""
    if models and no_models:
        raise click.UsageError(_("models are named and left out: which?"))
    if wheels is not None and no_programs:
        raise click.UsageError(_("wheels are named and programs left out: which?"))
    contents = Contents(
        models or (() if no_models else (_model_in_use(),)),
        programs=not no_programs,
        wheels=wheels,
        templates=not no_templates,
        settings=not no_settings,
    )
    with _progress(_("writing")) as (status, progress), _told(file):
        manifest = create(file, contents, status.notice, progress)
    if as_json:
        put_json(_json(manifest))
        return
    _show(manifest)
    if not no_programs:
        say(
            _("where the workbench is not installed yet: tar -xOf {file} install.py |").format(
                file=file.name
            )
            + f" python3 - {file.name}"
        )
    say(_("where it is: workbench bundle install {file}").format(file=file.name))


@command.command("install", help=_("Put what is in FILE in its places, after verifying all of it."))
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help=_("Make a new environment there out of the programs, too."),
)
@click.option("--replace", is_flag=True, help=_("Replace files of yours that differ."))
@click.option("--fingerprint", metavar="SHA256", help=_("Refuse the bundle unless it has this."))
@click.option("--verified", hidden=True, default="")
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def install_command(
    file: Path,
    into: Path | None,
    replace: bool,
    fingerprint: str | None,
    verified: str,
    as_json: bool,
) -> int:
    """Install, and say of each file what became of it; 1 where a model was not put in place."""
    with _progress(_("reading")) as (_status, progress), _told(file):
        if fingerprint and read_manifest(file).fingerprint != fingerprint.lower():
            raise BundleError(
                _("its fingerprint is {found}").format(found=read_manifest(file).fingerprint)
            )
        placed = install(file, replace=replace, verified=verified, progress=progress)
        if into is not None:
            program = install_programs(file, into.absolute())
    if as_json:
        put_json([{**asdict(one), "path": str(one.path)} for one in placed])
    else:
        for one in placed:
            put(f"{_outcome(one)}: {one.path}")
    if into is not None:
        say(_("start it with: {program}").format(program=program))
    lost = [one for one in placed if one.outcome == KEPT and one.item.kind == "model"]
    for one in lost:
        complain(
            _("{path}: another model has this file name").format(path=one.path),
            fix=_("Rename it, or install with --replace."),
        )
    return 1 if lost else 0


@command.command("show", help=_("Show what is in FILE, and verify it."))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def show(file: Path, as_json: bool) -> None:
    """Read the whole file and print what it holds."""
    with _progress(_("verifying")) as (_status, progress), _told(file):
        manifest = verify(file, progress)
    if as_json:
        put_json(_json(manifest))
    else:
        _show(manifest)


def _show(manifest: Manifest) -> None:
    shown = [item for item in manifest.items if item.kind != "wheel"]
    rows = [[item.kind, item.name or item.file_name, gigabytes(item.bytes)] for item in shown]
    if wheels := manifest.of("wheel"):
        about = _("workbench {version} and what it needs, Python {python}, {platform}").format(
            version=manifest.workbench, python=manifest.python, platform=manifest.platform
        )
        rows.append(["wheel", about, gigabytes(sum(item.bytes for item in wheels))])
    put_table(rows, [_("kind"), _("name"), _("size")])
    put(_("fingerprint: {sha256}").format(sha256=manifest.fingerprint))


def _json(manifest: Manifest) -> dict[str, Any]:
    return asdict(manifest)


def _outcome(placed: Placed) -> str:
    if placed.outcome == INSTALLED:
        return _("installed")
    return _("kept, yours differs") if placed.outcome == KEPT else _("already there")


def _model_in_use() -> str:
    settings = stored_settings()
    if settings.model and not names_server(settings.model):
        return settings.model
    choice = default_model(settings.context, kv_type=settings.kv_type)
    if choice is None or not choice.pulled:
        raise UsageError(
            _("there is no model to put into the bundle"),
            fix=_("Get one with 'workbench models pull', or leave models out with --no-models."),
        )
    return choice.name


@contextmanager
def _progress(doing: str) -> Iterator[tuple[StatusLine, Progress]]:
    with StatusLine() as status:

        def show(done: int, total: int) -> None:
            status.show(doing, f"{doing}: {gigabytes(done)} / {gigabytes(total)}")

        yield status, show


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Turn what is wrong with a bundle into one line with its name."""
    try:
        yield
    except BundleError as error:
        raise WorkbenchError(str(error), path=file) from None
    except OSError as error:
        raise WorkbenchError(
            _("cannot be read or written: {reason}").format(reason=error.strerror or error),
            path=error.filename or file,
        ) from None
