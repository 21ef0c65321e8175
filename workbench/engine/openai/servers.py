"""What can be learned of a server before it is asked anything: its kind, its models, its context.

The lists are in the form of OpenAI; what each server says beyond it is looked for where that server
has it. Pure functions of the parsed JSON.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.engine.openai.messages import Server
from workbench.errors import EngineError
from workbench.i18n import _

OLLAMA_CONTEXT = 4096
"""Ollama's default on a small machine; it cuts longer prompts and says nothing."""
_OWNERS = {"llamacpp": Server.LLAMA, "vllm": Server.VLLM, "library": Server.OLLAMA}
_MOST_NAMES = 12
_LARGEST = 1 << 31


@dataclass(frozen=True, slots=True)
class Served:
    """A model as a server lists it."""

    name: str
    names: frozenset[str]
    """All it answers to."""
    owner: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """What was learned of the model to be used; 0 for what is not known."""

    server: Server
    name: str
    context: int = 0
    trained_context: int = 0
    vocabulary: int = 0
    slots: int = 0
    version: str = ""
    quantization: str = ""


def served_models(value: Any) -> list[Served]:
    """Read the answer to ``GET /v1/models``; ValueError where it is none."""
    entries = value.get("data") if isinstance(value, dict) else None
    if entries is None and isinstance(value, dict) and value.get("object") == "list":
        entries = []  # Ollama without any model
    if not isinstance(entries, list):
        raise ValueError("not a list of models")
    found = []
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str) or not entry["id"]:
            continue
        names = {name for name in _list(entry.get("aliases")) if isinstance(name, str)}
        found.append(
            Served(
                entry["id"],
                frozenset({entry["id"], entry["id"].removesuffix(":latest"), *names})
                | {short_name(entry["id"])},
                _text(entry.get("owned_by")),
                entry,
            )
        )
    return found


def chosen(models: Sequence[Served], wanted: str, url: str) -> Served:
    """Return the model of that name, or the only one; EngineError lists those there are."""
    for model in models:
        if wanted in model.names:
            return model
    if not wanted and len(models) == 1:
        return models[0]
    if not models:
        raise EngineError(
            _("the server at {url} has no model").format(url=url), fix=_("Load one there.")
        )
    names = ", ".join(short_name(model.name) for model in models[:_MOST_NAMES])
    if len(models) > _MOST_NAMES:
        names += ", …"
    what = (
        _("the server at {url} has no model '{name}'").format(url=url, name=wanted)
        if wanted
        else _("the server at {url} has several models").format(url=url)
    )
    raise EngineError(what, fix=_("Name one of these after #: {names}.").format(names=names))


def kind_of(model: Served) -> Server | None:
    """Return the kind of server by who it says owns the model; None where that says nothing."""
    return _OWNERS.get(model.owner)


def llama_facts(model: Served, props: Mapping[str, Any]) -> Facts:
    """Read what llama-server says in ``GET /props`` and in its list."""
    meta = _table(model.facts.get("meta"))
    settings = _table(props.get("default_generation_settings"))
    return Facts(
        Server.LLAMA,
        model.name,
        context=_size(settings.get("n_ctx")) or _size(meta.get("n_ctx")),
        trained_context=_size(meta.get("n_ctx_train")),
        vocabulary=_size(meta.get("n_vocab")),
        slots=_size(props.get("total_slots")),
        version=_text(props.get("build_info")),
        quantization=_quantization(_text(meta.get("ftype"))),
    )


def vllm_facts(model: Served) -> Facts:
    """Read what vLLM says in its list."""
    context = _size(model.facts.get("max_model_len"))
    return Facts(Server.VLLM, model.name, context=context, trained_context=context)


def ollama_facts(model: Served, running: Mapping[str, Any]) -> Facts:
    """Read what Ollama says of loaded models in ``GET /api/ps``; before 0.10 it says nothing."""
    context = 0
    for entry in map(_table, _list(running.get("models"))):
        if model.names & {_text(entry.get("name")), _text(entry.get("model"))}:
            context = _size(entry.get("context_length"))
    return Facts(Server.OLLAMA, model.name, context=context)


def lm_studio_facts(model: Served, listed: Mapping[str, Any]) -> Facts:
    """Read what LM Studio says in ``GET /api/v0/models``."""
    for entry in map(_table, _list(listed.get("data"))):
        if entry.get("id") == model.name:
            return Facts(
                Server.LM_STUDIO,
                model.name,
                context=_size(entry.get("loaded_context_length")),
                trained_context=_size(entry.get("max_context_length")),
                quantization=_text(entry.get("quantization")),
            )
    return Facts(Server.LM_STUDIO, model.name)


def short_name(name: str) -> str:
    """Return a name without folder and suffix where it is the path of a GGUF file."""
    if not name.lower().endswith(".gguf"):
        return name
    return re.split(r"[/\\]", name[: -len(".gguf")])[-1] or name


def _quantization(ftype: str) -> str:
    """Turn llama.cpp's ``Q4_K - Medium`` into the usual ``Q4_K_M``."""
    return re.sub(r" - ([SML])(?:mall|edium|arge)$", r"_\1", ftype)


def usable_context(facts: Facts, setting: int) -> int:
    """Return the tokens one request may take: what the server says, else the setting."""
    if facts.context:
        return facts.context
    if facts.server is Server.OLLAMA:
        return min(setting or OLLAMA_CONTEXT, OLLAMA_CONTEXT)
    if setting:
        return min(setting, facts.trained_context or setting)
    if facts.trained_context:
        return facts.trained_context
    raise EngineError(
        _("the server does not say how large its context is"),
        fix=_("Give its size in tokens with --context."),
    )


def _size(value: Any) -> int:
    return value if type(value) is int and 0 < value < _LARGEST else 0


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
