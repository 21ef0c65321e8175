"""Texts a user sees, in the user's language.

Every such text is written ``_("English text with {name}").format(name=...)``; the catalogues are
in ``workbench/locales``, compiled by ``make locales``.
"""

import gettext
import os
from functools import cache
from pathlib import Path

_LOCALES = Path(__file__).parent / "locales"
_TRADITIONAL = ("zh_hant", "zh_tw", "zh_hk", "zh_mo")


_chosen = ""


def use_language(code: str) -> None:
    """Speak this language from now on; empty: the system's. ``WORKBENCH_LANGUAGE`` goes before.

    What was translated before stays as it is.
    """
    global _chosen
    _chosen = code


def language() -> str:
    """Name the interface language, e.g. ``en`` or ``zh_CN``: as chosen, or from the environment."""
    names = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    system = next((value for name in names if (value := os.environ.get(name))), "en")
    wanted = os.environ.get("WORKBENCH_LANGUAGE") or _chosen or system
    code = wanted.split(":")[0].split(".")[0].split("@")[0].replace("-", "_")
    if not code.lower().startswith("zh"):
        return code
    return "zh_TW" if code.lower().startswith(_TRADITIONAL) else "zh_CN"


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    return gettext.translation("workbench", _LOCALES, languages=[code], fallback=True)


def _(text: str) -> str:
    """Translate one text into the interface language; unknown texts stay English."""
    return _catalogue(language()).gettext(text)


def N_(text: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a text that stands in a table for extraction; it is translated where it is shown."""
    return text
