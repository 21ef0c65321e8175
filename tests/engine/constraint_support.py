"""A tiny model whose logits a test writes, so that what a grammar lets through can be seen."""

from pathlib import Path
from typing import Any

import numpy as np
from llama_cpp import llama_cpp

from workbench.engine.native_log import NativeLog
from workbench.engine.protocol import Sampling
from workbench.engine.sampler import Sampler
from workbench.engine.vocabulary import Vocabulary

LOG = NativeLog()
WARM = Sampling(temperature=2.0, top_k=0, top_p=1.0, min_p=0.0)


class Model:
    """A tiny model that has decoded one token; its last row of logits is ours to write."""

    def __init__(self, path: Path) -> None:
        LOG.capture()
        parameters = llama_cpp.llama_model_default_params()
        self.model = llama_cpp.llama_model_load_from_file(str(path).encode(), parameters)
        options = llama_cpp.llama_context_default_params()
        options.n_ctx, options.n_threads, options.n_threads_batch = 64, 1, 1
        self.context = llama_cpp.llama_init_from_model(self.model, options)
        self.vocabulary = Vocabulary(self.model)
        token = (llama_cpp.llama_token * 1)(5)
        assert llama_cpp.llama_decode(self.context, llama_cpp.llama_batch_get_one(token, 1)) == 0

    @property
    def logits(self) -> Any:
        pointer = llama_cpp.llama_get_logits_ith(self.context, -1)
        return np.ctypeslib.as_array(pointer, (self.vocabulary.size,))

    def token(self, text: str) -> int:
        token = self.vocabulary.single(text)
        assert token is not None
        return token

    def close(self) -> None:
        llama_cpp.llama_free(self.context)
        llama_cpp.llama_model_free(self.model)


def written(model: Model, sampler: Sampler, random: Any, most: int = 400) -> tuple[bytes, bool]:
    """Sample over random logits; return the bytes and whether they came to an end."""
    text = b""
    for _step in range(most):
        model.logits[:] = random.normal(0.0, 3.0, model.vocabulary.size)
        token = sampler.choose(model.context, -1)
        if model.vocabulary.ends(token):
            return text, True
        text += model.vocabulary.piece(token)
    return text, False


def accepts(model: Model, grammar: str, text: str) -> bool:
    """Tell whether a grammar lets a model write exactly that text."""
    sampler = Sampler(Sampling(), model.vocabulary, grammar)
    try:
        for token in [*model.vocabulary.tokenize(text, special=False), model.token("<|im_end|>")]:
            model.logits[:] = 0.0
            model.logits[token] = 10.0
            if sampler.choose(model.context, -1) != token:
                return False
        return True
    finally:
        sampler.close()
