"""Checking a template before any article is tried: its body, and its schema against the engine."""

import json
from urllib.parse import unquote

from workbench.engine.schema import SchemaError, gbnf_of_schema
from workbench.errors import EngineError
from workbench.i18n import _
from workbench.prompting import render
from workbench.prompting.front_matter import wrong
from workbench.prompting.template import Template


def check_template(template: Template) -> None:
    """Raise a TemplateError, with file and line, where a template cannot do what it says."""
    render.check(template)
    if template.schema is None:
        return
    try:
        gbnf_of_schema(json.dumps(template.schema, ensure_ascii=False))
    except EngineError as error:
        pointer = error.pointer if isinstance(error, SchemaError) else "#"
        raise wrong(
            template.path,
            _line(template, pointer),
            error.what,
            _("See docs/templates.md for what a schema may ask."),
        ) from None


def _line(template: Template, pointer: str) -> int:
    """Return the line of the key a JSON pointer leads to, or of the nearest key around it."""
    steps = ["schema", *(unquote(step) for step in pointer.split("/")[1:])]
    while steps:
        line = template.lines.get(".".join(steps))
        if line is not None:
            return line
        steps.pop()
    return 1
