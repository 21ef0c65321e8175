"""Texts, and pairs of query and text, as the tokens an encoder reads. Runs in the child only."""

import re
from collections.abc import Sequence
from typing import Any

from workbench.engine.vocabulary import Vocabulary
from workbench.errors import EngineError
from workbench.i18n import _

_WORDPIECE = 3  # LLAMA_VOCAB_TYPE_WPM of llama.h
_UNKNOWN, _CONTROL = 1 << 0, 1 << 3  # LLAMA_TOKEN_ATTR_* of llama.h
_SLOT = re.compile(r"\{(query|document)\}")


class EncoderLayout:
    """How a model wants its input: a text, or a query and a text.

    What the file says decides: the tokens to add at the beginning, at the end and between, or a
    chat template named ``rerank``. The names of control tokens in a text are plain text.
    """

    def __init__(self, model: Any, vocabulary: Vocabulary):
        from llama_cpp import llama_cpp

        self._native = llama_cpp
        self._vocabulary = vocabulary
        self._pointer = llama_cpp.llama_model_get_vocab(model)
        self._check_marks()
        self._before, self._after = self._around()
        template = llama_cpp.llama_model_chat_template(model, b"rerank")
        self._template = self._split(template.decode("utf-8", "replace")) if template else None

    def text(self, text: str) -> list[int]:
        """Return the tokens of one text, with those the model wants around it."""
        return [*self._before, *self._plain(text), *self._after]

    def pair(self, query: str, text: str) -> list[int]:
        """Return the tokens of a query and a text, formed as llama.cpp's server forms them.

        The order is beginning, query, end, separator, text, end, each mark only where the file
        asks for it (``format_prompt_rerank`` of tools/server/server-common.cpp).
        """
        if self._template is not None:
            return self._fill(self._template, {"query": query, "document": text})
        native, vocabulary = self._native, self._pointer
        begin = self._mark(native.llama_vocab_get_add_bos, native.llama_vocab_bos(vocabulary))
        last = native.llama_vocab_eos(vocabulary)
        if last < 0:
            last = native.llama_vocab_sep(vocabulary)
        end = self._mark(native.llama_vocab_get_add_eos, last)
        between = self._mark(native.llama_vocab_get_add_sep, native.llama_vocab_sep(vocabulary))
        return [*begin, *self._plain(query), *end, *between, *self._plain(text), *end]

    def _plain(self, text: str) -> list[int]:
        return self._vocabulary.tokenize(text, special=False)

    def _mark(self, wanted: Any, token: int) -> list[int]:
        return [token] if wanted(self._pointer) and token >= 0 else []

    def _check_marks(self) -> None:
        """Refuse a vocabulary that wants a token it does not have: llama.cpp would abort."""
        native, vocabulary = self._native, self._pointer
        pieces = native.llama_vocab_type(vocabulary) == _WORDPIECE
        begins = pieces or native.llama_vocab_get_add_bos(vocabulary)
        ends = native.llama_vocab_get_add_eos(vocabulary)
        lacking = (
            (begins and native.llama_vocab_bos(vocabulary) < 0)
            or (pieces and native.llama_vocab_sep(vocabulary) < 0)
            or (ends and not pieces and native.llama_vocab_eos(vocabulary) < 0)
        )
        if lacking:
            raise EngineError(
                _("the vocabulary lacks the tokens that begin and end a text"),
                fix=_("Fetch it again or choose another model."),
            )

    def _around(self) -> tuple[list[int], list[int]]:
        """Return what llama.cpp puts before and after a text, seen at a text of one letter."""
        letter = "a"
        inner = self._plain(letter)
        room = len(inner) + 8
        tokens = (self._native.llama_token * room)()
        count = self._native.llama_tokenize(
            self._pointer, letter.encode(), len(letter), tokens, room, True, False
        )
        outer = list(tokens[: max(count, 0)])
        for start in range(len(outer) - len(inner) + 1):
            if outer[start : start + len(inner)] == inner:
                return outer[:start], outer[start + len(inner) :]
        return [], []

    def _split(self, template: str) -> list[str]:
        """Divide a template into text, special token, text and so on."""
        if {match[1] for match in _SLOT.finditer(template)} != {"query", "document"}:
            raise EngineError(
                _("the model's template for reranking has no place for query and document"),
                fix=_("Fetch it again or choose another model."),
            )
        names = sorted(self._special_names(template), key=len, reverse=True)
        if not names:
            return [template]
        return re.split(f"({'|'.join(map(re.escape, names))})", template)

    def _special_names(self, template: str) -> set[str]:
        native, vocabulary = self._native, self._pointer
        tokens = (
            token
            for token in range(self._vocabulary.size)
            if native.llama_vocab_get_attr(vocabulary, token) & (_UNKNOWN | _CONTROL)
            or native.llama_vocab_is_eog(vocabulary, token)
        )
        names = {
            native.llama_vocab_get_text(vocabulary, token).decode("utf-8", "replace")
            for token in tokens
        }
        return {name for name in names if name and name in template}

    def _fill(self, parts: Sequence[str], values: dict[str, str]) -> list[int]:
        """Tokenise a template, filled in, but for its special tokens all as plain text."""
        tokens: list[int] = []
        for number, part in enumerate(parts):
            if number % 2:
                tokens += self._vocabulary.tokenize(part, special=True)
            elif part:
                tokens += self._plain(_SLOT.sub(lambda match: values[match[1]], part))
        return tokens
