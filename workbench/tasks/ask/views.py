"""An answer as a person reads it: short first, then the evidence, then what was searched."""

import json

from workbench.files import encodable
from workbench.grounding.check import DIFFERS, UNSUPPORTED
from workbench.i18n import _
from workbench.tasks.ask import answer as reasons
from workbench.tasks.ask.answer import Answer, Evidence
from workbench.tasks.views import escape

FORMATS = ("text", "markdown", "json")


def rendered(answer: Answer, format: str) -> str:
    """Return an answer as ``text``, ``markdown`` or ``json`` (one line)."""
    if format == "json":
        return encodable(json.dumps(answer.to_json(), ensure_ascii=False)) + "\n"
    return as_markdown(answer) if format == "markdown" else as_text(answer)


def as_text(answer: Answer) -> str:
    """Lay an answer out for a terminal."""
    lines = [answer.text, ""]
    for evidence in answer.evidence:
        lines.append(f"  {place_name(answer, evidence)} {_line(evidence.quote)}")
    lines += [f"! {remark}" for remark in remarks(answer)]
    if lines[-1]:
        lines.append("")
    return "\n".join([*lines, footer(answer)]) + "\n"


def as_markdown(answer: Answer) -> str:
    """Lay an answer out as Markdown, the words it was taken from in bold."""
    lines = [f"**{escape(answer.question)}**", "", escape(answer.text), ""]
    for evidence in answer.evidence:
        lines.append(f"> {escape(place_name(answer, evidence))} {_quoted(answer, evidence)}")
        lines.append(">")
    if answer.evidence:
        lines[-1] = ""
    lines += [f"**! {escape(remark)}**\n" for remark in remarks(answer)]
    return "\n".join([*lines, "---", "", f"*{escape(footer(answer))}*"]) + "\n"


def remarks(answer: Answer) -> list[str]:
    """Say what a reader must know before trusting an answer, or why there is none."""
    found = []
    if answer.asked != answer.question:
        found.append(_("understood as: {question}").format(question=answer.asked))
    if answer.refused:
        found.append(_reason(answer))
    if answer.missing:
        found.append(
            _("named in the question, but not in the articles: {names}").format(
                names=", ".join(answer.missing)
            )
        )
    wrong = [check for check in answer.checks if check.status == UNSUPPORTED]
    if wrong:
        found.append(
            _("not in the article: {facts}").format(
                facts=", ".join(dict.fromkeys(check.text for check in wrong))
            )
        )
    found += [
        _("the article says otherwise: {facts}").format(facts=f"{check.text} ≠ {check.instead}")
        for check in answer.checks
        if check.status == DIFFERS
    ]
    if not answer.refused and answer.span is None:
        found.append(_("in the model's own words: read the evidence"))
    return found


def footer(answer: Answer) -> str:
    """Say what was searched, what the model read of it, by what, and how long it took."""
    searched, usage = answer.searched, answer.usage
    parts = []
    if searched.library_articles is not None:
        parts.append(
            _("{articles} of {total} articles looked at").format(
                articles=searched.articles, total=searched.library_articles
            )
        )
    elif searched.articles > 1:
        parts.append(_("{articles} articles searched").format(articles=searched.articles))
    parts.append(
        _("{total} passages searched, {read} read").format(
            total=searched.passages_total, read=searched.passages_read
        )
    )
    parts.append(f"{answer.model.name} / {answer.template.name}")
    parts.append(
        _("{seconds:.0f} s, {read} tokens read, {written} written").format(
            seconds=answer.seconds,
            read=usage.prompt_tokens - usage.reused_tokens,
            written=usage.generated_tokens,
        )
    )
    return " · ".join(parts)


def _reason(answer: Answer) -> str:
    return {
        reasons.UNRELATED: _("hardly a word of the question is in the articles"),
        reasons.NAME_MISSING: _("what the question names is not in the articles"),
        reasons.MODEL_REFUSED: _("the model found no answer in what it read"),
        reasons.UNSUPPORTED_ANSWER: _("what the model answered is not in the articles"),
        reasons.ELSEWHERE: _("what the model answered is said of something else"),
        reasons.REJECTED: _("the model does not stand by its answer"),
    }[answer.reason]


def place_name(answer: Answer, evidence: Evidence) -> str:
    """Name the passage of a quote, and its article where there are several."""
    if len(answer.articles) == 1:
        return f"[{evidence.passage}]"
    article = answer.articles[evidence.article]
    named = " · ".join(one for one in (article.title or article.name, article.date) if one)
    return f"[{named} · {evidence.passage}]"


def _quoted(answer: Answer, evidence: Evidence) -> str:
    span = answer.span
    if (
        span is None
        or span.article != evidence.article
        or not evidence.start <= span.start <= span.end <= evidence.end
    ):
        return escape(_line(evidence.quote))
    start, end = span.start - evidence.start, span.end - evidence.start
    before, inside, after = evidence.quote[:start], evidence.quote[start:end], evidence.quote[end:]
    return f"{escape(_line(before))}**{escape(_line(inside))}**{escape(_line(after))}"


def _line(text: str) -> str:
    return " ".join(text.split())
