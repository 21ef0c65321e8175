"""Measure comparisons on articles with planted facts: ``compare.py [--model GGUF] [--news FILE]``.

Without a model, what the rules find: differences found of those planted, differences told that are
none, agreements found. ``--model`` asks the same of the plain way (both articles and an instruction
through ``create_chat_completion``, greedy), on ``--pairs`` pairs.
``--news`` counts the differences told between articles that have nothing to do with each other, one
article a line: each of those is false.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from compare_articles import Pair, Planted, make_pairs
from compare_plain import plain_way

from workbench.articles.document import ReadOptions
from workbench.articles.model import Article
from workbench.articles.reader import read_articles
from workbench.articles.script import to_simplified
from workbench.grounding.differences import AGREE, DIFFER, Finding, Text, find_differences
from workbench.tasks.material import Material

_KINDS = ("amount", "number", "percent", "date", "name", "stance")


def material_of(text: str) -> Material:
    """Read a text as a file would be read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "article.txt"
        path.write_text(text, encoding="utf-8")
        found = next(one for one in read_articles(path, ReadOptions()) if isinstance(one, Article))
    return Material(found)


def compared(materials: list[Material]) -> list[Finding]:
    """Return what the rules find between articles."""
    return find_differences(
        [
            Text([one.text for one in item.sentences], item.article.date, item.title)
            for item in materials
        ]
    )


def about(finding: Finding, materials: list[Material], planted: Planted) -> bool:
    """Say whether a finding is about a planted fact: its mentions stand in its two sentences."""
    told = [to_simplified(sentence) for sentence in planted.sentences]
    places = {mention.article: mention.sentence for mention in finding.mentions}
    return all(
        side in places and materials[side].sentences[places[side]].text in told[side]
        for side in (0, 1)
    )


def _of(finding: Finding, planted: Planted) -> bool:
    """Say whether a finding shows the planted values themselves, not what else is told there."""
    return any(
        value in to_simplified(shown) for value in planted.values for shown in finding.values
    )


def rules(pairs: list[Pair], *, verbose: bool) -> None:
    """Print what the rules find in all pairs, by kind."""
    planted: Counter[tuple[str, bool]] = Counter()
    found: Counter[tuple[str, bool]] = Counter()
    false: list[str] = []
    wrong = 0
    for pair in pairs:
        materials = [material_of(text) for text in pair.texts]
        findings = compared(materials)
        for fact in pair.planted:
            if fact.kind == "stance" and not fact.differs:
                continue
            planted[fact.kind, fact.differs] += 1
            mine = [one for one in findings if about(one, materials, fact)]
            verdicts = {one.verdict for one in mine}
            good = DIFFER in verdicts if fact.differs else verdicts == {AGREE}
            found[fact.kind, fact.differs] += good
            if not good and verbose:
                print(f"  {pair.name}: missed {'differ' if fact.differs else 'agree'}: {fact}")
        for one in findings:
            true = [fact for fact in pair.planted if about(one, materials, fact)]
            if one.verdict == DIFFER and not any(fact.differs for fact in true):
                false.append(f"{pair.name}: {one.subject}: {' / '.join(one.values)}")
            elif one.verdict == AGREE and any(_of(one, fact) for fact in true if fact.differs):
                wrong += 1
                if verbose:
                    print(f"  {pair.name}: false agreement: {one.values} {one.subject}")
    print("kind     differences found   agreements found")
    for kind in (*_KINDS, None):
        cells = []
        for differs in (True, False):
            if kind == "stance" and not differs:
                cells.append("-")  # stances are matched where they are opposed
                continue
            all_of = sum(
                n for key, n in planted.items() if key[1] == differs and kind in (key[0], None)
            )
            got = sum(n for key, n in found.items() if key[1] == differs and kind in (key[0], None))
            cells.append(f"{got} of {all_of}")
        print(f"{kind or 'all':<8} {cells[0]:<19} {cells[1]}")
    print(f"false differences: {len(false)}; false agreements: {wrong}; pairs: {len(pairs)}")
    for one in false:
        print(f"  {one}")


def unrelated(path: Path, pairs: int, seed: int) -> None:
    """Count the differences told between articles drawn at random."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if len(line) > 200]
    draw = random.Random(seed)
    told: dict[str, int] = defaultdict(int)
    examples = []
    for _number in range(pairs):
        materials = [material_of(text) for text in draw.sample(lines, 2)]
        for one in compared(materials):
            told[one.verdict] += 1
            if one.verdict == DIFFER:
                quoted = [
                    materials[m.article].sentences[m.sentence].text[:60] for m in one.mentions
                ]
                examples.append(f"  {one.kind} {one.subject}: {one.values} {quoted}")
    print(f"{pairs} pairs of unrelated news: {dict(told)}")
    for one in examples:
        print(one)


def main(arguments: list[str]) -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--pairs", type=int, default=4, help="pairs put before the model")
    parser.add_argument("--first", type=int, default=0, help="first pair put before the model")
    parser.add_argument("--context", type=int, default=4096)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--news", type=Path)
    parser.add_argument("--news-pairs", type=int, default=300)
    parser.add_argument("-v", "--verbose", action="store_true")
    given = parser.parse_args(arguments)
    pairs = make_pairs(given.seed)
    if given.news:
        unrelated(given.news, given.news_pairs, given.seed)
    elif given.model:
        chosen = pairs[given.first : given.first + given.pairs]
        plain_way(chosen, given.model, given.context, given.threads, verbose=given.verbose)
    else:
        rules(pairs, verbose=given.verbose)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
