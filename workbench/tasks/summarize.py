"""Summarising one article: read in parts that fit, a point from each stretch, every point checked.

The model reads a part of the article once. Each stretch of passages is then asked about in a call
of its own on the same KV cache, so a small model cannot skip the second half; what fails a check is
asked for again with the evidence in front of it, and the better of the two is kept.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from workbench.articles.model import Article
from workbench.engine.protocol import Engine, Sampling
from workbench.errors import ArticleError
from workbench.grounding.checks import Check, Source, check_facts
from workbench.i18n import _
from workbench.prompting.render import check_variables, render
from workbench.prompting.template import Size, Template
from workbench.tasks import drafting, prompts
from workbench.tasks.calls import Caller
from workbench.tasks.drafting import Draft
from workbench.tasks.events import Observer, PointReady, Step, ignore
from workbench.tasks.finishing import PointFinisher, by_date
from workbench.tasks.material import Material
from workbench.tasks.plan import Part, split_into_parts, split_into_stretches, stretches_for
from workbench.tasks.rescript import Rescripter
from workbench.tasks.result import (
    ArticleIdentity,
    Coverage,
    ModelIdentity,
    Point,
    Result,
    TemplateIdentity,
)

_GOOD_ENOUGH = 0.9
_TOKENS_A_CHARACTER = 1.3
_LIST_STRETCH_CHARACTERS = 900
_SAFETY_TOKENS = 32
_EVIDENCE_CHARACTERS = 240
_GENEROUS = 1.15
_HEADLINE_SUPPORT = 0.5


@dataclass(frozen=True, slots=True)
class SummaryOptions:
    """What the user asked for."""

    length: str = "medium"
    script: str = "keep"
    sampling: Sampling = field(default_factory=Sampling)
    variables: Mapping[str, str] = field(default_factory=dict)


def summarize(
    article: Article,
    template: Template,
    engine: Engine,
    model: ModelIdentity,
    options: SummaryOptions,
    observer: Observer = ignore,
) -> Result:
    """Summarise an article; EngineError, TemplateError or ArticleError say what went wrong."""
    check_variables(template, options.variables)
    if not article.passages:
        raise ArticleError(
            _("nothing is left of the article after cleaning"),
            path=article.path,
            fix=_("See what was removed with 'workbench read', or use --raw."),
        )
    return _Summary(article, template, engine, model, options, observer).run()


class _Summary:
    """One summary on its way."""

    def __init__(
        self,
        article: Article,
        template: Template,
        engine: Engine,
        model: ModelIdentity,
        options: SummaryOptions,
        observer: Observer,
    ):
        self.article = article
        self.template = template
        self.engine = engine
        self.model = model
        self.options = options
        self.observer = observer
        self.material = Material(article)
        self.caller = Caller(engine, observer)
        self.size = template.size(options.length)
        self.rescript = Rescripter(article, options.script)
        self.finisher = PointFinisher(self.material, self.rescript)
        self.rewritten = 0
        self.step = 0
        self.steps = 0

    def run(self) -> Result:
        began = time.monotonic()
        sizes = [passage.end - passage.start for passage in self.article.passages]
        parts = self._parts()
        plan = [(part, self._stretches(sizes, part)) for part in parts]
        whole_text = self.template.output == "text"
        direct = whole_text and len(parts) == 1
        self.steps = (0 if direct else sum(len(stretches) for _part, stretches in plan)) + (
            1 if whole_text else 0
        )
        self.steps += 1 if self.template.headline else 0
        drafts: list[Draft] = []
        if not direct:
            for number, (part, stretches) in enumerate(plan, start=1):
                drafts += self._read_part(part, stretches, number, len(parts), drafts)
        if whole_text:
            segment = (
                self._segment(parts[0], 1, 1)
                if direct
                else prompts.headline_material(self.material.title, [d.text for d in drafts])
            )
            drafts = [self._text(segment)]
        if self.template.order == "date":
            drafts = by_date(drafts)
        points = tuple(self.finisher.finish(draft) for draft in drafts)
        headline, headline_checks = self._headline([draft.text for draft in drafts])
        return self._result(points, headline, headline_checks, parts, sizes, began)

    def _parts(self) -> list[Part]:
        """Count the tokens of everything and split the article by what the context leaves."""
        answer = self._max_tokens(self._answer_characters())
        longest = self._instruction(Part(1, len(self.article.passages)), self.size)
        evidence = "字" * _EVIDENCE_CHARACTERS
        candidates = [longest, prompts.rewrite_instruction(evidence, self.size.characters)]
        overhead = max(
            self.engine.prompt_tokens(
                prompts.request(
                    prompts.article_segment((), self.material.title, 9, 99),
                    instruction,
                    max_tokens=answer,
                    stop=(),
                    sampling=self.options.sampling,
                )
            )
            for instruction in candidates
        )
        counts = self.engine.count_tokens([f"{line}\n" for line in self.material.lines])
        room = self.engine.model.context - overhead - answer - _SAFETY_TOKENS
        return split_into_parts(counts, room, path=str(self.article.path))

    def _stretches(self, sizes: list[int], part: Part) -> list[Part]:
        if self.template.output == "list":
            share = sum(sizes[part.first - 1 : part.last])
            count = max(1, round(share / _LIST_STRETCH_CHARACTERS))
        else:
            count = stretches_for(sizes, part, self.size.points)
        first = part.first
        if first == 1 and part.last > 1 and self._is_title(1):
            first = 2  # it was read, but a point about it would only say the title again
        return split_into_stretches(sizes, first, part.last, count)

    def _is_title(self, number: int) -> bool:
        line = self.material.lines[number - 1].partition(" ")[2]
        return drafting.repeats_title(line, self.material)

    def _read_part(
        self, part: Part, stretches: list[Part], number: int, parts: int, so_far: list[Draft]
    ) -> list[Draft]:
        segment = self._segment(part, number, parts)
        drafts: list[Draft] = []
        for stretch in stretches:
            self._announce(number, parts)
            earlier = [draft.text for draft in (*so_far, *drafts)]
            if self.template.output == "list":
                new = self._list(segment, stretch, earlier, len(stretches) * parts)
            else:
                new = [self._point(segment, stretch, earlier)]
            for draft in new:
                self.observer(PointReady(self.finisher.finish(draft)))
            drafts += new
        return drafts

    def _point(self, segment: str, stretch: Part, earlier: list[str]) -> Draft:
        """Ask for one sentence about a stretch; ask again, evidence in front, where it fails."""
        first = self._draft(segment, self._instruction(stretch, self.size), stretch, earlier)
        if first.faults < _GOOD_ENOUGH:
            return first
        return min(first, self._rewrite(segment, first, stretch, earlier), key=_faults)

    def _rewrite(self, segment: str, draft: Draft, stretch: Part, earlier: list[str]) -> Draft:
        self.rewritten += 1
        instruction = prompts.rewrite_instruction(
            self._evidence(draft, stretch, earlier)[:_EVIDENCE_CHARACTERS], self.size.characters
        )
        return self._draft(segment, instruction, stretch, earlier)

    def _evidence(self, draft: Draft, stretch: Part, earlier: list[str]) -> str:
        """Return what a point shall be written from: what it aligned with, or something better."""
        material = self.material
        inside = material.sentences_between(stretch.first, stretch.last)
        own = [index for index in draft.aligned.sentences if index in inside]
        stale = drafting.repeats(draft.text, earlier) or drafting.repeats_title(
            draft.text, material
        )
        best = drafting.best_evidence(material, stretch, earlier)
        if (stale or not own) and best is not None:
            own = [best]
        evidence = ""
        for index in own or inside[:2]:
            text = drafting.with_context(material, index)
            if evidence and len(evidence) + len(text) > _EVIDENCE_CHARACTERS:
                break
            evidence += text
        return evidence

    def _draft(
        self, segment: str, instruction: str, stretch: Part | None, earlier: list[str]
    ) -> Draft:
        done = self.caller.ask(
            prompts.request(
                segment,
                instruction,
                max_tokens=self._max_tokens(self._answer_characters()),
                stop=("\n",),
                sampling=self.options.sampling,
            )
        )
        return self._judge(done.text, done.finish, stretch, earlier)

    def _judge(self, text: str, finish: str, stretch: Part | None, earlier: list[str]) -> Draft:
        """Judge what was written, and the same cut to the length asked for; keep the better."""
        truncated = finish == "length"
        line = drafting.tidy(text)
        if truncated:
            line = drafting.whole_sentences(line)
        limit = self.size.characters
        short = drafting.shortened(line, int(limit * _GENEROUS)) if len(line) > limit else None
        candidates = [(line, truncated), *([(short, False)] if short else [])]
        drafts = [
            drafting.judge(
                candidate,
                self.material,
                stretch,
                characters=limit,
                earlier=earlier,
                truncated=cut,
            )
            for candidate, cut in candidates
        ]
        return min(drafts, key=_faults)

    def _list(self, segment: str, stretch: Part, earlier: list[str], stretches: int) -> list[Draft]:
        """Ask for any number of lines about a stretch; none is an answer too."""
        done = self.caller.ask(
            prompts.request(
                segment,
                self._instruction(stretch, self.size, stretches),
                max_tokens=self._max_tokens(self._answer_characters()),
                stop=("\n\n",),
                sampling=self.options.sampling,
            )
        )
        kept: list[Draft] = []
        lines = done.text.split("\n")
        for index, line in enumerate(lines):
            text = drafting.tidy(line)
            last = index == len(lines) - 1
            if drafting.is_nothing(text) or (last and index and done.finish == "length"):
                continue
            draft = self._judge(text, "stop", stretch, [*earlier, *(d.text for d in kept)])
            if draft.checks and draft.faults >= 4 and draft.aligned.sentences:
                again = self._rewrite(segment, draft, stretch, [])
                draft = min(draft, again, key=_faults)
            if draft.faults < 3 or any(c.status == "unsupported" for c in draft.checks):
                kept.append(draft)
        return kept[: self._lines(stretches)]

    def _text(self, segment: str) -> Draft:
        """Ask for one text about the whole."""
        self._announce(1, 1)
        whole = Part(1, len(self.article.passages))
        first = self._draft(segment, self._instruction(whole, self.size), None, [])
        if first.faults < _GOOD_ENOUGH or not first.aligned.sentences:
            return first
        return min(first, self._rewrite(segment, first, whole, []), key=_faults)

    def _headline(self, points: list[str]) -> tuple[str, tuple[Check, ...]]:
        """Write a headline from the points; an unsound one gives way to the article's title."""
        fallback = self.article.title or (self.rescript(points[0]) if points else "")
        if not self.template.headline:
            return self.article.title or "", ()
        self._announce(1, 1)
        if not points:
            return fallback, ()
        done = self.caller.ask(
            prompts.request(
                prompts.headline_material(self.material.title, points),
                prompts.HEADLINE_INSTRUCTION,
                max_tokens=self._max_tokens(prompts.HEADLINE_CHARACTERS),
                stop=("\n",),
                sampling=self.options.sampling,
            )
        )
        text = drafting.tidy(done.text).strip("《》“”。")
        checks = check_facts(text, Source("\n".join(points)), self.material.source)
        sound = (
            5 <= len(text) <= 1.5 * prompts.HEADLINE_CHARACTERS
            and done.finish == "stop"
            and not text.endswith(("?", "？"))
            and not any(check.status == "unsupported" for check in checks)
            and self.material.aligner.align(text).support >= _HEADLINE_SUPPORT
        )
        return (self.rescript(text), checks) if sound else (fallback, ())

    def _instruction(self, stretch: Part, size: Size, stretches: int = 1) -> str:
        opening = self.material.lines[stretch.first - 1].partition(" ")[2][:14]
        values = {
            "first": stretch.first,
            "last": stretch.last,
            "opening": opening,
            "characters": size.characters,
            "lines": self._lines(stretches),
            "title": self.material.title,
            "date": self.article.date or "",
            "length": self.options.length,
        }
        return render(self.template, values, self.options.variables)

    def _lines(self, stretches: int) -> int:
        return max(1, -(-self.size.points // max(1, stretches)))

    def _answer_characters(self) -> int:
        characters = int(self.size.characters * 1.8)
        if self.template.output == "list":
            return max(characters, self.size.characters * min(8, self.size.points + 1))
        return characters

    def _max_tokens(self, characters: int) -> int:
        return int(characters * _TOKENS_A_CHARACTER) + 16

    def _segment(self, part: Part, number: int, parts: int) -> str:
        lines = self.material.lines[part.first - 1 : part.last]
        return prompts.article_segment(lines, self.material.title, number, parts)

    def _announce(self, part: int, parts: int) -> None:
        self.step += 1
        self.observer(Step(min(self.step, self.steps), self.steps, part, parts))

    def _result(
        self,
        points: tuple[Point, ...],
        headline: str,
        headline_checks: tuple[Check, ...],
        parts: list[Part],
        sizes: list[int],
        began: float,
    ) -> Result:
        article = self.article
        read = [number for part in parts for number in range(part.first, part.last + 1)]
        options = self.options
        return Result(
            article=ArticleIdentity(
                str(article.path),
                article.sha256,
                article.title,
                article.date,
                article.source,
                article.script.value,
            ),
            model=self.model,
            template=TemplateIdentity(
                self.template.name, self.template.sha256, dict(options.variables)
            ),
            settings={
                "length": options.length,
                "script": self.rescript.target,
                "context": self.engine.model.context,
                "sampling": asdict(options.sampling),
            },
            headline=headline,
            headline_checks=headline_checks,
            points=points,
            coverage=Coverage(
                passages_read=len(read),
                passages_total=len(sizes),
                characters_read=sum(sizes[number - 1] for number in read),
                characters_total=sum(sizes),
                parts=len(parts),
            ),
            usage=self.caller.usage,
            seconds=round(time.monotonic() - began, 2),
            rewritten=self.rewritten,
        )


def _faults(draft: Draft) -> float:
    return draft.faults
