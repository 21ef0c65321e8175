"""Whether an output is what was asked for: read, spread, as long and in the script as asked."""

from workbench.articles.script import convert, detect, to_simplified
from workbench.evaluation.items import SUMMARY
from workbench.evaluation.metrics.case import Case, Output, Ratio
from workbench.evaluation.metrics.refusals import refused
from workbench.grounding.alignment import copied_share

RUN = 20
"""Runs of more characters than this count as copied."""
_TOLERANCE = 1.15
_LEAST_SENTENCES = 6
_TRADITIONAL = frozenset({"traditional", "taiwan", "hongkong"})


def coverage(case: Case) -> Ratio | None:
    """Return how much of the article the model read, in characters."""
    return None if case.output.coverage is None else Ratio(case.output.coverage)


def spread(case: Case) -> Ratio | None:
    """Return how many thirds of the article a summary draws on, of three.

    Each point is aligned with the sentences that support it; an article of few sentences has no
    thirds to speak of.
    """
    sentences = case.subject.sentences
    if case.item.kind != SUMMARY or len(sentences) < _LEAST_SENTENCES:
        return None
    length = sentences[-1].end
    thirds = set()
    for point in case.output.points:
        for index in case.subject.aligner.align(to_simplified(point)).sentences:
            thirds.add(min(2, 3 * sentences[index].start // length))
    return Ratio(len(thirds), 3)


def copied(case: Case) -> Ratio | None:
    """Return how many characters of a summary stand in the article in runs of over 20."""
    text = case.text.replace("\n", "")
    if case.item.kind != SUMMARY or not text:
        return None
    source = case.subject.text.replace("\n", "")
    return Ratio(copied_share(text, source, run=RUN) * len(text), len(text))


def length(case: Case) -> Ratio | None:
    """Say whether a summary has the points asked for, none over 1.15 times the asked length.

    An article of fewer sentences than points may have as many points as it has sentences; a list
    may have fewer lines than asked for.
    """
    output = case.output
    if case.item.kind != SUMMARY or not output.asked_characters:
        return None
    most = _TOLERANCE * output.asked_characters
    fits = all(0 < len(point.strip()) <= most for point in output.points)
    return Ratio(float(fits and _as_many_as_asked(output, len(case.subject.sentences))))


def script(case: Case) -> Ratio | None:
    """Say whether an output is in the script asked for; one that shows none is in any."""
    target = case.output.script
    if target not in (*_TRADITIONAL, "simplified") or not case.output.text.strip():
        return None
    if refused(case.output):
        return None
    found = detect(case.output.text).value
    if found == "other":
        return None
    if target == "simplified":
        return Ratio(float(found == "simplified"))
    neutral = convert(case.output.text, "traditional") == case.output.text
    return Ratio(float(found == "traditional" or neutral))


def characters_written(case: Case) -> Ratio | None:
    """Return the length of an output in characters."""
    return Ratio(float(len(case.output.text.replace("\n", ""))))


def _as_many_as_asked(output: Output, sentences: int) -> bool:
    count = len(output.points)
    if output.form != "points" or not output.asked_points:
        return count >= 1
    return min(output.asked_points, max(1, sentences)) <= count <= output.asked_points
