"""The pages of a document: wrong facts first, failures, then each result with its footnotes."""

from collections.abc import Sequence

from docx.text.paragraph import Paragraph

from workbench.batch.reports.page.view import marked
from workbench.batch.reports.told import Quote, Statement, Told, article_title, clean, said_of
from workbench.batch.reports.word import SOFT, WRONG, WordDocument
from workbench.grounding.check import Check
from workbench.i18n import _
from workbench.tasks.compare import views as comparison_views
from workbench.tasks.compare.comparison import SILENT, Comparison
from workbench.tasks.result import Result

_MOST_COLUMNS = 4
"""Articles of a comparison that have room beside each other on a page."""
_LANGUAGES = {
    "simplified": "zh-CN",
    "traditional": "zh-TW",
    "taiwan": "zh-TW",
    "hongkong": "zh-HK",
}


def document_of(found: Sequence[Told], title: str) -> WordDocument:
    """Return the document of these results."""
    document = WordDocument(clean(title), _language(found))
    done = [told for told in found if told.made is not None]
    failed = [told for told in found if told.made is None]
    document.run(document.paragraph("Title"), clean(title))
    flagged = [(told, check, where) for told in done for check, where in told.wrong]
    about = _("{results} results, {facts} wrong facts, {failed} failed").format(
        results=len(done), facts=len(flagged), failed=len(failed)
    )
    document.run(document.paragraph(), about, colour=SOFT)
    if flagged:
        document.run(document.paragraph("Heading 1"), _("Wrong facts"))
        for told, check, where in flagged:
            line = document.paragraph(indent=14, hanging=14)
            document.run(line, f"• {clean(check.text)}", bold=True, colour=WRONG)
            document.run(line, f" – {said_of(check)}: ")
            document.run(line, f"{where} ({article_title(told.row.article)})", colour=SOFT)
    if failed:
        document.run(document.paragraph("Heading 1"), _("Failures"))
        for told in failed:
            line = document.paragraph(indent=14, hanging=14)
            asked = " / ".join(one for one in (told.model, told.template, told.headline) if one)
            document.run(line, f"• {told.name}", bold=True)
            document.run(line, f" – {asked}: {told.error}")
    for told in done:
        _add_result(document, told)
    return document


def _add_result(document: WordDocument, told: Told) -> None:
    heading = document.paragraph("Heading 1")
    _add_marked(document, heading, told.title, told.headline_checks)
    article = told.row.article
    about = (article.get("title"), article.get("source"), article.get("date"), told.name)
    named = [clean(one) for one in about if one]
    if not isinstance(told.made, Comparison):
        shown = " · ".join(one for one in named if one != told.title)
        document.run(document.paragraph(), shown, colour=SOFT)
    for remark in told.remarks:
        document.run(document.paragraph(), f"! {remark}", colour=WRONG)
    if isinstance(told.made, Comparison):
        _add_comparison(document, told, told.made)
    else:
        points = len(told.made.points) if isinstance(told.made, Result) else 0
        for place, one in enumerate(told.statements):
            _add_statement(document, told, one, place + 1 if place < points else 0)
    document.run(document.paragraph(), told.footer, colour=SOFT)


def _add_statement(document: WordDocument, told: Told, one: Statement, number: int) -> None:
    indent = 20 if number or one.depth else 0
    line = document.paragraph(indent=indent, hanging=indent)
    if number:
        document.run(line, f"{number}. ")
    elif one.depth:
        document.run(line, "• ")
    _add_marked(document, line, one.text, one.checks)
    _add_footnotes(document, line, told, one.quotes)
    for remark in one.remarks:
        document.run(document.paragraph(indent=indent), f"! {remark}", colour=WRONG)


def _add_comparison(document: WordDocument, told: Told, made: Comparison) -> None:
    for number, compared in enumerate(made.articles, start=1):
        one = compared.article
        named = " · ".join(clean(x) for x in (one.title, one.source, one.date, one.name) if x)
        document.run(document.paragraph(indent=20, hanging=20), f"[{number}] {named}", colour=SOFT)
    # The statements are those of the cells that say something, in this same order.
    statements = iter(told.statements)
    beside = len(made.articles) <= _MOST_COLUMNS
    for verdict, heading in comparison_views.headings():
        rows = made.with_verdict(verdict)
        if not rows:
            continue
        document.run(document.paragraph("Heading 2"), f"{heading} ({len(rows)})")
        table = document.table(1 + len(made.articles)) if beside else None
        if table is not None:
            cells = table.add_row().cells
            for place in range(len(made.articles)):
                document.run(cells[place + 1].paragraphs[0], f"[{place + 1}]", bold=True)
        for row in rows:
            subject = clean(row.subject)
            if table is not None:
                cells = table.add_row().cells
                document.run(cells[0].paragraphs[0], subject, bold=True)
            else:
                document.run(document.paragraph(), subject, bold=True)
            for cell in row.cells:
                if cell.status == SILENT:
                    if table is not None:
                        document.run(cells[cell.article].paragraphs[0], "–")
                    continue
                said = next(statements)
                if table is not None:
                    line = cells[cell.article].paragraphs[0]
                else:
                    line = document.paragraph(indent=28, hanging=20)
                    document.run(line, f"[{cell.article}] ")
                document.run(line, said.text)
                _add_footnotes(document, line, told, said.quotes)
    if made.timeline:
        document.run(document.paragraph("Heading 2"), _("Timeline"))
    for event in made.timeline:
        line = document.paragraph(indent=20, hanging=20)
        document.run(line, clean(event.date), bold=True)
        told_by = "".join(f"[{article}]" for article in event.articles)
        document.run(line, f" {clean(event.text)} {told_by}")


def _add_marked(
    document: WordDocument, paragraph: Paragraph, text: str, checks: Sequence[Check]
) -> None:
    for piece in marked(text, checks):
        if piece["mark"] == "wrong":
            document.wrong(paragraph, piece["text"], piece["said"])
        else:
            document.run(paragraph, piece["text"])


def _add_footnotes(
    document: WordDocument, line: Paragraph, told: Told, quotes: Sequence[Quote]
) -> None:
    several = len(told.row.articles) > 1
    for quote in quotes:
        place = f"{quote.article + 1}:{quote.passage}" if several else f"{quote.passage}"
        document.footnote(line, f"[{place}] {' '.join(quote.text.split())}")


def _language(found: Sequence[Told]) -> str:
    """Return the language that most results are written in."""
    scripts = [told.script for told in found if told.made is not None]
    most = max(scripts, key=scripts.count, default="")
    return _LANGUAGES.get(most, "zh-CN")
