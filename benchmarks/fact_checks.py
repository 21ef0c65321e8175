"""How well false facts are found in real news: `python benchmarks/fact_checks.py NEWS.txt [N]`.

NEWS.txt holds one Simplified Chinese article a line; N of them are taken (300). A sentence is
aligned with its article and checked, as a point of a summary is. In a sentence with a figure, one
value is

- swapped for another the article does not hold: the check must mark it (recall);
- swapped likewise and written in Chinese numerals: marked as well (recall);
- written in another notation (4月17日 as 四月十七日): nothing may be marked (false alarms);
- left alone: nothing may be marked (false alarms).

A name is swapped for one of its kind from another article, and for one of this article; a sentence
is turned into its opposite. Every sentence as it stands must pass. With ``--model`` and
``--paraphrases`` a model rewrites sentences, and what is then marked is listed: a person tells from
it which alarms are right. ``--judged`` names a file of such judgements: ``right`` or ``wrong``, a
tab, the paraphrase. ``--kept`` names a file where paraphrases are kept, to be checked again without
the model.
"""

import argparse
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from figure_swaps import SENTENCE, figures, matched, rewritten, swapped
from name_swaps import LEAST_SENTENCE, Name, name_swaps, names, turned_sentences
from paraphrases import paraphrases

from workbench.grounding.alignment import Aligner
from workbench.grounding.checks import Check, Source, check_facts

SEED = 7


class Judge:
    """Checks sentences against one article as the points of a summary are checked."""

    seconds = 0.0
    checked = 0

    def __init__(self, article: str):
        self.sentences = [text.strip() for text in SENTENCE.findall(article) if text.strip()]
        self.aligner = Aligner(self.sentences)
        self.source = Source(article)

    def wrong(self, text: str) -> list[Check]:
        """Return what is marked in a text."""
        aligned = self.aligner.align(text)
        started = time.perf_counter()
        cited = Source("\n".join(self.sentences[index] for index in aligned.sentences))
        found = [check for check in check_facts(text, cited, self.source) if check.wrong]
        Judge.seconds += time.perf_counter() - started
        Judge.checked += 1
        return found


def say(what: str, text: str, marked: Sequence[Check]) -> None:
    """Show an example on standard error."""
    shown = ", ".join(
        f"{check.text}{f' ({check.instead})' if check.instead else ''} [{check.kind}]"
        for check in marked
    )
    print(f"{what}: {shown or '-'} in {text.strip()}", file=sys.stderr)


def swap_figures(article: str, judge: Judge, count: dict[str, Counter[str]], seed: int) -> None:
    """Swap and rewrite the figures of one article."""
    rng = random.Random(seed)
    for kind, sentence, match in figures(article):
        other = swapped(kind, match, article, rng)
        variants = {
            "swapped": other,
            "in words": other and rewritten(kind, matched(kind, other)),
            "rewritten": rewritten(kind, match),
        }
        for change, new in variants.items():
            if new is None:
                continue
            start, end = match.start(), match.start() + len(new)
            text = sentence[:start] + new + sentence[match.end() :]
            marked = judge.wrong(text)
            hit = any(check.start < end and check.end > start for check in marked)
            count[kind][change] += 1
            count[kind][f"{change} found"] += hit
            if hit is (change == "rewritten"):
                say(f"{change} {kind} {match.group()} → {new}", text, marked)


def swap_names(
    article: str,
    judge: Judge,
    pool: Sequence[Name],
    count: dict[str, Counter[str]],
    seed: int,
) -> None:
    """Swap the names of one article, for foreign ones and for its own."""
    own = names(article)
    foreign = [name for name in pool if name.text not in article]
    for change, others in (("from elsewhere", foreign), ("from the article", own)):
        rng = random.Random(seed)
        for kind, sentence, text, start, end in name_swaps(article, own, others, rng):
            marked = judge.wrong(text)
            hit = any(check.start < end and check.end > start for check in marked)
            count[kind][change] += 1
            count[kind][f"{change} found"] += hit
            if not hit:
                say(f"{change} {kind} → {text[start:end]}", f"{text} ← {sentence}", marked)


def turn(article: str, judge: Judge, count: Counter[str], seed: int) -> None:
    """Turn sentences of one article into their opposite."""
    for way, _sentence, text in turned_sentences(article, random.Random(seed)):
        marked = [check for check in judge.wrong(text) if check.kind == "negation"]
        count[way] += 1
        count[f"{way} found"] += bool(marked)
        if not marked:
            say(f"turned, {way}", text, marked)


