"""A comparison as a person reads it: a terminal layout by cells, and Markdown with a table."""

from collections.abc import Sequence

from workbench.i18n import _
from workbench.tasks.compare.comparison import (
    AGREE,
    ALONE,
    CHANGES,
    DIFFER,
    SILENT,
    Cell,
    Compared,
    Comparison,
    Row,
)
from workbench.tasks.compare.grid import grid, hanging
from workbench.tasks.views import escape

WIDTH = 100
"""Cells of a line where nobody says how wide the terminal is."""
_NARROWEST = 22
_LONGEST_QUOTE = 90


def headings() -> tuple[tuple[str, str], ...]:
    """Return the verdicts in the order they are shown, with what each is called."""
    return (
        (DIFFER, _("Where they differ")),
        (CHANGES, _("What changes over time")),
        (AGREE, _("What they share")),
        (ALONE, _("What only one says")),
    )


def as_text(comparison: Comparison, width: int = WIDTH) -> str:
    """Lay a comparison out for a terminal of ``width`` cells."""
    lines: list[str] = []
    if comparison.overview:
        lines += [*hanging("", comparison.overview.text, width), ""]
    for number, one in enumerate(comparison.articles, start=1):
        lines += hanging(f"[{number}] ", _about(one), width)
    lines += [f"! {remark}" for remark in remarks(comparison)]
    number = 0
    for verdict, heading in headings():
        rows = comparison.with_verdict(verdict)
        if not rows:
            continue
        lines += ["", f"== {heading} ({len(rows)}) ==", ""]
        if verdict == ALONE:
            for row in rows:
                number += 1
                cell = row.saying[0]
                lines += hanging(f"{number:>3}. ", f"{_said(cell)} {reference(cell)}", width)
            continue
        lines += _table(rows, number, len(comparison.articles), width)
        number += len(rows)
    if comparison.timeline:
        lines += ["", f"== {_('Timeline')} ==", ""]
        for event in comparison.timeline:
            told = "".join(f"[{article}]" for article in event.articles)
            lines += hanging(f"{event.date:<12}", f"{event.text} {told}", width)
    return "\n".join([*lines, "", *hanging("", footer(comparison), width)]) + "\n"


def as_markdown(comparison: Comparison) -> str:
    """Lay a comparison out as Markdown: a table for each verdict, the evidence below."""
    lines = [
        f"# {escape(_('Comparison of {count} articles').format(count=_count(comparison)))}",
        "",
    ]
    if comparison.overview:
        lines += [escape(comparison.overview.text), ""]
    for number, one in enumerate(comparison.articles, start=1):
        lines.append(f"{number}. {escape(_about(one))}")
    lines += [f"\n**! {escape(remark)}**" for remark in remarks(comparison)]
    place = 0
    for verdict, heading in headings():
        rows = comparison.with_verdict(verdict)
        if not rows:
            continue
        lines += ["", f"## {escape(heading)} ({len(rows)})", ""]
        columns = ["", _("Subject"), *(f"[{n}]" for n in range(1, _count(comparison) + 1))]
        lines.append("| " + " | ".join(escape(column) for column in columns) + " |")
        lines.append("|" + " --- |" * len(columns))
        for row in rows:
            place += 1
            cells = [str(place), escape(row.subject), *map(_markdown_cell, row.cells)]
            lines.append("| " + " | ".join(cells) + " |")
    if comparison.timeline:
        lines += ["", f"## {escape(_('Timeline'))}", ""]
        for event in comparison.timeline:
            told = "".join(f"[{article}]" for article in event.articles)
            lines.append(f"- **{escape(event.date)}** {escape(event.text)} {told}")
    lines += ["", f"## {escape(_('Evidence'))}", ""]
    for number in range(1, _count(comparison) + 1):
        quoted = sorted(
            {
                (c.start, c.passage, c.quote)
                for row in comparison.rows
                for cell in row.cells
                if cell.article == number
                for c in cell.citations
            }
        )
        for _at, passage, quote in quoted:
            lines.append(f"- [{number}:{passage}] {escape(quote)}")
    return "\n".join([*lines, "", "---", "", f"*{escape(footer(comparison))}*"]) + "\n"


