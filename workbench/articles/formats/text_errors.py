"""What is wrong with bytes that were to be text."""

from workbench.errors import ArticleError
from workbench.i18n import _


def empty() -> ArticleError:
    """Say that a file holds nothing at all."""
    return ArticleError(_("is empty"), fix=_("Leave it out, or put the article's text in it."))


def controls() -> ArticleError:
    """Say that a file holds what no text does."""
    return ArticleError(
        _("is not text: it holds control characters"),
        fix=_("Give a text, a web page or a document."),
    )


def says_nothing() -> ArticleError:
    """Say that a file holds no letter, Hanzi or digit."""
    return ArticleError(
        _("holds nothing to read: it is blank or signs only"),
        fix=_("Leave it out, or put the article's text in it."),
    )
