"""What pages are made with: an environment that escapes everything, and their style sheets."""

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.i18n import language

if TYPE_CHECKING:
    import jinja2

_BASE = Path(__file__).parent / "base.css"


def environment() -> "jinja2.Environment":
    """Return the environment of pages: it escapes every text and knows no missing name."""
    import jinja2

    return jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def style(own: Path) -> str:
    """Return the style sheet of a page: what all of them share, then what is its own."""
    return _BASE.read_text(encoding="utf-8") + own.read_text(encoding="utf-8")


def page_language() -> str:
    """Return the language of the interface as BCP 47 names it: English where there is no other."""
    code = language()
    return code.replace("_", "-") if code.startswith("zh") else "en"


def text_language(script: str) -> str:
    """Return what BCP 47 calls Chinese in this script: browsers choose the forms of Hanzi by it."""
    return _LANGUAGES.get(script, "zh")


_LANGUAGES = {
    "simplified": "zh-Hans",
    "traditional": "zh-Hant",
    "taiwan": "zh-Hant-TW",
    "hongkong": "zh-Hant-HK",
}