def remarks(comparison: Comparison) -> list[str]:
    """Say what a reader must know before trusting the table."""
    found = []
    for one in comparison.reprints:
        found.append(
            _(
                "articles {first} and {second} are nearly the same text ({share:.0%}): where they"
                " agree, that is one source"
            ).format(first=one.articles[0], second=one.articles[1], share=one.share)
        )
    for number, compared in enumerate(comparison.articles, start=1):
        if compared.dropped:
            found.append(
                _(
                    "of article {number}, {count} statements that it does not bear out are left out"
                ).format(number=number, count=compared.dropped)
            )
        coverage = compared.coverage
        if coverage.passages_read < coverage.passages_total:
            found.append(
                _("of article {number}, {read} of {total} passages were read").format(
                    number=number, read=coverage.passages_read, total=coverage.passages_total
                )
            )
    return found


def footer(comparison: Comparison) -> str:
    """Say how much was read, by what, and how long it took."""
    usage = comparison.usage
    read = sum(one.coverage.passages_read for one in comparison.articles)
    total = sum(one.coverage.passages_total for one in comparison.articles)
    parts = [_("read {read} of {total} passages").format(read=read, total=total)]
    kept = sum(one.cached for one in comparison.articles)
    if kept:
        parts.append(_("{count} digests were there already").format(count=kept))
    parts.append(f"{comparison.model.name} / {comparison.template.name}")
    parts.append(
        _("{seconds:.0f} s, {read} tokens read, {written} written").format(
            seconds=comparison.seconds,
            read=usage.prompt_tokens - usage.reused_tokens,
            written=usage.generated_tokens,
        )
    )
    return " · ".join(parts)


def reference(cell: Cell) -> str:
    """Return the passages a cell cites, each with its article: [2:14]."""
    numbers = dict.fromkeys(citation.passage for citation in cell.citations)
    return "".join(f"[{cell.article}:{number}]" for number in numbers)


def _table(rows: Sequence[Row], before: int, articles: int, width: int) -> list[str]:
    """Lay rows out in columns, or below each other where the columns would be too narrow."""
    if (width - 3 * articles) // (articles + 1) >= _NARROWEST:
        head = ["", *(f"[{number}]" for number in range(1, articles + 1))]
        body = [
            [
                f"{number}. {row.subject}",
                *(_plain_cell(cell) for cell in row.cells),
            ]
            for number, row in enumerate(rows, start=before + 1)
        ]
        return grid([head, *body], width)
    lines: list[str] = []
    for number, row in enumerate(rows, start=before + 1):
        lines += hanging(f"{number:>3}. ", row.subject, width)
        for cell in row.cells:
            lines += hanging(f"     [{cell.article}] ", _plain_cell(cell), width)
    return lines


def _plain_cell(cell: Cell) -> str:
    if cell.status == SILENT:
        return "-"
    return f"{_said(cell)} {reference(cell)}{missing(cell)}".strip()


def _markdown_cell(cell: Cell) -> str:
    if cell.status == SILENT:
        return "–"
    value = f"**{escape(cell.value)}** " if cell.value else ""
    when = f"({escape(cell.when)}) " if cell.when else ""
    text = escape(_short(cell.text)) if cell.text != cell.value else ""
    return f"{value}{when}{text} {reference(cell)}{escape(missing(cell))}".strip()


def _said(cell: Cell) -> str:
    value = f"{cell.value}: " if cell.value and cell.value != cell.text else ""
    when = f"({cell.when}) " if cell.when else ""
    return f"{value}{when}{_short(cell.text)}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_QUOTE else line[: _LONGEST_QUOTE - 1] + "…"


def missing(cell: Cell) -> str:
    """Name the facts of a claim that the article of this cell does not state."""
    if not cell.missing:
        return ""
    return " " + _("(without {facts})").format(facts=", ".join(cell.missing))


def _about(one: Compared) -> str:
    article = one.article
    named = [article.title, article.source, article.date, article.name]
    return " · ".join(item for item in named if item)


def _count(comparison: Comparison) -> int:
    return len(comparison.articles)
