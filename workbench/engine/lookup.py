"""Prompt lookup: guess the next tokens from what was written before the same few tokens.

After A. Saxena, Prompt Lookup Decoding, 2023. Where an answer quotes its article, the guesses cost
one batch instead of a decode each; where it does not, they are computed in vain, so the number
guessed follows how many came true.
"""

from collections.abc import Sequence

_FIRST_DRAFT = 4
_LONGEST_DRAFT = 64
_SHORTEST_PAUSE = 8
_LONGEST_PAUSE = 64


class Lookup:
    """The n-grams of a prompt and its answer, each with what followed its latest occurrence.

    The latest, because an answer repeats its own frame (the keys of a table, the opening of each
    point) with words that the article has in another order; where it quotes, four tokens mostly
    occur once. ``longest`` and ``shortest`` are the lengths of n-grams looked for.
    """

    def __init__(self, tokens: Sequence[int], longest: int = 4, shortest: int = 2) -> None:
        if not 1 <= shortest <= longest:
            raise ValueError(f"n-grams of {shortest} to {longest} tokens cannot be indexed")
        self._lengths = range(shortest, longest + 1)
        self._tokens: list[int] = []
        # One dict a length: the n-gram itself is the key, so that no two are mistaken.
        self._followers: list[dict[tuple[int, ...], int]] = [{} for _length in self._lengths]
        self._allowance = _FIRST_DRAFT
        self._pause = _SHORTEST_PAUSE
        self._silent = 0
        for token in tokens:
            self._index(token)

    def push(self, token: int) -> None:
        """Take up a token that was accepted."""
        self._index(token)
        if self._silent:
            self._silent -= 1

    def draft(self, most: int) -> list[int]:
        """Return at most ``most`` tokens that may come next; none where nothing is known."""
        most = min(most, self._allowance)
        if most <= 0 or self._silent:
            return []
        for length, followers in zip(
            reversed(self._lengths), reversed(self._followers), strict=True
        ):
            position = followers.get(tuple(self._tokens[-length:]))
            if position is not None:
                return self._tokens[position : position + most]
        return []

    def told(self, drafted: int, accepted: int) -> None:
        """Learn how many of the tokens drafted last came true, and draft more or fewer.

        A draft that came true whole doubles the next one; a part of it sets the measure; none
        halves it. After a lone token failed there is a pause, longer each time.
        """
        if drafted <= 0:
            return
        if accepted:
            self._pause = _SHORTEST_PAUSE
            grown = 2 * self._allowance if accepted == drafted else accepted + 1
            self._allowance = min(grown, _LONGEST_DRAFT)
        elif self._allowance > 1:
            self._allowance //= 2
        else:
            self._silent = self._pause
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def _index(self, token: int) -> None:
        tokens = self._tokens
        end = len(tokens)
        for length, followers in zip(self._lengths, self._followers, strict=True):
            if length > end:
                break
            followers[tuple(tokens[-length:])] = end
        tokens.append(token)
