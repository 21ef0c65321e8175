"""Keeping the library whole: check, backup, restore."""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from workbench.cli.library.shared import json_option
from workbench.cli.output import complain, one_line, put, put_json, say
from workbench.cli.status_line import StatusLine
from workbench.i18n import _
from workbench.paths import library_file
from workbench.sizes import gigabytes
from workbench.store.library import Library


@click.command("check", help=_("Look for damage; the exit status is 1 where some is left."))
@click.option("--repair", is_flag=True, help=_("Repair what can be, save what can be read."))
@json_option
def check_command(repair: bool, as_json: bool) -> int:
    """Check the library, and repair it where asked to."""
    from workbench.store.checking import check

    with StatusLine() as status:
        report = check(
            library_file(), repair=repair, progress=lambda stage: status.show(stage, stage)
        )
    if as_json:
        put_json(
            {
                "path": str(library_file()),
                "sound": report.sound,
                "kept": str(report.kept) if report.kept else None,
                "articles": report.articles,
                "problems": [asdict(problem) for problem in report.problems],
                "missing_files": report.missing_files,
            }
        )
        return 0 if report.sound else 1
    for problem in report.problems:
        if problem.repaired:
            put(_("repaired: {what}").format(what=one_line(problem.what)))
        else:
            complain(problem.what)
    for path in report.missing_files:
        put(_("no longer there: {path}").format(path=one_line(path)))
    if report.missing_files:
        put(_("Articles whose files are gone stay in the library."))
    if report.kept:
        put(_("the damaged library is kept: {path}").format(path=report.kept))
    if report.sound:
        put(_("{count} articles, all sound").format(count=report.articles))
    elif not repair:
        say(_("repair what can be with: workbench library check --repair"))
    return 0 if report.sound else 1


@click.command("backup", help=_("Copy the library into one file, while it is in use or not."))
@click.argument("file")
@json_option
def backup_command(file: str, as_json: bool) -> None:
    """Write a backup; an earlier one of that name is replaced once the new one is whole."""
    target = Path(file).expanduser()
    with Library.open(readonly=True) as library, StatusLine() as status:
        library.backup(
            target,
            lambda done, total: status.show(
                "backup", _("{done} of {total} pages").format(done=done, total=total)
            ),
        )
    size = target.stat().st_size
    if as_json:
        put_json({"path": str(target), "bytes": size})
    say(_("wrote {path}, {size}").format(path=target, size=gigabytes(size)))


@click.command("restore", help=_("Put a backup in the library's place; the old one is kept."))
@click.argument("file")
@click.option("-y", "--yes", is_flag=True, help=_("Do not ask."))
@json_option
def restore_command(file: str, yes: bool, as_json: bool) -> None:
    """Validate a backup and put it in the library's place."""
    from workbench.store.restoring import restore, validate

    backup = Path(file).expanduser()
    validate(backup)
    if library_file().exists() and not yes:
        question = _("Put {backup} in the place of {library}?").format(
            backup=backup, library=library_file()
        )
        if not sys.stdin.isatty():
            raise click.UsageError(_("{question} Confirm with --yes").format(question=question))
        click.confirm(question, abort=True, err=True)
    kept = restore(backup)
    with Library.open(readonly=True) as library:
        count = library.count()
    if as_json:
        put_json({"articles": count, "kept": str(kept) if kept else None})
    say(_("restored: {count} articles").format(count=count))
    if kept:
        say(_("what was there before is kept: {path}").format(path=kept))
