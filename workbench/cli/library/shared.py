"""What the library's commands share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

import click

from workbench.articles.model import Script
from workbench.cli.output import complain, one_line, put_json, put_table
from workbench.errors import LibraryError
from workbench.i18n import _
from workbench.store.filters import Filters
from workbench.store.library import Library
from workbench.store.listing import Listed

Command = TypeVar("Command", bound=Callable[..., Any])
_WIDTH = 30

json_option = click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))


def filter_options(command: Command) -> Command:
    """Add the options that say which articles are meant."""
    for option in reversed(
        (
            click.option("--date-from", metavar="DATE", help=_("From this day, month or year on.")),
            click.option("--date-to", metavar="DATE", help=_("To this day, month or year.")),
            click.option("--source", help=_("Of this source.")),
            click.option("--collection", metavar="NAME", help=_("In this collection.")),
            click.option(
                "--tag",
                "tags",
                metavar="TAG",
                multiple=True,
                help=_("With this tag; may be given again."),
            ),
            click.option(
                "--script",
                type=click.Choice([script.value for script in Script]),
                help=_("Written in this script."),
            ),
            click.option("--added-from", metavar="DATE", help=_("Added from this day on.")),
        )
    ):
        command = option(command)
    return command


def filters_from(options: Mapping[str, Any]) -> Filters:
    """Turn what ``filter_options`` gave into filters."""
    return Filters(
        **{**options, "script": Script(options["script"]) if options["script"] else None}
    )


def found_ids(library: Library, names: Iterable[str]) -> tuple[list[int], int]:
    """Return the ids of the articles a user names, each once, and how many names were wrong."""
    ids: dict[int, None] = {}
    wrong = 0
    for name in names:
        try:
            ids[library.find(name)] = None
        except LibraryError as error:
            complain(str(error))
            wrong += 1
    return list(ids), wrong


def put_listed(found: Sequence[Listed], as_json: bool) -> None:
    """Print articles, one a line."""
    if as_json:
        put_json([asdict(one) for one in found])
        return
    if not found:
        return
    put_table(
        [
            [
                str(one.id),
                one.date or "",
                _cut(one.source or ""),
                one.script,
                str(one.characters),
                _cut(one.title or one.opening),
                " ".join(one.tags),
            ]
            for one in found
        ],
        [
            _("id"),
            _("date"),
            _("source"),
            _("script"),
            _("characters"),
            _("title"),
            _("tags"),
        ],
    )


def _cut(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
