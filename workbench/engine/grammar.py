"""The grammar a request constrains its output to."""

from functools import lru_cache

from workbench.engine.gbnf import check_gbnf
from workbench.engine.protocol import Request
from workbench.engine.schema import gbnf_of_schema
from workbench.errors import EngineError
from workbench.i18n import _


def grammar_of(request: Request) -> str:
    """Return the GBNF of a request's output, empty where it is free.

    EngineError where both a grammar and a schema are given, or either is bad.
    """
    if request.grammar and request.schema:
        raise EngineError(_("a request has a grammar or a schema, not both"))
    if request.schema:
        return _of_schema(request.schema)
    if request.grammar:
        check_gbnf(request.grammar)
    return request.grammar


@lru_cache(maxsize=64)
def _of_schema(schema: str) -> str:
    grammar = gbnf_of_schema(schema)
    check_gbnf(grammar)
    return grammar
