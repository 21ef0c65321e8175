"""How the next token is chosen, with llama.cpp's samplers and grammar. Runs in the child only."""

import codecs
import ctypes
import math
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.engine.gbnf import ROOT, check_gbnf
from workbench.engine.protocol import Sampling
from workbench.engine.vocabulary import Vocabulary
from workbench.errors import EngineError
from workbench.i18n import _

_SHORTLISTS = (512, 8192)
"""How many of the likeliest tokens a grammar is asked about before it is asked about all."""

_NEGLIGIBLE = 1e-3
"""What tokens a grammar was not asked about may add, as a share of the likeliest allowed one."""

_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)], align=True)
"""``llama_token_data`` of llama.h."""

_Logits = npt.NDArray[np.float32]
_Ids = npt.NDArray[np.intp]


def check_sampling(sampling: Sampling) -> None:
    """Raise EngineError for values that llama.cpp would abort on or that mean nothing."""
    limits = {
        "temperature": (0.0, 100.0),
        "top_k": (0, 2**31 - 1),
        "top_p": (0.0, 1.0),
        "min_p": (0.0, 1.0),
        "repeat_penalty": (0.01, 100.0),
        "repeat_last": (0, 2**31 - 1),
        "seed": (0, 2**32 - 1),
    }
    for name, (low, high) in limits.items():
        value = getattr(sampling, name)
        if not (math.isfinite(value) and low <= value <= high):
            raise EngineError(
                _("{name} must lie between {low} and {high}, not {value}").format(
                    name=name, low=low, high=high, value=value
                )
            )


class Sampler:
    """Chooses the tokens of one answer, and remembers them.

    The repetition penalty and the grammar see the answer only: an article read before must not make
    its words unlikely, and what was put in the model's mouth is no part of what is constrained.
    With a grammar every token chosen is visible text that is valid UTF-8 so far, or the end.
    """

    def __init__(self, sampling: Sampling, vocabulary: Vocabulary, grammar: str = "") -> None:
        """Raise EngineError where the grammar is bad."""
        from llama_cpp import llama_cpp

        self._native = llama_cpp
        self._size = vocabulary.size
        self._row_type = ctypes.c_float * vocabulary.size
        self._constraint = _Constraint(grammar, vocabulary) if grammar else None
        self._penalised = sampling.repeat_penalty != 1.0 and sampling.repeat_last > 0
        self._greedy = sampling.temperature == 0
        self._sampling = sampling
        self._accepted = 0
        # Without a penalty the greedy choice is an argmax, which needs no sampler.
        plain = self._greedy and not self._penalised
        self._chain = None if plain else self._new_chain()
        self._candidates: npt.NDArray[Any] | None = None

    def choose(self, context: Any, row: int, *, free: bool = False) -> int:
        """Choose the token that follows a row of the last batch, and remember it.

        ``free``: without the grammar, which is for the answer and not for the thinking before it.
        EngineError where the row has no logits, or where no token continues the grammar; the
        sampler is then of no more use.
        """
        if self._constraint is not None and not free:
            token = self._constrained(self._logits(context, row), self._constraint)
            self._constraint.accept(token)
            if self._chain is not None:
                self._native.llama_sampler_accept(self._chain, token)
            self._accepted += 1
            return token
        logits = self._logits(context, row)
        if self._chain is None:
            return int(logits.argmax())
        return int(self._native.llama_sampler_sample(self._chain, context, row))

    def close(self) -> None:
        """Free native memory; no harm in calling it twice."""
        if self._chain is not None:
            self._native.llama_sampler_free(self._chain)
            self._chain = None
        if self._constraint is not None:
            self._constraint.close()
            self._constraint = None

    def _logits(self, context: Any, row: int) -> _Logits:
        """Return a view of a row's logits, valid until the next decode."""
        pointer = self._native.llama_get_logits_ith(context, row)
        if not pointer:
            raise EngineError(_("the model computed nothing to choose a token from"))
        address = ctypes.addressof(pointer.contents)
        return np.ctypeslib.as_array(self._row_type.from_address(address))

    def _constrained(self, logits: _Logits, constraint: "_Constraint") -> int:
        """Choose freely and ask the grammar about that token; only on a miss about the others."""
        token = int(logits.argmax()) if self._chain is None else self._sample(None, logits)
        if constraint.allows(token):
            return token
        ids = self._allowed(logits, constraint)
        while ids.size:
            values = logits[ids]
            token = int(ids[values.argmax()]) if self._chain is None else self._sample(ids, values)
            if constraint.readable(token):
                return token
            ids = ids[ids != token]
        raise EngineError(_("nothing the model can write goes on with the grammar"))

    def _allowed(self, logits: _Logits, constraint: "_Constraint") -> _Ids:
        """Return the tokens the grammar allows, in order: all that the sampling could choose from.

        Asking about every token of a large vocabulary costs as much as a decode of a small model,
        so the likeliest are asked about first. Those left out count only where too few of these are
        allowed, and then by no more than ``_NEGLIGIBLE``.
        """
        for length in _SHORTLISTS:
            if length >= self._size:
                break
            likeliest = np.argpartition(logits, self._size - length)[-length:]
            limit = logits[likeliest].min()
            # A token left out may be as likely as the last one here, and come before it.
            likeliest = np.sort(likeliest[logits[likeliest] > limit])
            allowed = likeliest[constraint.mask(likeliest, logits[likeliest])]
            found = self._found(allowed[np.argsort(-logits[allowed], kind="stable")], constraint)
            missing = self._needed() - len(found)
            if missing <= 0 or (found and self._negligible(missing, limit - logits[found[0]])):
                return np.sort(np.array(found))
        ids = np.flatnonzero(np.isfinite(logits))
        return ids[constraint.mask(ids, logits[ids])]

    def _found(self, ids: _Ids, constraint: "_Constraint") -> list[int]:
        """Return as many readable ones of some tokens as are needed."""
        return list(islice(filter(constraint.readable, ids.tolist()), self._needed()))

    def _needed(self) -> int:
        """Return how many of the likeliest allowed tokens make all others irrelevant."""
        sampling = self._sampling
        needed = 1 if self._greedy else sampling.top_k or self._size
        if not self._penalised:
            return needed
        # Those in the window may fall behind; with a penalty below 1, others may come forward.
        window = min(sampling.repeat_last, self._accepted)
        return needed + window if sampling.repeat_penalty > 1 else self._size

    def _negligible(self, missing: int, behind: float) -> bool:
        """Tell whether tokens that many logits behind the likeliest hardly add to its share."""
        if self._penalised or self._greedy:
            return False
        flattened = max(1.0, self._sampling.temperature)
        return missing * math.exp(behind / flattened) < _NEGLIGIBLE

    def _sample(self, ids: _Ids | None, logits: _Logits) -> int:
        """Run the chain over some candidates, or over all."""
        count = logits.size
        if self._candidates is None or self._candidates.size < count:
            self._candidates = np.zeros(self._size, _CANDIDATE)
        candidates = self._candidates[:count]
        candidates["id"] = np.arange(count, dtype=np.int32) if ids is None else ids
        candidates["logit"] = logits
        candidates["p"] = 0.0
        array = _as_array(self._native, candidates)
        self._native.llama_sampler_apply(self._chain, ctypes.byref(array))
        if not 0 <= array.selected < array.size:
            raise EngineError(_("the sampling chose no token"))
        return int(array.data[array.selected].id)

    def _new_chain(self) -> Any:
        native, sampling = self._native, self._sampling
        parameters = native.llama_sampler_chain_default_params()
        parameters.no_perf = True
        chain = native.llama_sampler_chain_init(parameters)
        links = []
        if self._penalised:
            links.append(
                native.llama_sampler_init_penalties(
                    self._size, sampling.repeat_last, sampling.repeat_penalty, 0.0, 0.0
                )
            )
        if self._greedy:
            links.append(native.llama_sampler_init_greedy())
        else:
            if sampling.top_k:
                links.append(native.llama_sampler_init_top_k(sampling.top_k))
            links.append(native.llama_sampler_init_top_p(sampling.top_p, 1))
            links.append(native.llama_sampler_init_min_p(sampling.min_p, 1))
            links.append(native.llama_sampler_init_temp(sampling.temperature))
            links.append(native.llama_sampler_init_dist(sampling.seed))
        for link in links:
            native.llama_sampler_chain_add(chain, link)
        return chain


