"""Judge a GBNF grammar before llama.cpp sees it: what is wrong, where, and whether it is safe.

llama.cpp prints a grammar's mistakes on standard error and returns nothing, and some grammars make
it run forever, overflow its stack or take all memory: ``"a"{5,3}``, thousands of brackets, a rule
that may begin with itself behind something that may be empty. This reads the grammar as
``llama_grammar_parser`` of llama-grammar.cpp does, rule for rule, and refuses those.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from workbench.errors import EngineError
from workbench.i18n import _

ROOT = "root"
MOST_REPETITIONS = 2000
"""``MAX_REPETITION_THRESHOLD`` of llama-grammar.cpp, which takes a higher maximum for none."""

_MOST_CHARACTERS = 1 << 18
_MOST_ELEMENTS = 200_000
_MOST_RULES = 20_000
_DEEPEST = 100
_DEEPEST_CHAIN = 2500
_MOST_PATHS = 2000
_MOST_CALLS = 5_000_000

_DIGITS = frozenset("0123456789")
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
_ESCAPES = {"x": 2, "u": 4, "U": 8}
_PLAIN_ESCAPES = frozenset('trn\\"[]-')
_HEX = frozenset("0123456789abcdefABCDEF")

# An element of a rule: the number of another rule, or minus how many native elements it takes.
_Sequence = list[int]
_Rule = list[_Sequence]


@dataclass(frozen=True, slots=True)
class Gbnf:
    """What is known of a good grammar; ``names_tokens``: it holds ``<token>`` elements."""

    rules: int
    elements: int
    names_tokens: bool


@lru_cache(maxsize=64)
def check_gbnf(grammar: str) -> Gbnf:
    """Return what is known of a grammar; EngineError says what is wrong with it, and where."""
    if len(grammar) > _MOST_CHARACTERS:
        raise EngineError(
            _("the grammar has {count} characters; {most} at most").format(
                count=len(grammar), most=_MOST_CHARACTERS
            )
        )
    if "\0" in grammar or any("\ud800" <= char <= "\udfff" for char in grammar):
        raise EngineError(_("the grammar holds characters that are no text"))
    parser = _Parser(grammar)
    parser.read()
    rules = [parser.rules[number] for number in range(len(parser.names))]
    _check_recursion(rules, parser.names)
    if not _can_end(rules, terminals=True)[parser.names.index(ROOT)]:
        raise EngineError(_("nothing that fits the grammar ever ends"))
    return Gbnf(len(rules), parser.elements, parser.names_tokens)


class _Parser:
    """Reads rules into numbered alternatives, repetitions written out as llama.cpp does."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.rules: dict[int, _Rule] = {}
        self.names: list[str] = []
        self.elements = 0
        self.names_tokens = False
        self._numbers: dict[str, int] = {}
        self._depth = 0
        self._mentions: dict[int, int] = {}

    def read(self) -> None:
        position = self._space(0, True)
        while position < len(self.text):
            position = self._rule(position)
        if ROOT not in self._numbers:
            raise EngineError(_("the grammar has no rule named root"))
        for number, name in enumerate(self.names):
            if number not in self.rules:
                raise self._error(
                    self._mentions.get(number, 0),
                    _("the rule {name} is used but not defined").format(name=name),
                )

    def _error(self, position: int, reason: str) -> EngineError:
        line = self.text.count("\n", 0, position) + 1
        column = position - (self.text.rfind("\n", 0, position) + 1) + 1
        return EngineError(
            _("the grammar is wrong in line {line}, column {column}: {reason}").format(
                line=line, column=column, reason=reason
            )
        )

    def _at(self, position: int) -> str:
        return self.text[position : position + 1]

    def _space(self, position: int, newline: bool) -> int:
        blank = " \t\r\n" if newline else " \t"
        text, size = self.text, len(self.text)
        while position < size:
            if text[position] == "#":
                while position < size and text[position] not in "\r\n":
                    position += 1
            elif text[position] in blank:
                position += 1
            else:
                break
        return position

    def _run(self, position: int, characters: frozenset[str], missing: str) -> int:
        end = position
        while end < len(self.text) and self.text[end] in characters:
            end += 1
        if end == position:
            raise self._error(position, missing)
        return end

    def _number(self, name: str) -> int:
        if name not in self._numbers:
            self._numbers[name] = self._new(name)
        return self._numbers[name]

    def _new(self, name: str) -> int:
        if len(self.names) >= _MOST_RULES:
            raise EngineError(
                _("the grammar comes to more than {most} rules").format(most=_MOST_RULES)
            )
        self.names.append(name)
        return len(self.names) - 1

    def _count(self, elements: int) -> None:
        self.elements += elements
        if self.elements > _MOST_ELEMENTS:
            raise EngineError(
                _("the grammar comes to more than {most} symbols").format(most=_MOST_ELEMENTS)
            )

    def _rule(self, start: int) -> int:
        end = self._run(start, _NAME, _("the name of a rule is expected"))
        name = self.text[start:end]
        number = self._number(name)
        position = self._space(end, False)
        if self.text[position : position + 3] != "::=":
            raise self._error(position, _("::= is expected"))
        position = self._alternatives(self._space(position + 3, True), name, number, False)
        if position < len(self.text) and self._at(position) not in "\r\n":
            raise self._error(position, _("this begins nothing a rule may hold"))
        return self._space(position, True)

    def _alternatives(self, position: int, name: str, number: int, nested: bool) -> int:
        rule: _Rule = []
        position = self._sequence(position, name, rule, nested)
        while self._at(position) == "|":
            position = self._space(position + 1, True)
            position = self._sequence(position, name, rule, nested)
        self._count(len(rule))
        self.rules[number] = rule
        return position

    def _sequence(self, position: int, name: str, rule: _Rule, nested: bool) -> int:
        """Read one alternative into the rule."""
        elements: _Sequence = []
        rule.append(elements)
        last = 0  # where the symbol begins that a repetition would repeat
        weight = 1  # how many rules it stands for
        while True:
            char = self._at(position)
            if char == '"':
                last, weight = len(elements), 1
                position += 1
                while self._at(position) != '"':
                    position = self._character(position)
                    self._count(1)
                    elements.append(-1)
                position += 1
            elif char == "[":
                last, weight = len(elements), 1
                position, size = self._class(position)
                self._count(size)
                if size:
                    elements.append(-size)
            elif char and char in "<!":
                last, weight = len(elements), 1
                position = self._token(position)
                self._count(1)
                elements.append(-1)
            elif char in _NAME:
                end = self._run(position, _NAME, "")
                number = self._number(self.text[position:end])
                self._mentions.setdefault(number, position)
                last, weight = len(elements), 1
                self._count(1)
                elements.append(number)
                position = end
            elif char == "(":
                before = len(self.names)
                position, number = self._group(position, name)
                last, weight = len(elements), max(1, len(self.names) - before)
                self._count(1)
                elements.append(number)
            elif char == ".":
                last, weight = len(elements), 1
                self._count(1)
                elements.append(-1)
                position += 1
            elif char and char in "*+?{":
                position, least, most = self._repetition(position, nested)
                times = most or least or 1
                if last == len(elements):
                    raise self._error(position, _("there is nothing to repeat"))
                if weight * times > MOST_REPETITIONS:
                    raise self._error(
                        position,
                        _("the repetitions come to more than {most}").format(most=MOST_REPETITIONS),
                    )
                self._repeat(elements, last, least, most, name)
                weight *= times
                continue
            else:
                return position
            position = self._space(position, nested)

    def _repeat(
        self, elements: _Sequence, last: int, least: int, most: int | None, name: str
    ) -> None:
        """Write a repetition out: copies, then rules that each hold one more copy or nothing."""
        symbol = elements[last:]
        size = sum(1 if element >= 0 else -element for element in symbol)
        optional = 1 if most is None else most - least
        self._count(size * max(least - 1, 0) + (size + 3) * optional)
        if least == 0:
            del elements[last:]
        else:
            elements.extend(symbol * (least - 1))
        previous = None
        for _number in range(optional):
            number = self._new(name)
            following = number if most is None else previous
            self.rules[number] = [symbol if following is None else [*symbol, following], []]
            previous = number
        if previous is not None:
            elements.append(previous)

    def _group(self, position: int, name: str) -> tuple[int, int]:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error(
                position, _("brackets are nested more than {most} deep").format(most=_DEEPEST)
            )
        number = self._new(name)
        end = self._alternatives(self._space(position + 1, True), name, number, True)
        if self._at(end) != ")":
            raise self._error(end, _("{sign} is expected").format(sign=")"))
        self._depth -= 1
        return end + 1, number

    def _class(self, position: int) -> tuple[int, int]:
        """Return where a class ends and how many elements it takes."""
        position += 1
        if self._at(position) == "^":
            position += 1
        size = 0
        while self._at(position) != "]":
            position = self._character(position)
            size += 1
            if self._at(position) == "-" and self._at(position + 1) != "]":
                position = self._character(position + 1)
                size += 1
        return position + 1, size

    def _character(self, position: int) -> int:
        """Return where a character, escaped or not, ends."""
        char = self._at(position)
        if not char:
            raise self._error(position, _("the grammar ends in the middle of a rule"))
        if char != "\\":
            return position + 1
        escape = self._at(position + 1)
        if escape in _ESCAPES:
            end = position + 2 + _ESCAPES[escape]
            digits = self.text[position + 2 : end]
            if len(digits) == _ESCAPES[escape] and all(digit in _HEX for digit in digits):
                return end
        elif escape and escape in _PLAIN_ESCAPES:
            return position + 2
        raise self._error(position, _("there is no such escape"))

    def _token(self, position: int) -> int:
        """Return where a ``<name>`` or ``<[number]>`` ends; whether it exists llama.cpp judges."""
        self.names_tokens = True
        if self._at(position) == "!":
            position += 1
        end = self.text.find(">", position)
        if self._at(position) != "<" or end < 0:
            raise self._error(position, _("a token in the form <name> is expected"))
        name = self.text[position + 1 : end]
        if name.startswith("[") and not (
            name.endswith("]") and name[1:-1] and all(digit in _DIGITS for digit in name[1:-1])
        ):
            raise self._error(position, _("a token in the form <[number]> is expected"))
        return end + 1

    def _repetition(self, position: int, nested: bool) -> tuple[int, int, int | None]:
        """Return where a repetition ends, and how often at least and at most."""
        sign = self._at(position)
        position = self._space(position + 1, nested)
        if sign != "{":
            return position, int(sign == "+"), 1 if sign == "?" else None
        position, least = self._times(position)
        position = self._space(position, nested)
        most: int | None = least
        if self._at(position) == ",":
            position = self._space(position + 1, nested)
            most = None
            if self._at(position) in _DIGITS:
                position, most = self._times(position)
                position = self._space(position, nested)
        if self._at(position) != "}":
            raise self._error(position, _("{sign} is expected").format(sign="}"))
        if most is not None and most < least:
            raise self._error(
                position,
                _("at most {most} is less than at least {least}").format(most=most, least=least),
            )
        return self._space(position + 1, nested), least, most

    def _times(self, position: int) -> tuple[int, int]:
        end = self._run(position, _DIGITS, _("a number is expected"))
        digits = self.text[position:end].lstrip("0")
        if len(digits) > 4 or int(digits or 0) > MOST_REPETITIONS:
            raise self._error(
                position,
                _("the repetitions come to more than {most}").format(most=MOST_REPETITIONS),
            )
        return end, int(digits or 0)


