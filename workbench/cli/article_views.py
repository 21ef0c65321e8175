"""What is understood of one article, laid out."""

from dataclasses import asdict
from typing import Any

from workbench.articles.model import Article, Encoding, Finding, Span
from workbench.cli.output import one_line
from workbench.files import encodable
from workbench.i18n import _

_FIELDS = ("title", "date", "byline", "source")


def as_json(article: Article) -> dict[str, Any]:
    """Return everything as JSON-ready values, each passage and removal with its text."""
    found = asdict(article)
    found["path"] = str(article.path)
    for plain, passage in zip(found["passages"], article.passages, strict=True):
        plain["text"] = article.passage_text(passage)
    for plain, removal in zip(found["removals"], article.removals, strict=True):
        plain["text"] = article.text[removal.start : removal.end]
    return found


def as_text(article: Article, *, raw: bool = False) -> str:
    """Lay everything out for a terminal; ``raw``: say that nothing was cleaned out."""
    script = article.script.value
    if article.wording is not None:
        script += f" ({article.wording.value})"
    lines = [
        one_line(article.name),
        f"  {_('format')}: {article.format}",
        f"  {_('encoding')}: {_encoding(article.encoding)}",
        f"  {_('script')}: {script}",
        *_metadata(article),
        f"  {_('cleaning')}: {_cleaning(article, raw=raw)}",
    ]
    kept = sum(passage.end - passage.start for passage in article.passages)
    lines.append(
        "  "
        + _("{count} passages, {kept} of {all} characters").format(
            count=len(article.passages), kept=kept, all=len(article.text)
        )
    )
    for passage in article.passages:
        shown = _one_line(article, Span(passage.start, passage.end), 60)
        lines.append(f"  [{passage.number}] {passage.start}-{passage.end} {shown}")
    for removal in article.removals:
        shown = _one_line(article, Span(removal.start, removal.end), 40)
        lines.append(
            f"  - {removal.start}-{removal.end} "
            + _("left out, {reason}: {text}").format(reason=_(removal.reason), text=shown)
        )
    lines += [f"  - {line}" for line in _never_text(article)]
    return "\n".join(lines) + "\n"


def cleaned_text(article: Article) -> str:
    """Return what is left of the text after cleaning, and nothing else."""
    from workbench.articles.cleaning import kept_text

    return encodable(kept_text(article.text, article.removals))


def removed_text(article: Article) -> str:
    """Return each stretch that was cleaned out, with offsets and reason; empty where none was."""
    found = [
        f"{removal.start}-{removal.end} [{_(removal.reason)}] "
        + one_line(article.text[removal.start : removal.end])
        for removal in article.removals
    ]
    return encodable("\n".join([*found, *_never_text(article)]))


def _never_text(article: Article) -> list[str]:
    return [
        _("left out, {reason}: {count} characters").format(
            reason=_(left.reason), count=left.characters
        )
        for left in article.left_out
    ]


def _encoding(encoding: Encoding) -> str:
    how = _("{name} ({method}, {confidence:.0%} sure)").format(
        name=encoding.name, method=encoding.method, confidence=encoding.confidence
    )
    if encoding.runner_up:
        how += _("; next {name} {confidence:.0%}").format(
            name=encoding.runner_up, confidence=encoding.runner_up_confidence
        )
    if encoding.undecodable:
        how += _("; {count} bytes could not be read").format(count=encoding.undecodable)
    if encoding.also:
        how += _("; parts of it in {names}").format(names=", ".join(encoding.also))
    if encoding.misread:
        how += _("; was read as {name} and saved so, restored").format(name=encoding.misread)
    return how


def _metadata(article: Article) -> list[str]:
    labels = (_("title"), _("date"), _("byline"), _("source"))
    places = {finding.field: finding for finding in article.findings}
    lines = []
    for field, label in zip(_FIELDS, labels, strict=True):
        value = getattr(article, field)
        if value:
            place = f" [{_place(places[field])}]" if field in places else ""
            lines.append(f"  {label}: {one_line(value)}{place}")
    return lines


def _place(finding: Finding) -> str:
    if finding.where == "text" and finding.start is not None:
        return _("in the text, {start}-{end}").format(start=finding.start, end=finding.end)
    said = {
        "text": _("in the text"),
        "page": _("in the head of the page"),
        "file": _("in the file"),
        "name": _("in the file's name"),
    }.get(finding.where, finding.where)
    return f"{said}: {one_line(finding.detail)}" if finding.detail else said


def _cleaning(article: Article, *, raw: bool) -> str:
    if raw:
        return _("none, as asked")
    removed = sum(removal.end - removal.start for removal in article.removals)
    return _("{count} stretches left out, {removed} of {all} characters").format(
        count=len(article.removals), removed=removed, all=len(article.text)
    )


def _one_line(article: Article, span: Span, most: int) -> str:
    # Far more than is shown is looked at only where much of it is blank.
    text = one_line(article.text[span.start : min(span.end, span.start + 40 * most)])
    return text if len(text) <= most else f"{text[: most - 1]}…"
