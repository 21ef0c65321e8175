"""A JSON Schema as a GBNF grammar: whatever the grammar lets through is valid.

The translation that comes with llama-cpp-python ignores what it does not know, so that output can
break the schema unseen; this refuses it, naming the place. Where a schema leaves a choice, the
grammar takes the plain way: properties in the order of the schema, none it does not name, at most
one line break and a little indentation between two signs, characters written as themselves.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any, NoReturn
from urllib.parse import unquote

from workbench.engine.gbnf import MOST_REPETITIONS
from workbench.engine.json_numbers import integers, numbers
from workbench.errors import EngineError
from workbench.i18n import _

_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_DEEPEST = 48
_DEEPEST_FREE = 4
"""How deep values of no stated kind are nested."""

_ANNOTATIONS = frozenset(
    {"title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"}
    | {"contentEncoding", "contentMediaType", "contentSchema"}
    | {"$schema", "$id", "$comment", "$anchor", "$vocabulary", "$defs", "definitions"}
)
_REFUSED = frozenset(
    {"not", "if", "then", "else", "pattern", "patternProperties", "propertyNames", "contains"}
    | {"minContains", "maxContains", "dependentRequired", "dependentSchemas", "dependencies"}
    | {"unevaluatedItems", "unevaluatedProperties", "multipleOf", "$dynamicRef", "$recursiveRef"}
)
_KEYWORDS = {
    "object": ("properties", "required", "additionalProperties", "minProperties", "maxProperties"),
    "array": ("items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems"),
    "string": ("minLength", "maxLength", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
}
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_UNESCAPED = r'"\\\x00-\x1F'
_BUILT_IN = {
    "ws": r'" "? | "\n" " "{0,16}',
    "sp": '" "?',
    "comma": '"," ws',
    "char": rf'[^{_UNESCAPED}] | "\\" ["\\/bfnrt]',
    "string": r'"\"" char* "\""',
    "boolean": '"true" | "false"',
    "null": '"null"',
    "digits": "[0-9]{1,15}",
    "number": '"-"? ("0" | [1-9] [0-9]{0,15}) ("." digits)? ([eE] [-+]? [0-9]{1,2})?',
}
_DATE = (
    '[12] [0-9]{3} "-" (("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | "1" [0-9] | "2" [0-9])'
    ' | ("0" [13-9] | "1" [0-2]) "-30" | ("0" [13578] | "1" [02]) "-31")'
)
_TIME = '("0" [0-9] | "1" [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9]'
_ZONE = '("Z" | [-+] ("0" [0-9] | "1" [0-4]) ":" [0-5] [0-9])'
_FORMATS = {
    "date": rf'"\"" {_DATE} "\""',
    "time": rf'"\"" {_TIME} {_ZONE} "\""',
    "date-time": rf'"\"" {_DATE} "T" {_TIME} {_ZONE} "\""',
    "uuid": r'"\"" [0-9a-f]{8} ("-" [0-9a-f]{4}){3} "-" [0-9a-f]{12} "\""',
}


class SchemaError(EngineError):
    """A schema that no grammar can hold to; ``pointer`` says where, as ``#/properties/name``."""

    def __init__(self, pointer: str, reason: str):
        super().__init__(_("the schema, at {place}: {reason}").format(place=pointer, reason=reason))
        self.pointer = pointer
        self.reason = reason


