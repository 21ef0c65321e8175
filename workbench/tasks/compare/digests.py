"""The digest of an article: a point for each stretch, written once and kept for later comparisons.

A digest is the same whatever the article is compared with, so it is kept in the cache folder under
a key of all it depends on. It is written in Simplified script; what is shown is converted.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.articles.model import Article
from workbench.engine.protocol import Engine, Sampling, Usage
from workbench.files import write_atomically
from workbench.paths import cache_folder
from workbench.prompting.template import Template
from workbench.tasks.events import Observer
from workbench.tasks.keys import PIPELINE
from workbench.tasks.material import Material
from workbench.tasks.result import Coverage, ModelIdentity
from workbench.tasks.summarize import SummaryOptions, summarize

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of a digest in Simplified script, and the sentences (indices) it rests on."""

    text: str
    sentences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """What the model made of one article; ``usage`` and ``rewritten`` are 0 where it was kept.

    ``dropped`` counts statements left out because the article does not bear them out.
    """

    claims: tuple[Claim, ...]
    coverage: Coverage
    usage: Usage
    rewritten: int
    dropped: int
    cached: bool


@dataclass(frozen=True, slots=True)
class Writing:
    """All that a digest depends on beside the article."""

    template: Template
    model: ModelIdentity
    length: str
    sampling: Sampling
    variables: Mapping[str, str]
    context: int


class Digester:
    """Makes digests, or finds those made before; each article of a comparison is read once."""

    def __init__(self, engine: Engine, writing: Writing, folder: Path | None = None):
        self._engine = engine
        self._writing = writing
        self._folder = digests_folder() if folder is None else folder
        self._made: dict[str, Digest] = {}

    def __call__(self, material: Material, observer: Observer) -> Digest:
        """Return the digest of an article, from the cache where there is a sound one."""
        key = self.key(material.article)
        if key in self._made:
            made = self._made[key]
            return Digest(made.claims, made.coverage, Usage(), 0, made.dropped, cached=True)
        found = self._kept(key, material) or self._write(key, material, observer)
        self._made[key] = found
        return found

    def key(self, article: Article) -> str:
        """Return what tells this digest from any other: article, template, model and settings."""
        writing = self._writing
        depends = {
            "format": _FORMAT,
            "program": PIPELINE,
            "text": article.content_sha256,
            "passages": [[passage.start, passage.end] for passage in article.passages],
            "title": article.title,
            "date": article.date,
            "names": article.names,
            "template": writing.template.sha256,
            "variables": dict(writing.variables),
            "model": asdict(writing.model),
            "length": writing.length,
            "sampling": asdict(writing.sampling),
            "context": writing.context,
        }
        text = json.dumps(depends, sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def _write(self, key: str, material: Material, observer: Observer) -> Digest:
        writing = self._writing
        result = summarize(
            material.article,
            writing.template,
            self._engine,
            writing.model,
            SummaryOptions(
                length=writing.length,
                script="simplified",
                sampling=writing.sampling,
                variables=writing.variables,
            ),
            observer,
        )
        # A table of what articles say has no place for what they do not.
        sound = [
            point
            for point in result.points
            if not point.weak and not any(check.wrong for check in point.checks)
        ]
        at = {item.span.start: index for index, item in enumerate(material.sentences)}
        claims = tuple(
            Claim(point.text, tuple(at[c.start] for c in point.citations if c.start in at))
            for point in sound
        )
        dropped = len(result.points) - len(sound)
        digest = Digest(
            claims, result.coverage, result.usage, result.rewritten, dropped, cached=False
        )
        self._keep(key, digest)
        return digest

    def _kept(self, key: str, material: Material) -> Digest | None:
        """Return the digest kept under a key; None where there is none or it cannot be used."""
        try:
            found = json.loads((self._folder / f"{key}.json").read_text(encoding="utf-8"))
            claims = tuple(
                Claim(str(one["text"]), tuple(map(int, one["sentences"])))
                for one in found["claims"]
            )
            coverage = Coverage(**found["coverage"])
            dropped = int(found["dropped"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        last = len(material.sentences)
        if any(not 0 <= index < last for claim in claims for index in claim.sentences):
            return None
        return Digest(claims, coverage, Usage(), 0, dropped, cached=True)

    def _keep(self, key: str, digest: Digest) -> None:
        """Keep a digest; where that cannot be done, it is written again next time."""
        if self._writing.model.sha256 is None:
            return  # what a server calls its model may be another one tomorrow
        kept: dict[str, Any] = {
            "claims": [asdict(claim) for claim in digest.claims],
            "coverage": asdict(digest.coverage),
            "dropped": digest.dropped,
        }
        try:
            text = json.dumps(kept, ensure_ascii=False)
            write_atomically(self._folder / f"{key}.json", text)
        except (OSError, ValueError):
            return


def digests_folder() -> Path:
    """Return the folder of digests: what models have written of articles, to be made again."""
    return cache_folder() / "digests"
