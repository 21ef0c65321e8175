"""Where things are kept: ``WORKBENCH_HOME`` moves everything the program writes."""

import os
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parent


def checkout() -> Path | None:
    """Return the root of the source checkout the package runs from, or None when installed."""
    root = _PACKAGE.parent
    return root if (root / "models" / "catalog.toml").is_file() else None


def home() -> Path | None:
    """Return the folder named by ``WORKBENCH_HOME``, or None where it is not set."""
    value = os.environ.get("WORKBENCH_HOME")
    return Path(value).expanduser().absolute() if value else None


@cache
def _platform_folder(kind: str) -> Path:
    import platformdirs

    return Path(getattr(platformdirs, f"user_{kind}_dir")("workbench", appauthor=False))


def config_folder() -> Path:
    """Return the folder of ``config.toml`` and the user's own templates."""
    return base / "config" if (base := home()) else _platform_folder("config")


def data_folder() -> Path:
    """Return the folder of what the program keeps: the library, models, registrations."""
    return base / "data" if (base := home()) else _platform_folder("data")


def library_file() -> Path:
    """Return the database of the library."""
    return data_folder() / "library.db"


def cache_folder() -> Path:
    """Return the folder of what can be deleted and made again."""
    return base / "cache" if (base := home()) else _platform_folder("cache")


def states_folder() -> Path:
    """Return the folder of KV states: what models have read of articles."""
    return cache_folder() / "states"


def models_folder() -> Path:
    """Return the folder pulled models land in.

    ``WORKBENCH_MODELS`` names it; else it is under ``WORKBENCH_HOME``; else ``models/`` of a
    checkout; else the user's data folder.
    """
    if value := os.environ.get("WORKBENCH_MODELS"):
        return Path(value).expanduser().absolute()
    if home() is None and (root := checkout()):
        return root / "models"
    return data_folder() / "models"


def user_prompts_folder() -> Path:
    """Return the folder of the user's own templates."""
    return config_folder() / "prompts"


def shipped_prompts_folder() -> Path:
    """Return the folder of the templates that came with the program."""
    root = checkout()
    return root / "prompts" if root else _PACKAGE / "_data" / "prompts"


def shipped_catalog() -> Path:
    """Return the model catalogue that came with the program."""
    root = checkout()
    return root / "models" / "catalog.toml" if root else _PACKAGE / "_data" / "catalog.toml"
