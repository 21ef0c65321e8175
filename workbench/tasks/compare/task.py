"""Comparing articles: each read once by the model, the table made by rule.

What articles share, where they differ and what only one says is found in their own sentences: facts
about one thing are matched across articles, and every claim of every digest is looked for in every
other article. The model writes the digests and one sentence about all; the table is right without.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from workbench.articles.model import Article
from workbench.engine.protocol import Engine, Sampling, Usage
from workbench.errors import ArticleError, UsageError
from workbench.grounding.differences import AGREE as SAME
from workbench.grounding.differences import Finding, find_differences
from workbench.grounding.facts import extract_facts
from workbench.grounding.statements import Text
from workbench.i18n import _
from workbench.prompting.render import check_variables
from workbench.prompting.template import Template
from workbench.tasks.calls import Caller
from workbench.tasks.compare.claim_rows import Cluster, claim_row, cluster
from workbench.tasks.compare.comparison import (
    AGREE,
    ALONE,
    CHANGES,
    DIFFER,
    Compared,
    Comparison,
    Overview,
    Row,
)
from workbench.tasks.compare.digests import Digest, Digester, Writing
from workbench.tasks.compare.fact_rows import fact_row
from workbench.tasks.compare.overview import write_overview
from workbench.tasks.compare.reprints import reprints
from workbench.tasks.compare.timeline import timeline
from workbench.tasks.events import ArticleBegins, Observer, ignore
from workbench.tasks.finishing import PointFinisher
from workbench.tasks.material import Material
from workbench.tasks.rescript import Rescripter
from workbench.tasks.result import ArticleIdentity, ModelIdentity, TemplateIdentity

FEWEST, MOST = 2, 20
"""How many articles can be compared at once."""
_ORDER = (DIFFER, CHANGES, AGREE, ALONE)


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """What the user asked for; ``digests`` is the folder they are kept in, None for the usual."""

    length: str = "medium"
    script: str = "keep"
    sampling: Sampling = field(default_factory=Sampling)
    variables: Mapping[str, str] = field(default_factory=dict)
    digests: Path | None = None


def require_number(count: int) -> None:
    """Refuse a number of articles that cannot be compared; UsageError says how many can."""
    if not FEWEST <= count <= MOST:
        raise UsageError(
            _("{count} articles cannot be compared: it takes {fewest} to {most}").format(
                count=count, fewest=FEWEST, most=MOST
            ),
            fix=_("Name at least two files, folders, or articles of the library.")
            if count < FEWEST
            else _("Name fewer, or narrow the choice down."),
        )


def compare(
    articles: Sequence[Article],
    template: Template,
    engine: Engine,
    model: ModelIdentity,
    options: CompareOptions,
    observer: Observer = ignore,
) -> Comparison:
    """Compare two to twenty articles.

    UsageError, EngineError, TemplateError or ArticleError say what went wrong.
    """
    require_number(len(articles))
    check_variables(template, options.variables)
    for article in articles:
        if not article.passages:
            raise ArticleError(
                _("nothing is left of the article after cleaning"),
                path=article.path,
                part=article.part,
                fix=_("See what was removed with 'workbench read', or use --raw."),
            )
    return _Comparing(articles, template, engine, model, options, observer).run()


class _Comparing:
    """One comparison on its way."""

    def __init__(
        self,
        articles: Sequence[Article],
        template: Template,
        engine: Engine,
        model: ModelIdentity,
        options: CompareOptions,
        observer: Observer,
    ):
        self.materials = [Material(article) for article in articles]
        self.template = template
        self.engine = engine
        self.model = model
        self.options = options
        self.observer = observer
        self.caller = Caller(engine, observer)
        self.rescripts = [Rescripter(article, options.script) for article in articles]

    def run(self) -> Comparison:
        began = time.monotonic()
        digests = self._digests()
        clusters = cluster(digests, self.materials)
        findings = find_differences(
            [
                Text(
                    [sentence.text for sentence in material.sentences],
                    material.article.date,
                    material.title,
                )
                for material in self.materials
            ]
        )
        rows = self._rows(findings, clusters)
        overview = self._overview(digests, findings)
        usage = sum((digest.usage for digest in digests), Usage()) + self.caller.usage
        return Comparison(
            articles=tuple(self._compared(number, one) for number, one in enumerate(digests)),
            model=self.model,
            template=TemplateIdentity(
                self.template.name, self.template.sha256, dict(self.options.variables)
            ),
            settings={
                "length": self.options.length,
                "script": self.options.script,
                "context": self.engine.model.context,
                "sampling": asdict(self.options.sampling),
            },
            overview=overview,
            rows=tuple(rows),
            timeline=timeline(digests, self.materials, rows, self._shown),
            reprints=reprints(self.materials),
            usage=usage,
            seconds=round(time.monotonic() - began, 2),
            rewritten=sum(digest.rewritten for digest in digests),
            headline=overview.text if overview else self._titles(),
        )

    def _digests(self) -> list[Digest]:
        writing = Writing(
            self.template,
            self.model,
            self.options.length,
            self.options.sampling,
            self.options.variables,
            self.engine.model.context,
        )
        digester = Digester(self.engine, writing, self.options.digests)
        found = []
        for number, material in enumerate(self.materials, start=1):
            self.observer(ArticleBegins(number, len(self.materials), material.article.name))
            found.append(digester(material, self.observer))
        return found

    def _rows(self, findings: Sequence[Finding], clusters: Sequence[Cluster]) -> list[Row]:
        """Return all rows: what differs, what changes, what is shared, what one alone says."""
        touched = [finding for finding in findings if finding.verdict != SAME]
        kept = [one for one in clusters if not _is_shown_by(one, touched)]
        placed: list[tuple[int, int, Row]] = []
        for finding in findings:
            if finding.verdict == SAME and any(_covers(one, finding) for one in kept):
                continue
            first = finding.mentions[0]
            subject = self._shown(first.article, finding.subject)
            row = fact_row(finding, self.materials, subject)
            placed.append((first.article, first.sentence, row))
        for one in kept:
            first_article = min(one.claims)
            at = min(one.claims[first_article].sentences, default=0)
            placed.append((first_article, at, claim_row(one, self.materials, self._shown)))
        placed.sort(key=lambda item: (_ORDER.index(item[2].verdict), item[0], item[1]))
        return [row for _article, _sentence, row in placed]

    def _overview(self, digests: Sequence[Digest], findings: Sequence[Finding]) -> Overview | None:
        written = write_overview(
            digests, self.materials, self.caller, self.options.sampling, findings
        )
        if written is None:
            return None
        rescript = self.rescripts[0]
        text = rescript(written.text)
        finisher = PointFinisher(self.materials[0], rescript)
        checks = finisher.moved(written.checks, written.text, text)
        return Overview(text, checks, written.support)

    def _compared(self, number: int, digest: Digest) -> Compared:
        article = self.materials[number].article
        return Compared(
            ArticleIdentity(
                str(article.path),
                article.sha256,
                article.title,
                article.date,
                article.source,
                article.script.value,
                article.part,
            ),
            digest.coverage,
            tuple(self._shown(number, claim.text) for claim in digest.claims),
            digest.dropped,
            digest.cached,
        )

    def _shown(self, number: int, text: str) -> str:
        return self.rescripts[number](text)

    def _titles(self) -> str:
        named = [one.article.title or one.article.path.stem for one in self.materials]
        return " / ".join(named[:3]) + (" / …" if len(named) > 3 else "")


def _covers(one: Cluster, finding: Finding) -> bool:
    """Say whether a row of claims already shows what a finding says: all its sentences."""
    return (
        all(mention.sentence in one.sentences(mention.article) for mention in finding.mentions)
        and len({mention.article for mention in finding.mentions}) > 1
    )


def _is_shown_by(one: Cluster, differences: Sequence[Finding]) -> bool:
    """Say whether rows of differences show all that a claim of one article says, and better."""
    if len(one.claims) + len(one.found) > 1:
        return False
    (article, claim), *_more = one.claims.items()
    contested = {
        value
        for finding in differences
        for mention, value in zip(finding.mentions, finding.values, strict=True)
        if mention.article == article and mention.sentence in claim.sentences
    }
    held = {value for value in contested if value in claim.text}
    figures = [fact for fact in extract_facts(claim.text) if fact.kind not in ("name", "date")]
    return bool(held) and len(figures) <= len(held)
