"""Asking a question of articles: a short answer held to their text, or that they do not say.

The words of the question are looked up first; the model then reads a whole article, or the passages
found for the question, and answers in words of the text. What it writes is snapped to the span that
says it, and the span has to stand where the articles speak of what was asked.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

from workbench.articles.model import Article
from workbench.engine.protocol import Engine, Request
from workbench.errors import ArticleError, UsageError
from workbench.i18n import _
from workbench.prompting.render import check_variables, render
from workbench.prompting.template import Template
from workbench.retrieval.question import Question
from workbench.tasks import prompts
from workbench.tasks.ask import answer as reasons
from workbench.tasks.ask import conversation as follow_up
from workbench.tasks.ask import layout
from workbench.tasks.ask.answer import Answer, Turn
from workbench.tasks.ask.attempts import Judge
from workbench.tasks.ask.finishing import Finisher, Found
from workbench.tasks.ask.kinds import kind_of
from workbench.tasks.ask.options import AskOptions
from workbench.tasks.ask.reading import Reading, plan_reading
from workbench.tasks.ask.relevance import Relevance, relevance
from workbench.tasks.ask.shelf import Shelf
from workbench.tasks.ask.wording import tidy
from workbench.tasks.calls import Caller
from workbench.tasks.events import Observer, Step, ignore
from workbench.tasks.result import ModelIdentity

__all__ = ["Answer", "AskOptions", "Turn", "ask"]

_TOKENS_A_CHARACTER = 1.3
_GENEROUS = 1.8


def ask(
    question: str,
    articles: Sequence[Article],
    template: Template,
    engine: Engine,
    model: ModelIdentity,
    options: AskOptions | None = None,
    observer: Observer = ignore,
    conversation: Sequence[Turn] = (),
) -> Answer:
    """Answer a question from articles; EngineError, TemplateError or ArticleError say what failed.

    ``conversation`` holds the earlier turns, the oldest first: a question may lean on them.
    """
    options = options or AskOptions()
    if not question.strip():
        raise UsageError(_("the question is empty"), fix=_("Write what you want to know."))
    check_variables(template, options.variables)
    readable = [article for article in articles if article.passages]
    if not readable:
        raise ArticleError(
            _("nothing is left of the article after cleaning"),
            path=articles[0].path if articles else None,
            part=articles[0].part if articles else None,
            fix=_("See what was removed with 'workbench read', or use --raw."),
        )
    return _Asking(
        question, readable, template, engine, model, options, observer, conversation
    ).run()


class _Asking:
    """One question on its way."""

    def __init__(
        self,
        question: str,
        articles: Sequence[Article],
        template: Template,
        engine: Engine,
        model: ModelIdentity,
        options: AskOptions,
        observer: Observer,
        conversation: Sequence[Turn],
    ):
        self.given = " ".join(question.split())
        self.template = template
        self.engine = engine
        self.options = options
        self.observer = observer
        self.conversation = tuple(conversation)
        self.shelf = Shelf(articles, options.models)
        self.caller = Caller(engine, observer)
        self.size = template.size(options.length)
        self.finisher = Finisher(self.given, self.shelf, template, model, options, self.size)
        self.began = time.monotonic()
        self.step = 0

    def run(self) -> Answer:
        leaning = follow_up.leans(self.given, self.conversation)
        asked = self._in_full() if leaning else self.given
        question = Question.of(asked)
        kind = kind_of(question.text)
        known = relevance(question, kind, self.shelf)
        if known.unrelated:
            return self._refused(asked, reasons.UNRELATED, known, None)
        reading = plan_reading(
            self.shelf,
            question,
            self.engine,
            self._request(self._instruction(question.text)),
            again=bool(self.conversation),
            how=self.options.reading,
        )
        judge = Judge(question, kind, known, reading, self.finisher)
        instruction = self._instruction(question.text)
        best = judge.attempt(self._ask(reading, instruction))
        if judge.wants_evidence(best):
            named = best.found.simplified if best.found and judge.said_again(best) else ""
            again = layout.quoted(judge.evidence(best)) + instruction + layout.other_than(named)
            best = judge.better(best, judge.attempt(self._ask(reading, again)))
        if best.found is None and judge.is_sure:
            forced = layout.quoted(judge.evidence()) + layout.forced(question.text)
            best = judge.better(best, judge.attempt(self._ask(reading, forced)))
        if best.found is None:
            reason = reasons.MODEL_REFUSED if best.refused else reasons.UNSUPPORTED_ANSWER
            return self._refused(asked, reason, known, reading, best.written)
        if judge.doubts(best):
            return self._refused(asked, reasons.ELSEWHERE, known, reading, best.written)
        confirmed = None
        if self.options.verify:
            confirmed = self._second_look(reading, question, best.found)
        if confirmed is False:
            return self._refused(
                asked, reasons.REJECTED, known, reading, best.written, confirmed=False
            )
        return self.finisher.answer(
            asked,
            best.found,
            known,
            best.stands,
            reading,
            confirmed=confirmed,
            written=best.written,
            usage=self.caller.usage,
            seconds=self._seconds(),
        )

    def _in_full(self) -> str:
        """Return the question as it is meant, from what was said before."""
        request = prompts.request(
            "",
            layout.rewriting(self.conversation, self.given),
            max_tokens=int(2 * len(self.given) * _TOKENS_A_CHARACTER) + 48,
            stop=("\n",),
            sampling=self.options.sampling,
        )
        self._announce()
        written = tidy(self.caller.ask(request).text)
        if follow_up.is_sound(written, self.given, self.conversation):
            return written
        return follow_up.joined(self.given, self.conversation)

    def _instruction(self, question: str) -> str:
        material = self.shelf.materials[0] if len(self.shelf.materials) == 1 else None
        values = {
            "question": question,
            "factoid": not kind_of(question).descriptive,
            "title": material.title if material else "",
            "date": (material.article.date or "") if material else "",
            "characters": self.size.characters,
            "length": self.options.length,
        }
        told = layout.earlier(self.conversation)
        return told + render(self.template, values, self.options.variables)

    def _request(self, instruction: str, segment: str = "") -> Request:
        characters = int(self.size.characters * _GENEROUS)
        return prompts.request(
            segment,
            instruction,
            max_tokens=int(characters * _TOKENS_A_CHARACTER) + 16,
            stop=("\n",),
            sampling=self.options.sampling,
        )

    def _ask(self, reading: Reading, instruction: str) -> str:
        self._announce()
        return tidy(self.caller.ask(self._request(instruction, reading.segment)).text)

    def _second_look(self, reading: Reading, question: Question, found: Found) -> bool:
        """Ask the model whether the evidence answers the question."""
        self._announce()
        request = prompts.request(
            reading.segment,
            layout.second_look(question.text, found.simplified, found.quoted),
            max_tokens=8,
            stop=(),
            sampling=self.options.sampling,
        )
        said = self.caller.ask(replace(request, schema=layout.YES_OR_NO)).text
        return "否" not in said

    def _refused(
        self,
        asked: str,
        reason: str,
        known: Relevance,
        reading: Reading | None,
        written: str = "",
        *,
        confirmed: bool | None = None,
    ) -> Answer:
        return self.finisher.refusal(
            asked,
            reason,
            known,
            reading,
            confirmed=confirmed,
            written=written,
            usage=self.caller.usage,
            seconds=self._seconds(),
        )

    def _seconds(self) -> float:
        return round(time.monotonic() - self.began, 2)

    def _announce(self) -> None:
        self.step += 1
        self.observer(Step(self.step, self.step, 1, 1))
