"""The plain way to compare: both articles and an instruction to ``create_chat_completion``.

Its answer is free text, matched by patterns: a planted difference counts as found where one line
holds both values, in whatever notation they were written in the articles, as a difference; a line
that holds one value of a fact on which the articles agree, under differences, is a false one.
"""

import re
import time
from pathlib import Path

from compare_articles import Pair, Planted

from workbench.articles.script import to_simplified

_ASK = (
    "比较下面两篇文章。先列出两篇文章说法一致的事实，再列出说法不一致的事实（写出两篇文章各自的数字、日期、"
    "名称或说法），最后列出只有一篇文章提到的事实。\n"
    "格式：\n一致：\n- …\n不一致：\n- …\n只有一篇提到：\n- …"
)
_DIFFERENT = re.compile(r"^[#*\s]*(?:\d+[.、]\s*)?(?:不一致|说法不一致|不同)", re.MULTILINE)
_ONLY = re.compile(r"^[#*\s]*(?:\d+[.、]\s*)?(?:只有一篇|仅有?一篇|只有)", re.MULTILINE)


def plain_way(pairs: list[Pair], model: Path, context: int, threads: int, *, verbose: bool) -> None:
    """Print what the model finds by itself."""
    import llama_cpp

    llama = llama_cpp.Llama(
        str(model), n_ctx=context, n_threads=threads or None, verbose=False, seed=42
    )
    found = planted = agreed = agreements = false = 0
    seconds = 0.0
    for pair in pairs:
        began = time.monotonic()
        content = f"{_ASK}\n\n文章一：\n{pair.texts[0]}\n\n文章二：\n{pair.texts[1]}"
        answer = llama.create_chat_completion(
            [{"role": "user", "content": content}], temperature=0.0, max_tokens=700
        )
        seconds += time.monotonic() - began
        text = to_simplified(answer["choices"][0]["message"]["content"])
        if verbose:
            print(f"== {pair.name} ==\n{text}\n")
        same, different = sections(text)
        for fact in pair.planted:
            told = any(_holds(line, fact, both=True) for line in different)
            if fact.differs:
                planted += 1
                found += told
            else:
                agreements += 1
                agreed += any(_holds(line, fact, both=False) for line in same)
                false += any(_holds(line, fact, both=False) for line in different)
    print(
        f"plain way, {model.name}, {len(pairs)} pairs: differences found {found} of {planted}, "
        f"agreements found {agreed} of {agreements}, agreements told as differences {false}, "
        f"{seconds / max(1, len(pairs)):.0f} s a pair"
    )


def sections(text: str) -> tuple[list[str], list[str]]:
    """Return the lines under 一致 and those under 不一致."""
    start = _DIFFERENT.search(text)
    if start is None:
        return text.splitlines(), []
    end = _ONLY.search(text, start.end())
    stop = end.start() if end else len(text)
    return text[: start.start()].splitlines(), text[start.start() : stop].splitlines()


def _holds(line: str, fact: Planted, *, both: bool) -> bool:
    """Say whether a line holds the values of a fact: each, or one of them."""
    plain = line.replace(" ", "").replace(",", "")
    held = [to_simplified(value) in plain for value in fact.values]
    return all(held) if both else any(held)
