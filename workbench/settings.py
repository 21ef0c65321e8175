"""Settings: defaults < config file < environment ``WORKBENCH_*`` < flags."""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from workbench.errors import SettingsError
from workbench.i18n import _
from workbench.paths import config_folder

LENGTHS = ("short", "medium", "long")
SCRIPTS = ("keep", "simplified", "traditional", "taiwan", "hongkong")
KV_TYPES = ("f16", "q8_0", "q4_0")
LOOKUP = ("auto", "on", "off")
UNSUPPORTED = ("mark", "drop")
LANGUAGES = ("", "en", "zh_CN", "zh_TW")
"""What the app offers; other codes of Chinese and English are understood too."""
KEYS = "keys"
"""The table of the config file that gives the app's keys, by the ids that the app's help shows."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, with its default; the names are those of ``config.toml``."""

    model: str = ""
    """Name in the catalogue, path of a GGUF, or ``openai:URL#MODEL`` for a server; empty: chosen by
    memory and what is here."""
    template: str = "news"
    """The template ``summarize`` uses."""
    length: str = "medium"
    """``short``, ``medium`` or ``long``."""
    script: str = "keep"
    """The script of results; ``keep``: that of the article."""
    unsupported: str = "mark"
    """What becomes of a point with a fact the article does not bear out: ``mark`` or ``drop``."""
    names: str = ""
    """Names that are never converted to another script, one a line."""
    context: int = 8192
    """n_ctx in tokens; 0: all that the model was trained on."""
    threads: int = 0
    """Threads of llama.cpp; 0: one a physical core."""
    gpu_layers: int = -1
    """Layers to put on GPUs; -1: as many as fit, 0: none."""
    main_gpu: int = 0
    """Number of the GPU that takes the whole model where it fits; else all GPUs share it."""
    tensor_split: str = ""
    """Share of each GPU, such as ``3,1``; empty: by what fits."""
    kv_type: str = "f16"
    """How the KV cache is kept: ``f16``, ``q8_0`` or ``q4_0``."""
    lora: str = ""
    """LoRA adapters, one a line: ``PATH`` or ``PATH=SCALE``."""
    sequences: int = 0
    """Requests that are written at once; 0: chosen for this machine."""
    lookup: str = "auto"
    """Prompt lookup, ``on``, ``off`` or ``auto``: where it was measured to be worth while."""
    temperature: float = 0.0
    """Sampling temperature; 0 always gives the same result."""
    seed: int = 42
    """Seed of sampling above temperature 0."""
    cache_gb: float = 4.0
    """What KV states may take on disk, in GB of 10^9 bytes; 0: none is kept."""
    allow_remote_server: bool = False
    """Whether an ``openai:`` server may lie outside this machine and private networks."""
    theme: str = "workbench-dark"
    """Colours of the app: ``workbench-dark``, ``workbench-light``, or a theme of Textual's."""
    language: str = ""
    """Language of the app: ``en``, ``zh_CN`` or ``zh_TW``; empty: that of the system.

    Commands follow the environment variable alone."""

    @property
    def cache_bytes(self) -> int:
        """Return ``cache_gb`` in bytes."""
        return int(self.cache_gb * 1e9)


_CHOICES = {
    "length": LENGTHS,
    "script": SCRIPTS,
    "unsupported": UNSUPPORTED,
    "kv_type": KV_TYPES,
    "lookup": LOOKUP,
}
_RANGES: dict[str, tuple[float, float]] = {
    "context": (0, 10_485_760),
    "threads": (0, 1024),
    "gpu_layers": (-1, 10_000),
    "main_gpu": (0, 63),
    "sequences": (0, 64),
    "temperature": (0.0, 5.0),
    "seed": (0, 2**32 - 1),
    "cache_gb": (0.0, 1e6),
}
_SWITCHES = {"1": True, "0": False, "true": True, "false": False}
_FIELDS = {field.name: field for field in fields(Settings)}


