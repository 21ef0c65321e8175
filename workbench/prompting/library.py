"""Finding templates: those shipped, and the user's own, which override them by name."""

import difflib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import TemplateError
from workbench.files import write_atomically
from workbench.i18n import _
from workbench.paths import shipped_prompts_folder, user_prompts_folder
from workbench.prompting.template import Template, check_name, parse_template

_LARGEST = 256 * 1024
_NAME_LINE = re.compile(r"^name[ \t]*:[^\r\n]*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Listed:
    """One template file: the template, or what is wrong with it."""

    path: Path
    own: bool
    template: Template | None
    error: TemplateError | None


def list_templates() -> list[Listed]:
    """List the user's and the shipped templates; a shipped one that is overridden is left out.

    A broken template of the user's overrides nothing: it is listed beside the shipped one.
    """
    own = _refuse_same_names(_read_folder(user_prompts_folder(), own=True))
    names = {item.template.name for item in own if item.template}
    shipped = [
        item
        for item in _read_folder(shipped_prompts_folder(), own=False)
        if not (item.template and item.template.name in names)
    ]
    return sorted([*own, *shipped], key=lambda item: (item.path.stem, not item.own))


def find_template(name: str, task: str | None = None) -> Template:
    """Return the template of this name, or at this path; TemplateError where there is none.

    With a ``task``, one that is written for another is refused. Where the user's own template of
    the name is broken, its error is raised: the shipped one is not what was asked for.
    """
    template = _find(name)
    if task is not None and template.task != task:
        fitting = [
            item.template.name
            for item in list_templates()
            if item.template and item.template.task == task
        ]
        raise TemplateError(
            _("the template {name!r} is for {other}, not for {task}").format(
                name=template.name, other=template.task, task=task
            ),
            fix=_("There are: {names}.").format(names=", ".join(fitting) or "-"),
        )
    return template


def _find(name: str) -> Template:
    if name.endswith(".md") or "/" in name or os.sep in name:
        return read_template(Path(name).expanduser())
    listed = list_templates()
    for item in listed:
        if item.error and item.own and item.path.stem == name:
            raise item.error
    for item in listed:
        if item.template and item.template.name == name:
            return item.template
    for item in listed:
        if item.error and item.path.stem == name:
            raise item.error
    names = [item.template.name for item in listed if item.template]
    close = difflib.get_close_matches(name, names, 1)
    raise TemplateError(
        _("there is no template {name!r}").format(name=name),
        fix=_("Did you mean {name!r}?").format(name=close[0])
        if close
        else _("There are: {names}.").format(names=", ".join(names)),
    )


def read_template(path: Path) -> Template:
    """Read one template file; TemplateError says what is wrong and where."""
    return parse_template(_read(path), path)


def _read(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            raise TemplateError(
                _("is not a file"), path=path, fix=_("See 'workbench prompts list'.")
            )
        with path.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise TemplateError(
                _("is too large for a template: more than {size} KB").format(size=_LARGEST // 1024),
                path=path,
                fix=_("Shorten it."),
            )
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TemplateError(
            _("line {line}: {what}").format(
                line=data.count(b"\n", 0, error.start) + 1,
                what=_("is not UTF-8 (byte {position})").format(position=error.start),
            ),
            path=path,
            fix=_("Save it as UTF-8."),
        ) from None
    except (OSError, ValueError) as error:
        raise TemplateError(
            getattr(error, "strerror", None) or str(error),
            path=path,
            fix=_("See 'workbench prompts list'."),
        ) from None


def new_template(name: str, *, base: str = "news") -> Path:
    """Copy a template into the user's folder under a new name; return its path."""
    path = user_prompts_folder() / f"{name}.md"
    check_name(name, path)
    if path.exists():
        raise TemplateError(
            _("exists already"), path=path, fix=_("Choose another name or edit it.")
        )
    source = find_template(base)
    renamed = _NAME_LINE.sub(f"name: {name}", _read(source.path), count=1)
    if parse_template(renamed, path).name != name:
        raise TemplateError(
            _("its name does not stand on a line of its own"),
            path=source.path,
            fix=_("Write 'name: {name}' on one line.").format(name=source.name),
        )
    try:
        write_atomically(path, renamed)
    except OSError as error:
        raise TemplateError(
            error.strerror or str(error), path=path, fix=_("Check the folder and the disk.")
        ) from None
    return path


def _read_folder(folder: Path, *, own: bool) -> list[Listed]:
    found = []
    for path in sorted(folder.glob("*.md")):
        try:
            found.append(Listed(path, own, read_template(path), None))
        except TemplateError as error:
            found.append(Listed(path, own, None, error))
    return found


def _refuse_same_names(listed: list[Listed]) -> list[Listed]:
    """Keep the first of two templates that give themselves one name, refuse the other."""
    first: dict[str, Path] = {}
    kept = []
    for item in listed:
        name = item.template.name if item.template else None
        if name is None or first.setdefault(name, item.path) == item.path:
            kept.append(item)
            continue
        error = TemplateError(
            _("{other} has the name {name!r} already").format(other=first[name].name, name=name),
            path=item.path,
            fix=_("Give it another name."),
        )
        kept.append(Listed(item.path, item.own, None, error))
    return kept
