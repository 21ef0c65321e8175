"""Summarising one article: read in parts that fit, a point from each stretch, every point checked.

The model reads a part of the article once. The stretches of passages are then asked about side by
side, each in a call of its own on the same KV cache, so a small model cannot skip the second half.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from workbench.articles.model import Article
from workbench.engine.protocol import Engine, Sampling
from workbench.errors import ArticleError
from workbench.grounding.checks import Check
from workbench.i18n import _
from workbench.prompting.render import check_variables, render
from workbench.prompting.template import Template
from workbench.tasks import drafting, prompts, wording
from workbench.tasks.calls import Caller
from workbench.tasks.drafting import Draft
from workbench.tasks.events import Checking, Observer, PointReady, Step, ignore
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
from workbench.tasks.writing import EVIDENCE_CHARACTERS, Writer

_LIST_STRETCH_CHARACTERS = 900
_SAFETY_TOKENS = 32
_LEAST_STRETCHES = 3
_TOO_MANY = 1.5


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
            part=article.part,
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
        self.writer = Writer(self.material, self.caller, self.size, options.sampling)
        self.rescript = Rescripter(article, options.script)
        self.finisher = PointFinisher(self.material, self.rescript)
        self.sizes = [passage.end - passage.start for passage in article.passages]
        self.whole = Part(1, len(self.sizes))
        self.read: set[int] = set()
        self.room = 0
        self.stretches = 1
        self.step = 0
        self.steps = 0

    def run(self) -> Result:
        began = time.monotonic()
        parts = self._parts()
        whole_text = self.template.output == "text"
        if whole_text and len(parts) == 1:
            self.steps = 1 + self._writes_headline
            drafts = [self._text(self._segment(parts[0], 1, 1))]
            self._was_read(parts[0])
        else:
            plan = [(part, self._stretches(part)) for part in parts]
            self.stretches = sum(len(stretches) for _part, stretches in plan)
            self.steps = self.stretches + whole_text + self._writes_headline
            drafts = []
            for number, (part, stretches) in enumerate(plan, start=1):
                drafts += self._read_part(part, stretches, number, len(parts), drafts)
            drafts = self._condense(drafts)
            if whole_text:
                told = [draft.text for draft in drafts]
                drafts = [self._text(prompts.points_segment(self.material.title, told))]
        if self.template.order == "date":
            drafts = by_date([d for d in drafts if drafting.is_dated_event(d, self.material)])
        points = tuple(self.finisher.finish(draft) for draft in drafts)
        headline, checks = self._headline(parts, [draft.text for draft in drafts])
        return self._result(points, headline, checks, parts, began)

    def _parts(self) -> list[Part]:
        """Count the tokens of everything and split the article by what the context leaves."""
        writer = self.writer
        listed = self.template.output == "list"
        answer = writer.max_tokens(
            max(writer.point_characters(), writer.list_characters() if listed else 0)
        )
        evidence = "字" * EVIDENCE_CHARACTERS
        overhead = max(
            self.engine.prompt_tokens(
                prompts.request(
                    prompts.article_segment((), self.material.title, 99, 99),
                    instruction,
                    max_tokens=answer,
                    stop=(),
                    sampling=self.options.sampling,
                )
            )
            for instruction in (
                self._instruction(self.whole),
                prompts.rewrite_instruction(evidence, self.size.characters),
            )
        )
        counts = self.engine.count_tokens([f"{line}\n" for line in self.material.lines])
        self.room = self.engine.model.context - overhead - answer - _SAFETY_TOKENS
        return split_into_parts(counts, self.room, path=self.article.name)

    def _stretches(self, part: Part) -> list[Part]:
        if self.template.output == "list":
            share = sum(self.sizes[part.first - 1 : part.last])
            count = max(1, round(share / _LIST_STRETCH_CHARACTERS))
        else:
            points = max(self.size.points, _LEAST_STRETCHES)
            count = stretches_for(self.sizes, part, points)
        first = part.first
        if first == 1 and part.last > 1 and self._is_title(1):
            first = 2  # it is read, but a point about it would only say the title again
        return split_into_stretches(self.sizes, first, part.last, count)

    def _is_title(self, number: int) -> bool:
        line = self.material.lines[number - 1].partition(" ")[2]
        return drafting.repeats_title(line, self.material)

    def _read_part(
        self, part: Part, stretches: list[Part], number: int, parts: int, so_far: list[Draft]
    ) -> list[Draft]:
        """Draft a point from each stretch, side by side; then judge and mend them in order."""
        segment = self._segment(part, number, parts)
        listed = self.template.output == "list"
        answers = self.writer.first_answers(
            segment,
            [self._instruction(stretch) for stretch in stretches],
            lambda: self._announce(number, parts),
            lists=listed,
        )
        drafts: list[Draft] = []
        for index, (stretch, answer) in enumerate(zip(stretches, answers, strict=True), start=1):
            self.observer(Checking(index, len(stretches)))
            earlier = [draft.text for draft in (*so_far, *drafts)]
            if listed:
                new = self.writer.lines(segment, answer, stretch, earlier, self._lines())
            else:
                new = [self.writer.point(segment, answer, stretch, earlier)]
            for draft in new:
                self.observer(PointReady(self.finisher.finish(draft)))
            drafts += new
        self._was_read(part)
        return drafts

    def _was_read(self, part: Part) -> None:
        """Count the passages of a part as read, once the model has answered about it."""
        self.read.update(range(part.first, part.last + 1))

    def _condense(self, drafts: list[Draft]) -> list[Draft]:
        """Merge neighbours where a long article gave many more points than were asked for."""
        asked = max(self.size.points, _LEAST_STRETCHES)
        while self.template.output != "list" and len(drafts) > _TOO_MANY * asked:
            groups = split_into_stretches([1] * len(drafts), 1, len(drafts), _groups(drafts, asked))
            self.steps += len(groups)
            merged: list[Draft] = []
            for group in groups:
                self._announce(1, 1)
                members = drafts[group.first - 1 : group.last]
                told = [draft.text for draft in merged]
                merged.append(self.writer.merge(members, told) if len(members) > 1 else members[0])
            drafts = merged
        return drafts

    def _text(self, segment: str) -> Draft:
        """Ask for one text about the whole."""
        self._announce(1, 1)
        return self.writer.text(segment, self._template_instruction(self.whole), self.whole)

    def _headline(self, parts: list[Part], points: list[str]) -> tuple[str, tuple[Check, ...]]:
        """Return the article's own title; one is written only where it has none.

        A title written by a person is worth more than one a small model makes up. Where what the
        model writes is unsound, the first point stands in.
        """
        if self.article.title:
            kept = self.options.script == "keep"
            return self.article.title if kept else self.rescript(self.material.title), ()
        if not self._writes_headline:
            return "", ()
        self._announce(1, 1)
        segment = self._segment(parts[0], 1, 1) if len(parts) == 1 else None
        written = self.writer.headline(segment, points, self.room) if points else None
        if written is None and points:
            short = wording.shortened(points[0], prompts.HEADLINE_CHARACTERS)
            return self.rescript((short or points[0]).rstrip("。")), ()
        if written is None:
            return "", ()
        text = self.rescript(written[0])
        return text, self.finisher.moved(written[1], written[0], text)

    @property
    def _writes_headline(self) -> bool:
        return self.template.headline and not self.article.title

    def _instruction(self, stretch: Part) -> str:
        if self.template.output == "text" and stretch != self.whole:
            return prompts.stretch_instruction(
                stretch.first, stretch.last, self._opening(stretch), self.size.characters
            )
        return self._template_instruction(stretch)

    def _template_instruction(self, stretch: Part) -> str:
        values = {
            "first": stretch.first,
            "last": stretch.last,
            "opening": self._opening(stretch),
            "characters": self.size.characters,
            "lines": self._lines(),
            "title": self.material.title,
            "date": self.article.date or "",
            "length": self.options.length,
        }
        return render(self.template, values, self.options.variables)

    def _opening(self, stretch: Part) -> str:
        return self.material.lines[stretch.first - 1].partition(" ")[2][:14]

    def _lines(self) -> int:
        return max(1, -(-self.size.points // self.stretches))

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
        began: float,
    ) -> Result:
        article, options = self.article, self.options
        return Result(
            article=ArticleIdentity(
                str(article.path),
                article.sha256,
                article.title,
                article.date,
                article.source,
                article.script.value,
                article.part,
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
                passages_read=len(self.read),
                passages_total=len(self.sizes),
                characters_read=sum(self.sizes[number - 1] for number in self.read),
                characters_total=sum(self.sizes),
                parts=len(parts),
                characters_left_out=sum(one.end - one.start for one in article.removals)
                + sum(one.characters for one in article.left_out),
            ),
            usage=self.caller.usage,
            seconds=round(time.monotonic() - began, 2),
            rewritten=self.writer.rewritten,
        )


def _groups(drafts: list[Draft], asked: int) -> int:
    """Say how many groups of neighbours to make: at most four in one, so that they fit a call."""
    return max(asked, -(-len(drafts) // 4))