def _check_recursion(rules: list[_Rule], names: list[str]) -> None:
    """Refuse what llama.cpp would expand without end, or along more ways than it can carry.

    It looks for left recursion along every path anew, each with a call, so paths and their depth
    are bounded. It takes a rule for empty only where an alternative has nothing in it; it would not
    see a recursion behind one that is empty by way of other rules.
    """
    directly = [any(not sequence for sequence in rule) for rule in rules]
    edges = [_first_rules(rule, directly) for rule in rules]
    for component in _components(edges):
        if len(component) > 1 or component[0] in edges[component[0]]:
            raise _left_recursion(names[component[0]])
    paths = [1] * len(rules)
    depths = [1] * len(rules)
    # Components come in reverse order: what a rule begins with comes before it.
    for (number,) in _components(edges):
        paths[number] += sum(paths[other] for other in edges[number])
        depths[number] += max((depths[other] for other in edges[number]), default=0)
        if paths[number] > _MOST_CALLS or depths[number] > _DEEPEST_CHAIN:
            raise _too_many(names[number])
    if sum(paths) > _MOST_CALLS:
        raise _too_many(ROOT)

    empty = _can_end(rules, terminals=False)
    edges = [_first_rules(rule, empty) for rule in rules]
    paths = [1] * len(rules)
    for component in _components(edges):
        members = set(component)
        for number in component:
            for sequence in rules[number]:
                for position in _first_positions(sequence, empty):
                    if sequence[position] in members and position + 1 < len(sequence):
                        raise _left_recursion(names[number])
        total = len(component)
        for number in component:
            total += sum(paths[other] for other in edges[number] if other not in members)
        for number in component:
            paths[number] = total
        if total > _MOST_PATHS:
            raise _too_many(names[component[0]])
    for number, rule in enumerate(rules):
        for sequence in rule:
            run = 0
            for element in reversed(sequence):
                run = paths[element] + (run if empty[element] else 0) if element >= 0 else 0
                if run > 2 * _MOST_PATHS:
                    raise _too_many(names[number])


