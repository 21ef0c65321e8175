"""A request of the engine's protocol as the body of a chat completion. Pure."""

import json
import re
from collections.abc import Sequence
from enum import Enum
from typing import Any

from workbench.engine.protocol import Message, Request
from workbench.errors import EngineError
from workbench.i18n import _

# Servers tokenise the whole prompt with special tokens: what looks like one is broken in two.
_MARKS = re.compile(
    r"<(?=\|[^\s|<>]{1,40}\|>|｜[^\s｜<>]{1,40}｜>|/?s>|/?think>"
    r"|(?:start|end)_of_turn>|(?:bos|eos|unk|pad)>|<SYS>>)"
    r"|\[(?=/?(?:INST|gMASK)\])"
)


class Server(Enum):
    """The servers whose ways are known."""

    LLAMA = "llama.cpp"
    VLLM = "vLLM"
    OLLAMA = "Ollama"
    LM_STUDIO = "LM Studio"
    OTHER = ""


CONTINUES = frozenset({Server.LLAMA, Server.VLLM})
"""Those known to write on from an assistant message at the end."""

_TEMPLATED = CONTINUES
_PENALTY = {
    Server.LLAMA: "repeat_penalty",
    Server.LM_STUDIO: "repeat_penalty",
    Server.VLLM: "repetition_penalty",
}


def plain(text: str) -> str:
    """Break what a vocabulary could read as a special token, so that an article stays text."""
    return _MARKS.sub(lambda mark: f"{mark[0]} ", text)


def conversation(messages: Sequence[Message], answer_start: str = "") -> list[dict[str, str]]:
    """Lay the messages out for a server, the beginning of the answer last."""
    turns = [
        {"role": message.role, "content": "".join(map(plain, message.segments))}
        for message in messages
    ]
    if answer_start:
        turns.append({"role": "assistant", "content": answer_start})
    return turns


def templating(request: Request, server: Server) -> dict[str, Any]:
    """Return what says how the server lays out the prompt: what counting and writing share."""
    fields: dict[str, Any] = {"messages": conversation(request.messages, request.answer_start)}
    if server in _TEMPLATED:
        thinking = request.thinking and not request.answer_start
        fields["chat_template_kwargs"] = {"enable_thinking": thinking}
        if request.answer_start:
            fields |= {"add_generation_prompt": False, "continue_final_message": True}
    return fields


def completion(request: Request, model: str, server: Server) -> dict[str, Any]:
    """Return the body that asks for a request; EngineError for what this server cannot do."""
    sampling = request.sampling
    body: dict[str, Any] = {
        "model": model,
        **templating(request, server),
        "max_tokens": request.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "seed": sampling.seed,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    # A server looks for stop strings in the thinking as well; there they are looked for here only.
    if request.stop and not request.thinking:
        body["stop"] = list(request.stop)
    if server in (Server.LLAMA, Server.VLLM, Server.LM_STUDIO):
        body["top_k"] = sampling.top_k
    if server in (Server.LLAMA, Server.VLLM):
        body["min_p"] = sampling.min_p
    if sampling.repeat_penalty != 1.0 and server in _PENALTY:
        body[_PENALTY[server]] = sampling.repeat_penalty
    if server is Server.LLAMA:
        body |= {"cache_prompt": True, "return_progress": True}
        if sampling.repeat_penalty != 1.0:
            body["repeat_last_n"] = sampling.repeat_last
    if server is Server.OLLAMA and not request.thinking:
        body["reasoning_effort"] = "none"
    if request.ignore_end:
        _require(server in (Server.LLAMA, Server.VLLM), _("write on past the end"), server)
        body["ignore_eos"] = True
    return body | _constraint(request, server)


def reading(request: Request, model: str) -> dict[str, Any]:
    """Return the body that has llama-server read what a request shares, and write nothing."""
    *earlier, last = request.messages
    shared = Message(last.role, last.segments[:-1])
    turns = conversation([*earlier, shared])
    return {
        "model": model,
        "messages": turns,
        "chat_template_kwargs": {"enable_thinking": request.thinking},
        "max_tokens": 0,
        "cache_prompt": True,
    }


def _constraint(request: Request, server: Server) -> dict[str, Any]:
    if request.adapters:
        raise _cannot(_("apply adapters to one request"), server)
    if request.grammar and request.schema:
        raise EngineError(_("an answer cannot be held to a grammar and to a schema at once"))
    if request.grammar:
        _require(server is Server.LLAMA, _("hold an answer to a GBNF grammar"), server)
        return {"grammar": request.grammar}
    if not request.schema:
        return {}
    try:
        schema = json.loads(request.schema)
    except (ValueError, RecursionError) as error:
        raise EngineError(_("the schema is not JSON: {error}").format(error=error)) from None
    named = {"name": "answer", "strict": True, "schema": schema}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


def _require(possible: bool, ability: str, server: Server) -> None:
    if not possible:
        raise _cannot(ability, server)


def _cannot(ability: str, server: Server) -> EngineError:
    return EngineError(
        _("the server ({server}) cannot {ability}").format(
            server=server.value or _("of unknown kind"), ability=ability
        ),
        fix=_("Use a GGUF on this machine with -m NAME or PATH."),
    )
