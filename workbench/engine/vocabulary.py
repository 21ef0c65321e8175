"""Text to tokens and back, in the vocabulary of a loaded model. Runs in the child only."""

import ctypes
from typing import Any

from workbench.engine.stream import THINK_CLOSE, THINK_OPEN
from workbench.errors import EngineError
from workbench.i18n import _

_LONGEST_PIECE = 256


class Vocabulary:
    """The tokenizer of one model.

    Tokens the vocabulary calls user-defined are found in plain text too (llama.cpp,
    ``tokenizer_st_partition``); control tokens and those that end a turn never are.
    """

    def __init__(self, model: Any):
        from llama_cpp import llama_cpp

        self._native = llama_cpp
        self._vocabulary = llama_cpp.llama_model_get_vocab(model)
        self.size: int = llama_cpp.llama_vocab_n_tokens(self._vocabulary)
        self.adds_bos: bool = llama_cpp.llama_vocab_get_add_bos(self._vocabulary)
        self.bos = self._text(llama_cpp.llama_vocab_bos(self._vocabulary))
        self.eos = self._text(llama_cpp.llama_vocab_eos(self._vocabulary))
        # Where the thinking tags are control tokens they would otherwise be invisible.
        self._visible = {
            token: tag.encode()
            for tag in (THINK_OPEN, THINK_CLOSE)
            if (token := self.single(tag)) is not None
        }

    @property
    def pointer(self) -> Any:
        """Return llama.cpp's own vocabulary, valid as long as the model is."""
        return self._vocabulary

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Return the tokens of a text, without any put before or after it.

        ``special``: the names of special tokens stand for those tokens; otherwise they are text.
        """
        tokens = self._tokenize(text, special)
        if special or not any(map(self._is_reserved, set(tokens))):
            return tokens
        # A vocabulary that marks a token as both user-defined and the end of a turn.
        parts: list[str] = [text]
        for token in filter(self._is_reserved, set(tokens)):
            name = self._text(token)
            if len(name) > 1:
                parts = [cut for part in parts for cut in _break(part, name)]
        return [token for part in parts for token in self._tokenize(part, False)]

    def piece(self, token: int) -> bytes:
        """Return the bytes a token stands for: none for a control token."""
        if token in self._visible:
            return self._visible[token]
        size = _LONGEST_PIECE
        while True:
            buffer = ctypes.create_string_buffer(size)
            length: int = self._native.llama_token_to_piece(
                self._vocabulary, token, buffer, size, 0, False
            )
            if length >= 0:
                return buffer.raw[:length]
            size = -length

    def ends(self, token: int) -> bool:
        """Tell whether a token ends the model's turn."""
        return bool(self._native.llama_vocab_is_eog(self._vocabulary, token))

    def single(self, name: str) -> int | None:
        """Return the special token of that name, or None where it is not one token."""
        tokens = self._tokenize(name, True)
        return tokens[-1] if tokens and self._text(tokens[-1]) == name else None

    def _is_reserved(self, token: int) -> bool:
        return self.ends(token) or bool(
            self._native.llama_vocab_is_control(self._vocabulary, token)
        )

    def _text(self, token: int) -> str:
        if not 0 <= token < self.size:
            return ""
        name: bytes = self._native.llama_vocab_get_text(self._vocabulary, token)
        return name.decode("utf-8", "replace")

    def _tokenize(self, text: str, special: bool) -> list[int]:
        # File names and broken files may leave lone surrogates in a text.
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        for _attempt in range(2):
            tokens = (self._native.llama_token * room)()
            count: int = self._native.llama_tokenize(
                self._vocabulary, data, len(data), tokens, room, False, special
            )
            if count >= 0:
                return list(tokens[:count])
            room = -count
        raise EngineError(_("a text is too long to be tokenised"))


def _break(text: str, name: str) -> list[str]:
    """Cut a text inside every occurrence of a token's name, so that no part holds it."""
    first, *others = text.split(name)
    parts = [first]
    for other in others:
        parts[-1] += name[:1]
        parts.append(name[1:] + other)
    return parts
