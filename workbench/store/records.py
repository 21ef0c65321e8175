"""Small dataclasses as JSON in a column: what is as usual is left out."""

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Record = TypeVar("Record", bound="DataclassInstance")


def to_json(record: "DataclassInstance") -> str:
    """Return the fields of a dataclass that differ from their defaults, always in one order."""
    found = {
        field.name: value
        for field in fields(record)
        if (value := getattr(record, field.name)) != field.default
    }
    return json.dumps(found, ensure_ascii=False, sort_keys=True)


def from_json(kind: type[Record], text: str) -> Record:
    """Return what ``to_json`` wrote; what a later program added to it is passed over."""
    known = {field.name for field in fields(kind)}
    found: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in json.loads(text).items()
        if key in known
    }
    return kind(**found)
