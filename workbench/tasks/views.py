"""A result as a person reads it: plain text and Markdown."""

import re
from collections.abc import Sequence

from workbench.filenames import readable
from workbench.files import encodable
from workbench.grounding.check import DIFFERS, ELSEWHERE, UNSUPPORTED, Check
from workbench.i18n import _
from workbench.tasks.field_views import rows
from workbench.tasks.result import Citation, FieldCheck, Point, Result

FORMATS = {"text": "txt", "markdown": "md", "json": "json"}


def as_text(result: Result) -> str:
    """Lay a result out for a terminal."""
    lines = [result.headline, ""] if result.headline else []
    for number, point in enumerate(result.points, start=1):
        lines.append(f"{number}. {point.text} {_passages([point])}".rstrip())
        lines += [f"   ! {remark}" for remark in remarks(point)]
    for row in rows(result.fields, result.field_checks):
        mark = "  " * row.depth + ("- " if row.depth else "")
        lines.append(f"{mark}{row.text} {_passages(row.checks)}".rstrip())
        lines += [f"    ! {remark}" for remark in field_remarks(row.checks)]
    lines += [f"! {remark}" for remark in headline_remarks(result)]
    return "\n".join([*lines, "", footer(result)]) + "\n"


def as_markdown(result: Result) -> str:
    """Lay a result out as Markdown, the quoted evidence below the points."""
    article = result.article
    lines = [f"# {escape(result.headline or article.title or article.name)}", ""]
    title = article.title if article.title != result.headline else None
    about = [title, article.source, article.date, article.name]
    lines += ["> " + " · ".join(escape(item) for item in about if item), ""]
    for number, point in enumerate(result.points, start=1):
        lines.append(f"{number}. {escape(point.text)} {_passages([point])}".rstrip())
        lines += [f"   - **! {escape(remark)}**" for remark in remarks(point)]
    for row in rows(result.fields, result.field_checks):
        if not row.depth:
            lines += ["", f"{escape(row.text)} {_passages(row.checks)}".rstrip(), ""]
        else:
            lines.append(f"- {escape(row.text)} {_passages(row.checks)}".rstrip())
        lines += [f"  - **! {escape(remark)}**" for remark in field_remarks(row.checks)]
    lines += [f"\n**! {escape(remark)}**" for remark in headline_remarks(result)]
    lines += ["", f"## {_('Evidence')}", ""]
    quoted = sorted(
        {(c.start, c.passage, c.quote) for one in _stated(result) for c in one.citations}
    )
    for _at, passage, quote in quoted:
        lines.append(f"- [{passage}] {escape(' '.join(quote.split()))}")
    return "\n".join([*lines, "", "---", "", f"*{escape(footer(result))}*"]) + "\n"


def remarks(point: Point) -> list[str]:
    """Say what a reader must know before trusting a point."""
    found = _remarks(point)
    if point.verified is False:
        found.append(_("the model itself, asked again, does not find this in the cited passages"))
    return found


def field_remarks(checks: Sequence[FieldCheck]) -> list[str]:
    """Say the same of the values in one line of the fields."""
    return list(dict.fromkeys(remark for check in checks for remark in _remarks(check)))


def _remarks(point: Point | FieldCheck) -> list[str]:
    found = []
    if missing := tuple(check for check in point.checks if check.status == UNSUPPORTED):
        found.append(_("not in the article: {facts}").format(facts=_facts(missing)))
    if otherwise := _otherwise(point.checks):
        found.append(_("the article says otherwise: {facts}").format(facts=otherwise))
    moved = tuple(check for check in point.checks if check.status == ELSEWHERE)
    if moved:
        found.append(_("stated elsewhere in the article: {facts}").format(facts=_facts(moved)))
    if point.weak:
        found.append(
            _("little of this is in the cited passages ({support:.0%})").format(
                support=point.support
            )
        )
    return found


