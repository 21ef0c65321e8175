"""``workbench models``: what can be had, what is here, getting it and checking it."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from workbench.catalog.entries import Entry, load_catalog
from workbench.catalog.fit import available_memory, memory_needed
from workbench.catalog.gguf import read_header
from workbench.catalog.registry import (
    add,
    installed,
    locate,
    remove,
    resolve,
    verify,
)
from workbench.cli.output import complain, one_line, put, put_json, put_table, say
from workbench.cli.progress import TransferProgress
from workbench.cli.speed import speed_line
from workbench.desk.models import entry_json, listed_json, listed_models, own_model
from workbench.errors import ModelError
from workbench.i18n import _
from workbench.settings import stored_settings
from workbench.sizes import gigabytes
from workbench.tasks.calibration_files import to_json
from workbench.tasks.conditions import measured_model


@click.group("models", help=_("List, get, verify, add and remove models."))
def command() -> None:
    """Group the model commands."""


@command.command("list", help=_("List the models of the catalogue and those that are here."))
@click.option("--here", is_flag=True, help=_("Only those on this machine."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def list_command(here: bool, as_json: bool) -> None:
    """List models: those of the catalogue first, then the user's own."""
    listed = listed_models(stored_settings(), available_memory())
    found = [listed_json(one) for one in listed]
    shown = [item for item in found if item["here"] or not here]
    if as_json:
        put_json(shown)
        return
    put_table(
        [
            [
                item["id"],
                _("here") if item["here"] else "",
                gigabytes(item["bytes"]),
                _fit(item),
                str(item.get("context") or ""),
                str(item.get("role") or item.get("origin") or ""),
                str(item.get("thinking") or ""),
                str(item.get("licence", "")),
            ]
            for item in shown
        ],
        [
            _("name"),
            _("here?"),
            _("size"),
            _("memory"),
            _("context"),
            _("for"),
            _("thinking"),
            _("licence"),
        ],
    )


@command.command("pull", help=_("Get a model; without a name, one chosen for this machine."))
@click.argument("name", required=False)
@click.option("--default", is_flag=True, help=_("Choose one for this machine."))
@click.option("--source", "sources", multiple=True, help=_("Try only this: hub, mirror or index."))
def pull_command(name: str | None, default: bool, sources: tuple[str, ...]) -> None:
    """Pull one model; the only command that opens a connection."""
    from workbench.catalog.fit import model_to_pull
    from workbench.catalog.pull import pull
    from workbench.offline import allow_network

    if name and default:
        raise click.UsageError(_("give a name or --default, not both"))
    with allow_network():
        if not name:
            choice = model_to_pull(stored_settings().context)
            name = choice.name
            say(_("model: {name} ({reason})").format(name=name, reason=choice.reason))
            if choice.pulled and choice.name not in load_catalog():
                return
        entry = _entry(name)
        if not entry.commercial:
            say(_("note: {licence}").format(licence=entry.licence))
        with TransferProgress(entry.id) as progress:
            result = pull(entry, progress=progress, sources=sources or None)
    for failure in result.failed:
        say(_("passed over: {failure}").format(failure=failure))
    if not result.source:
        say(_("here already, verified: {path}").format(path=result.path))
    else:
        say(
            _("got {name} from the {source} in {seconds:.0f} s, SHA-256 verified: {path}").format(
                name=entry.id, source=result.source, seconds=result.seconds, path=result.path
            )
        )


@command.command("verify", help=_("Hash models again; none named: all that are here."))
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def verify_command(names: tuple[str, ...], as_json: bool) -> int:
    """Verify each model; the exit status is 1 when one is not what it should be."""
    failed, found = 0, []
    names = names or tuple(model.name for model in installed())
    if not names:
        say(_("no model is here yet"))
    for name in names:
        try:
            with TransferProgress(name) as progress:
                result = verify(name, progress)
        except ModelError as error:
            complain(str(error))
            failed += 1
            continue
        failed += not result.ok
        found.append(
            {
                "name": result.name,
                "path": str(result.path),
                "sha256": result.sha256,
                "expected": result.expected,
                "ok": result.ok,
            }
        )
        if result.ok and not as_json:
            known = _("as it should be") if result.expected else _("nothing to compare with")
            put(f"{result.name}: {result.sha256} {known}")
        elif not result.ok:
            complain(
                _("{path}: the SHA-256 is {got}, it should be {expected}").format(
                    path=result.path, got=result.sha256, expected=result.expected
                ),
                fix=_("Delete it, then: workbench models pull {name}").format(name=result.name)
                if result.name in load_catalog()
                else _("Fetch it again; if you changed it yourself, remove and add it."),
            )
    if as_json:
        put_json(found)
    return 1 if failed else 0