class _Constraint:
    """A grammar at one point of an answer.

    llama.cpp's grammar takes a control token for its name, reads bytes that are no UTF-8 as
    characters, and stops at a NUL inside a token: what the user reads would then break the grammar.
    """

    def __init__(self, grammar: str, vocabulary: Vocabulary) -> None:
        from llama_cpp import llama_cpp

        self._native = llama_cpp
        self._vocabulary = vocabulary
        self._names_tokens = check_gbnf(grammar).names_tokens
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._one = np.zeros(1, _CANDIDATE)
        self._one_array = _as_array(llama_cpp, self._one)
        self._grammar = llama_cpp.llama_sampler_init_grammar(
            vocabulary.pointer, grammar.encode(), ROOT.encode()
        )
        if not self._grammar:
            raise EngineError(_("llama.cpp refuses the grammar"))

    def allows(self, token: int) -> bool:
        """Tell whether the grammar takes that token next."""
        self._one["id"] = token
        self._one["logit"] = 1.0
        self._native.llama_sampler_apply(self._grammar, ctypes.byref(self._one_array))
        return bool(self._one["logit"][0] > -np.inf) and self.readable(token)

    def mask(self, ids: _Ids, logits: _Logits) -> npt.NDArray[np.bool_]:
        """Tell which of some tokens the grammar takes, whether or not they are readable."""
        candidates = np.zeros(ids.size, _CANDIDATE)
        candidates["id"] = ids
        candidates["logit"] = logits
        array = _as_array(self._native, candidates)
        self._native.llama_sampler_apply(self._grammar, ctypes.byref(array))
        return np.asarray(candidates["logit"] > -np.inf)

    def readable(self, token: int) -> bool:
        """Tell whether a token is text a user can read, or the end of the answer."""
        if self._vocabulary.ends(token):
            return True
        piece = self._vocabulary.piece(token)
        if not piece:
            return self._names_tokens
        state = self._decoder.getstate()
        try:
            self._decoder.decode(piece)
            begun = self._decoder.getstate()[0]
        except UnicodeDecodeError:
            return False
        finally:
            self._decoder.setstate(state)
        # Python waits for the third byte of a surrogate, which no byte makes valid.
        return b"\0" not in piece and not b"\xed\xa0" <= begun <= b"\xed\xbf"

    def accept(self, token: int) -> None:
        """Take up a token the grammar allows; llama.cpp ends the process on any other."""
        self._native.llama_sampler_accept(self._grammar, token)
        if not self._vocabulary.ends(token):
            self._decoder.decode(self._vocabulary.piece(token))

    def close(self) -> None:
        """Free the grammar."""
        self._native.llama_sampler_free(self._grammar)


def _as_array(native: Any, candidates: npt.NDArray[Any]) -> Any:
    """Return the ``llama_token_data_array`` over candidates, which must outlive it."""
    return native.llama_token_data_array(
        data=ctypes.cast(candidates.ctypes.data, native.llama_token_data_p),
        size=candidates.size,
        selected=-1,
        sorted=False,
    )