def config_file() -> Path:
    """Return the path of the config file, whether it exists or not."""
    return config_folder() / "config.toml"


@cache
def stored_settings() -> Settings:
    """Return the settings of config file and environment; SettingsError says what is wrong."""
    return _overlay(_overlay(Settings(), _from_file()), _from_environment())


def settings_with(**flags: Any) -> Settings:
    """Return the stored settings with the flags that were given (not None) on top."""
    given = {name: value for name, value in flags.items() if value is not None}
    return _overlay(stored_settings(), {name: (value, None) for name, value in given.items()})


def stored_keys() -> dict[str, str]:
    """Return the keys that the config file gives to ids of the app; SettingsError if wrong."""
    found = _file_table().get(KEYS, {})
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise SettingsError(
            _('[{name}] must give each id a text such as "ctrl+o"').format(name=KEYS),
            path=config_file(),
        )
    return dict(found)


def _from_file() -> dict[str, tuple[Any, str | None]]:
    path = str(config_file())
    return {name: (value, path) for name, value in _file_table().items() if name != KEYS}


def _file_table() -> dict[str, Any]:
    path = config_file()
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError(
            _("cannot be read: {reason}").format(reason=error.strerror or type(error).__name__),
            path=path,
            fix=_(
                "Check the rights of the file and its folder, or name another in WORKBENCH_HOME."
            ),
        ) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            _("cannot be read as TOML: {error}").format(error=error),
            path=path,
            fix=_("Correct or delete it."),
        ) from None


def _from_environment() -> dict[str, tuple[Any, str | None]]:
    found: dict[str, tuple[Any, str | None]] = {}
    for name in _FIELDS:
        variable = f"WORKBENCH_{name.upper()}"
        if value := os.environ.get(variable):
            found[name] = (_parse(name, value, variable), variable)
    return found


def _parse(name: str, value: str, variable: str) -> Any:
    kind: Callable[[str], Any] = type(_FIELDS[name].default)
    if kind is bool:
        return _parse_switch(value, variable)
    try:
        return kind(value)
    except ValueError:
        raise SettingsError(
            _("{value!r} is not a number").format(value=value),
            path=variable,
            fix=_("Give a number or unset it."),
        ) from None


def _parse_switch(value: str, variable: str) -> bool:
    found = _SWITCHES.get(value.strip().lower())
    if found is None:
        raise SettingsError(
            _("{value!r} is neither yes nor no").format(value=value),
            path=variable,
            fix=_("Give one of: {names}.").format(names=", ".join(_SWITCHES)),
        )
    return found


def _overlay(base: Settings, values: Mapping[str, tuple[Any, str | None]]) -> Settings:
    for name, (value, origin) in values.items():
        _validate(name, value, origin)
    return replace(base, **{name: value for name, (value, _origin) in values.items()})


def _validate(name: str, value: Any, origin: str | None) -> None:
    if name not in _FIELDS:
        raise SettingsError(
            _("there is no setting {name!r}").format(name=name),
            path=origin,
            fix=_("The settings are: {names}.").format(names=", ".join(_FIELDS)),
        )
    kind = type(_FIELDS[name].default)
    right_kind = isinstance(value, kind) or (kind is float and isinstance(value, int))
    if not right_kind or isinstance(value, bool) is not (kind is bool):
        raise SettingsError(
            _("{name} must be of type {kind}, not {value!r}").format(
                name=name, kind=kind.__name__, value=value
            ),
            path=origin,
        )
    if name in _CHOICES and value not in _CHOICES[name]:
        raise SettingsError(
            _("{name} cannot be {value!r}").format(name=name, value=value),
            path=origin,
            fix=_("Choose one of: {names}.").format(names=", ".join(_CHOICES[name])),
        )
    if name in _RANGES:
        low, high = _RANGES[name]
        if not low <= value <= high:
            raise SettingsError(
                _("{name} must lie between {low} and {high}, not {value}").format(
                    name=name, low=low, high=high, value=value
                ),
                path=origin,
            )
