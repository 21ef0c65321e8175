"""Finding articles again: list, search, show, results, duplicates."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from workbench.articles.model import Span
from workbench.cli.library.shared import (
    filter_options,
    filters_from,
    found_ids,
    json_option,
    put_listed,
)
from workbench.cli.library.showing import as_json as article_json
from workbench.cli.library.showing import as_text as article_text
from workbench.cli.output import one_line, put, put_json, say
from workbench.i18n import _
from workbench.store.library import Library
from workbench.store.results import StoredResult
from workbench.store.search import Found, Hit, search
from workbench.tasks.material import Material

_ARGUMENTS_MAY_BEGIN_WITH_A_HYPHEN = {
    "ignore_unknown_options": True,
    "help_option_names": ["--help"],
}


@click.command("list", help=_("List articles, in the order they were added."))
@filter_options
@click.option("--limit", type=click.IntRange(1), metavar="N", help=_("At most so many."))
@click.option("--offset", type=click.IntRange(0), default=0, help=_("Pass over so many."))
@json_option
def list_command(limit: int | None, offset: int, as_json: bool, **filters: Any) -> None:
    """List the articles that pass; of a collection, in its order."""
    wanted = filters_from(filters)
    with Library.open(readonly=True) as library:
        if wanted.collection:
            library.collected(wanted.collection)  # One that is not there is an error.
        found = library.listed(wanted, limit, offset)
        all_of_them = library.count(wanted)
        empty = library.count() == 0
    put_listed(found, as_json)
    if empty:
        say(_("the library is empty; add articles with 'workbench library add PATH'"))
    elif not as_json and len(found) != all_of_them:
        say(_("{shown} of {count} articles").format(shown=len(found), count=all_of_them))


@click.command(
    "search",
    help=_("Search titles and texts, whichever script they are in."),
    epilog=_(
        'QUERY: words that must all be there; "…" for a phrase; OR; -word or NOT for what must'
        " not; brackets; title:word. See docs/search.md."
    ),
    context_settings=_ARGUMENTS_MAY_BEGIN_WITH_A_HYPHEN,
)
@click.argument("query", nargs=-1, required=True, metavar="QUERY…")
@filter_options
@click.option(
    "--limit", type=click.IntRange(1), default=10, metavar="N", help=_("At most so many.")
)
@click.option("--offset", type=click.IntRange(0), default=0, help=_("Pass over so many."))
@json_option
def search_command(
    query: tuple[str, ...], limit: int, offset: int, as_json: bool, **filters: Any
) -> None:
    """Print what was found, the best first, with the places that match."""
    wanted = filters_from(filters)
    asked = " ".join(query)
    with Library.open(readonly=True) as library, library.reading() as connection:
        if wanted.collection:
            library.collected(wanted.collection)
        found = search(connection, asked, wanted, limit=limit, offset=offset)
    if as_json:
        put_json({"query": asked, **asdict(found)})
        return
    for hit in found.hits:
        put(_hit(hit))
    say(_counted(found))


def _counted(found: Found) -> str:
    if found.exact:
        return _("{shown} of {count} articles").format(shown=len(found.hits), count=found.total)
    return _("{shown} of more than {count} articles").format(
        shown=len(found.hits), count=found.total
    )


def _hit(hit: Hit) -> str:
    title = _marked(hit.title, 0, hit.title_highlights) if hit.title else _("(no title)")
    about = [f"#{hit.article_id}", title, hit.date or "", one_line(hit.source or "")]
    lines = ["  ".join(part for part in about if part)]
    for snippet, text in zip(hit.snippets, hit.snippet_texts, strict=True):
        lines.append(f"    {_marked(text, snippet.start, snippet.highlights)}")
    return "\n".join(lines)


def _marked(text: str, start: int, spans: Sequence[Span]) -> str:
    """Return a text as one line with some spans bold, or in «» where it is no terminal."""
    before, after = ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() else ("«", "»")
    pieces, end = [], 0
    for span in spans:
        pieces += [
            _flat(text[end : span.start - start]),
            before,
            _flat(text[span.start - start : span.end - start]),
            after,
        ]
        end = span.end - start
    return "".join([*pieces, _flat(text[end:])])


def _flat(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


@click.command("show", help=_("Show all that is known of articles."))
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.option("--original", is_flag=True, help=_("Print only the text, as it was read."))
@click.option("--converted", is_flag=True, help=_("Print only the text, as the model sees it."))
@json_option
def show_command(ids: tuple[str, ...], original: bool, converted: bool, as_json: bool) -> int:
    """Show each article; the others are still shown when one is not there."""
    if original + converted + as_json > 1:
        raise click.UsageError(_("give only one of --original, --converted and --json"))
    with Library.open(readonly=True) as library:
        wanted, wrong = found_ids(library, ids)
        if as_json:
            put_json([article_json(library, article_id) for article_id in wanted])
        for article_id in [] if as_json else wanted:
            if original:
                put(library.get(article_id).text)
            elif converted:
                put(Material(library.get(article_id)).plain_text)
            else:
                put(article_text(library, article_id))
    return 1 if wrong else 0


@click.command("results", help=_("Show what was written about an article."))
@click.argument("article", metavar="ID")
@json_option
def results_command(article: str, as_json: bool) -> None:
    """Print the results about an article, the oldest first."""
    with Library.open(readonly=True) as library:
        found = library.results_of(library.find(article))
    if as_json:
        put_json([asdict(one) for one in found])
        return
    for one in found:
        put(_result(one))
    if not found:
        say(_("there are no results about it yet"))


def _result(one: StoredResult) -> str:
    lines = [f"[{one.id}] {one.created_at}  {one.task}  {one.template}  {one.model}"]
    if one.headline:
        lines.append(f"    {one_line(one.headline)}")
    for point in one.result.get("points", ()):
        lines.append(f"    - {one_line(str(point.get('text', '')))}")
    for feedback in one.feedback:
        lines.append(
            "    "
            + _("rated {rating} of 5 {note}").format(
                rating=feedback.rating, note=one_line(feedback.note)
            )
        )
    return "\n".join(lines)


@click.command("duplicates", help=_("Show groups of articles that are nearly the same."))
@json_option
def duplicates_command(as_json: bool) -> None:
    """Print each group of near-duplicates; nothing is ever removed because of it."""
    from workbench.store.near_duplicates import groups

    with Library.open(readonly=True) as library, library.reading() as connection:
        found = list(groups(connection))
        listed = {
            article_id: library.listed_one(article_id)
            for group in found
            for article_id in group.articles
        }
    if as_json:
        put_json(
            [
                {
                    "group": group.group_id,
                    "articles": [asdict(listed[article_id]) for article_id in group.articles],
                    "pairs": [asdict(pair) for pair in group.pairs],
                }
                for group in found
            ]
        )
        return
    for number, group in enumerate(found, start=1):
        put(_("group {number}: {count} articles").format(number=number, count=len(group.articles)))
        put_listed([listed[article_id] for article_id in group.articles], as_json=False)
    if not found:
        say(_("no articles are nearly the same"))
