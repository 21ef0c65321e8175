"""Sentences of news, rewritten by a model that is asked to keep what they say."""

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from figure_swaps import SENTENCE
from workload import finish

from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import LoadOptions, Message, Request, Sampling

LEAST, MOST = 25, 90
INSTRUCTION = "用不同的说法改写下面这句话，意思不变，数字、日期和名称都保留。只写改写后的句子。\n\n"


def paraphrases(
    articles: Sequence[str], model: Path, number: int, kept: Path | None, rng: random.Random
) -> Iterator[tuple[str, str, str]]:
    """Yield article, sentence and what a model (greedy) makes of it, one sentence an article.

    What the file ``kept`` holds already is not written again; what is new is added to it.
    """
    known = {}
    if kept is not None and kept.is_file():
        for line in kept.read_text("utf-8").splitlines():
            sentence, text = json.loads(line)
            known[sentence] = text
    engine = LlamaEngine(LoadOptions(str(model), context=1024))
    with engine:
        for article in articles[:number]:
            fair = [text for text in SENTENCE.findall(article) if LEAST <= len(text) <= MOST]
            if not fair:
                continue
            sentence = rng.choice(fair).strip()
            if sentence not in known:
                known[sentence] = rewritten(engine, sentence)
                if kept is not None:
                    with kept.open("a", encoding="utf-8") as file:
                        file.write(json.dumps([sentence, known[sentence]], ensure_ascii=False))
                        file.write("\n")
            yield article, sentence, known[sentence]


def rewritten(engine: LlamaEngine, sentence: str) -> str:
    """Return what the model makes of a sentence."""
    request = Request(
        (Message("user", (INSTRUCTION, sentence)),),
        max_tokens=2 * len(sentence),
        stop=("\n",),
        sampling=Sampling(temperature=0.0),
    )
    return finish(engine, request).text.strip()
