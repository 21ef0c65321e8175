"""``workbench library collections``: named lists of articles, in an order."""

from collections.abc import Callable, Sequence

import click

from workbench.cli.library.shared import found_ids, json_option, put_listed
from workbench.cli.output import put_json, put_table, say
from workbench.i18n import _
from workbench.store.filters import Filters
from workbench.store.library import Library


@click.group("collections", help=_("Named lists of articles, in an order of yours."))
def command() -> None:
    """Group the commands about collections."""


@command.command("list", help=_("List the collections."))
@json_option
def list_command(as_json: bool) -> None:
    """Print each collection with the number of its articles."""
    with Library.open(readonly=True) as library:
        found = library.collections()
    if as_json:
        put_json([{"name": name, "articles": count} for name, count in found.items()])
    elif found:
        put_table([[name, str(count)] for name, count in found.items()], [_("name"), _("articles")])
    else:
        say(_("there are none yet; make one: workbench library collections add NAME ID…"))


@command.command("show", help=_("List the articles of a collection, in its order."))
@click.argument("name")
@json_option
def show_command(name: str, as_json: bool) -> None:
    """Print the articles of one collection."""
    with Library.open(readonly=True) as library:
        library.collected(name)
        put_listed(library.listed(Filters(collection=name)), as_json)


@command.command("add", help=_("Add articles at the end of a collection, made where it is new."))
@click.argument("name")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@json_option
def add_command(name: str, ids: tuple[str, ...], as_json: bool) -> int:
    """Add articles to a collection."""
    return _change(name, ids, as_json, Library.collect, _("{name}: {count} added"))


@command.command("remove", help=_("Take articles out of a collection; they stay in the library."))
@click.argument("name")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@json_option
def remove_command(name: str, ids: tuple[str, ...], as_json: bool) -> int:
    """Take articles out of a collection."""
    return _change(name, ids, as_json, Library.uncollect, _("{name}: {count} taken out"))


def _change(
    name: str,
    ids: tuple[str, ...],
    as_json: bool,
    change: Callable[[Library, str, Sequence[int]], int],
    said: str,
) -> int:
    with Library.open() as library:
        wanted, wrong = found_ids(library, ids)
        changed = change(library, name, wanted) if wanted else 0
        if as_json:
            held = library.collected(name) if wanted else []
            put_json({"name": name, "changed": changed, "articles": held})
    say(said.format(name=name, count=changed))
    return 1 if wrong else 0


@command.command("rename", help=_("Give a collection another name."))
@click.argument("name")
@click.argument("new")
@json_option
def rename_command(name: str, new: str, as_json: bool) -> None:
    """Rename a collection."""
    with Library.open() as library:
        library.rename_collection(name, new)
    if as_json:
        put_json({"name": new, "was": name})
    say(_("{name} is now {new}").format(name=name, new=new))


@command.command("delete", help=_("Delete a collection; its articles stay in the library."))
@click.argument("name")
@json_option
def delete_command(name: str, as_json: bool) -> None:
    """Delete a collection, not its articles."""
    with Library.open() as library:
        held = library.collected(name)
        library.delete_collection(name)
    if as_json:
        put_json({"name": name, "articles": held})
    say(_("deleted {name}; its {count} articles stay").format(name=name, count=len(held)))
