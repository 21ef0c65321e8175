"""Templates as one writes them: checked while they are typed, seen as the model gets them, kept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.articles.model import Article
from workbench.errors import TemplateError
from workbench.files import write_atomically
from workbench.i18n import _
from workbench.paths import shipped_prompts_folder, user_prompts_folder
from workbench.prompting.library import Listed, list_templates, read_template
from workbench.prompting.render import render
from workbench.prompting.template import Template, check_name, parse_template, variables_of
from workbench.tasks import prompts
from workbench.tasks.ask.kinds import kind_of
from workbench.tasks.material import Material
from workbench.tasks.template_check import check_template

_LINE = re.compile(r"^(?:line|第)\s*(\d+)")
_OPENING_CHARACTERS = 14
_EVIDENCE_CHARACTERS = 240
_QUESTION = "文章的主要内容是什么？"
# A Chinese character is about 0.7 of a token for the models of the catalogue, another one 0.3.
_TOKENS_OF_HANZI, _TOKENS_OF_OTHER = 0.7, 0.3
_MOST_MATERIAL = 6_000
"""Characters of an article that a face shows at once: laying out 350,000 takes over a second."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A template in the list; ``overrides``: it is the user's, in place of a shipped one."""

    name: str
    path: Path
    own: bool
    overrides: bool
    template: Template | None
    error: TemplateError | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a text that is to be a template; ``line`` 0 where the error has no line."""

    template: Template | None
    error: str = ""
    fix: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model gets: what it is told before, the material, and the instruction."""

    system: str
    material: str
    instruction: str

    @property
    def text(self) -> str:
        """Return all of it."""
        return "\n".join((self.system, self.material, self.instruction))


def shown_templates() -> list[Shown]:
    """List the templates that count, broken ones of the user's too."""
    return [_shown(item) for item in list_templates()]


def _shown(item: Listed) -> Shown:
    name = item.template.name if item.template else item.path.stem
    overrides = item.own and (shipped_prompts_folder() / f"{name}.md").is_file()
    return Shown(name, item.path, item.own, overrides, item.template, item.error)


def source_of(path: Path) -> str:
    """Return the text of a template file; TemplateError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        read_template(path)  # says what is wrong
        raise TemplateError(_("cannot be read"), path=path) from None


def checked(source: str, path: Path) -> Checked:
    """Check a text as far as can be done without an article."""
    try:
        template = parse_template(source, path)
        check_template(template)
    except TemplateError as error:
        found = _LINE.match(error.what)
        return Checked(None, error.what, error.fix or "", int(found[1]) if found else 0)
    return Checked(template)


def prompt_for(
    template: Template, article: Article, length: str, given: Mapping[str, str] | None = None
) -> Prompt:
    """Return what a model would get about an article, the whole of it as one stretch.

    The real calls divide what is asked among stretches of the article, and find their evidence in
    them; here the beginning stands for that. TemplateError where it does not render.
    """
    material = Material(article)
    size = template.size(length)
    evidence = ""
    for sentence in material.sentences:
        if len(evidence) + len(sentence.text) > _EVIDENCE_CHARACTERS:
            break
        evidence += sentence.text
    opening = material.lines[0].partition(" ")[2][:_OPENING_CHARACTERS] if material.lines else ""
    values = {
        "first": 1,
        "last": max(1, len(material.lines)),
        "opening": opening,
        "evidence": evidence,
        "characters": size.characters,
        "lines": size.points,
        "title": material.title,
        "date": article.date or "",
        "length": length,
        "question": _QUESTION,
        "factoid": not kind_of(_QUESTION).descriptive,
    }
    names = variables_of(template.task)
    instruction = render(template, {name: values[name] for name in names}, given or {})
    segment = prompts.article_segment(material.lines, material.title)
    return Prompt(prompts.SYSTEM, segment, instruction)


def shortened(prompt: Prompt) -> str:
    """Return a prompt as one looks it over: what is asked, then how a long article begins."""
    material, left = prompt.material[:_MOST_MATERIAL], len(prompt.material) - _MOST_MATERIAL
    if left > 0:
        material += "\n" + _("and {count:,} characters more").format(count=left)
    return "\n\n".join((prompt.instruction, prompt.system, material))


def estimated_tokens(text: str) -> int:
    """Guess the tokens of a text where no model is there to count them."""
    hanzi = sum("\u3400" <= char <= "\u9fff" for char in text)
    return round(hanzi * _TOKENS_OF_HANZI + (len(text) - hanzi) * _TOKENS_OF_OTHER)


def keep_template(source: str, name: str, *, replace: bool) -> Path:
    """Write a text as the user's template of a name, in one step; return its file.

    The name inside the text is made the same. TemplateError where the text is no sound template,
    the name cannot be one, or, without ``replace``, is taken by another of the user's.
    """
    path = own_file(name)
    renamed = named(source, name)
    template = parse_template(renamed, path)
    if template.name != name:
        raise TemplateError(
            _("its name does not stand on a line of its own"),
            path=path,
            fix=_("Write 'name: {name}' on one line.").format(name=name),
        )
    check_template(template)
    if path.exists() and not replace:
        raise TemplateError(
            _("exists already"), path=path, fix=_("Choose another name or edit it.")
        )
    try:
        write_atomically(path, renamed)
    except OSError as error:
        raise TemplateError(
            error.strerror or str(error), path=path, fix=_("Check the folder and the disk.")
        ) from None
    return path


def own_file(name: str) -> Path:
    """Return the file of the user's template of a name; TemplateError for an impossible name."""
    path = user_prompts_folder() / f"{name}.md"
    check_name(name, path)
    return path


def named(source: str, name: str) -> str:
    """Return a template's text with another name in it."""
    return re.sub(r"^name[ \t]*:[^\r\n]*", f"name: {name}", source, count=1, flags=re.MULTILINE)


def remove_own(shown: Shown) -> None:
    """Delete a template of the user's; a shipped one of its name counts again. TemplateError."""
    if not shown.own or shown.path.parent != user_prompts_folder():
        raise TemplateError(_("is no template of yours"), path=shown.path)
    try:
        shown.path.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise TemplateError(
            error.strerror or str(error), path=shown.path, fix=_("Check the rights of the folder.")
        ) from None
