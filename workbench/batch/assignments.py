"""What is asked about each article: every template, or question, for a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from workbench.batch.job import Job
from workbench.engine.protocol import Sampling
from workbench.errors import UsageError, WorkbenchError
from workbench.evaluation.arms import Arm
from workbench.i18n import _
from workbench.prompting.library import find_template
from workbench.prompting.render import check_variables
from workbench.prompting.template import Template
from workbench.settings import Settings
from workbench.tasks.keys import digest
from workbench.tasks.result import ModelIdentity, TemplateIdentity
from workbench.tasks.template_check import check_template
from workbench.tasks.work import Work

_TEMPLATES = {"compare": "comparison", "ask": "answer"}


@dataclass(frozen=True, slots=True)
class Question:
    """A piece of work before it is known which model does it."""

    work: Work
    template: Template


@dataclass(frozen=True)
class Assignment:
    """A piece of work for a model; its ``key`` stands for all but the articles."""

    work: Work
    template: Template
    arm: Arm

    @cached_property
    def key(self) -> str:
        """Return the SHA-256 of model, adapters, template, options, sampling and pipeline.

        A model is its file, whatever it is called; of a server only the name is known.
        """
        made = self.arm.to_json()
        if self.arm.model.sha256:
            del made["model"]["name"], made["model"]["quantization"]
        return digest(made)

    def piece(self, fingerprints: Sequence[str]) -> str:
        """Return the key of this work on articles."""
        return digest([*fingerprints, self.key])

    def described(self) -> dict[str, Any]:
        """Return what a report says of it."""
        return {
            **self.work.to_json(),
            "model": self.arm.model.name,
            "template_sha256": self.template.sha256,
        }


def questions(job: Job) -> list[Question]:
    """Return what a job asks, checked; UsageError where a template cannot do it."""
    settings = job.in_settings()
    names = job.templates or (_TEMPLATES.get(job.task, settings.template),)
    try:
        templates = [find_template(name, job.task) for name in dict.fromkeys(names)]
        for template in templates:
            check_template(template)
            if job.task == "compare" and template.output != "points":
                raise UsageError(
                    _("the template {name!r} does not write digests to compare").format(
                        name=template.name
                    ),
                    fix=_("Choose one of output 'points', such as 'comparison'."),
                )
        _check_variables(templates, job.variables)
    except WorkbenchError as error:
        raise UsageError(error.what, path=error.path, fix=error.fix) from error
    same: dict[str, Template] = {template.sha256: template for template in templates}
    return [
        Question(_work(job, settings, template, question), template)
        for template in same.values()
        for question in (job.questions or ("",))
    ]


def assignments(
    asked: Sequence[Question], model: ModelIdentity, settings: Settings
) -> list[Assignment]:
    """Return what a model is asked."""
    return [
        Assignment(
            one.work,
            one.template,
            Arm(
                one.work.task,
                model,
                TemplateIdentity(one.template.name, one.template.sha256, dict(one.work.variables)),
                _options(one.work, settings),
            ),
        )
        for one in asked
    ]


def _options(work: Work, settings: Settings) -> dict[str, Any]:
    """Return all else that a result depends on; the name of a file is no part of it."""
    found = work.to_json()
    for name in ("template", "task", "variables"):
        del found[name]
    return {**found, "context": settings.context, "kv_type": settings.kv_type}


def _work(job: Job, settings: Settings, template: Template, question: str) -> Work:
    declared = template.variables or {}
    return Work(
        task=job.task,
        template=template.name,
        length=settings.length,
        script=settings.script,
        sampling=Sampling(temperature=settings.temperature, seed=settings.seed),
        variables={name: value for name, value in job.variables.items() if name in declared},
        characters=job.characters or None,
        unsupported=settings.unsupported,
        verify=job.verify,
        question=question,
    )


def _check_variables(templates: Sequence[Template], given: Mapping[str, str]) -> None:
    """Refuse a variable that none of the templates has, and a template that lacks one."""
    for name in given:
        if not any(name in (template.variables or {}) for template in templates):
            raise UsageError(
                _("none of the templates has a variable {name!r}").format(name=name),
                fix=_("See 'workbench prompts show NAME'."),
            )
    for template in templates:
        declared = template.variables or {}
        check_variables(template, {k: v for k, v in given.items() if k in declared})
