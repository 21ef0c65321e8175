"""How many changed copies are found, and how many different articles are taken for copies.

NEWS.txt holds one Simplified Chinese article a line. All of it is put in a library; then changed
copies of some of its articles are looked up in it, one kind of change after the other. A copy is
found where it is a near-duplicate of its original. All that is found beside originals and their own
near-duplicates is wrong. Pasting an article twice into one text is measured too: right means that
exactly one copy is taken out by cleaning.

    .venv/bin/python benchmarks/duplicates.py NEWS.txt [--sample N] [--pairs N]
"""

import argparse
import contextlib
import random
import sqlite3
import time
from pathlib import Path

from report import table
from variations import (
    SENTENCE,
    Change,
    articles_of,
    both,
    converted,
    cut,
    replaced,
    sentences_deleted,
    sentences_inserted,
)

from workbench.articles.cleaning import find_removals
from workbench.store import near_duplicates, opening
from workbench.store.near_duplicates import Pair


def changes(articles: list[str]) -> dict[str, Change]:
    characters = "".join(articles[:200])
    pool = [sentence for article in articles[:500] for sentence in SENTENCE.findall(article)]
    found: dict[str, Change] = {"none": cut(0, 0)}
    for share in (0.05, 0.1, 0.2, 0.3):
        found[f"{share:.0%} of characters replaced"] = replaced(share, characters)
    for share in (0.1, 0.2, 0.3):
        found[f"{share:.0%} of sentences deleted"] = sentences_deleted(share)
    for share in (0.1, 0.2, 0.3):
        found[f"{share:.0%} as many sentences inserted"] = sentences_inserted(share, pool)
    for share in (0.1, 0.2, 0.4):
        found[f"{share:.0%} cut off the head"] = cut(share, 0)
        found[f"{share:.0%} cut off the tail"] = cut(0, share)
    found["20% cut off head and tail each"] = cut(0.2, 0.2)
    found["Traditional, words of Taiwan"] = converted("taiwan")
    found["Traditional, words of Taiwan, 20% cut off the tail"] = both(
        converted("taiwan"), cut(0, 0.2)
    )
    return found


def library_of(articles: list[str]) -> tuple[sqlite3.Connection, dict[int, set[int]], float]:
    """Return a library of the articles, and which of them are near-duplicates of each other."""
    connection = opening.open_in_memory()
    known: dict[int, set[int]] = {}
    seconds = 0.0
    connection.execute("BEGIN")
    for number, text in enumerate(articles, start=1):
        connection.execute(
            "INSERT INTO articles (id, content_sha256, script, characters, added_at, text)"
            " VALUES (?, ?, 'simplified', ?, '', ?)",
            (number, str(number), len(text), text),
        )
        begin = time.perf_counter()
        for pair in near_duplicates.add(connection, number, text):
            known.setdefault(pair.later, set()).add(pair.earlier)
            known.setdefault(pair.earlier, set()).add(pair.later)
        seconds += time.perf_counter() - begin
    connection.execute("COMMIT")
    return connection, known, seconds


def look_up(connection: sqlite3.Connection, text: str) -> tuple[Pair, ...]:
    """Return what a text would be a near-duplicate of, leaving the library as it is."""
    connection.execute("BEGIN")
    try:
        connection.execute(
            "INSERT INTO articles (id, content_sha256, script, characters, added_at, text)"
            " VALUES (1000000, 'new', 'simplified', 0, '', ?)",
            (text,),
        )
        return near_duplicates.add(connection, 1_000_000, text)
    finally:
        connection.execute("ROLLBACK")


def pasted_twice(text: str) -> bool:
    """Say whether exactly one of two copies in a text is taken out."""
    halves = [text, text]
    page = "\n\n".join(halves)
    removed = sum(one.end - one.start for one in find_removals(page)) - sum(
        one.end - one.start for one in find_removals(text)
    )
    return abs(removed - len(text)) <= 0.02 * len(text) + 2


def main() -> None:
    parser = argparse.ArgumentParser(description="Near-duplicates and pages pasted twice.")
    parser.add_argument("news", type=Path)
    parser.add_argument("--sample", type=int, default=200, help="articles changed (200)")
    parser.add_argument(
        "--pairs", type=int, default=0, help="show so many of the least alike pairs"
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    articles = articles_of(options.news)
    connection, known, seconds = library_of(articles)
    with contextlib.closing(connection):
        report(connection, articles, known, options.sample, options.seed)
        print(
            f"\nOf {len(articles)} articles as they are, {len(known)} have near-duplicates: "
            f"{sum(map(len, known.values())) // 2} pairs in "
            f"{len(list(near_duplicates.groups(connection)))} groups; "
            f"{1000 * seconds / len(articles):.2f} ms an article."
        )
        if options.pairs:
            show(connection, articles, options.pairs)
    sample = random.Random(options.seed).sample(articles, min(options.sample, len(articles)))
    print(f"\nPasted twice: {sum(map(pasted_twice, sample))} of {len(sample)} lose one copy.")


def report(
    connection: sqlite3.Connection,
    articles: list[str],
    known: dict[int, set[int]],
    sample: int,
    seed: int,
) -> None:
    rng = random.Random(seed)
    chosen = rng.sample(range(len(articles)), min(sample, len(articles)))
    rows = [["change", "found", "recall", "wrong", "precision", "containment, median", "least"]]
    totals = [0, 0, 0]
    for name, change in changes(articles).items():
        found = wrong = 0
        alike: list[float] = []
        for place in chosen:
            original = place + 1
            pairs = look_up(connection, change(articles[place], rng))
            alike += (one.similarity.containment for one in pairs if one.earlier == original)
            found += any(one.earlier == original for one in pairs)
            right = {original} | known.get(original, set())
            wrong += sum(one.earlier not in right for one in pairs)
        rows.append(row(name, len(chosen), found, wrong, alike))
        totals = [totals[0] + len(chosen), totals[1] + found, totals[2] + wrong]
    rows.append(row("all", *totals, []))
    print(table(rows))


def row(name: str, number: int, found: int, wrong: int, alike: list[float]) -> list[str]:
    alike.sort()
    return [
        name,
        f"{found} of {number}",
        f"{found / number:.1%}",
        str(wrong),
        f"{found / (found + wrong):.1%}" if found + wrong else "-",
        f"{alike[len(alike) // 2]:.2f}" if alike else "",
        f"{alike[0]:.2f}" if alike else "",
    ]


def show(connection: sqlite3.Connection, articles: list[str], number: int) -> None:
    rows = connection.execute(
        "SELECT containment, jaccard, article_id, earlier_id FROM near_duplicate_pairs"
        " ORDER BY containment LIMIT ?",
        (number,),
    )
    for containment, jaccard, later, earlier in rows:
        print(f"{containment:.2f} {jaccard:.2f}")
        for one in (later, earlier):
            print(f"   {len(articles[one - 1])} {articles[one - 1][:100]}")


if __name__ == "__main__":
    main()