def share(count: Counter[str], change: str) -> str:
    """Return how many there were and the share that was marked."""
    number = count[change]
    return (
        f"{number:>7}{100 * count[f'{change} found'] / number:>8.1f}%" if number else f"{'-':>16}"
    )


def print_tables(
    kinds: dict[str, Counter[str]], named: dict[str, Counter[str]], turned: Counter[str]
) -> None:
    """Print what was found of what was changed."""
    print(f"{'kind':14}{'swapped, found':>16}{'in words, found':>17}{'rewritten, marked':>19}")
    for kind, count in sorted(kinds.items()):
        cells = (share(count, change) for change in ("swapped", "in words", "rewritten"))
        print(f"{kind:14}" + " ".join(cells))
    print(f"\n{'name':14}{'from elsewhere':>16}{'from the article':>17}")
    total: Counter[str] = Counter()
    for count in named.values():
        total += count
    for kind, count in [*sorted(named.items()), ("all", total)]:
        cells = (share(count, change) for change in ("from elsewhere", "from the article"))
        print(f"{kind:14}" + " ".join(cells))
    print(f"\n{'turned':14}{'found':>16}")
    for way in ("put in", "left out", "opposite"):
        print(f"{way:14}{share(turned, way)}")


def paraphrase(
    articles: Sequence[str],
    model: Path,
    number: int,
    judged: Path | None,
    kept: Path | None,
    seed: int,
) -> None:
    """Let a model rewrite sentences, and count what is marked of them."""
    verdicts = {}
    if judged is not None:
        for line in judged.read_text("utf-8").splitlines():
            verdict, _tab, text = line.partition("\t")
            verdicts[text] = verdict
    marked_texts = []
    total = 0
    for article, sentence, text in paraphrases(articles, model, number, kept, random.Random(seed)):
        total += 1
        marked = Judge(article).wrong(text)
        if marked:
            marked_texts.append(text)
            say(f"paraphrase of {sentence.strip()}", text, marked)
            print(f"?\t{text}", file=sys.stderr)
    false = [text for text in marked_texts if verdicts.get(text) != "right"]
    print(f"\nparaphrases by {model.stem}: {total}")
    print(f"  with an alarm: {len(marked_texts)} ({100 * len(marked_texts) / max(1, total):.1f}%)")
    if judged is not None:
        known = sum(text in verdicts for text in marked_texts)
        part = 100 * len(false) / max(1, total)
        print(f"  judged: {known}; false alarms: {len(false)} ({part:.1f}%)")


def main() -> None:
    """Change sentences, check them, print the tables; examples go to standard error."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("news", type=Path)
    parser.add_argument("articles", type=int, nargs="?", default=300)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--model", type=Path, help="a GGUF that paraphrases")
    parser.add_argument("--paraphrases", type=int, default=0, help="how many sentences it rewrites")
    parser.add_argument("--judged", type=Path, help="judgements of marked paraphrases")
    parser.add_argument("--kept", type=Path, help="where paraphrases are kept (JSON lines)")
    chosen = parser.parse_args()
    lines = [line for line in chosen.news.read_text("utf-8").splitlines() if len(line) > 200]
    articles = random.Random(chosen.seed).sample(lines, min(chosen.articles, len(lines)))
    if chosen.model and chosen.paraphrases:
        paraphrase(
            articles, chosen.model, chosen.paraphrases, chosen.judged, chosen.kept, chosen.seed
        )
        return
    pool = list(dict.fromkeys(name for article in articles for name in names(article)))
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    named: dict[str, Counter[str]] = defaultdict(Counter)
    turned: Counter[str] = Counter()
    untouched: Counter[str] = Counter()
    for number, article in enumerate(articles):
        judge, seed = Judge(article), chosen.seed * 100_003 + number
        for sentence in SENTENCE.findall(article):
            if len(sentence) >= LEAST_SENTENCE:
                untouched["sentences"] += 1
                if marked := judge.wrong(sentence):
                    untouched["marked"] += 1
                    say("untouched", sentence, marked)
        swap_figures(article, judge, kinds, seed)
        swap_names(article, judge, pool, named, seed)
        turn(article, judge, turned, seed)
    print_tables(kinds, named, turned)
    alarms = 100 * untouched["marked"] / max(1, untouched["sentences"])
    print(f"\nuntouched: {untouched['sentences']} sentences, marked {untouched['marked']}", end="")
    print(f" ({alarms:.2f}%)")
    print(f"{1e6 * Judge.seconds / max(1, Judge.checked):.0f} µs a sentence to check")


if __name__ == "__main__":
    main()
