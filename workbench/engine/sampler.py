"""How the next token is chosen, as a chain of llama.cpp's samplers. Runs in the child only."""

import math
from types import TracebackType
from typing import Any, Self

from workbench.engine.context import Context
from workbench.engine.protocol import Sampling
from workbench.errors import EngineError
from workbench.i18n import _


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
    """A chain for one answer: it remembers what was sampled, for the repetition penalty.

    The penalty sees the answer only: an article read before must not make its words unlikely.
    """

    def __init__(self, sampling: Sampling, vocabulary_size: int):
        from llama_cpp import llama_cpp

        self._native = llama_cpp
        parameters = llama_cpp.llama_sampler_chain_default_params()
        parameters.no_perf = True
        self._chain = llama_cpp.llama_sampler_chain_init(parameters)
        if sampling.repeat_penalty != 1.0 and sampling.repeat_last:
            self._add(
                llama_cpp.llama_sampler_init_penalties(
                    vocabulary_size, sampling.repeat_last, sampling.repeat_penalty, 0.0, 0.0
                )
            )
        if sampling.temperature == 0:
            self._add(llama_cpp.llama_sampler_init_greedy())
            return
        if sampling.top_k:
            self._add(llama_cpp.llama_sampler_init_top_k(sampling.top_k))
        self._add(llama_cpp.llama_sampler_init_top_p(sampling.top_p, 1))
        self._add(llama_cpp.llama_sampler_init_min_p(sampling.min_p, 1))
        self._add(llama_cpp.llama_sampler_init_temp(sampling.temperature))
        self._add(llama_cpp.llama_sampler_init_dist(sampling.seed))

    def sample(self, context: Context) -> int:
        """Choose and remember the token that follows what was computed last."""
        return int(self._native.llama_sampler_sample(self._chain, context.pointer, -1))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._native.llama_sampler_free(self._chain)

    def _add(self, sampler: Any) -> None:
        self._native.llama_sampler_chain_add(self._chain, sampler)
