"""Rows from the digests: every claim of every digest, looked for in every other article."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from workbench.grounding.facts import extract_facts
from workbench.tasks.compare.comparison import AGREE, ALONE, SILENT, Cell, Row
from workbench.tasks.compare.digests import Claim, Digest
from workbench.tasks.compare.quoting import citations
from workbench.tasks.compare.searching import Found, look_for
from workbench.tasks.material import Material

_SUBJECT = 16


@dataclass
class Cluster:
    """Claims of several digests that say the same, and where other articles say it."""

    claims: dict[int, Claim] = field(default_factory=dict)
    found: dict[int, Found] = field(default_factory=dict)

    def sentences(self, article: int) -> set[int]:
        """Return the sentences of an article that this rests on."""
        held: set[int] = set()
        if article in self.claims:
            held |= set(self.claims[article].sentences)
        if article in self.found:
            held |= set(self.found[article].sentences)
        return held


def cluster(digests: Sequence[Digest], materials: Sequence[Material]) -> list[Cluster]:
    """Look for every claim in every other article, and join claims that find each other."""
    clusters: list[Cluster] = []
    for number, digest in enumerate(digests):
        for claim in digest.claims:
            one = Cluster({number: claim})
            for other, material in enumerate(materials):
                if other != number and (found := look_for(claim.text, material)):
                    one.found[other] = found
            home = next((old for old in clusters if _same(old, one, number)), None)
            if home is None:
                clusters.append(one)
                continue
            home.claims[number] = claim
            for other, found in one.found.items():
                home.found.setdefault(other, found)
    return clusters


def _same(old: Cluster, new: Cluster, number: int) -> bool:
    """Say whether two claims find each other: each is found where the other stands."""
    if number in old.claims:
        return False
    mine = set(new.claims[number].sentences)
    if not mine & set(old.found[number].sentences if number in old.found else ()):
        return False
    return any(
        set(claim.sentences) & set(new.found[article].sentences)
        for article, claim in old.claims.items()
        if article in new.found
    )


def claim_row(one: Cluster, materials: Sequence[Material], shown: Callable[[int, str], str]) -> Row:
    """Return the row of a cluster; ``shown`` brings a claim into the script of its article."""
    first = min(one.claims)
    saying = set(one.claims) | set(one.found)
    status = AGREE if len(saying) > 1 else ALONE
    cells = []
    for number, material in enumerate(materials):
        if number in one.claims:
            claim = one.claims[number]
            cited = citations(material, claim.sentences)
            cells.append(
                Cell(number + 1, status, shown(number, claim.text), when="", citations=cited)
            )
        elif number in one.found:
            found = one.found[number]
            cited = citations(material, found.sentences)
            text = " ".join(" ".join(c.quote.split()) for c in cited)
            cells.append(Cell(number + 1, AGREE, text, citations=cited, missing=found.missing))
        else:
            cells.append(Cell(number + 1, SILENT))
    subject = subject_of(one.claims[first].text)
    return Row(shown(first, subject), "claim", status, tuple(cells))


def subject_of(claim: str) -> str:
    """Return a short name for what a claim is about: its beginning, up to a natural end."""
    text = claim.rstrip("。！？!?")
    for mark in "，：；,:;":
        head, found, _rest = text.partition(mark)
        if found and 4 <= len(head) <= _SUBJECT + 6:
            return head
    if len(text) <= _SUBJECT + 4:
        return text
    facts = [fact for fact in extract_facts(text) if fact.start < _SUBJECT < fact.end]
    cut = facts[0].start if facts and facts[0].start >= 4 else _SUBJECT
    return text[:cut].rstrip("的了在是为") + "…"
