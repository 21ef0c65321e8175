"""``workbench prompts``: the templates."""

import os
from pathlib import Path

import click

from workbench.cli.output import complain, put, put_json, put_table, say
from workbench.errors import TemplateError
from workbench.i18n import _, language
from workbench.paths import user_prompts_folder
from workbench.prompting.library import Listed, find_template, list_templates, new_template
from workbench.prompting.template import TASKS, Template, variables_of
from workbench.tasks.template_check import check_template


@click.group("prompts", help=_("List, show, write and check templates."))
def command() -> None:
    """Group the template commands."""


@command.command("list", help=_("List the templates."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def list_command(as_json: bool) -> int:
    """List templates, broken ones too."""
    listed = list_templates()
    if as_json:
        put_json([_described(item) for item in listed])
        return 0
    rows = []
    for item in listed:
        if item.template:
            title, about = _titled(item.template)
            whose = _("own") if item.own else ""
            rows.append([item.template.name, item.template.task, title, whose, about])
        elif item.error:
            rows.append(
                [item.path.stem, "", _("broken"), _("own") if item.own else "", item.error.what]
            )
    put_table(rows, [_("name"), _("task"), _("title"), _("whose"), _("description")])
    return 0


@command.command("show", help=_("Print a template, or with --path where it is."))
@click.argument("name")
@click.option("--path", "only_path", is_flag=True, help=_("Print its path only."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def show(name: str, only_path: bool, as_json: bool) -> None:
    """Print one template."""
    template = find_template(name)
    if only_path:
        put(str(template.path))
    elif as_json:
        own = template.path.parent == user_prompts_folder()
        put_json({**_described(Listed(template.path, own, template, None)), "body": template.body})
    else:
        put(template.path.read_text(encoding="utf-8"))


@command.command("new", help=_("Copy a template into your own folder, under a new name."))
@click.argument("name")
@click.option("--from", "base", default="news", help=_("The template to begin with."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def new(name: str, base: str, as_json: bool) -> None:
    """Begin a template of the user's own."""
    path = new_template(name, base=base)
    if as_json:
        put_json({"name": name, "path": str(path)})
    else:
        put(str(path))
    say(_("edit it, then run: workbench prompts check {name}").format(name=name))


@command.command("check", help=_("Say what is wrong with templates, and where; none named: all."))
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def check_command(names: tuple[str, ...], as_json: bool) -> int:
    """Check templates by name or path."""
    failed = 0
    found: list[dict[str, str | None]] = []
    for name in names or [str(item.path) for item in list_templates()]:
        try:
            template = find_template(name)
            check_template(template)
        except TemplateError as error:
            failed += 1
            complain(str(error))
            found.append({"name": name, "path": str(error.path or ""), "error": str(error)})
            continue
        found.append({"name": template.name, "path": str(template.path), "error": None})
        if not as_json:
            put(_("{name}: fine").format(name=template.name))
    if as_json:
        put_json(found)
    if failed:
        for task in TASKS:
            names_of = ", ".join(variables_of(task))
            say(
                _("a template that is to {task} may use: {names}").format(task=task, names=names_of)
            )
    return 1 if failed else 0


def _titled(template: Template) -> tuple[str, str]:
    if not language().startswith("zh"):
        return template.title, template.description
    title = template.title_zh or template.title
    description = template.description_zh or template.description
    if language() == "zh_TW":
        from workbench.articles.script import convert

        return convert(title, "taiwan"), convert(description, "taiwan")
    return title, description


def _described(item: Listed) -> dict[str, object]:
    path = os.fspath(Path(item.path))
    if item.template is None:
        return {"name": item.path.stem, "path": path, "own": item.own, "error": str(item.error)}
    template = item.template
    return {
        "name": template.name,
        "title": template.title,
        "title_zh": template.title_zh,
        "task": template.task,
        "description": template.description,
        "description_zh": template.description_zh,
        "output": template.output,
        "schema": template.schema,
        "variables": dict(template.variables or {}),
        "path": path,
        "own": item.own,
        "sha256": template.sha256,
    }
