"""Every setting explained in a sentence, in the order in which the app shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.i18n import N_
from workbench.settings import (
    KV_TYPES,
    LANGUAGES,
    LENGTHS,
    LOOKUP,
    SCRIPTS,
    UNSUPPORTED,
    Settings,
    settings_with,
)


@dataclass(frozen=True, slots=True)
class Explained:
    """A setting: its name in the config file, what it does, and its choices where it has some."""

    name: str
    about: str
    choices: Sequence[str] = ()


WRITING = (
    Explained("template", N_("The template that summaries are written by.")),
    Explained("length", N_("How long results are; each template says what that means."), LENGTHS),
    Explained("script", N_("The script of results; keep: that of the article."), SCRIPTS),
    Explained(
        "unsupported",
        N_("What becomes of a point with a fact the article does not bear out."),
        UNSUPPORTED,
    ),
    Explained("names", N_("Names that are never converted to another script, one a line.")),
)
MODEL = (
    Explained(
        "model",
        N_("Name in the catalogue, a GGUF file, or openai:URL#MODEL; empty: the best that fits."),
    ),
    Explained(
        "context",
        N_("Tokens the model sees at once; more take more memory. 0: all it was trained on."),
    ),
    Explained("threads", N_("Threads of llama.cpp; 0: one for each physical core.")),
    Explained("gpu_layers", N_("Layers put on GPUs; -1: as many as fit, 0: none.")),
    Explained("main_gpu", N_("The GPU that takes the whole model where it fits.")),
    Explained("tensor_split", N_("The share of each GPU, such as 3,1; empty: by what fits.")),
    Explained(
        "kv_type",
        N_("How the KV cache is kept: q8_0 takes half the memory of f16, and is slow on a CPU."),
        KV_TYPES,
    ),
    Explained("lora", N_("LoRA adapters, one a line: PATH or PATH=SCALE.")),
    Explained("sequences", N_("Requests written at once; 0: chosen for this machine.")),
    Explained(
        "lookup", N_("Guess tokens from the prompt: on, off, or where it was measured."), LOOKUP
    ),
    Explained("temperature", N_("Chance in choosing words; 0 always gives the same result.")),
    Explained("seed", N_("The seed of that chance.")),
    Explained("cache_gb", N_("GB on disk for what models have read; 0: nothing is kept.")),
    Explained(
        "allow_remote_server",
        N_("Whether a server may lie outside this machine and private networks."),
        ("true", "false"),
    ),
)
APP = (
    Explained("theme", N_("The colours of the app.")),
    Explained("language", N_("The language of the app; empty: that of the system."), LANGUAGES),
)
GROUPS: Mapping[str, Sequence[Explained]] = {
    N_("Results"): WRITING,
    N_("Model"): MODEL,
    N_("App"): APP,
}


def shown(settings: Settings, name: str) -> str:
    """Return a setting as one writes it in a field."""
    value = getattr(settings, name)
    return str(value).lower() if isinstance(value, bool) else str(value)


def parsed(name: str, text: str) -> Any:
    """Return what was written in a field as a value; SettingsError says what is wrong with it."""
    kind = type(getattr(Settings(), name))
    value: Any = text
    if kind is bool:
        value = {"true": True, "false": False}.get(text.strip().lower(), text)
    elif kind in (int, float):
        try:
            value = kind(text.strip() or 0)
        except ValueError:
            value = text
    settings_with(**{name: value})
    return value
