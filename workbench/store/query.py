"""What a user types to search, as an expression for the full-text index."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.errors import UsageError
from workbench.i18n import _
from workbench.store.normal_form import is_hanzi, normal_form

LONGEST = 2000
"""A query of more characters is refused."""
DEEPEST = 20
"""Parentheses may stand in each other so many times."""

MOST = 100
"""A query of more words is refused."""

_OPENING = {"“": "”", "「": "」", "『": "』", "＂": "＂", '"': '"'}
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<open>[(（])
    |(?P<close>[)）])
    |(?P<title>(?:title|标题|標題)[:：](?=\S))
    |(?P<quote>["“「『＂])
    |(?P<word>[^\s()（）"“「『＂]+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_OPERATORS = {"AND": "and", "OR": "or", "或": "or", "NOT": "not"}
_MINUS = "-－−"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Characters that stand together, as their normal form; in the title alone, or anywhere."""

    text: str
    title: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """What does not match ``part``."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class All:
    """What matches each of ``parts``; not all of them are Not."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """What matches one of ``parts``; none of them is Not."""

    parts: tuple["Node", ...]


Node = Phrase | Not | All | Any


@dataclass(frozen=True, slots=True)
class Query:
    """A query as understood; ``phrases`` are those a match may show, in the order typed."""

    node: Node
    expression: str
    phrases: tuple[Phrase, ...]


def parse(query: str) -> Query:
    """Understand a query as docs/search.md describes; what is left open is closed at the end.

    Raises UsageError where nothing is left to search for, or only what must not be there.
    """
    if len(query) > LONGEST:
        raise UsageError(
            _("the query is longer than {limit} characters").format(limit=LONGEST),
            fix=_("Search for less at once."),
        )
    node = _Parser(list(_lex(query))).parse()
    if node is None:
        raise UsageError(
            _("the query holds no word to search for"),
            fix=_("Give a word, such as {example}.").format(example="经济"),
        )
    if isinstance(node, Not):
        raise _only_negative()
    if len(list(_phrases(node))) > MOST:
        raise UsageError(
            _("the query holds more than {limit} words").format(limit=MOST),
            fix=_("Search for less at once."),
        )
    return Query(node, _expression(node), tuple(dict.fromkeys(_shown(node))))


def _only_negative() -> UsageError:
    return UsageError(
        _("the query says what to leave out but not what to find"),
        fix=_("Give a word to find, such as {example}.").format(example="经济 -股票"),
    )


@dataclass(frozen=True, slots=True)
class _Lexeme:
    kind: str
    text: str = ""


def _lex(query: str) -> Iterator[_Lexeme]:
    """Yield ``open``, ``close``, ``title``, ``phrase``, ``and``, ``or`` and ``not``."""
    position = 0
    alone = True
    while position < len(query):
        if alone and query[position] in _MINUS and query[position + 1 : position + 2].strip():
            yield _Lexeme("not", query[position])
            position += 1
            continue
        found = _TOKEN.match(query, position)
        assert found is not None
        kind, text, position = str(found.lastgroup), found.group(), found.end()
        if kind == "quote":
            end = query.find(_OPENING[text], position)
            end = len(query) if end < 0 else end
            yield _Lexeme("phrase", query[position:end])
            position = end + 1
        elif kind == "word":
            yield _Lexeme(_OPERATORS.get(text, "phrase"), text)
        elif kind != "space":
            yield _Lexeme(kind, text)
        alone = kind in ("space", "open", "title")


class _Parser:
    """A parser by recursive descent that reads every sequence of lexemes somehow."""

    def __init__(self, lexemes: list[_Lexeme]):
        self._lexemes = lexemes
        self._place = 0
        self._depth = 0

    def parse(self) -> Node | None:
        parts = []
        while self._place < len(self._lexemes):
            parts.append(self._any(title=False))
            self._place += 1  # a parenthesis that closes nothing
        return _all(parts)

    def _kind(self, ahead: int = 0) -> str:
        place = self._place + ahead
        return self._lexemes[place].kind if place < len(self._lexemes) else "end"

    def _any(self, *, title: bool) -> Node | None:
        parts = [self._all(title=title)]
        while self._kind() == "or":
            self._place += 1
            parts.append(self._all(title=title))
        found = [part for part in parts if part is not None]
        if len(found) > 1 and any(isinstance(part, Not) for part in found):
            raise _only_negative()
        return Any(tuple(found)) if len(found) > 1 else found[0] if found else None

    def _all(self, *, title: bool) -> Node | None:
        parts: list[Node | None] = []
        while self._kind() not in ("end", "close"):
            if self._kind() == "or" and parts and self._begins(1):
                break
            if self._kind() == "and" and parts and self._begins(1):
                self._place += 1
            parts.append(self._one(title=title))
        return _all(parts)

    def _begins(self, ahead: int) -> bool:
        """Tell whether something to search for begins so many lexemes on."""
        return self._kind(ahead) not in ("end", "close")

    def _one(self, *, title: bool) -> Node | None:
        lexeme = self._lexemes[self._place]
        self._place += 1
        if lexeme.kind == "not" and self._begins(0):
            part = self._nested(title=title)
            if part is None:
                return None
            return part.part if isinstance(part, Not) else Not(part)
        if lexeme.kind == "title" and self._begins(0):
            return self._nested(title=True)
        if lexeme.kind == "open":
            self._deepen()
            part = self._any(title=title)
            self._depth -= 1
            self._place += 1
            return part
        # An operator with nothing to work on is a word.
        text = normal_form(lexeme.text).text
        return Phrase(text, title) if text else None

    def _nested(self, *, title: bool) -> Node | None:
        self._deepen()
        part = self._one(title=title)
        self._depth -= 1
        return part

    def _deepen(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise UsageError(
                _("the query is nested more than {limit} deep").format(limit=DEEPEST),
                fix=_("Leave out some parentheses."),
            )


def _all(parts: "list[Node | None]") -> Node | None:
    found = list(dict.fromkeys(part for part in parts if part is not None))
    if len(found) < 2:
        return found[0] if found else None
    if all(isinstance(part, Not) for part in found):
        return Not(Any(tuple(part.part for part in found if isinstance(part, Not))))
    return All(tuple(found))


def _expression(node: Node) -> str:
    """Write a node that is not Not in the language of FTS5."""
    if isinstance(node, Phrase):
        return phrase_expression(node)
    if isinstance(node, Any):
        return "(" + " OR ".join(map(_expression, node.parts)) + ")"
    assert isinstance(node, All)
    wanted = [part for part in node.parts if not isinstance(part, Not)]
    unwanted = [part.part for part in node.parts if isinstance(part, Not)]
    found = " AND ".join(map(_expression, wanted))
    if not unwanted:
        return f"({found})"
    return f"(({found}) NOT ({' OR '.join(map(_expression, unwanted))}))"


def phrase_expression(phrase: Phrase) -> str:
    """Write a phrase in the language of FTS5: neighbouring tokens, see ``normal_form.tokens``."""
    runs = phrase.text.split(" ")
    found: list[str] = []
    for run in runs[:-1]:
        found += (*_pairs(run), run[-1]) if is_hanzi(run[-1]) else (run,)
    last = runs[-1]
    prefix = ""
    if not is_hanzi(last[-1]):
        found.append(last)
    elif len(last) > 1:
        found += _pairs(last)
    else:
        found.append(last)
        prefix = " *"
    column = "title : " if phrase.title else ""
    return f'{column}"{" ".join(found)}"{prefix}'


def _pairs(run: str) -> Iterator[str]:
    return (run[index : index + 2] for index in range(len(run) - 1))


def _phrases(node: Node) -> Iterator[Phrase]:
    if isinstance(node, Phrase):
        yield node
    else:
        for part in (node.part,) if isinstance(node, Not) else node.parts:
            yield from _phrases(part)


def _shown(node: Node) -> Iterator[Phrase]:
    """Yield the phrases a match may hold."""
    if isinstance(node, Phrase):
        yield node
    elif not isinstance(node, Not):
        for part in node.parts:
            yield from _shown(part)
