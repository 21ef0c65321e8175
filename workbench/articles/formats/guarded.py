"""Reading whatever a file holds without falling over it."""

from collections.abc import Iterator

from workbench.articles.document import Document, ReadOptions
from workbench.articles.formats.dispatch import documents_in
from workbench.articles.formats.source import Source, unreadable
from workbench.errors import ArticleError
from workbench.i18n import _


def guarded(source: Source, options: ReadOptions) -> Iterator[Document | ArticleError]:
    """Yield the documents in a source; whatever goes wrong is yielded as an ArticleError.

    Libraries that read foreign formats raise what nobody has listed; one broken file must not cost
    the others.
    """
    try:
        for one in documents_in(source, options):
            if isinstance(one, ArticleError):
                _place(one, source)
            yield one
    except ArticleError as error:
        yield _place(error, source)
    except OSError as error:
        yield _place(unreadable(source.path, error), source)
    except MemoryError:
        yield _place(
            ArticleError(
                _("takes more memory than there is"),
                fix=_("Split it into its articles, one a file."),
            ),
            source,
        )
    except Exception as error:  # noqa: BLE001 - see above
        yield _place(
            ArticleError(
                _("cannot be read: {reason}").format(
                    reason=f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
                ),
                fix=_("It may be damaged: save its text as .txt."),
            ),
            source,
        )


def _place(error: ArticleError, source: Source) -> ArticleError:
    if error.path is None:
        error.path = source.path
    if error.part is None:
        error.part = source.part
    return error
