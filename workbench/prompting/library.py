"""Finding templates: those shipped, and the user's own, which override them by name."""

import difflib
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import TemplateError
from workbench.files import write_atomically
from workbench.i18n import _
from workbench.paths import shipped_prompts_folder, user_prompts_folder
from workbench.prompting.template import Template, parse_template


@dataclass(frozen=True, slots=True)
class Listed:
    """One template file: the template, or what is wrong with it."""

    path: Path
    own: bool
    template: Template | None
    error: TemplateError | None


def list_templates() -> list[Listed]:
    """List the user's and the shipped templates; a shipped one that is overridden is left out."""
    own = _read_folder(user_prompts_folder(), own=True)
    names = {item.template.name for item in own if item.template}
    shipped = [
        item
        for item in _read_folder(shipped_prompts_folder(), own=False)
        if not (item.template and item.template.name in names)
    ]
    return sorted([*own, *shipped], key=lambda item: item.path.stem)


def find_template(name: str) -> Template:
    """Return the template of this name, or at this path; TemplateError where there is none."""
    if name.endswith(".md") or "/" in name:
        return read_template(Path(name).expanduser())
    listed = list_templates()
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
    try:
        source = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise TemplateError(
            _("is not UTF-8 (byte {position})").format(position=error.start),
            path=path,
            fix=_("Save it as UTF-8."),
        ) from None
    except OSError as error:
        raise TemplateError(
            error.strerror or str(error), path=path, fix=_("See 'workbench prompts list'.")
        ) from None
    return parse_template(source, path)


def new_template(name: str, *, base: str = "news") -> Path:
    """Copy a template into the user's folder under a new name; return its path."""
    source = find_template(base)
    path = user_prompts_folder() / f"{name}.md"
    if path.exists():
        raise TemplateError(
            _("exists already"), path=path, fix=_("Choose another name or edit it.")
        )
    text = source.path.read_text(encoding="utf-8")
    renamed = text.replace(f"name: {source.name}\n", f"name: {name}\n", 1)
    parse_template(renamed, path)
    write_atomically(path, renamed)
    return path


def _read_folder(folder: Path, *, own: bool) -> list[Listed]:
    found = []
    for path in sorted(folder.glob("*.md")):
        try:
            found.append(Listed(path, own, read_template(path), None))
        except TemplateError as error:
            found.append(Listed(path, own, None, error))
    return found
