"""ZIP archives, and the documents that are ZIP archives inside: DOCX and EPUB."""

from collections.abc import Iterator

from workbench.articles.document import Document, ReadOptions
from workbench.articles.formats import limits
from workbench.articles.formats.package import Package
from workbench.articles.formats.source import Source
from workbench.articles.inputs.kinds import is_never_article
from workbench.errors import ArticleError, ArticleNotice
from workbench.i18n import N_, _

_NESTED = 1
_LISTED = 10
_OTHERS = {
    "xl/workbook.xml": N_("an Excel workbook"),
    "ppt/presentation.xml": N_("a PowerPoint presentation"),
}


def documents(source: Source, options: ReadOptions) -> Iterator[Document | ArticleError]:
    """Yield the articles of a ZIP archive, or of the document that it is."""
    with Package(source) as package:
        names = set(package.names())
        if "META-INF/container.xml" in names:
            from workbench.articles.formats import epub

            yield from epub.documents(source, package, options)
        elif "[Content_Types].xml" in names:
            from workbench.articles.formats import docx

            if kind := next((_OTHERS[one] for one in _OTHERS if one in names), None):
                raise _cannot(_(kind))
            yield docx.document(source, package, options)
        elif package.mimetype().startswith("application/vnd.oasis.opendocument"):
            raise _cannot(_("an OpenDocument file"))
        elif source.depth > _NESTED:
            raise ArticleError(
                _("is an archive in an archive in an archive"), fix=_("Unpack it first.")
            )
        else:
            yield from _members(source, package, options)


def _cannot(kind: str) -> ArticleError:
    return ArticleError(
        _("is {kind}").format(kind=kind),
        fix=_("Save it as DOCX, CSV or text, whichever fits."),
    )


def _members(
    source: Source, package: Package, options: ReadOptions
) -> Iterator[Document | ArticleError]:
    from workbench.articles.formats.guarded import guarded

    skipped: list[str] = []
    met = False
    for member in package.members():
        if _is_no_article(member.name):
            skipped.append(member.name)
            continue
        met = True
        try:
            inner = package.source_of(member)
        except ArticleError as error:
            error.path, error.part = source.path, source.part_name(member.name)
            yield error
            continue
        yield from guarded(inner, options)
        if package.exhausted:
            raise ArticleError(
                _("unpacks to more than {limit} GB").format(limit=limits.UNPACKED // 1024**3),
                fix=_("Unpack it, and give the files in it."),
            )
    if not met:
        raise ArticleError(_("is an archive without an article in it"), fix=_("Look into it."))
    if skipped:
        yield ArticleNotice(
            _("{count} files in it are no articles and were left out: {names}").format(
                count=len(skipped),
                names=", ".join(skipped[:_LISTED]) + (" …" if len(skipped) > _LISTED else ""),
            )
        )


def _is_no_article(name: str) -> bool:
    """Tell pictures, programs and what systems add to archives."""
    pieces = name.split("/")
    if pieces[0] == "__MACOSX" or any(
        piece.startswith(".") and piece.strip(".") for piece in pieces
    ):
        return True
    if pieces[-1] in {"Thumbs.db", "desktop.ini"}:
        return True
    return is_never_article(pieces[-1])
