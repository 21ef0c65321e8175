"""How an item is done: by a template of the workbench, or by hand.

What a way returns is kept whole; what metrics read of it is an ``Output``.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from workbench.articles.script import detect
from workbench.engine.protocol import Engine, Sampling, Usage
from workbench.errors import UsageError
from workbench.evaluation import baseline
from workbench.evaluation.arms import Arm
from workbench.evaluation.items import KINDS, QUESTION, SUMMARY, TASKS, Dataset, Item
from workbench.evaluation.metrics.case import Output
from workbench.i18n import _
from workbench.prompting.library import find_template
from workbench.prompting.template import Template
from workbench.tasks.events import Observer
from workbench.tasks.result import ModelIdentity, TemplateIdentity
from workbench.tasks.summarize import SummaryOptions, summarize
from workbench.tasks.template_check import check_template


@dataclass(frozen=True)
class WayOptions:
    """What the user asked of all templates alike."""

    length: str = "medium"
    script: str = "keep"
    sampling: Sampling = field(default_factory=Sampling)
    variables: Mapping[str, str] = field(default_factory=dict)
    context: int = 0
    kv_type: str = "f16"
    verify: bool = False

    def settings(self) -> dict[str, Any]:
        """Return what outputs depend on, as an arm names it."""
        return {
            "length": self.length,
            "script": self.script,
            "context": self.context,
            "kv_type": self.kv_type,
            **({"verify": True} if self.verify else {}),
            "sampling": asdict(self.sampling),
        }


Run = Callable[[Item, Engine, ModelIdentity, Observer], tuple[Output, Mapping[str, Any]]]


@dataclass(frozen=True)
class Way:
    """One way of doing items of one kind."""

    kind: str
    identity: TemplateIdentity
    settings: Mapping[str, Any]
    run: Run

    def arm(self, model: ModelIdentity) -> Arm:
        """Return the arm that this way is with a model."""
        return Arm(self.kind, model, self.identity, self.settings)

    def timed(
        self, item: Item, engine: Engine, model: ModelIdentity, observer: Observer
    ) -> tuple[Output, Mapping[str, Any]]:
        """Do an item and say how long it took; raises what the task raises."""
        began = time.monotonic()
        output, result = self.run(item, engine, model, observer)
        return replace(output, seconds=round(time.monotonic() - began, 3)), result


def find_ways(names: Sequence[str], dataset: Dataset, options: WayOptions) -> list[Way]:
    """Return the ways that templates mean for a dataset, checked; UsageError or TemplateError.

    The baseline does whatever kind of items there is; any other template those of its task.
    """
    kinds = [kind for kind in KINDS if dataset.of_kind(kind)]
    found: list[Way] = []
    templates: list[Template] = []
    for name in dict.fromkeys(names):
        if name == baseline.NAME or name.startswith(f"{baseline.NAME}:"):
            found += [_baseline(name, kind, options) for kind in kinds]
            continue
        template = find_template(name)
        check_template(template)
        kind = next((kind for kind, task in TASKS.items() if task == template.task), "")
        if kind not in kinds:
            raise UsageError(_no_items(template, kinds), fix=_fix(kinds))
        templates.append(template)
        found.append(_of_template(template, kind, options))
    _check_variables(templates, options.variables)
    return found


def default_names(dataset: Dataset, summaries: str) -> tuple[str, ...]:
    """Return the templates for a dataset where none are named: the baseline and one of a kind."""
    names = [baseline.NAME]
    if dataset.of_kind(SUMMARY):
        names.append(summaries)
    if dataset.of_kind(QUESTION):
        names.append("answer")
    return tuple(names)


def _check_variables(templates: Sequence[Template], given: Mapping[str, str]) -> None:
    """Refuse a variable that none of the templates has; each takes those that it has."""
    for name in given:
        if not any(name in (template.variables or {}) for template in templates):
            raise UsageError(
                _("none of the templates has a variable {name!r}").format(name=name),
                fix=_("See 'workbench prompts show NAME'."),
            )


def _own(template: Template, options: WayOptions) -> dict[str, str]:
    declared = template.variables or {}
    return {name: value for name, value in options.variables.items() if name in declared}


def _no_items(template: Template, kinds: list[str]) -> str:
    holds = {
        SUMMARY: _("nothing but articles to summarise"),
        QUESTION: _("nothing but questions"),
    }
    if len(kinds) > 1 or template.task not in TASKS.values():
        return _("the template {name!r} is for the task {task!r}, which is not evaluated").format(
            name=template.name, task=template.task
        )
    return _("the template {name!r} is for the task {task!r}, the dataset holds {what}").format(
        name=template.name, task=template.task, what=holds[kinds[0]]
    )


def _fix(kinds: list[str]) -> str:
    task = TASKS[kinds[0]]
    return _("Give a template of the task {task!r}: see 'workbench prompts list'.").format(
        task=task
    )


def _baseline(name: str, kind: str, options: WayOptions) -> Way:
    way = baseline.Baseline(kind, options.length, options.sampling)
    if name != baseline.NAME:
        path = Path(name.removeprefix(f"{baseline.NAME}:")).expanduser()
        way = baseline.own_baseline(path, kind, options.length, options.sampling)

    def run(
        item: Item, engine: Engine, _model: ModelIdentity, observer: Observer
    ) -> tuple[Output, Mapping[str, Any]]:
        return way.run(item, engine, observer)

    # What is written by hand knows of no script and of no second look: it comes as it comes.
    settings = replace(options, script="keep", verify=False).settings()
    return Way(kind, way.identity, settings, run)


def _of_template(template: Template, kind: str, options: WayOptions) -> Way:
    identity = TemplateIdentity(template.name, template.sha256, _own(template, options))
    run = _summary(template, options) if kind == SUMMARY else _answer(template, options)
    return Way(kind, identity, options.settings(), run)


def _summary(template: Template, options: WayOptions) -> Run:
    def run(
        item: Item, engine: Engine, model: ModelIdentity, observer: Observer
    ) -> tuple[Output, Mapping[str, Any]]:
        result = summarize(
            item.article,
            template,
            engine,
            model,
            SummaryOptions(
                length=options.length,
                script=options.script,
                sampling=options.sampling,
                variables=_own(template, options),
                verify=options.verify,
            ),
            observer,
        )
        plain = result.to_json()
        points = tuple(point.text for point in result.points) or _leaves(plain.get("fields"))
        size = template.size(options.length)
        total = result.coverage.characters_total
        output = Output(
            text="\n".join(points),
            points=points,
            form=template.output,
            asked_points=size.points,
            asked_characters=size.characters,
            script=str(result.settings.get("script", "")),
            coverage=result.coverage.characters_read / total if total else None,
            **_usage(result.usage),
        )
        return output, plain

    return run


def _answer(template: Template, options: WayOptions) -> Run:
    def run(
        item: Item, engine: Engine, model: ModelIdentity, observer: Observer
    ) -> tuple[Output, Mapping[str, Any]]:
        from workbench.tasks.ask.task import AskOptions, ask

        answer = ask(
            item.question,
            [item.article],
            template,
            engine,
            model,
            AskOptions(
                length=options.length,
                script=options.script,
                sampling=options.sampling,
                variables=_own(template, options),
                verify=options.verify,
            ),
            observer,
        )
        asked = detect(item.question).value if options.script == "keep" else options.script
        output = Output(
            text=answer.text,
            refused=answer.refused,
            script=asked if asked != "mixed" else "",
            **_usage(answer.usage),
        )
        return output, answer.to_json()

    return run


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "reused_tokens": usage.reused_tokens,
        "generated_tokens": usage.generated_tokens,
        "read_seconds": usage.read_seconds,
        "write_seconds": usage.write_seconds,
    }


def _leaves(value: Any) -> tuple[str, ...]:
    """Return the texts in structured fields, in order."""
    if isinstance(value, str):
        return (value,) if value.strip() else ()
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return tuple(text for one in value for text in _leaves(one))
    return () if value is None or isinstance(value, bool) else (str(value),)
