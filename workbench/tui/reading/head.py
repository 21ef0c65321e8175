"""What stands above an article: its title, and what is known of it."""

from dataclasses import replace

from workbench.articles.model import Article, Script
from workbench.articles.script import convert
from workbench.i18n import N_, _
from workbench.tui.typeset.shown_text import Kind, Paragraph, ShownText

SCRIPT_NAMES = {
    "simplified": N_("Simplified"),
    "traditional": N_("Traditional"),
    "mixed": N_("both scripts"),
    "other": N_("other script"),
    "taiwan": N_("Traditional (Taiwan)"),
    "hongkong": N_("Traditional (Hong Kong)"),
}
_LATEST_TITLE = 12


def other_script(article: Article, wanted: str = "keep") -> str:
    """Return the script to convert an article to; ``wanted`` is that of results."""
    if article.script is Script.SIMPLIFIED:
        return wanted if wanted in ("taiwan", "hongkong") else "traditional"
    return "simplified"


def with_head(article: Article, shown: ShownText, script: str, *, removed: bool) -> ShownText:
    """Put what is known of an article below its title, which is written above where it has none.

    Where the title stands in the text, it is shown there, once.
    """
    about = [Paragraph(Kind.META, line, ()) for line in _about(article, script, removed) if line]
    for index, paragraph in enumerate(shown.paragraphs[:_LATEST_TITLE]):
        if paragraph.kind is Kind.TITLE:
            before, after = shown.paragraphs[: index + 1], shown.paragraphs[index + 1 :]
            return replace(shown, paragraphs=(*before, *about, *after))
    if article.title:
        title = article.title if script == "keep" else convert(article.title, script)
        about.insert(0, Paragraph(Kind.TITLE, title, ()))
    return replace(shown, paragraphs=(*about, *shown.paragraphs))


def _about(article: Article, script: str, removed: bool) -> list[str]:
    facts = [article.date, article.byline, article.source]
    if script != "keep":
        facts = [convert(fact, script) if fact else fact for fact in facts]
    names = _(SCRIPT_NAMES[article.script.value])
    if script != "keep":
        names = _("{script}, shown in {other}").format(script=names, other=_(SCRIPT_NAMES[script]))
    counts = [
        names,
        _("{count:,} characters").format(count=len(article.text)),
        _("{count:,} passages").format(count=len(article.passages)),
    ]
    lines = [" · ".join(one for one in facts if one), " · ".join(counts)]
    cleaned = sum(one.end - one.start for one in article.removals)
    if cleaned and not removed:
        lines.append(_("{count:,} characters cleaned out, not shown").format(count=cleaned))
    elif removed:
        lines += [
            _("left out, {reason}: {count} characters").format(
                reason=_(left.reason), count=left.characters
            )
            for left in article.left_out
        ]
    return lines
