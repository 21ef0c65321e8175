"""``workbench read``: what is understood of a file, before any model sees it."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from workbench.articles.model import Article, Span
from workbench.articles.reader import read_article
from workbench.cli.options import article_options
from workbench.cli.output import complain, one_line, put, put_json
from workbench.errors import ArticleError
from workbench.i18n import _


@click.command("read", help=_("Show what is understood of files, without a model."))
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@article_options
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON, one array."))
def command(paths: tuple[str, ...], encoding: str | None, raw: bool, as_json: bool) -> int:
    """Read each path; the others are still read when one fails."""
    failed, described = 0, []
    for path in paths:
        try:
            article = read_article(Path(path), encoding=encoding, raw=raw)
        except ArticleError as error:
            complain(str(error))
            failed += 1
            continue
        if as_json:
            described.append(_as_json(article))
        else:
            put(_as_text(article))
    if as_json:
        put_json(described)
    return 1 if failed else 0


def _as_json(article: Article) -> dict[str, Any]:
    found = asdict(article)
    found["path"] = str(article.path)
    for plain, passage in zip(found["passages"], article.passages, strict=True):
        plain["text"] = article.passage_text(passage)
    for plain, removal in zip(found["removals"], article.removals, strict=True):
        plain["text"] = article.text[removal.start : removal.end]
    return found


def _as_text(article: Article) -> str:
    encoding = article.encoding
    how = _("{name} ({method}, {confidence:.0%} sure)").format(
        name=encoding.name, method=encoding.method, confidence=encoding.confidence
    )
    if encoding.runner_up:
        how += _("; next {name} {confidence:.0%}").format(
            name=encoding.runner_up, confidence=encoding.runner_up_confidence
        )
    if encoding.undecodable:
        how += _("; {count} bytes could not be read").format(count=encoding.undecodable)
    lines = [
        one_line(str(article.path)),
        f"  {_('format')}: {article.format}",
        f"  {_('encoding')}: {how}",
        f"  {_('script')}: {article.script.value}",
    ]
    for label, value in (
        (_("title"), article.title),
        (_("date"), article.date),
        (_("byline"), article.byline),
        (_("source"), article.source),
    ):
        if value:
            lines.append(f"  {label}: {one_line(value)}")
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
    for left in article.left_out:
        lines.append(
            "  - "
            + _("left out, {reason}: {count} characters").format(
                reason=_(left.reason), count=left.characters
            )
        )
    return "\n".join(lines) + "\n"


def _one_line(article: Article, span: Span, most: int) -> str:
    text = " ".join(article.text[span.start : span.end].split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
