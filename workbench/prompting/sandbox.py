"""The part of Jinja2 that templates may use, small enough that none can run away.

A template is text that may come from anywhere. Jinja2's own sandbox keeps it from the Python
behind its values (https://jinja.palletsprojects.com/en/stable/sandbox/), but says itself that it
does not bound time and memory. So only what prompts need is allowed: variables, ``if``, ``for``
over what is written out, ``set``, arithmetic and a few filters; no calls, no macros, no attributes
but those of ``loop``. What is left grows by repetition alone, and that is counted.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from workbench.i18n import _

if TYPE_CHECKING:
    from jinja2 import nodes
    from jinja2.runtime import Context
    from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST = 20_000
"""Characters a text may grow to inside a template, and a rendered instruction."""

_MOST_ROUNDS = 2_000
_LARGEST = 10**12
_FILTERS = ("default", "d", "length", "count", "lower", "upper", "trim", "int", "abs")
_LOOP = ("index", "index0", "revindex", "revindex0", "first", "last", "length")
_ALLOWED = frozenset(
    (
        "Template",
        "Output",
        "TemplateData",
        "Name",
        "Const",
        "If",
        "CondExpr",
        "Compare",
        "Operand",
        "And",
        "Or",
        "Not",
        "Add",
        "Sub",
        "Mul",
        "Div",
        "FloorDiv",
        "Mod",
        "Neg",
        "Pos",
        "Concat",
        "Filter",
        "Test",
        "For",
        "Assign",
        "List",
        "Tuple",
        "Getattr",
        "Keyword",
    )
)
_BUDGET = "_rounds"
_OPERATORS = ("+", "-", "*", "/", "//", "%")


class Refused(Exception):
    """A template uses what is not allowed; ``line`` runs from 1 in the body, 0 where unknown."""

    def __init__(self, what: str, line: int = 0):
        super().__init__(what)
        self.line = line


@cache
def _environment() -> "ImmutableSandboxedEnvironment":
    from jinja2 import StrictUndefined, pass_context
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Environment(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset(_OPERATORS)

        def call_binop(self, context: "Context", operator: str, left: Any, right: Any) -> Any:
            _check_operands(operator, left, right)
            return _bounded(super().call_binop(context, operator, left, right))

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            return attr in _LOOP and super().is_safe_attribute(obj, attr, value)

    environment = Environment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_scalar
    )
    environment.globals.clear()
    for name in set(environment.filters) - set(_FILTERS):
        del environment.filters[name]
    environment.filters["_counted"] = pass_context(_counted)
    environment.filters["_joined"] = _joined
    environment.filters["_scalar"] = _scalar
    return environment


def parse(body: str) -> "nodes.Template":
    """Parse a body and refuse what templates may not use.

    Raises Refused, or jinja2.TemplateSyntaxError with the line.
    """
    from jinja2 import nodes

    try:
        tree = _environment().parse(body)
        pending: list[nodes.Node] = [tree]
        while pending:
            node = pending.pop()
            _check(node)
            pending.extend(node.iter_child_nodes())
    except RecursionError:
        raise Refused(_("it is nested too deep")) from None
    except ValueError as error:  # a number of thousands of digits
        raise Refused(str(error)) from None
    return tree


def run(body: str, values: dict[str, Any]) -> str:
    """Render a body, within bounds of time and size.

    Raises Refused, or what Jinja2 raises of a template: TemplateError, ArithmeticError, TypeError.
    """
    import jinja2

    environment = _environment()
    tree = parse(body)
    try:
        code = environment.compile(_bounding(tree))
        template = jinja2.Template.from_code(environment, code, {})
        context = {**values, _BUDGET: [0]}
        pieces, size = [], 0
        for piece in template.generate(context):
            size += len(piece)
            if size > LONGEST:
                raise _too_long()
            pieces.append(piece)
    except (RecursionError, MemoryError, SyntaxError):
        raise Refused(_("it is nested too deep")) from None
    return "".join(pieces)


def _check(node: "nodes.Node") -> None:
    from jinja2 import nodes

    kind = type(node).__name__
    if kind not in _ALLOWED:
        raise Refused(
            _("{kind} is not available in templates").format(kind=_KINDS.get(kind, kind)),
            node.lineno,
        )
    match node:
        case nodes.Filter(name=name) if name not in _FILTERS:
            raise Refused(_("there is no filter {name!r}").format(name=name), node.lineno)
        case nodes.Test(name=name) if name not in _environment().tests:
            raise Refused(_("there is no test {name!r}").format(name=name), node.lineno)
        case nodes.Name(name=name) if name.startswith("_"):
            raise Refused(_("there is no variable {name!r}").format(name=name), node.lineno)
        case nodes.Getattr(attr=attr) if attr not in _LOOP:
            raise Refused(_("{name!r} cannot be asked for").format(name=attr), node.lineno)
        case nodes.Filter(node=None):
            raise Refused(_("a filter needs a value"), node.lineno)


_KINDS = {
    "Call": "…()",
    "Macro": "macro",
    "CallBlock": "call",
    "FilterBlock": "filter",
    "AssignBlock": "set",
    "Pow": "**",
    "Getitem": "[…]",
    "Dict": "{…}",
    "Block": "block",
    "Extends": "extends",
    "Include": "include",
    "Import": "import",
    "FromImport": "import",
    "With": "with",
}


def _bounding(tree: "nodes.Template") -> "nodes.Template":
    """Put a count on every loop and a bound on every text that is joined or kept."""
    from jinja2 import nodes
    from jinja2.visitor import NodeTransformer

    def filtered(node: nodes.Node, name: str) -> nodes.Filter:
        return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)

    class Bounding(NodeTransformer):
        def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
            self.generic_visit(node)
            node.iter = filtered(node.iter, "_counted")
            return node

        def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
            self.generic_visit(node)
            return filtered(nodes.List(node.nodes, lineno=node.lineno), "_joined")

        def visit_Assign(self, node: nodes.Assign) -> nodes.Node:  # noqa: N802
            self.generic_visit(node)
            node.node = filtered(node.node, "_scalar")
            return node

    bounded: nodes.Template = Bounding().visit(tree)
    bounded.set_environment(_environment())
    return bounded


def _counted(context: "Context", items: Iterable[Any]) -> Iterator[Any]:
    rounds = context.parent[_BUDGET]
    for item in items:
        rounds[0] += 1
        if rounds[0] > _MOST_ROUNDS:
            raise Refused(_("its loops run more than {most} times").format(most=_MOST_ROUNDS))
        yield item


def _joined(items: list[Any]) -> str:
    return str(_bounded("".join(str(_scalar(item)) for item in items)))


def _scalar(value: Any) -> Any:
    """Let texts and numbers through; a list could hold itself many times over."""
    from jinja2 import Undefined

    if value is None or isinstance(value, str | int | float | Undefined):
        return value
    raise Refused(_("a list can only be looped over"))


def _check_operands(operator: str, left: Any, right: Any) -> None:
    numbers = all(isinstance(item, int | float) for item in (left, right))
    if not numbers and not (operator == "+" and isinstance(left, str) and isinstance(right, str)):
        raise Refused(_("{operator!r} is for numbers").format(operator=operator))


def _bounded(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST:
        raise _too_long()
    if isinstance(value, int | float) and not abs(value) <= _LARGEST:
        raise Refused(_("a number grows too large"))
    return value


def _too_long() -> Refused:
    return Refused(_("it grows beyond {most} characters").format(most=LONGEST))
