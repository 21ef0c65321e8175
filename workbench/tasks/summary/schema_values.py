"""Values under a JSON Schema: whether they conform, what is whole of one cut off, joining several.

What the schema may ask is what the engine can hold a model to (``workbench/engine/schema.py``). The
engine's answers conform by construction; this is for those that break off at their limit, and for
servers that promise and do not keep.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_MOST_REFERENCES = 16
_CLOSING = {"{": "}", "[": "]"}


def conforms(value: Any, schema: Any, root: Mapping[str, Any] | None = None) -> bool:
    """Say whether a value is valid under a schema (JSON Schema 2020-12, as far as supported)."""
    if isinstance(schema, bool):
        return schema
    whole = schema if root is None else root
    if "$ref" in schema and not conforms(value, resolved(schema["$ref"], whole), whole):
        return False
    if "type" in schema:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(_is_of(value, kind) for kind in kinds):
            return False
    if "enum" in schema and not any(_same(value, one) for one in schema["enum"]):
        return False
    if "const" in schema and not _same(value, schema["const"]):
        return False
    if not all(conforms(value, one, whole) for one in schema.get("allOf", ())):
        return False
    for key in ("anyOf", "oneOf"):
        if key in schema and not any(conforms(value, one, whole) for one in schema[key]):
            return False
    if isinstance(value, dict):
        return _object(value, schema, whole)
    if isinstance(value, list):
        return _array(value, schema, whole)
    if isinstance(value, str):
        return _within(len(value), schema, "minLength", "maxLength")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (
            _within(value, schema, "minimum", "maximum")
            and value > schema.get("exclusiveMinimum", float("-inf"))
            and value < schema.get("exclusiveMaximum", float("inf"))
        )
    return True


def resolved(reference: str, root: Mapping[str, Any]) -> Any:
    """Return the place of a schema that a reference within it (``#/$defs/name``) leads to."""
    place: Any = root
    for step in reference.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        place = place[int(step)] if isinstance(place, list) else place[step]
    return place


def parsed(text: str, schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the value of an answer; of one that breaks off, what was whole; None if nothing is."""
    for candidate in _candidates(text):
        try:
            value = json.loads(candidate)
        except ValueError:
            continue
        if isinstance(value, dict) and conforms(value, schema):
            return value
    return None


def joined(values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Join the values of several parts of an article.

    Lists are put one after another without what is there already; of single values the first that
    says something stays.
    """
    found: dict[str, Any] = {}
    for value in values:
        for name, new in value.items():
            found[name] = _both(found[name], new) if name in found else _unique(new)
    return found


def limited(value: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """Cut the lists of a joined value to what the schema allows; say how many entries that cost."""
    found, left_out = dict(value), 0
    for name, inner in schema.get("properties", {}).items():
        most = inner.get("maxItems") if isinstance(inner, dict) else None
        entries = found.get(name)
        if isinstance(most, int) and isinstance(entries, list) and len(entries) > most:
            left_out += len(entries) - most
            found[name] = entries[:most]
    return found, left_out


def with_most(schema: Mapping[str, Any], most: int) -> dict[str, Any]:
    """Return a schema of an object whose lists have at most ``most`` entries each."""
    properties = dict(schema.get("properties", {}))
    for name, inner in properties.items():
        if isinstance(inner, dict) and inner.get("type") == "array":
            allowed = max(inner.get("minItems", 0), min(most, inner.get("maxItems", most)))
            properties[name] = {**inner, "maxItems": allowed}
    return {**schema, "properties": properties}


def is_chosen(path: str, schema: Mapping[str, Any]) -> bool:
    """Say whether the value at a JSON Pointer is one of a list the schema gives, not free text."""
    place: Any = schema
    for step in path.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        place = _followed(place, schema)
        if not isinstance(place, dict):
            return False
        if step in place.get("properties", {}):
            place = place["properties"][step]
        else:
            place = place.get("items", place.get("additionalProperties"))
    place = _followed(place, schema)
    return isinstance(place, dict) and ("enum" in place or "const" in place)


def _followed(place: Any, root: Mapping[str, Any]) -> Any:
    for _step in range(_MOST_REFERENCES):
        if not (isinstance(place, dict) and "$ref" in place):
            break
        place = resolved(place["$ref"], root)
    return place


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str | int | float]]:
    """Yield each text and number with its JSON Pointer (RFC 6901)."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{path}/{number}")
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield path, value


def _object(value: dict[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    return (
        all(name in value for name in schema.get("required", ()))
        and _within(len(value), schema, "minProperties", "maxProperties")
        and all(conforms(one, properties.get(name, others), root) for name, one in value.items())
    )


def _array(value: list[Any], schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    heads = schema.get("prefixItems", [])
    rest = schema.get("items", True)
    if isinstance(rest, list):  # as drafts up to 2019-09 have it
        heads, rest = rest, schema.get("additionalItems", True)
    return (
        _within(len(value), schema, "minItems", "maxItems")
        and all(conforms(one, head, root) for one, head in zip(value, heads, strict=False))
        and all(conforms(one, rest, root) for one in value[len(heads) :])
    )


def _within(size: float, schema: Mapping[str, Any], least: str, most: str) -> bool:
    return bool(schema.get(least, float("-inf")) <= size <= schema.get(most, float("inf")))


def _is_of(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    match kind:
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "integer":
            return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        case "number":
            return isinstance(value, int | float)
        case "null":
            return value is None
    return False


def _same(one: Any, other: Any) -> bool:
    """Compare as JSON does: true is not 1."""
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _candidates(text: str) -> Iterator[str]:
    """Yield a text, then the same cut ever earlier after a whole value and closed."""
    start = text.find("{")
    if start < 0:
        return
    text = text[start:]
    yield text
    cuts: list[tuple[int, str]] = []
    open_brackets: list[str] = []
    in_string = escaped = False
    for place, char in enumerate(text):
        if in_string:
            in_string = escaped or char != '"'
            escaped = not escaped and char == "\\"
            continue
        if char == '"':
            in_string = True
        elif char in _CLOSING:
            open_brackets.append(char)
        elif char in "}]" and open_brackets:
            open_brackets.pop()
            closing = "".join(_CLOSING[bracket] for bracket in reversed(open_brackets))
            cuts.append((place + 1, closing))
        if char == "[":
            closing = "".join(_CLOSING[bracket] for bracket in reversed(open_brackets))
            cuts.append((place + 1, closing))
    for end, closing in reversed(cuts):
        yield text[:end] + closing


def _both(one: Any, other: Any) -> Any:
    if isinstance(one, list) and isinstance(other, list):
        return _unique([*one, *other])
    if isinstance(one, dict) and isinstance(other, dict):
        return joined([one, other])
    return other if one in (None, "", [], {}) else one


def _unique(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    found: dict[str, Any] = {}
    for one in value:
        found.setdefault(_key(one), one)
    return list(found.values())


def _key(value: Any) -> str:
    """Return what is the same for entries that say the same, however they are spaced."""
    return "".join(json.dumps(value, ensure_ascii=False, sort_keys=True).split()).lower()