def gbnf_of_schema(text: str) -> str:
    """Return the grammar of what is valid under a JSON Schema, given as JSON text.

    SchemaError where the schema is malformed, contradicts itself, or asks for what no grammar made
    here can ensure; EngineError where no place in it can be named.
    """
    try:
        schema = json.loads(text, parse_constant=_no_constant)
    except ValueError as error:
        raise EngineError(_("the schema is no JSON: {reason}").format(reason=error)) from None
    except RecursionError:
        raise EngineError(_("the schema is nested too deeply")) from None
    try:
        return _Converter(schema).grammar()
    except RecursionError:
        raise EngineError(_("the schema is nested too deeply")) from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def literal(text: str) -> str:
    """Return a GBNF string that stands for a text without control characters."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    # A lone surrogate can only be written escaped.
    if any("\ud800" <= char <= "\udfff" for char in text):
        text = json.dumps(value)
    return literal(text)


class _Converter:
    def __init__(self, schema: Any) -> None:
        self._schema = schema
        self._rules: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._references: dict[str, str] = {}

    def grammar(self) -> str:
        root = self._visit(self._schema, "#", 0)
        rules = {"root": root} | self._rules
        return "".join(f"{name} ::= {body}\n" for name, body in rules.items())

    def _fail(self, place: str, reason: str) -> NoReturn:
        raise SchemaError(place, reason) from None

    def _rule(self, body: str) -> str:
        """Return the name of a rule with that body."""
        if body in self._rules:
            return body
        if body not in self._names:
            self._names[body] = f"r{len(self._rules)}"
            self._rules[self._names[body]] = body
        return self._names[body]

    def _built_in(self, name: str) -> str:
        self._rules.setdefault(name, _BUILT_IN[name])
        for other in ("char", "ws", "digits"):
            if other != name and other in _BUILT_IN[name]:
                self._rules.setdefault(other, _BUILT_IN[other])
        return name

    # One schema

    def _visit(self, schema: Any, place: str, depth: int) -> str:
        """Return the name of the rule of a schema."""
        if depth > _DEEPEST:
            self._fail(place, _("nested too deeply"))
        if schema is False:
            self._fail(place, _("nothing is valid here"))
        if schema is True:
            return self._anything(_DEEPEST_FREE)
        if not isinstance(schema, dict):
            self._fail(place, _("a schema must be an object, true or false"))
        constraints = self._constraints(schema, place, depth)
        if set(constraints) == {"$ref"}:
            return self._reference(constraints["$ref"], place)
        alternatives = self._alternatives(constraints, place, depth)
        return self._rule(" | ".join(dict.fromkeys(alternatives)))

    def _constraints(self, schema: dict[str, Any], place: str, depth: int) -> dict[str, Any]:
        """Return what a schema demands, ``allOf`` and references beside other demands merged."""
        if depth > _DEEPEST:
            self._fail(place, _("nested too deeply"))
        known = {key: value for key, value in schema.items() if key not in _ANNOTATIONS}
        for key in known:
            if key in _REFUSED:
                self._fail(f"{place}/{_escape(key)}", _("this keyword is not supported"))
        parts = known.pop("allOf", [])
        if not isinstance(parts, list):
            self._fail(f"{place}/allOf", _("a list is expected"))
        if "$ref" in known and (len(known) > 1 or parts):
            parts = [{"$ref": known.pop("$ref")}, *parts]
        for number, part in enumerate(parts):
            where = f"{place}/allOf/{number}"
            if part is True:
                continue
            if not isinstance(part, dict):
                self._fail(where, _("a schema must be an object"))
            demands = self._constraints(part, where, depth + 1)
            while "$ref" in demands:
                target = self._resolve(demands["$ref"], where)
                if not isinstance(target, dict):
                    self._fail(where, _("a schema must be an object"))
                depth += 1
                demands = self._constraints(target, where, depth)
            known = self._merge(known, demands, where)
        return known

    def _merge(self, one: dict[str, Any], other: dict[str, Any], place: str) -> dict[str, Any]:
        """Return what demands both."""
        merged = dict(one)
        for key, value in other.items():
            if key not in merged or merged[key] == value:
                merged[key] = value
            elif key == "properties" and isinstance(merged[key], dict) and isinstance(value, dict):
                both = merged[key].keys() & value.keys()
                joined = {name: {"allOf": [merged[key][name], value[name]]} for name in both}
                merged[key] = {**merged[key], **value, **joined}
            elif key == "required" and isinstance(merged[key], list) and isinstance(value, list):
                merged[key] = [*merged[key], *value]
            elif key in _LOWER and _is_number(merged[key]) and _is_number(value):
                merged[key] = max(merged[key], value)
            elif key in _UPPER and _is_number(merged[key]) and _is_number(value):
                merged[key] = min(merged[key], value)
            else:
                self._fail(place, _("{keyword} is demanded twice").format(keyword=key))
        # What a schema says of other properties is about its own.
        for first, second in ((one, other), (other, one)):
            if first.get("additionalProperties", True) is not True:
                strangers = set(second.get("properties", ())) - set(first.get("properties", ()))
                if strangers:
                    self._fail(place, _("{keyword} is demanded twice").format(keyword="properties"))
        return merged

    def _alternatives(self, schema: dict[str, Any], place: str, depth: int) -> list[str]:
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self._union(schema, key, place, depth)
        if "const" in schema or "enum" in schema:
            return self._values(schema, place)
        if "$ref" in schema:
            return [self._visit(schema, place, depth + 1)]
        kinds = self._kinds(schema, place)
        if not kinds:
            return [self._anything(_DEEPEST_FREE)]
        makers: dict[str, Callable[[dict[str, Any], str, int], str]] = {
            "object": self._object,
            "array": self._array,
            "string": self._string,
            "integer": self._number,
            "number": self._number,
        }
        return [
            makers[kind]({**schema, "type": kind}, place, depth)
            if kind in makers
            else self._built_in(kind)
            for kind in kinds
        ]

    def _kinds(self, schema: dict[str, Any], place: str) -> list[str]:
        """Return the types a schema names, or the one its keywords are about."""
        if "type" in schema:
            kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            for kind in kinds:
                if kind not in _TYPES:
                    self._fail(f"{place}/type", _("there is no type {kind}").format(kind=kind))
            if not kinds:
                self._fail(f"{place}/type", _("nothing is valid here"))
            return list(dict.fromkeys(kinds))
        return [kind for kind, keys in _KEYWORDS.items() if any(key in schema for key in keys)][:1]

    def _union(self, schema: dict[str, Any], key: str, place: str, depth: int) -> list[str]:
        rest = {name: value for name, value in schema.items() if name != key}
        branches = schema[key]
        if not isinstance(branches, list) or not branches:
            self._fail(f"{place}/{key}", _("a list is expected"))
        names = []
        merged = []
        for number, branch in enumerate(branches):
            where = f"{place}/{key}/{number}"
            if branch is False:
                continue
            if rest:
                branch = {"allOf": [rest, branch]}
            merged.append(branch)
            names.append(self._visit(branch, where, depth + 1))
        if key == "oneOf" and not self._disjoint(merged, place, depth):
            self._fail(
                f"{place}/oneOf",
                _("these must differ in type or in a required constant; use anyOf otherwise"),
            )
        if not names:
            self._fail(f"{place}/{key}", _("nothing is valid here"))
        return names

    def _disjoint(self, branches: list[Any], place: str, depth: int) -> bool:
        """Tell whether it is plain that nothing is valid under two branches."""
        seen = [self._signs(branch, place, depth + 1) for branch in branches]
        return all(
            any(first[key].isdisjoint(second[key]) for key in first.keys() & second.keys())
            for number, first in enumerate(seen)
            for second in seen[:number]
        )

    def _signs(self, schema: Any, place: str, depth: int) -> dict[str, set[str]]:
        """Return what tells the values of a schema apart: type, value, constants in properties."""
        if not isinstance(schema, dict):
            return {}
        demands = self._constraints(schema, place, depth)
        while "$ref" in demands:
            depth += 1
            target = self._resolve(demands["$ref"], place)
            if not isinstance(target, dict):
                return {}
            demands = self._constraints(target, place, depth)
        signs: dict[str, set[str]] = {}
        values = [demands["const"]] if "const" in demands else demands.get("enum")
        if isinstance(values, list):
            signs["value"] = {_identity(value) for value in values}
            signs["type"] = {_kind(value) for value in values}
        elif kinds := self._kinds(demands, place):
            signs["type"] = {"number" if kind == "integer" else kind for kind in kinds}
        properties, required = demands.get("properties"), demands.get("required")
        if isinstance(properties, dict) and isinstance(required, list):
            for name in required:
                inner = properties.get(name)
                if isinstance(inner, dict) and ("const" in inner or "enum" in inner):
                    found = [inner["const"]] if "const" in inner else inner["enum"]
                    signs[f"property {name}"] = {_identity(value) for value in found}
        return signs

    def _values(self, schema: dict[str, Any], place: str) -> list[str]:
        key = "const" if "const" in schema else "enum"
        values = [schema["const"]] if key == "const" else schema["enum"]
        if not isinstance(values, list):
            self._fail(f"{place}/enum", _("a list is expected"))
        if "const" in schema and "enum" in schema:
            listed = {_identity(value) for value in schema["enum"]}
            values = [value for value in values if _identity(value) in listed]
        for kind, keys in _KEYWORDS.items():
            for other in keys:
                if other in schema:
                    self._fail(
                        f"{place}/{other}",
                        _("{keyword} beside {kind} is not supported").format(
                            keyword=other, kind=f"{key} ({kind})"
                        ),
                    )
        kinds = self._kinds(schema, place)
        if kinds:
            values = [value for value in values if _is_of(value, kinds)]
        if not values:
            self._fail(f"{place}/{key}", _("nothing is valid here"))
        return [_json(value) for value in values]

    def _reference(self, pointer: Any, place: str) -> str:
        target = self._resolve(pointer, place)
        if pointer not in self._references:
            name = f"ref{len(self._references)}"
            self._references[pointer] = name
            # Reserve the place, so that the rule stands before those it needs.
            self._rules[name] = ""
            self._rules[name] = self._visit(target, str(pointer), 0)
        return self._references[pointer]

    def _resolve(self, pointer: Any, place: str) -> Any:
        if not isinstance(pointer, str) or not (pointer == "#" or pointer.startswith("#/")):
            self._fail(f"{place}/$ref", _("only places in the schema itself can be referred to"))
        target = self._schema
        for step in pointer.split("/")[1:]:
            step = _unescape(step)
            if isinstance(target, dict) and step in target:
                target = target[step]
            elif isinstance(target, list) and step.isdecimal() and int(step) < len(target):
                target = target[int(step)]
            else:
                self._fail(
                    f"{place}/$ref", _("there is nothing at {pointer}").format(pointer=pointer)
                )
        return target

    # Kinds of values

    def _anything(self, depth: int) -> str:
        """Return the rule of any value nested at most so deep."""
        kinds = [self._built_in(kind) for kind in ("string", "number", "boolean", "null")]
        if depth:
            inner = self._anything(depth - 1)
            kinds += [self._list([], inner, 0, None), self._members([], inner)]
        return self._rule(" | ".join(kinds))

    def _object(self, schema: dict[str, Any], place: str, depth: int) -> str:
        properties = schema.get("properties", {})
        if not isinstance(properties, dict):
            self._fail(f"{place}/properties", _("an object is expected"))
        required = schema.get("required", [])
        if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
            self._fail(f"{place}/required", _("a list of names is expected"))
        # Others are allowed by default, but only asked for where nothing else is.
        others = schema.get("additionalProperties", not properties and not required)
        spare = schema.get("additionalProperties", True)
        if not isinstance(others, bool | dict):
            self._fail(f"{place}/additionalProperties", _("a schema must be an object"))
        pairs = []
        for name, inner in properties.items():
            if inner is False and name not in required:
                continue
            where = f"{place}/properties/{_escape(name)}"
            pairs.append((name, self._visit(inner, where, depth + 1), name in required))
        for name in dict.fromkeys(required):
            if name not in properties:
                where = f"{place}/additionalProperties"
                pairs.append((name, self._visit(spare, where, depth + 1), True))
        least = self._size(schema, "minProperties", place) or 0
        most = self._size(schema, "maxProperties", place)
        if most == 0 and not required:
            return self._members([], None)
        certain = sum(needed for _name, _value, needed in pairs)
        if certain < least or (most is not None and (others is not False or most < len(pairs))):
            key = "minProperties" if certain < least else "maxProperties"
            self._fail(f"{place}/{key}", _("this keyword is not supported"))
        rule = None
        if others is not False:
            rule = self._visit(others, f"{place}/additionalProperties", depth + 1)
        return self._members(pairs, rule)

    def _members(self, pairs: list[tuple[str, str, bool]], others: str | None) -> str:
        """Return the rule of an object with these members, in order, then any others."""
        for name in ("ws", "sp", "comma"):
            self._built_in(name)
        written, unwritten = "ws", ""
        if others is not None:
            keys = self._other_keys([name for name, _value, _needed in pairs])
            pair = self._rule(rf'"\"" {keys} ":" sp {others}')
            more = self._rule(f"comma {pair}")
            written = self._rule(f"{more}* ws")
            unwritten = f"{pair} {written}"
        # From the last member to the first: what follows with and without members before it.
        optional = True
        for name, value, needed in reversed(pairs):
            pair = self._rule(f'{_json(name)} ":" sp {value}')
            skipped = "" if needed else f" | {written}"
            if needed:
                unwritten = f"{pair} {written}"
            else:
                unwritten = f"{pair} {written}" + (f" | {unwritten}" if unwritten else "")
            written = self._rule(f"comma {pair} {written}{skipped}")
            optional = optional and not needed
        if not unwritten:
            return self._rule('"{" ws "}"')
        first = self._rule(unwritten)
        return self._rule(f'"{{" ws {first}{"?" if optional else ""} "}}"')

    def _other_keys(self, names: list[str]) -> str:
        """Return the rule of the rest of a key that is none of these names, its quote included."""
        # Written plainly, no two keys are the same in different words.
        plain = self._rule(rf'[^{_UNESCAPED}]* "\""')
        nodes: dict[str, set[str]] = {"": set()}
        for name in names:
            for end in range(len(name)):
                nodes.setdefault(name[:end], set()).add(name[end])
                nodes.setdefault(name[: end + 1], set())
        rules: dict[str, str] = {}
        for prefix in sorted(nodes, key=len, reverse=True):
            following = sorted(char for char in nodes[prefix] if _is_plain(char))
            excluded = "".join(f"\\U{ord(char):08X}" for char in following)
            parts = [f"[^{_UNESCAPED}{excluded}] {plain}"]
            parts += [f"{literal(char)} {rules[prefix + char]}" for char in following]
            if prefix not in names:
                parts.append(r'"\""')
            rules[prefix] = self._rule(" | ".join(parts))
        return rules[""] if names else plain

    def _array(self, schema: dict[str, Any], place: str, depth: int) -> str:
        if schema.get("uniqueItems", False) is not False:
            self._fail(f"{place}/uniqueItems", _("this keyword is not supported"))
        key = "prefixItems"
        heads, rest = schema.get(key, []), schema.get("items", True)
        if isinstance(rest, list):  # as drafts up to 2019-09 have it
            key, heads, rest = "items", rest, schema.get("additionalItems", True)
        if not isinstance(heads, list):
            self._fail(f"{place}/{key}", _("a list is expected"))
        least = self._size(schema, "minItems", place) or 0
        most = self._size(schema, "maxItems", place)
        if most is not None and most < least:
            self._fail(f"{place}/maxItems", _("nothing is valid here"))
        heads = heads[:most]
        named = ("items" in schema) if key == "prefixItems" else ("additionalItems" in schema)
        fixed = [
            self._visit(head, f"{place}/{key}/{number}", depth + 1)
            for number, head in enumerate(heads)
        ]
        more = max(least - len(fixed), 0)
        limit = None if most is None else most - len(fixed)
        if rest is False or (fixed and not named):
            limit = more
        if limit == 0:
            return self._list(fixed, "", 0, 0)
        where = f"{place}/items" if key == "prefixItems" else f"{place}/additionalItems"
        return self._list(fixed, self._visit(rest, where, depth + 1), more, limit)

    def _list(self, heads: list[str], item: str, least: int, most: int | None) -> str:
        for name in ("ws", "comma"):
            self._built_in(name)
        if not heads:
            if most == 0:
                return self._rule('"[" ws "]"')
            body = f"{item} {self._more(item, max(least - 1, 0), most and most - 1)} ws"
            body = f"({body})?" if least == 0 else body
            return self._rule(f'"[" ws {body} "]"')
        body = " comma ".join(heads)
        return self._rule(f'"[" ws {body} {self._more(item, least, most)} ws "]"')

    def _more(self, item: str, least: int, most: int | None) -> str:
        if most == 0:
            return ""
        return self._rule(f"comma {item}") + _times(least, most)

    def _string(self, schema: dict[str, Any], place: str, _depth: int) -> str:
        least = self._size(schema, "minLength", place) or 0
        most = self._size(schema, "maxLength", place)
        if most is not None and most < least:
            self._fail(f"{place}/maxLength", _("nothing is valid here"))
        form = schema.get("format")
        if form in _FORMATS:
            if least or most is not None:
                self._fail(f"{place}/format", _("no length can be demanded beside a format"))
            return self._rule(_FORMATS[form])
        if not least and most is None:
            return self._built_in("string")
        self._built_in("char")
        return self._rule(rf'"\"" char{_times(least, most)} "\""')

    def _number(self, schema: dict[str, Any], place: str, _depth: int) -> str:
        bounds = {}
        for key in _KEYWORDS["number"]:
            if key in schema:
                if not _is_number(schema[key]):
                    self._fail(f"{place}/{key}", _("a number is expected"))
                bounds[key] = schema[key]
        if not bounds and schema["type"] == "number":
            return self._built_in("number")
        make = integers if schema["type"] == "integer" else numbers
        try:
            alternatives = make(**{_python_name(key): value for key, value in bounds.items()})
        except ValueError:
            self._fail(place, _("the bounds of a number that is no integer must be small integers"))
        if not alternatives:
            self._fail(place, _("nothing is valid here"))
        return self._rule(" | ".join(alternatives))

    def _size(self, schema: dict[str, Any], key: str, place: str) -> int | None:
        if key not in schema:
            return None
        value: Any = schema[key]
        if not _is_number(value) or value < 0 or value != int(value):
            self._fail(f"{place}/{key}", _("a whole number is expected"))
        if value > MOST_REPETITIONS:
            self._fail(f"{place}/{key}", _("{most} is the highest").format(most=MOST_REPETITIONS))
        return int(value)


def _times(least: int, most: int | None) -> str:
    if most is None:
        return "*" if least == 0 else f"{{{least},}}"
    return f"{{{least},{most}}}"


def _python_name(key: str) -> str:
    return {"exclusiveMinimum": "above", "exclusiveMaximum": "below"}.get(key, key)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_plain(char: str) -> bool:
    return char >= " " and char not in '"\\' and not "\ud800" <= char <= "\udfff"


def _kind(value: Any) -> str:
    for kind, types in (
        ("boolean", bool),
        ("number", int | float),
        ("string", str),
        ("array", list),
        ("object", dict),
    ):
        if isinstance(value, types):
            return kind
    return "null"


def _is_of(value: Any, kinds: Iterable[str]) -> bool:
    whole = _is_number(value) and value == int(value)
    return _kind(value) in kinds or (whole and "integer" in kinds)


def _identity(value: Any) -> str:
    """Return a text that is the same for values JSON Schema takes for equal."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _unescape(step: str) -> str:
    return unquote(step).replace("~1", "/").replace("~0", "~")
