"""Sentences of news, rewritten by a model that is asked to keep what they say."""

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
    articles: Sequence[str], model: Path, number: int, rng: random.Random
) -> Iterator[tuple[str, str, str]]:
    """Yield article, sentence and what a model (greedy) makes of it, one sentence an article."""
    with LlamaEngine(LoadOptions(str(model), context=1024)) as engine:
        for article in articles[:number]:
            fair = [text for text in SENTENCE.findall(article) if LEAST <= len(text) <= MOST]
            if not fair:
                continue
            sentence = rng.choice(fair).strip()
            request = Request(
                (Message("user", (INSTRUCTION, sentence)),),
                max_tokens=2 * len(sentence),
                stop=("\n",),
                sampling=Sampling(temperature=0.0),
            )
            yield article, sentence, finish(engine, request).text.strip()
