"""From what was found to an answer: in the script of the question, cited and checked."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from workbench.articles.model import Article
from workbench.articles.script import convert, to_simplified
from workbench.engine.protocol import Usage
from workbench.grounding.checks import Check, Source, check_facts
from workbench.prompting.template import Size, Template
from workbench.retrieval.question import Question
from workbench.retrieval.terms import terms
from workbench.tasks.ask.answer import NOT_MENTIONED, Answer, Evidence, Searched
from workbench.tasks.ask.corroborating import corroborating
from workbench.tasks.ask.extraction import Located
from workbench.tasks.ask.kinds import Kind
from workbench.tasks.ask.options import AskOptions
from workbench.tasks.ask.reading import Reading
from workbench.tasks.ask.relevance import Relevance, Standing
from workbench.tasks.ask.shelf import Shelf
from workbench.tasks.material import Sentence
from workbench.tasks.rescript import Rescripter, target_script
from workbench.tasks.result import ArticleIdentity, ModelIdentity, TemplateIdentity

_LEAST_SUPPORT, _LEAST_AFFIRMED = 0.5, 0.4


@dataclass(frozen=True, slots=True)
class Found:
    """An answer in Simplified script, where it stands, and the sentences it rests on."""

    simplified: str
    located: Located | None
    article: int
    sentences: tuple[Sentence, ...]
    support: float

    @property
    def quoted(self) -> str:
        """Return the sentences, for the model to look at."""
        return "".join(sentence.text for sentence in self.sentences)


class Finisher:
    """Finishes the answer to one question."""

    def __init__(
        self,
        question: str,
        shelf: Shelf,
        template: Template,
        model: ModelIdentity,
        options: AskOptions,
        size: Size,
    ):
        self._question = question
        self.shelf = shelf
        self._template = template
        self._model = model
        self._options = options
        self._size = size

    def located(self, located: Located, question: Question) -> Found:
        """Return an answer that stands in the text, with the sentences that show it."""
        passage = located.passage
        start, _end = passage.original(located.start, located.end)
        own = passage.sentence_at(start)
        material = passage.material
        aligned = material.aligner.align(f"{question.text}{located.text}")
        others = [material.sentences[index] for index in aligned.sentences]
        sentences = [own, *(one for one in others if one != own)][: self._most]
        around = frozenset(terms(material.title + "".join(one.text for one in sentences)))
        support = round(question.share_in(around), 3)
        return Found(located.text, located, passage.article, tuple(sentences), support)

    def worded(
        self, written: str, question: Question, kind: Kind, reading: Reading
    ) -> Found | None:
        """Return an answer in the model's own words, where sentences of one article support it."""
        best: Found | None = None
        # A yes or no says nothing by itself: what it affirms has to be found.
        sought = "".join((*question.chunks, written)) if kind.yes_no else written
        least = _LEAST_AFFIRMED if kind.yes_no else _LEAST_SUPPORT
        for article in dict.fromkeys(one.article for one in reading.by_rank):
            material = self.shelf.materials[article]
            aligned = material.aligner.align(sought)
            sentences = tuple(material.sentences[i] for i in aligned.sentences[: self._most])
            if sentences and (best is None or aligned.support > best.support):
                best = Found(written, None, article, sentences, aligned.support)
        if best is None or best.support < least:
            return None
        invented = any(check.wrong for check in self._checks(best))
        return None if invented else best

    def answer(
        self,
        asked: str,
        found: Found,
        known: Relevance,
        stands: Standing | None,
        reading: Reading,
        *,
        confirmed: bool | None,
        written: str,
        usage: Usage,
        seconds: float,
    ) -> Answer:
        """Return the finished answer."""
        rescript = self._rescripter(found.article)
        span: Evidence | None = None
        text = rescript(found.simplified)
        if found.located is not None:
            passage = found.located.passage
            start, end = passage.original(found.located.start, found.located.end)
            quote = passage.material.article.text[start:end]
            span = Evidence(found.article, passage.passage.number, start, end, quote)
            if self._keeps_spelling(found.article):
                text = " ".join(quote.split())
        cited = [(found.article, one) for one in found.sentences]
        if found.located is not None:
            question = Question.of(asked)
            own = found.sentences[0]
            cited += corroborating(found.located, own, question, reading.by_rank)
        evidence = tuple(self._evidence(article, sentence) for article, sentence in cited)
        shown: dict[str, object] = {
            "share": known.share,
            "sentence": stands.sentence if stands else None,
            "near": stands.near if stands else None,
            "elsewhere": stands.elsewhere if stands else None,
            "absent": stands.absent if stands else None,
            "fits": stands.fits if stands else None,
        }
        return self._answer(
            asked,
            text,
            False,
            "",
            known,
            span,
            evidence,
            self._checks(found),
            found.support,
            confirmed,
            reading,
            usage,
            seconds,
            written,
            shown,
        )

    def refusal(
        self,
        asked: str,
        reason: str,
        known: Relevance,
        reading: Reading | None,
        *,
        confirmed: bool | None,
        written: str,
        usage: Usage,
        seconds: float,
    ) -> Answer:
        """Return the answer that the articles do not say."""
        return self._answer(
            asked,
            NOT_MENTIONED,
            True,
            reason,
            known,
            None,
            (),
            (),
            0.0,
            confirmed,
            reading,
            usage,
            seconds,
            written,
            {"share": known.share},
        )

    def _evidence(self, number: int, sentence: Sentence) -> Evidence:
        article, span = self.shelf.materials[number].article, sentence.span
        quote = article.text[span.start : span.end]
        return Evidence(number, sentence.passage, span.start, span.end, quote)

    @property
    def _most(self) -> int:
        return max(1, self._size.points)

    def _checks(self, found: Found) -> tuple[Check, ...]:
        material = self.shelf.materials[found.article]
        cited = Source(
            "\n".join(sentence.text for sentence in found.sentences), date=material.article.date
        )
        return check_facts(found.simplified, cited, material.source)

    def _target(self, article: int) -> str:
        """Name the script of the answer: the one asked for, or that of the question."""
        if self._options.script != "keep":
            return self._options.script
        plain = to_simplified(self._question)
        own = target_script(self.shelf.materials[article].article, "keep")
        if plain != self._question:
            return "traditional"
        return own if convert(plain, "traditional") == plain else "simplified"

    def _keeps_spelling(self, article: int) -> bool:
        own = target_script(self.shelf.materials[article].article, "keep")
        return self._target(article) == own

    def _rescripter(self, article: int) -> Rescripter:
        target = "keep" if self._keeps_spelling(article) else self._target(article)
        return Rescripter(self.shelf.materials[article].article, target)

    def _answer(
        self,
        asked: str,
        text: str,
        refused: bool,
        reason: str,
        known: Relevance,
        span: Evidence | None,
        evidence: Sequence[Evidence],
        checks: tuple[Check, ...],
        support: float,
        confirmed: bool | None,
        reading: Reading | None,
        usage: Usage,
        seconds: float,
        written: str,
        shares: dict[str, object],
    ) -> Answer:
        options, shelf = self._options, self.shelf
        read = reading.passages if reading else ()
        return Answer(
            question=self._question,
            asked=asked,
            text=text,
            refused=refused,
            reason=reason,
            missing=known.missing,
            span=span,
            evidence=tuple(evidence),
            checks=checks,
            support=support,
            confirmed=confirmed,
            articles=tuple(identity_of(material.article) for material in shelf.materials),
            model=self._model,
            template=TemplateIdentity(
                self._template.name, self._template.sha256, dict(options.variables)
            ),
            settings={
                "length": options.length,
                "script": options.script,
                "verify": options.verify,
                "sampling": asdict(options.sampling),
            },
            searched=Searched(
                method=reading.method if reading else "words",
                articles=len(shelf.materials),
                articles_read=len({one.article for one in read}),
                passages_total=len(shelf.passages),
                passages_read=len(read),
                characters_total=shelf.characters,
                characters_read=sum(one.passage.end - one.passage.start for one in read),
                ranked_by=shelf.models.names,
                library_articles=options.library_articles,
            ),
            usage=usage,
            seconds=seconds,
            written=written,
            shares=shares,
        )


def identity_of(article: Article) -> ArticleIdentity:
    """Return what an answer says of an article it was looked for in."""
    return ArticleIdentity(
        str(article.path),
        article.sha256,
        article.title,
        article.date,
        article.source,
        article.script.value,
        article.part,
    )