@command.command("show", help=_("Show all that is known of a model."))
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def show(name: str, as_json: bool) -> None:
    """Show a model's entry and, where it is here, the header of its file."""
    found: dict[str, Any] = {}
    entry = load_catalog().get(name)
    if entry is not None:
        found = entry_json(entry)
    if entry is None or any(model.name == name for model in installed()):
        model = resolve(name)
        header = {key: value for key, value in asdict(model.header).items() if key != "path"}
        template = header.pop("chat_template")
        heads = header.pop("kv_heads")
        found |= {"id": model.name, "path": str(model.path), **header}
        found["chat_template"] = bool(template)
        found["kv_heads"] = max(heads, default=None)
        settings = stored_settings()
        found["memory_needed"] = memory_needed(model.header, settings.context, settings.kv_type)
        calibration, _damage = measured_model(model.path, settings)
        if calibration is not None:
            found["speed"] = to_json(calibration) if as_json else speed_line(calibration)
    if as_json:
        put_json(found)
        return
    for key, value in found.items():
        if value not in (None, "", ()):
            put(f"{key}: {_shown(key, value)}")


@command.command("add", help=_("Register a GGUF file of yours; it stays where it is."))
@click.argument("path")
@click.option("--name", help=_("The name to give it; else that of the file."))
@click.option("--copy", is_flag=True, help=_("Copy it into the models folder."))
@click.option("--link", is_flag=True, help=_("Leave it where it is (the default)."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def add_command(path: str, name: str | None, copy: bool, link: bool, as_json: bool) -> None:
    """Register a local file."""
    if copy and link:
        raise click.UsageError(_("give --copy or --link, not both"))
    with TransferProgress(Path(path).name) as progress:
        model = add(Path(path), name=name, copy=copy, progress=progress)
    header = read_header(model.path)
    if as_json:
        put_json(listed_json(own_model(model, stored_settings(), available_memory())))
    say(
        _("added {name}: {architecture}, {size}, context {context}, {template}").format(
            name=model.name,
            architecture=header.architecture,
            size=gigabytes(model.bytes),
            context=header.context_length or "?",
            template=_("with a chat template")
            if header.chat_template
            else _("without a chat template"),
        )
    )
    say(_("use it with: workbench summarize -m {name} …").format(name=model.name))


@command.command("remove", help=_("Remove a model; a file that was only linked stays."))
@click.argument("name")
@click.option("-y", "--yes", is_flag=True, help=_("Do not ask."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def remove_command(name: str, yes: bool, as_json: bool) -> None:
    """Remove a model, after asking where its file goes with it."""
    name, path, _known = locate(name)
    own = any(model.name == name and model.origin != "linked" for model in installed())
    if own and not yes:
        if not sys.stdin.isatty():
            raise click.UsageError(_("this deletes {path}: confirm with --yes").format(path=path))
        click.confirm(_("Delete {path}?").format(path=path), abort=True, err=True)
    removed = remove(name, delete_file=own)
    if as_json:
        put_json({"name": name, "path": str(removed.path), "deleted": removed.deleted})
    if removed.deleted:
        say(_("deleted {path}").format(path=removed.path))
    else:
        say(_("forgot {name}; the file stays: {path}").format(name=name, path=removed.path))


def _shown(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if key in ("bytes", "file_size", "memory_needed"):
        return f"{value} ({gigabytes(value)})"
    return one_line(str(value))


def _fit(item: dict[str, Any]) -> str:
    if "error" in item:
        return _("damaged")
    return _("fits") if item["fits"] else _("too large")


def _entry(name: str) -> Entry:
    from workbench.catalog.registry import catalogued

    return catalogued(name)
