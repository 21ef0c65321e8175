"""Tiny encoders of every kind, and what llama.cpp and numpy make of them one text at a time."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from llama_cpp import llama_cpp
from tiny_gguf import Tiny

RERANK = (
    "<|im_start|>system\nJudge.<|im_end|>\n<|im_start|>user\n<Query>: {query}\n"
    "<Document>: {document}<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
)
NONE, MEAN, CLS, LAST, RANK = range(5)
BERT = {"architecture": "bert", "template": None, "context": 2048}
KINDS = {
    "mean": Tiny(**BERT, pooling=MEAN, marks=True),
    "cls": Tiny(**BERT, pooling=CLS, marks=True),
    "bare": Tiny(**BERT),
    "long": Tiny(architecture="bert", template=None, context=8000, pooling=MEAN, marks=True),
    "last": Tiny(pooling=LAST),
    "causal-mean": Tiny(pooling=MEAN),
    "recurrent": Tiny(architecture="mamba", pooling=LAST),
    "window": Tiny(architecture="gemma2", pooling=LAST),
    "rank": Tiny(**BERT, pooling=RANK, head=True, marks=True),
    "yes-no": Tiny(
        architecture="qwen3",
        template=None,
        pooling=RANK,
        head=True,
        labels=("yes", "no"),
        rerank_template=RERANK,
        user_defined=("<think>", "</think>"),
    ),
}
EMBEDDING = ("mean", "cls", "bare", "last", "causal-mean", "recurrent", "window")
RANKING = ("rank", "yes-no")
POOLING = {"bare": MEAN} | {
    kind: tiny.pooling for kind, tiny in KINDS.items() if tiny.pooling is not None
}


def tokenize(model: Any, text: str, *, add: bool = True, parse: bool = False) -> list[int]:
    """Return llama.cpp's own tokens of a text."""
    data = text.encode()
    room = len(data) + 8
    tokens = (llama_cpp.llama_token * room)()
    vocabulary = llama_cpp.llama_model_get_vocab(model)
    count = llama_cpp.llama_tokenize(vocabulary, data, len(data), tokens, room, add, parse)
    assert count >= 0
    return list(tokens[:count])


def rows(model: Any, tokens: Sequence[int]) -> np.ndarray:
    """Return what the model makes of each token, unpooled, in a context of its own."""
    parameters = llama_cpp.llama_context_default_params()
    parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = max(512, len(tokens))
    parameters.embeddings = True
    parameters.pooling_type = NONE
    parameters.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
    parameters.n_threads = parameters.n_threads_batch = 1
    context = llama_cpp.llama_init_from_model(model, parameters)
    try:
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        assert (
            llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(array, len(tokens))) == 0
        )
        width = llama_cpp.llama_model_n_embd_out(model)
        return np.array(
            [llama_cpp.llama_get_embeddings_ith(context, row)[:width] for row in range(len(tokens))]
        )
    finally:
        llama_cpp.llama_free(context)


def expected_vector(kind: str, model: Any, text: str) -> np.ndarray:
    """Return the vector of a text, pooled here."""
    found = rows(model, tokenize(model, text))
    pooled = {MEAN: found.mean(axis=0), CLS: found[0], LAST: found[-1]}[POOLING[kind]]
    return np.asarray(pooled / np.linalg.norm(pooled))


def pair_tokens(kind: str, model: Any, query: str, text: str) -> list[int]:
    """Return query and text as llama.cpp's server lays them out; neither may name a token."""
    if kind == "yes-no":
        prompt = RERANK.replace("{query}", query).replace("{document}", text)
        return tokenize(model, prompt, add=False, parse=True)
    vocabulary = llama_cpp.llama_model_get_vocab(model)
    bos, eos = llama_cpp.llama_vocab_bos(vocabulary), llama_cpp.llama_vocab_eos(vocabulary)
    sep = llama_cpp.llama_vocab_sep(vocabulary)
    first, second = (tokenize(model, part, add=False) for part in (query, text))
    return [bos, *first, eos, sep, *second, eos]


def expected_score(kind: str, path: Path, model: Any, query: str, text: str) -> float:
    """Return the score of a pair, its head computed here."""
    weights = {tensor.name: tensor.data for tensor in gguf.GGUFReader(path).tensors}
    found = rows(model, pair_tokens(kind, model, query, text))
    if kind == "yes-no":
        logits = weights["cls.output.weight"] @ found[-1]
        chances = np.exp(logits - logits.max())
        return float(chances[0] / chances.sum())
    hidden = np.tanh(weights["cls.weight"] @ found[0] + weights["cls.bias"])
    return float((weights["cls.output.weight"] @ hidden + weights["cls.output.bias"])[0])
