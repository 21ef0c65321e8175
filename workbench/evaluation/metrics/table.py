"""Every metric by its name: what it measures, for what, and whether more of it is better."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workbench.errors import UsageError
from workbench.evaluation.items import KINDS, QUESTION, SUMMARY
from workbench.evaluation.metrics import answers, facts, form, refusals, rouge, speed
from workbench.evaluation.metrics.case import Case, Ratio
from workbench.i18n import N_, _


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    ``title`` is what tables call it (English; translate it where it is shown). ``better`` is 1
    where more is better, -1 where less is, 0 where neither. ``share`` says that it runs from 0 to 1
    and is shown as a percentage.
    """

    name: str
    title: str
    about: str
    kinds: tuple[str, ...]
    measure: Callable[[Case], Ratio | None]
    better: int = 1
    share: bool = True


_ANSWERS = (QUESTION,)
_SUMMARIES = (SUMMARY,)

_ALL = (
    Metric(
        "em", N_("exact"), N_("answers that are exactly a right one"), _ANSWERS, answers.exact_match
    ),
    Metric("f1", N_("F1"), N_("F1 of the answer's characters"), _ANSWERS, answers.f1),
    Metric(
        "overall",
        N_("overall"),
        N_("F1 where the text answers, rightly refused where it does not"),
        _ANSWERS,
        answers.overall,
    ),
    Metric(
        "f1-cmrc",
        N_("F1 CMRC"),
        N_("F1 of the longest common run, as CMRC 2018 counts"),
        _ANSWERS,
        answers.f1_cmrc,
    ),
    Metric(
        "refused-unanswerable",
        N_("refused, rightly"),
        N_("refusals of questions that the text does not answer"),
        _ANSWERS,
        refusals.refused_unanswerable,
    ),
    Metric(
        "refused-answerable",
        N_("refused, wrongly"),
        N_("refusals of questions that the text answers"),
        _ANSWERS,
        refusals.refused_answerable,
        -1,
    ),
    Metric(
        "fact-recall",
        N_("facts kept"),
        N_("expected facts that are stated"),
        _SUMMARIES,
        facts.fact_recall,
    ),
    Metric(
        "rouge-1",
        N_("ROUGE-1"),
        N_("characters shared with the reference"),
        _SUMMARIES,
        rouge.rouge_1,
    ),
    Metric(
        "rouge-2",
        N_("ROUGE-2"),
        N_("character pairs shared with the reference"),
        _SUMMARIES,
        rouge.rouge_2,
    ),
    Metric(
        "rouge-l",
        N_("ROUGE-L"),
        N_("longest subsequence shared with the reference"),
        _SUMMARIES,
        rouge.rouge_l,
    ),
    Metric(
        "fact-precision",
        N_("facts right"),
        N_("stated facts that the article holds"),
        KINDS,
        facts.fact_precision,
    ),
    Metric(
        "forbidden",
        N_("forbidden"),
        N_("forbidden facts that are stated"),
        _SUMMARIES,
        facts.forbidden_facts,
        -1,
    ),
    Metric(
        "copied",
        N_("copied"),
        N_("characters copied in runs of over 20"),
        _SUMMARIES,
        form.copied,
        -1,
    ),
    Metric(
        "spread",
        N_("spread"),
        N_("thirds of the article that are drawn on"),
        _SUMMARIES,
        form.spread,
    ),
    Metric(
        "coverage",
        N_("read"),
        N_("characters of the article that were read"),
        _SUMMARIES,
        form.coverage,
    ),
    Metric(
        "length",
        N_("length"),
        N_("outputs with the points and the length asked for"),
        _SUMMARIES,
        form.length,
    ),
    Metric("script", N_("script"), N_("outputs in the script asked for"), KINDS, form.script),
    Metric(
        "characters",
        N_("characters"),
        N_("length of the output"),
        KINDS,
        form.characters_written,
        0,
        share=False,
    ),
    Metric("seconds", N_("s/item"), N_("seconds an item"), KINDS, speed.seconds, -1, share=False),
    Metric(
        "tokens-read",
        N_("tokens read"),
        N_("tokens read for an item"),
        KINDS,
        speed.tokens_read,
        -1,
        share=False,
    ),
    Metric(
        "read-speed",
        N_("read/s"),
        N_("tokens read a second"),
        KINDS,
        speed.read_speed,
        0,
        share=False,
    ),
    Metric(
        "write-speed",
        N_("written/s"),
        N_("tokens written a second"),
        KINDS,
        speed.write_speed,
        0,
        share=False,
    ),
)

METRICS = {metric.name: metric for metric in _ALL}
MAIN = {QUESTION: ("overall", "f1", "em"), SUMMARY: ("fact-recall", "rouge-l", "fact-precision")}
"""By which metric configurations are ranked: the first that was measured."""
SHORT = {
    QUESTION: (
        "overall",
        "em",
        "f1",
        "refused-unanswerable",
        "refused-answerable",
        "fact-precision",
        "script",
        "seconds",
    ),
    SUMMARY: (
        "fact-recall",
        "rouge-1",
        "rouge-2",
        "rouge-l",
        "fact-precision",
        "forbidden",
        "copied",
        "length",
        "script",
        "seconds",
    ),
}
"""What the leaderboard shows unasked, of what was measured."""


def chosen(names: Sequence[str]) -> tuple[Metric, ...]:
    """Return the metrics of these names, all where there are none; UsageError at an unknown one."""
    for name in names:
        if name not in METRICS:
            raise UsageError(
                _("there is no metric {name!r}").format(name=name),
                fix=_("There are: {names}.").format(names=", ".join(METRICS)),
            )
    return tuple(METRICS[name] for name in dict.fromkeys(names)) if names else _ALL
