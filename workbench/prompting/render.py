"""Rendering a template body, and checking that it renders whatever is asked of it."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from workbench.errors import TemplateError
from workbench.i18n import _
from workbench.prompting.template import Template, variables_of
from workbench.settings import LENGTHS

_SAMPLE: dict[str, Any] = {
    "first": 1,
    "last": 4,
    "opening": "示例",
    "lines": 3,
    "question": "示例是什么？",
    "evidence": "示例发生了。",
}
_SAMPLE_TITLES = ("示例标题", "")
_SAMPLE_KINDS = (True, False)
_SAMPLE_DATES = ("2026-01-02", "")


def render(template: Template, values: Mapping[str, Any], given: Mapping[str, str]) -> str:
    """Render the instruction of one call.

    ``values`` are those of the template's task, ``given`` those the user set with ``--var``.
    Raises TemplateError with file and line.
    """
    import jinja2

    from workbench.prompting import sandbox

    context = {**(template.variables or {}), **given, **values}
    try:
        text = sandbox.run(template.body, context)
    except sandbox.Refused as error:
        raise _wrong(template, error.line or _line_of(error), str(error)) from None
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
    """Render the template on sample values; TemplateError says what is wrong and where.

    Every length is tried, with and without title and date. A branch that no sample takes may still
    name a variable that does not exist: names are looked up in the whole body.
    """
    import jinja2
    from jinja2 import meta, nodes

    from workbench.prompting import sandbox

    try:
        tree = sandbox.parse(template.body)
        unknown = meta.find_undeclared_variables(tree)
    except sandbox.Refused as error:
        raise _wrong(template, error.line or 1, str(error)) from None
    except jinja2.TemplateSyntaxError as error:
        raise _wrong(template, error.lineno, str(error.message)) from None
    except RecursionError:
        raise _wrong(template, 1, _("it is nested too deep")) from None
    unknown -= {*variables_of(template.task), *(template.variables or {})}
    for node in tree.find_all(nodes.Name):
        if node.name in unknown:
            what = _("there is no variable {name!r}").format(name=node.name)
            raise _wrong(template, node.lineno, what, _known(template))
    for values in _samples(template):
        render(template, values, {})


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


def _samples(template: Template) -> Iterator[dict[str, Any]]:
    names = variables_of(template.task)
    for length, title, date, factoid in product(
        LENGTHS, _SAMPLE_TITLES, _SAMPLE_DATES, _SAMPLE_KINDS if "factoid" in names else (True,)
    ):
        values = {
            **_SAMPLE,
            "characters": template.size(length).characters,
            "length": length,
            "title": title,
            "date": date,
            "factoid": factoid,
        }
        yield {name: values[name] for name in names}


def _known(template: Template) -> str:
    names = [*variables_of(template.task), *(template.variables or {})]
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
