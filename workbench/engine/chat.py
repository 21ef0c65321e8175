"""Prompts in the form a model was trained on: its own chat template, article text kept apart.

The template sees unguessable marks in place of the texts. Its output is cut at the marks, so that
only what the template itself wrote is read with special tokens: an article that contains
``<|im_end|>`` cannot end its turn, nor can it be changed by the template.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workbench.engine.protocol import Message, Request
from workbench.engine.stream import THINK_CLOSE, THINK_OPEN
from workbench.errors import EngineError
from workbench.i18n import _

if TYPE_CHECKING:
    from jinja2 import Template

CHATML = (
    "{{ bos_token }}{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""The form most models without a template of their own were trained on, if they know its tokens.

Source: https://github.com/openai/openai-python/blob/release-v0.28.0/chatml.md
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the prompt tokenised apart; ``special``: special tokens are read in it."""

    text: str
    special: bool


@dataclass(frozen=True, slots=True)
class Prompt:
    """A rendered prompt; ``inside_thought``: it ends with an open ``<think>``.

    ``marks`` are the pieces at which segments of messages begin; what comes before the last of
    them is shared with other requests.
    """

    pieces: tuple[Piece, ...]
    inside_thought: bool = False
    marks: tuple[int, ...] = ()


class ChatTemplate:
    """A compiled chat template of a model.

    It is a stranger's program and runs in Jinja2's immutable sandbox, with the environment that
    Hugging Face gives it (``transformers/utils/chat_template_utils.py``). EngineError says when it
    cannot be compiled.
    """

    def __init__(self, source: str, *, bos: str = "", eos: str = ""):
        self._template = _compile(source)
        self._bos = bos
        self._eos = eos

    def render(self, request: Request) -> Prompt:
        """Lay out a request; EngineError where the template refuses it or loses a text."""
        messages = [_without_empty(message) for message in request.messages]
        try:
            pieces, marks = self._pieces(messages, request.thinking)
        except EngineError:
            # Gemma's template, among others, knows no system role.
            folded = _fold_system(messages)
            if folded is None:
                raise
            pieces, marks = self._pieces(folded, request.thinking)
        return _open_answer(pieces, marks, request)

    def _pieces(
        self, messages: Sequence[Message], thinking: bool
    ) -> tuple[list[Piece], tuple[int, ...]]:
        secret = secrets.token_hex(12)
        texts: list[str] = []
        turns: list[dict[str, str]] = []
        ends: list[int] = []
        for message in messages:
            first = len(texts)
            texts += message.segments
            ends += range(first, len(texts))
            marks = (f"Q{secret}N{number}Z" for number in range(first, len(texts)))
            turns.append({"role": message.role, "content": "".join(marks)})
        pieces = _cut(self._rendered(turns, thinking), secret, texts)
        places = [index for index, piece in enumerate(pieces) if not piece.special]
        return pieces, tuple(dict.fromkeys(places[end] for end in ends))

    def _rendered(self, turns: list[dict[str, str]], thinking: bool) -> str:
        try:
            return self._template.render(
                messages=turns,
                add_generation_prompt=True,
                enable_thinking=thinking,
                bos_token=self._bos,
                eos_token=self._eos,
                tools=None,
                documents=None,
            )
        except Exception as error:  # noqa: BLE001 - a stranger's program may raise anything
            raise EngineError(
                _("the model's chat template refuses the prompt: {error}").format(
                    error=str(error) or type(error).__name__
                ),
                fix=_("Choose another model."),
            ) from None


def _compile(source: str) -> "Template":
    import jinja2
    from jinja2.ext import Extension, loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Generation(Extension):
        """``{% generation %}`` marks the model's turns for training; here it means nothing."""

        tags = {"generation"}  # noqa: RUF012

        def parse(self, parser: Any) -> Any:
            next(parser.stream)
            return parser.parse_statements(("name:endgeneration",), drop_needle=True)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols, Generation]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _raise_exception
    environment.globals["strftime_now"] = _strftime_now
    try:
        return environment.from_string(source)
    except (jinja2.TemplateError, RecursionError) as error:
        raise EngineError(
            _("the model's chat template cannot be used: {error}").format(error=error),
            fix=_("Choose another model."),
        ) from None


def _to_json(value: Any, ensure_ascii: bool = False, **options: Any) -> str:
    """Write JSON without the HTML escapes of Jinja2's own filter, as Hugging Face does."""
    return json.dumps(value, ensure_ascii=ensure_ascii, **options)


def _raise_exception(message: str) -> None:
    import jinja2

    raise jinja2.TemplateError(message)


def _strftime_now(form: str) -> str:
    return datetime.now().astimezone().strftime(form)


def _without_empty(message: Message) -> Message:
    return Message(message.role, tuple(segment for segment in message.segments if segment))


def _fold_system(messages: Sequence[Message]) -> list[Message] | None:
    """Put the system message at the head of the first user message; None where there is none."""
    if len(messages) < 2 or messages[0].role != "system" or messages[1].role != "user":
        return None
    system, user, *rest = messages
    return [Message("user", (*system.segments, "\n\n", *user.segments)), *rest]


def _cut(rendered: str, secret: str, texts: Sequence[str]) -> list[Piece]:
    """Put each text in place of its mark; EngineError unless each mark is there once, in order."""
    pieces: list[Piece] = []
    rest = rendered
    for number, text in enumerate(texts):
        before, found, rest = rest.partition(f"Q{secret}N{number}Z")
        if not found or secret in before:
            raise _lost()
        if before:
            pieces.append(Piece(before, special=True))
        pieces.append(Piece(text, special=False))
    if secret in rest:
        raise _lost()
    if rest:
        pieces.append(Piece(rest, special=True))
    return pieces


def _lost() -> EngineError:
    return EngineError(
        _("the model's chat template leaves out, repeats or changes a part of the prompt"),
        fix=_("Choose another model."),
    )


def _open_answer(pieces: list[Piece], marks: tuple[int, ...], request: Request) -> Prompt:
    """Settle the thinking and put the beginning of the answer behind the prompt."""
    inside = bool(pieces) and pieces[-1].special and pieces[-1].text.rstrip().endswith(THINK_OPEN)
    if inside and (request.answer_start or not request.thinking):
        opened = pieces[-1].text.rstrip()
        pieces = [*pieces[:-1], Piece(f"{opened}\n\n{THINK_CLOSE}\n\n", special=True)]
        inside = False
    if request.answer_start:
        pieces = [*pieces, Piece(request.answer_start, special=False)]
    return Prompt(tuple(pieces), inside, marks)
