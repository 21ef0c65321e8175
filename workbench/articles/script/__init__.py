"""Simplified and Traditional: which of them a text is in, and turning one into the other."""

from workbench.articles.script.conversion import (
    TARGETS,
    Conversion,
    convert,
    convert_by,
    convert_with_map,
    to_simplified,
    to_simplified_with_map,
)
from workbench.articles.script.detection import MIXED_SHARE, detect
from workbench.articles.script.dictionaries import is_simplified_only
from workbench.articles.script.folding import fold
from workbench.articles.script.names import find_names, name_key, spellings
from workbench.articles.script.visible import ZERO_WIDTH
from workbench.articles.script.wording import detect_wording

__all__ = [
    "MIXED_SHARE",
    "TARGETS",
    "ZERO_WIDTH",
    "Conversion",
    "convert",
    "convert_by",
    "convert_with_map",
    "detect",
    "detect_wording",
    "find_names",
    "fold",
    "is_simplified_only",
    "name_key",
    "spellings",
    "to_simplified",
    "to_simplified_with_map",
]
