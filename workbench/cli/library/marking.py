"""What a person says of articles: tags, ratings; and removing them."""

import sys
from dataclasses import asdict

import click

from workbench.cli.library.shared import found_ids, json_option
from workbench.cli.output import one_line, put, put_json, put_table, say
from workbench.errors import LibraryError
from workbench.i18n import _
from workbench.store.library import Library
from workbench.store.marks import checked_name


@click.command(
    "tag",
    help=_("Put tags on articles and take them off: tag 12 15 +economy -unread."),
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
)
@click.argument("words", nargs=-1, required=True, metavar="ID… +TAG… -TAG…")
@json_option
def tag_command(words: tuple[str, ...], as_json: bool) -> int:
    """Change the tags of each article, and print what they are then."""
    names = [word for word in words if word[:1] not in ("+", "-")]
    to_add = [checked_name(word[1:]) for word in words if word.startswith("+")]
    to_remove = [checked_name(word[1:]) for word in words if word.startswith("-")]
    if not names or not (to_add or to_remove):
        raise click.UsageError(_("name articles, and tags as +TAG to add or -TAG to take off"))
    with Library.open() as library:
        ids, wrong = found_ids(library, names)
        with library.writing():
            for article_id in ids:
                library.tag(article_id, to_add)
                library.untag(article_id, to_remove)
        found = [library.listed_one(article_id) for article_id in ids]
    if as_json:
        put_json([{"id": one.id, "tags": one.tags} for one in found])
    else:
        for one in found:
            put(f"#{one.id}  {one_line(one.title or one.opening)}: {', '.join(one.tags)}")
    return 1 if wrong else 0


@click.command("tags", help=_("List the tags there are."))
@json_option
def tags_command(as_json: bool) -> None:
    """Print each tag with the number of its articles."""
    with Library.open(readonly=True) as library:
        found = library.tags()
    if as_json:
        put_json([{"tag": name, "articles": count} for name, count in found.items()])
    elif found:
        put_table([[name, str(count)] for name, count in found.items()], [_("tag"), _("articles")])
    else:
        say(_("there are no tags yet; put one on with 'workbench library tag ID +TAG'"))


@click.command("rate", help=_("Say how good a result is, from 1 to 5."))
@click.argument("result", type=int, metavar="RESULT")
@click.argument("rating", type=click.IntRange(1, 5), metavar="1-5")
@click.option("--note", default="", help=_("Why."))
@json_option
def rate_command(result: int, rating: int, note: str, as_json: bool) -> None:
    """Keep what a person thinks of a result; its number is shown by ``library results``."""
    with Library.open() as library:
        library.rate(result, rating, note)
        found = library.result(result)
    if as_json:
        put_json({"id": found.id, "feedback": [asdict(one) for one in found.feedback]})
    else:
        say(_("result {id} is rated {rating} of 5").format(id=result, rating=rating))


@click.command("remove", help=_("Remove articles, with the results about them; files stay."))
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.option("-y", "--yes", is_flag=True, help=_("Do not ask."))
@json_option
def remove_command(ids: tuple[str, ...], yes: bool, as_json: bool) -> int:
    """Remove articles from the library after asking; the files they came from are not touched."""
    with Library.open() as library:
        wanted, wrong = found_ids(library, ids)
        if wanted and not yes:
            _confirm(library, wanted)
        removed = []
        for article_id in wanted:
            try:
                removed.append(library.remove(article_id))
            except LibraryError as error:
                # Another process may have removed it while the user was asked.
                if library.has(article_id):
                    raise
                say(str(error))
    if as_json:
        put_json([asdict(one) for one in removed])
    for one in removed:
        say(
            _("removed #{id} {title}, {results} results").format(
                id=one.id, title=one_line(one.title or ""), results=one.results
            )
        )
    return 1 if wrong else 0


def _confirm(library: Library, ids: list[int]) -> None:
    results = sum(len(library.results_of(article_id)) for article_id in ids)
    question = _("Remove {count} articles and {results} results about them?").format(
        count=len(ids), results=results
    )
    if not sys.stdin.isatty():
        raise click.UsageError(_("{question} Confirm with --yes").format(question=question))
    click.confirm(question, abort=True, err=True)
