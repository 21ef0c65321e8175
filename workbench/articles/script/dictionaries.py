"""OpenCC's dictionaries and configurations, as the package opencc-python-reimplemented has them."""

import json
from functools import cache
from importlib.resources import files


@cache
def dictionary(name: str) -> dict[str, list[str]]:
    """Read one dictionary: what each character or phrase may become, the likeliest first."""
    text = (files("opencc") / "dictionary" / name).read_text(encoding="utf-8")
    pairs = (line.strip().split("\t") for line in text.split("\n") if "\t" in line)
    return {key: values.split(" ") for key, values in pairs}


@cache
def chain(configuration: str) -> tuple[tuple[str, ...], ...]:
    """Return the steps of a configuration such as ``t2s``: each a group of dictionaries' names.

    Raises ValueError where OpenCC has no such configuration.
    """
    source = files("opencc") / "config" / f"{configuration}.json"
    if not source.is_file():
        raise ValueError(f"OpenCC has no configuration {configuration!r}")
    steps = json.loads(source.read_text(encoding="utf-8"))["conversion_chain"]
    return tuple(tuple(_names(step["dict"])) for step in steps)


def _names(node: dict) -> list[str]:  # type: ignore[type-arg]
    if node["type"] == "group":
        return [name for child in node["dicts"] for name in _names(child)]
    return [node["file"]]


@cache
def telling() -> tuple[frozenset[str], frozenset[str]]:
    """Return the characters found in Simplified text alone and in Traditional text alone.

    A character tells when OpenCC's STCharacters (or TSCharacters) never leaves it as it is.
    """
    only = [
        {key for key, values in dictionary(name).items() if key not in values}
        for name in ("STCharacters.txt", "TSCharacters.txt")
    ]
    return frozenset(only[0] - only[1]), frozenset(only[1] - only[0])


def is_simplified_only(char: str) -> bool:
    """Tell whether a character is found in Simplified text alone, such as 线."""
    return char in telling()[0]
