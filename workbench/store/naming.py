"""Articles of the library as inputs name them: ``library:`` and what stands after it."""

from collections.abc import Callable

from workbench.errors import LibraryError
from workbench.i18n import _
from workbench.store.filters import Filters
from workbench.store.library import Library

_PREFIX = "library:"
_FILTERS: dict[str, Callable[[str], Filters]] = {
    "tag": lambda value: Filters(tags=(value,)),
    "source": lambda value: Filters(source=value),
    "date": lambda value: Filters(date_from=value, date_to=value),
}


def articles_named(library: Library, name: str) -> list[int]:
    """Return the ids of the articles that an input names, in the library's order.

    ``name`` stands after the prefix: ``#12`` or ``#`` and the start of a hash is one article,
    ``tag=…``, ``source=…`` and ``date=…`` (a day, month or year) are all that have it, nothing is
    every article, and anything else names a collection, whose order is kept. Raises LibraryError,
    or UsageError for a date that is none.
    """
    if name.startswith("#"):
        return [library.find(name)]
    key, equals, value = name.partition("=")
    if equals and key in _FILTERS:
        found = _ids(library, _FILTERS[key](value.strip()))
    elif name:
        found = library.collected(name)
    else:
        found = _ids(library, Filters())
    if not found:
        raise LibraryError(
            _("no article of the library is meant by {name!r}").format(name=_PREFIX + name),
            fix=_("See: workbench library list"),
        )
    return found


def _ids(library: Library, filters: Filters) -> list[int]:
    condition, parameters = filters.condition()
    with library.reading() as connection:
        rows = connection.execute(
            f"SELECT id FROM articles WHERE {condition} ORDER BY id", parameters
        )
        return [article_id for (article_id,) in rows]
