"""The loop one would write with llama-cpp-python, in a process of its own: a peer of reuse.py.

Reads JSON from standard input (``model``, ``threads``, ``context``, ``max_tokens``, ``warm_up``
and ``prompts``, each a list of messages; ``limits`` where their answers differ in length) and
prints seconds, tokens read and tokens written. What is added to such a loop makes all answers as
long as they are to be: llama.cpp's own sampler is forbidden the tokens that end one, and no token
more is taken to complete a character.
"""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import islice
from typing import Any


def main() -> None:
    """Run the loop and print what it took."""
    llama_cpp: Any = import_module("llama_cpp")
    internals: Any = import_module("llama_cpp._internals")
    work = json.load(sys.stdin)
    model: Any = llama_cpp.Llama(
        model_path=work["model"],
        n_gpu_layers=-1,
        n_ctx=work["context"],
        n_batch=512,
        n_threads=work["threads"],
        n_threads_batch=work["threads"],
        flash_attn=True,
        verbose=False,
    )
    ends = [token for token in range(model.n_vocab()) if _ends(llama_cpp, model, token)]

    class Endless(internals.LlamaSampler):  # type: ignore[misc]
        def add_greedy(self) -> None:
            self.add_logit_bias(model.n_vocab(), dict.fromkeys(ends, float("-inf")))
            super().add_greedy()

    internals.LlamaSampler = Endless
    evaluated = 0
    evaluate = model.eval

    def counting(tokens: Sequence[int]) -> None:
        nonlocal evaluated
        evaluated += len(tokens)
        evaluate(tokens)

    model.eval = counting

    def ask(messages: list[dict[str, str]], max_tokens: int) -> int:
        answer: Any = model.create_chat_completion(messages, max_tokens=max_tokens, temperature=0.0)
        return int(answer["usage"]["completion_tokens"])

    generate = model.generate
    most = 4

    def limited(*arguments: Any, **options: Any) -> Iterator[int]:
        return islice(generate(*arguments, **options), most)

    model.generate = limited
    ask(work["warm_up"], most)
    limits = work.get("limits") or [work["max_tokens"]] * len(work["prompts"])
    evaluated = written = 0
    started = time.perf_counter()
    for messages, most in zip(work["prompts"], limits, strict=True):  # noqa: B007 - see limited
        written += ask(messages, most)
    seconds = time.perf_counter() - started
    # Of an answer's tokens the last is not evaluated.
    read = evaluated - written + len(work["prompts"])
    print(json.dumps({"seconds": seconds, "read": read, "written": written}))


def _ends(llama_cpp: Any, model: Any, token: int) -> bool:
    ends: bool = llama_cpp.llama_vocab_is_eog(model._model.vocab, token)
    return ends


if __name__ == "__main__":
    main()
