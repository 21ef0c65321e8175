"""What a batch is: articles, what is asked about them, of which models, and what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.articles.document import ReadOptions
from workbench.batch.ray.cluster import names_cluster
from workbench.batch.reports.rows import FORMATS, SPLITS
from workbench.engine.openai.address import names_server
from workbench.errors import UsageError
from workbench.i18n import _
from workbench.prompting.template import TASKS
from workbench.settings import LENGTHS, SCRIPTS, UNSUPPORTED, Settings, settings_with
from workbench.tasks.summary.length import LEAST, MOST

GROUPINGS = ("tag", "near-duplicates", "folder")
"""What articles of one comparison can have in common."""
ORDERS = ("found", "shortest", "longest", "newest", "oldest", "shuffled")
"""In which order articles can be done; sizes and times are those of their files."""
DEFAULT_FORMATS = ("markdown", "jsonl", "html")
_CHOICES = {
    "task": TASKS,
    "order": ORDERS,
    "length": ("", *LENGTHS),
    "script": ("", *SCRIPTS),
    "unsupported": ("", *UNSUPPORTED),
    "group_by": ("", *GROUPINGS),
    "split_by": ("", *SPLITS),
}


@dataclass(frozen=True, slots=True)
class Job:
    """A batch as it is asked for; what is empty is as in the settings, or left out.

    ``inputs`` are as everywhere; ``output`` is the folder of the ledger and the reports. Each of
    ``templates`` and of ``questions`` is put to each article by each of ``models``; with ``spread``
    the models are servers of one model that share the work; ``on`` names a Ray cluster that does
    it, ``ray`` for one on this machine. ``pairs`` is a file with a comparison a line, ``group_by``
    what is compared otherwise. ``only`` are patterns of names or titles, ``limit`` counts articles,
    or comparisons; 0 for all. ``patience`` is for how many seconds no server may answer before the
    batch stops. ``settings`` are those of the engine, by their names.
    """

    inputs: tuple[str, ...] = ()
    output: str = ""
    models: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    task: str = "summarize"
    questions: tuple[str, ...] = ()
    pairs: str = ""
    group_by: str = ""
    spread: bool = False
    on: str = ""
    order: str = "found"
    only: tuple[str, ...] = ()
    limit: int = 0
    patience: float = 600.0
    notify: str = ""
    length: str = ""
    script: str = ""
    characters: int = 0
    unsupported: str = ""
    verify: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    raw: bool = False
    column: str = ""
    lines: bool | None = None
    formats: tuple[str, ...] = DEFAULT_FORMATS
    split_by: str = ""
    title: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def in_settings(self, model: str | None = None) -> Settings:
        """Return the settings a model is run with; SettingsError says what is wrong with them."""
        given: dict[str, Any] = {
            name: value
            for name in ("length", "script", "unsupported")
            if (value := getattr(self, name))
        }
        if model is not None:
            given["model"] = model
        return settings_with(**{**self.settings, **given})

    def read_options(self) -> ReadOptions:
        """Return how articles are read."""
        names = self.in_settings().names.splitlines()
        return ReadOptions(
            encoding=self.encoding or None,
            raw=self.raw,
            column=self.column or None,
            lines=self.lines,
            names=tuple(name for line in names if (name := line.strip())),
        )

    @property
    def named_models(self) -> tuple[str, ...]:
        """Return each model once; the one of the settings where none is named."""
        return tuple(dict.fromkeys(self.models)) or (self.in_settings().model,)


def checked(job: Job) -> Job:
    """Return a job that can be begun; UsageError says what contradicts itself or is missing."""
    for name, choices in _CHOICES.items():
        _require_choice(name, getattr(job, name), choices)
    for format in job.formats:
        _require_choice("format", format, FORMATS)
    if not job.output:
        raise UsageError(_("there is no folder for the results"), fix=_("Give one with -o."))
    if job.spread and not all(map(names_server, job.named_models)):
        raise UsageError(
            _("only servers can share the work"),
            fix=_("Name them with -m openai:URL, or leave out --spread."),
        )
    if job.on and not names_cluster(job.on):
        raise UsageError(
            _("there is no way to run a batch on {name!r}").format(name=job.on),
            fix=_("Give --on ray, or --on ray://HOST:PORT."),
        )
    if job.on and any(map(names_server, job.named_models)):
        raise UsageError(
            _("servers are asked from this machine, not from a cluster"),
            fix=_("Name a model file, or leave out --on."),
        )
    if job.pairs and job.group_by:
        raise UsageError(
            _("comparisons come from a file of pairs or from groups, not from both"),
            fix=_("Leave out --pairs or --group-by."),
        )
    if job.task == "compare" and not (job.pairs or job.group_by):
        raise UsageError(
            _("it is not said which articles are compared with each other"),
            fix=_("Give --pairs FILE, or --group-by with one of: {names}.").format(
                names=", ".join(GROUPINGS)
            ),
        )
    if job.task != "compare" and (job.pairs or job.group_by):
        raise UsageError(
            _("pairs and groups of articles are for comparing"), fix=_("Give --task compare.")
        )
    if job.task == "ask" and not job.questions:
        raise UsageError(_("there is no question"), fix=_("Give --ask FILE_OF_QUESTIONS."))
    if job.task != "ask" and job.questions:
        raise UsageError(_("questions are for asking"), fix=_("Leave out --task."))
    if not job.inputs and not job.pairs:
        raise UsageError(
            _("no articles are named"), fix=_("Name files, folders, patterns, or library:.")
        )
    if job.characters and not LEAST <= job.characters <= MOST:
        raise UsageError(
            _("characters must lie between {low} and {high}, not {value}").format(
                low=LEAST, high=MOST, value=job.characters
            )
        )
    if job.limit < 0 or job.patience < 0:
        raise UsageError(_("limit and patience cannot be less than 0"))
    job.in_settings()
    return replace(job, formats=tuple(dict.fromkeys(job.formats)))


def _require_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UsageError(
            _("{name} cannot be {value!r}").format(name=name, value=value),
            fix=_("Choose one of: {names}.").format(names=", ".join(filter(None, choices))),
        )
