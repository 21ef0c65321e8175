"""Rendering a template body in a sandbox, with strict undefined."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from workbench.errors import TemplateError
from workbench.i18n import _
from workbench.prompting.template import VARIABLES, Template

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

_SAMPLE: dict[str, Any] = {
    "first": 1,
    "last": 4,
    "opening": "示例",
    "characters": 60,
    "lines": 3,
    "title": "示例标题",
    "date": "2026-01-02",
    "length": "medium",
}


@cache
def _environment() -> "ImmutableSandboxedEnvironment":
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.clear()  # range(10**9) and the like have no place in a prompt
    return environment


def render(template: Template, values: Mapping[str, Any], given: Mapping[str, str]) -> str:
    """Render the instruction of one call.

    ``values`` are those of ``VARIABLES``, ``given`` those the user set with ``--var``. Raises
    TemplateError with file and line.
    """
    import jinja2

    context = {**(template.variables or {}), **given, **values}
    try:
        text = _environment().from_string(template.body).render(context)
    except jinja2.TemplateSyntaxError as error:
        raise _wrong(template, error.lineno, str(error.message)) from None
    except jinja2.UndefinedError as error:
        raise _wrong(template, _line_of(error), str(error.message), _known(template)) from None
    except (jinja2.TemplateError, ArithmeticError, TypeError, ValueError, AttributeError) as error:
        raise _wrong(template, _line_of(error), str(error)) from None
    if not text.strip():
        raise _wrong(template, 1, _("the rendered instruction is empty"))
    return text.strip()


def check(template: Template) -> None:
    """Render the template on sample values; TemplateError says what is wrong and where."""
    import jinja2
    from jinja2 import meta

    try:
        tree = _environment().parse(template.body)
    except jinja2.TemplateSyntaxError as error:
        raise _wrong(template, error.lineno, str(error.message)) from None
    # A branch the sample values do not take may name what does not exist.
    unknown = meta.find_undeclared_variables(tree) - set(VARIABLES) - set(template.variables or {})
    if unknown:
        name = sorted(unknown)[0]
        line = next((n for n, text in enumerate(template.body.split("\n"), 1) if name in text), 1)
        what = _("there is no variable {name!r}").format(name=name)
        raise _wrong(template, line, what, _known(template))
    render(template, _SAMPLE, {})


def check_variables(template: Template, given: Mapping[str, str]) -> None:
    """Refuse values for variables that the template does not declare."""
    declared = template.variables or {}
    for name in given:
        if name not in declared:
            raise TemplateError(
                _("the template {template!r} has no variable {name!r}").format(
                    template=template.name, name=name
                ),
                fix=_("It has: {names}.").format(names=", ".join(declared))
                if declared
                else _("It has none."),
            )


def _known(template: Template) -> str:
    names = [*VARIABLES, *(template.variables or {})]
    return _("The variables are: {names}.").format(names=", ".join(names))


def _line_of(error: BaseException) -> int:
    """Find the template's line in the traceback that Jinja2 rewrites for it."""
    line = 1
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _wrong(template: Template, line: int, what: str, fix: str | None = None) -> TemplateError:
    return TemplateError(
        _("line {line}: {what}").format(line=template.body_line + line - 1, what=what),
        path=template.path,
        fix=fix or _("Correct the line, then run 'workbench prompts check'."),
    )
