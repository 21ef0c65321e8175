"""Summarising one article: read in parts that fit, a point from each stretch, every point checked.

The model reads a part of the article once. The stretches of passages are then asked about side by
side, each in a call of its own on the same KV cache, with the sentences most worth reporting in
front: so a small model cannot skip the second half, and writes about what matters.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial

from workbench.articles.model import Article
from workbench.engine.protocol import Done, Engine
from workbench.errors import ArticleError, Cancelled
from workbench.grounding.check import Check
from workbench.i18n import _
from workbench.prompting.render import check_variables
from workbench.prompting.template import Template
from workbench.tasks import drafting, prompts, wording
from workbench.tasks.calls import Caller
from workbench.tasks.drafting import Draft
from workbench.tasks.events import Checking, Observer, PointReady, Step, ignore
from workbench.tasks.finishing import PointFinisher, by_date
from workbench.tasks.material import Material
from workbench.tasks.plan import Part, split_into_stretches, stretches_for
from workbench.tasks.rescript import Rescripter
from workbench.tasks.result import Extent, ModelIdentity, Point, Result, TemplateIdentity
from workbench.tasks.summary import fields, length, merging, schema_values
from workbench.tasks.summary.about import coverage_of, identity_of
from workbench.tasks.summary.asks import Ask, Asker
from workbench.tasks.summary.fitting import Fitter
from workbench.tasks.summary.instructions import Instructions
from workbench.tasks.summary.options import SummaryOptions
from workbench.tasks.summary.parts import Layout
from workbench.tasks.summary.verify import verify
from workbench.tasks.writing import Writer

__all__ = ["SummaryOptions", "summarize"]

_LIST_STRETCH_CHARACTERS = 900
_LEAST_STRETCHES = 3
_TOO_MANY = 1.5


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
        self.size = length.planned(
            template.size(options.length), options.characters, template.output
        )
        self.writer = Writer(self.material, self.caller, self.size, options.sampling)
        self.instructions = Instructions(template, self.material, options, self.size)
        self.asker = Asker(self.material)
        self.rescript = Rescripter(article, options.script)
        self.finisher = PointFinisher(self.material, self.rescript)
        self.sizes = [passage.end - passage.start for passage in article.passages]
        self.whole = Part(1, len(self.sizes))
        self.layout = Layout(self.material, engine, self.writer, self.instructions)
        self.fitter = Fitter(
            self.material, self.writer, self.asker, self.rescript, self.size, self._written
        )
        self.read: set[int] = set()
        self.ready: list[Point] = []
        self.step = 0
        self.steps = 0
        self.dropped = self.merged_away = 0

    def run(self) -> Result:
        began = time.monotonic()
        try:
            return self._run(began)
        except Cancelled as stopped:
            if self.ready:
                found = self._result(tuple(self.ready), self.article.title or "", (), began, None)
                stopped.partial = replace(found, stopped=True)
            raise

    def _run(self, began: float) -> Result:
        self.layout.plan()
        if self.template.output == "fields":
            found = self._fields()
            headline, checks = self._headline([])
            return self._result((), headline, checks, began, found)
        drafts = self._sound(self._drafts())
        if self.options.characters is not None:
            more = self.template.output == "points"
            drafts = self.fitter.fitted(drafts, self.options.characters, more=more)
        if self.template.order == "date":
            drafts = by_date([d for d in drafts if drafting.is_dated_event(d, self.material)])
        points = tuple(self.finisher.finish(draft) for draft in drafts)
        if self.options.verify:
            points = self._verified(points, drafts)
        headline, checks = self._headline([draft.text for draft in drafts])
        return self._result(points, headline, checks, began, None)

    def _drafts(self) -> list[Draft]:
        """Have everything written that the template asks for."""
        parts = self.layout.parts
        if self.template.output == "text" and len(parts) == 1:
            self.steps = 1 + self._writes_headline
            drafts = [self._text(self.layout.segment(parts[0]))]
            self._was_read(parts[0])
            return drafts
        plan = [(part, self._asks(part)) for part in parts]
        whole_text = self.template.output == "text"
        self.instructions.calls = sum(len(asks) for _part, asks in plan)
        self.steps = self.instructions.calls + whole_text + self._writes_headline
        drafts = []
        for part, asks in plan:
            drafts += self._read_part(part, asks, drafts)
        drafts = self._condensed(drafts)
        if whole_text:
            told = [draft.text for draft in drafts]
            drafts = [self._text(prompts.points_segment(self.material.title, told))]
        return drafts

    def _asks(self, part: Part) -> list[Ask]:
        """Divide a part into stretches, and choose what is asked of each."""
        first = part.first
        if first == 1 and part.last > 1 and self._is_title(1):
            first = 2  # it is read, but a point about it would only say the title again
        if self.template.output in ("list", "fields"):
            share = sum(self.sizes[part.first - 1 : part.last])
            count = max(1, round(share / _LIST_STRETCH_CHARACTERS))
            stretches = split_into_stretches(self.sizes, first, part.last, count)
            return [Ask(stretch, (), "") for stretch in stretches]
        points = self.size.points
        if self.options.characters is None:
            points = max(points, _LEAST_STRETCHES)
        count = stretches_for(self.sizes, part, points)
        stretches = split_into_stretches(self.sizes, first, part.last, count)
        wanted = len(stretches)
        if self.instructions.use_evidence and self.options.characters is not None:
            wanted = count
        return self.asker.plan(stretches, wanted, self.size.characters)

    def _is_title(self, number: int) -> bool:
        line = self.material.lines[number - 1].partition(" ")[2]
        return drafting.repeats_title(line, self.material)

    def _read_part(self, part: Part, asks: Sequence[Ask], so_far: Sequence[Draft]) -> list[Draft]:
        """Draft a point for each ask, side by side; then judge and mend them."""
        segment = self.layout.segment(part)
        number = self.layout.parts.index(part) + 1
        listed = self.template.output == "list"
        told = [draft.text for draft in so_far]
        answers: Sequence[Done] = ()
        try:
            answers = self.writer.first_answers(
                segment,
                [self.instructions.of(ask) for ask in asks],
                lambda: self._announce(number),
                lists=listed,
            )
            drafts = self._judged(segment, asks, answers, told)
        except Cancelled as stopped:
            self._keep(part, asks, answers or stopped.answers, told)
            raise
        for draft in drafts:
            self.ready.append(self.finisher.finish(draft))
            self.observer(PointReady(self.ready[-1]))
        self._was_read(part)
        return drafts

    def _judged(
        self, segment: str, asks: Sequence[Ask], answers: Sequence[Done], told: Sequence[str]
    ) -> list[Draft]:
        """Judge what was written for each ask, and mend it."""

        def checking(index: int) -> None:
            self.observer(Checking(index, len(asks)))

        if self.template.output != "list":
            drafts = self.writer.points(segment, answers, asks, told, checking)
            return drafting.without_repetitions(drafts, told)
        drafts = []
        for index, (ask, answer) in enumerate(zip(asks, answers, strict=True), start=1):
            checking(index)
            earlier = [*told, *(draft.text for draft in drafts)]
            lines = self.instructions.lines()
            drafts += self.writer.lines(segment, answer, ask.stretch, earlier, lines)
        return drafts

    def _keep(
        self, part: Part, asks: Sequence[Ask], answers: Sequence[Done], told: Sequence[str]
    ) -> None:
        """Keep what was written when the user stopped the work: checked, but not mended."""
        if not answers:
            return
        drafts = self.writer.as_written(answers, asks, told, lists=self.template.output == "list")
        drafts = drafting.without_repetitions(drafts, told)
        self.ready += [self.finisher.finish(draft) for draft in self._sound(drafts)]
        self._was_read(part)

    def _was_read(self, part: Part) -> None:
        """Count the passages of a part as read, once the model has answered about it."""
        self.read.update(range(part.first, part.last + 1))

    def _condensed(self, drafts: list[Draft]) -> list[Draft]:
        """Merge neighbours where a long article gave many more points than were asked for."""
        asked = max(self.size.points, _LEAST_STRETCHES)
        if self.template.output == "list" or len(drafts) <= _TOO_MANY * asked:
            return drafts
        before = drafts
        while len(drafts) > _TOO_MANY * asked:
            groups = merging.groups(len(drafts), asked)
            self.steps += len(groups)
            merged: list[Draft] = []
            for group in groups:
                self._announce(1)
                members = drafts[group.first - 1 : group.last]
                told = [draft.text for draft in merged]
                merged.append(self.writer.merge(members, told) if len(members) > 1 else members[0])
            drafts = merged
        self.merged_away = sum(
            not merging.is_told(draft, [one.text for one in drafts]) for draft in before
        )
        return drafts

    def _text(self, segment: str) -> Draft:
        """Ask for one text about the whole."""
        self._announce(1)
        return self.writer.text(segment, self.instructions.of_whole(), self.whole)

    def _written(self, asks: Sequence[Ask], so_far: Sequence[Draft]) -> list[Draft]:
        """Have further points written, each on the part that holds its stretch."""
        self.steps += len(asks)
        new: list[Draft] = []
        for part in self.layout.parts:
            mine = [ask for ask in asks if part.first <= ask.stretch.first <= part.last]
            if mine:
                new += self._read_part(part, mine, [*so_far, *new])
        return self._sound(new)

    def _sound(self, drafts: list[Draft]) -> list[Draft]:
        """Leave out and count what the article does not bear out, where the user wants it so."""
        if self.options.unsupported != "drop":
            return drafts
        sound = [draft for draft in drafts if not any(check.wrong for check in draft.checks)]
        self.dropped += len(drafts) - len(sound)
        return sound

    def _verified(self, points: Sequence[Point], drafts: Sequence[Draft]) -> tuple[Point, ...]:
        """Ask the model about every point once more, with what it cites in front."""
        claims = [
            (draft.text, "".join(self.material.sentences[i].text for i in draft.aligned.sentences))
            for draft in drafts
        ]
        answers = verify(claims, self.caller)
        return tuple(
            replace(point, verified=answer) for point, answer in zip(points, answers, strict=True)
        )

    def _fields(self) -> fields.Fields:
        """Ask each stretch for the fields of the template, join and check them."""
        schema = self.template.schema or {}
        plan = [(part, self._asks(part)) for part in self.layout.parts]
        self.instructions.calls = sum(len(asks) for _part, asks in plan)
        self.steps = self.instructions.calls + self._writes_headline
        entries = self.instructions.lines()
        held = schema_values.with_most(schema, entries)
        tokens = fields.answer_tokens(entries, self.size.characters)
        found = []
        for number, (part, asks) in enumerate(plan, start=1):
            segment = self.layout.segment(part)
            requests = [
                fields.request(
                    segment, self.instructions.of(ask), held, tokens, self.options.sampling
                )
                for ask in asks
            ]
            answers = self.caller.ask_all(requests, partial(self._announce, number))
            stretches = [ask.stretch for ask in asks]
            found += fields.read_all(answers, stretches, schema)
            self._was_read(part)
        checker = fields.FieldChecker(self.material, self.rescript, self.finisher, schema)
        return checker.finish(found, drop=self.options.unsupported == "drop")

    def _headline(self, points: list[str]) -> tuple[str, tuple[Check, ...]]:
        """Return the article's own title; one is written only where it has none.

        A title written by a person is worth more than one a small model makes up. Where what the
        model writes is unsound, the first point stands in.
        """
        if self.article.title:
            kept = self.options.script == "keep"
            return self.article.title if kept else self.rescript(self.material.title), ()
        if not self._writes_headline:
            return "", ()
        self._announce(1)
        parts = self.layout.parts
        segment = self.layout.segment(parts[0]) if len(parts) == 1 else None
        best = self.asker.salience.best(range(len(self.material.sentences)), ())
        evidence = "" if best is None else self.material.sentences[best].text
        told = points or [evidence]
        room = self.layout.room
        written = self.writer.headline(segment, told, evidence, room) if any(told) else None
        if written is not None:
            text = self.rescript(written[0])
            return text, self.finisher.moved(written[1], written[0], text)
        if not points:
            return "", ()
        short = wording.shortened(points[0], prompts.HEADLINE_CHARACTERS)
        return self.rescript((short or points[0]).rstrip("。")), ()

    @property
    def _writes_headline(self) -> bool:
        return self.template.headline and not self.article.title

    def _announce(self, part: int) -> None:
        self.step += 1
        self.observer(Step(min(self.step, self.steps), self.steps, part, len(self.layout.parts)))

    def _extent(self, points: Sequence[Point]) -> Extent:
        asked = self.options.characters
        return Extent(
            points_asked=self.size.points,
            points=len(points),
            characters_asked=asked or self.size.points * self.size.characters,
            characters=sum(len(point.text) for point in points),
            exact=asked is not None,
        )

    def _result(
        self,
        points: tuple[Point, ...],
        headline: str,
        headline_checks: tuple[Check, ...],
        began: float,
        found: fields.Fields | None,
    ) -> Result:
        options = self.options
        return Result(
            article=identity_of(self.article),
            model=self.model,
            template=TemplateIdentity(
                self.template.name, self.template.sha256, dict(options.variables)
            ),
            settings={
                "length": options.length,
                "characters": options.characters,
                "unsupported": options.unsupported,
                "verify": options.verify,
                "script": self.rescript.target,
                "context": self.engine.model.context,
                "sampling": asdict(options.sampling),
            },
            headline=headline,
            headline_checks=headline_checks,
            points=points,
            coverage=coverage_of(self.article, self.sizes, self.read, len(self.layout.parts)),
            usage=self.caller.usage,
            seconds=round(time.monotonic() - began, 2),
            rewritten=self.writer.rewritten,
            dropped=self.dropped + (found.dropped if found else 0),
            merged_away=self.merged_away + self.fitter.merged_away,
            left_out=found.left_out if found else 0,
            extent=self._extent(points),
            fields=found.values if found else {},
            field_checks=found.checks if found else (),
        )