def _left_recursion(name: str) -> EngineError:
    return EngineError(
        _("the rule {name} of the grammar may begin with itself").format(name=name),
        fix=_("put the repetition behind what is repeated"),
    )


def _too_many(name: str) -> EngineError:
    return EngineError(
        _("the rule {name} of the grammar can begin in more than {most} ways").format(
            name=name, most=_MOST_PATHS
        )
    )


def _first_positions(sequence: _Sequence, empty: list[bool]) -> Iterator[int]:
    """Yield where the rules stand that a sequence may begin with."""
    for position, element in enumerate(sequence):
        if element < 0:
            return
        yield position
        if not empty[element]:
            return


def _first_rules(rule: _Rule, empty: list[bool]) -> list[int]:
    """Return the rules a rule may begin with, as often as it may."""
    return [
        sequence[position] for sequence in rule for position in _first_positions(sequence, empty)
    ]


def _can_end(rules: list[_Rule], *, terminals: bool) -> list[bool]:
    """Tell of each rule whether it can stand for something finite; without terminals, nothing."""
    ends = [False] * len(rules)
    waiting: dict[int, list[int]] = {}
    todo = list(range(len(rules)))
    while todo:
        number = todo.pop()
        if ends[number]:
            continue
        for sequence in rules[number]:
            obstacle = next(
                (
                    element
                    for element in sequence
                    if not (terminals if element < 0 else ends[element])
                ),
                None,
            )
            if obstacle is None:
                ends[number] = True
                todo += waiting.pop(number, [])
                break
            if obstacle >= 0:
                waiting.setdefault(obstacle, []).append(number)
    return ends


def _components(edges: list[list[int]]) -> list[list[int]]:
    """Return the strongly connected components, each after those it leads to (Tarjan 1972)."""
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    on_stack: set[int] = set()
    stack: list[int] = []
    found: list[list[int]] = []
    for start in range(len(edges)):
        if start in order:
            continue
        work = [(start, iter(edges[start]))]
        order[start] = low[start] = len(order)
        stack.append(start)
        on_stack.add(start)
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in order:
                    order[target] = low[target] = len(order)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(edges[target])))
                    break
                if target in on_stack:
                    low[node] = min(low[node], order[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    component = []
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        component.append(member)
                        if member == node:
                            break
                    found.append(component)
    return found
