"""What the program remembers of model files: ``local.toml`` in the models folder.

``[registered."name"]`` are models the user added, ``[pulled."id"]`` what was pulled and verified.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from workbench.errors import ModelError
from workbench.files import write_atomically
from workbench.i18n import _
from workbench.paths import models_folder

_LOCK_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Registered:
    """A model the user added; ``copied`` files are the program's own to delete."""

    path: str
    bytes: int
    sha256: str
    copied: bool


@dataclass(frozen=True, slots=True)
class Pulled:
    """A file that was pulled and whose SHA-256 was right; ``date`` is ISO 8601, UTC."""

    file: str
    sha256: str
    source: str
    date: str


@dataclass(slots=True)
class Records:
    """All that ``local.toml`` holds, by name."""

    registered: dict[str, Registered] = field(default_factory=dict)
    pulled: dict[str, Pulled] = field(default_factory=dict)


def records_file() -> Path:
    """Return the path of the records, whether the file exists or not."""
    return models_folder() / "local.toml"


def load_records() -> Records:
    """Read the records; a file nobody wrote yet holds none. ModelError where it is malformed."""
    path = records_file()
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Records()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _malformed(path, str(error)) from None
    return Records(
        _tables(path, document, "registered", Registered), _tables(path, document, "pulled", Pulled)
    )


@contextmanager
def changing_records() -> Iterator[Records]:
    """Give the records to change; they are written, in one step, when the block ends well.

    Two processes take turns. ModelError where the other does not end, or nothing can be written.
    """
    from filelock import FileLock, Timeout

    path = records_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name("local.toml.lock"), timeout=_LOCK_SECONDS):
            records = load_records()
            yield records
            write_atomically(path, _to_toml(records))
    except Timeout:
        raise ModelError(
            _("is held by another workbench"), path=path, fix=_("Wait for it to end, then repeat.")
        ) from None
    except OSError as error:
        raise ModelError(
            _("cannot be changed: {reason}").format(reason=error.strerror or error),
            path=error.filename or path,
            fix=_("Name a folder that can be written in WORKBENCH_MODELS."),
        ) from None


_T = TypeVar("_T", Registered, Pulled)


def _tables(path: Path, document: Mapping[str, Any], section: str, kind: type[_T]) -> dict[str, _T]:
    tables = document.get(section, {})
    if not isinstance(tables, dict):
        raise _malformed(path, section)
    found: dict[str, _T] = {}
    for name, table in tables.items():
        wanted = kind.__annotations__
        if not isinstance(table, dict) or set(table) != set(wanted):
            raise _malformed(path, f'{section}."{name}"')
        for key, value in table.items():
            if type(value) is not wanted[key]:
                raise _malformed(path, f'{section}."{name}".{key}')
        found[name] = kind(**table)
    return found


def _to_toml(records: Records) -> str:
    lines = ["# Written by “workbench models add”, “pull” and “remove”."]
    for section, tables in (("registered", records.registered), ("pulled", records.pulled)):
        for name, record in tables.items():
            lines += ["", f"[{section}.{_quote(name)}]"]
            lines += [f"{key} = {_quote(value)}" for key, value in asdict(record).items()]
    return "\n".join(lines) + "\n"


def _quote(value: str | int | bool) -> str:
    """Write a TOML value: JSON's strings are TOML's, but for DEL, which TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _malformed(path: Path, where: str) -> ModelError:
    return ModelError(
        _("is malformed: {where}").format(where=where),
        path=path,
        fix=_("Correct it; if you delete it, add your own models again."),
    )