def headline_remarks(result: Result) -> list[str]:
    """Say what the headline states that the article does not, or states otherwise."""
    found = []
    checks = result.headline_checks
    if missing := tuple(check for check in checks if check.status == UNSUPPORTED):
        found.append(_("headline, not in the article: {facts}").format(facts=_facts(missing)))
    if otherwise := _otherwise(checks):
        found.append(_("headline, the article says otherwise: {facts}").format(facts=otherwise))
    return found


def footer(result: Result) -> str:
    """Say how much was read, by what, and how long it took."""
    coverage, usage = result.coverage, result.usage
    read = _("read {read} of {total} passages").format(
        read=coverage.passages_read, total=coverage.passages_total
    )
    if coverage.parts > 1:
        read += " " + _("in {parts} parts").format(parts=coverage.parts)
    if coverage.characters_left_out:
        read += " " + _("({count} characters of noise left out)").format(
            count=coverage.characters_left_out
        )
    checks = [check for one in _stated(result) for check in one.checks]
    bad = sum(check.wrong for check in checks)
    held = _("{good} of {all} facts found in the article").format(
        good=len(checks) - bad, all=len(checks)
    )
    cost = _("{seconds:.0f} s, {read} tokens read, {written} written").format(
        seconds=result.seconds,
        read=usage.prompt_tokens - usage.reused_tokens,
        written=usage.generated_tokens,
    )
    return " · ".join(
        [read, held, *_counts(result), f"{result.model.name} / {result.template.name}", cost]
    )


def _stated(result: Result) -> list[Point | FieldCheck]:
    return [*result.points, *result.field_checks]


def _counts(result: Result) -> list[str]:
    """Say what was written again, left out or merged, and how long the result is."""
    found = []
    if result.rewritten:
        found.append(_("{count} rewritten").format(count=result.rewritten))
    if result.stopped:
        found.append(
            _("stopped before its end: {points} of {asked} points").format(
                points=result.extent.points, asked=result.extent.points_asked
            )
        )
    if result.dropped:
        found.append(
            _("{count} dropped, not borne out by the article").format(count=result.dropped)
        )
    if result.merged_away:
        found.append(_("{count} points merged away").format(count=result.merged_away))
    if result.left_out:
        found.append(_("{count} entries left out").format(count=result.left_out))
    if result.extent.exact:
        found.append(
            _("{written} of {asked} characters").format(
                written=result.extent.characters, asked=result.extent.characters_asked
            )
        )
    doubted = sum(point.verified is False for point in result.points)
    asked = sum(point.verified is not None for point in result.points)
    if asked:
        found.append(
            _("the model bears out {good} of {all} points").format(good=asked - doubted, all=asked)
        )
    return found


def _passages(cited: Sequence[Point | FieldCheck]) -> str:
    citations: list[Citation] = [c for one in cited for c in one.citations]
    return "".join(f"[{number}]" for number in dict.fromkeys(c.passage for c in citations))


def _facts(checks: tuple[Check, ...]) -> str:
    return ", ".join(dict.fromkeys(check.text for check in checks))


def _otherwise(checks: tuple[Check, ...]) -> str:
    """Name what the article states otherwise, each with the article's own words."""
    found = [
        _("{fact} (there: {instead})").format(fact=check.text, instead=check.instead)
        for check in checks
        if check.status == DIFFERS
    ]
    return ", ".join(dict.fromkeys(found))


_SPECIAL = str.maketrans({char: f"\\{char}" for char in "\\`*_<>#|[]&~$"})
_BLOCK_START = re.compile(r"(\d{1,9})?([-+.)=:])")


def escape(text: str) -> str:
    """Keep a text from being taken for markup: links and pictures, lists, HTML, entities.

    What may be escaped is in CommonMark 0.31, section 2.4; ``~`` and ``|`` are of GFM, ``$`` opens
    a formula in some viewers.
    """
    line = encodable(readable(" ".join(text.split()))).translate(_SPECIAL)
    return _BLOCK_START.sub(r"\1\\\2", line, count=1) if _BLOCK_START.match(line) else line
