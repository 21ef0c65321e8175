"""Word documents (Office Open XML, ECMA-376): their text as it reads with all changes accepted."""

from workbench.articles.document import Document, ReadOptions
from workbench.articles.formats import kinds, limits, xml
from workbench.articles.formats.docx_text import Notes, Walk
from workbench.articles.formats.package import Package
from workbench.articles.formats.source import Source
from workbench.articles.formats.text_errors import says_nothing
from workbench.articles.formats.titles import is_title
from workbench.articles.metadata import Metadata
from workbench.articles.model import Encoding, Finding, LeftOut
from workbench.errors import ArticleError
from workbench.i18n import _

_MAIN = "word/document.xml"
_PROGRAMS = frozenset({"python-docx", "microsoft office user", "user", "admin", "administrator"})


def document(source: Source, package: Package, options: ReadOptions) -> Document:
    """Return the article in a Word document.

    Paragraphs are lines, headings Markdown's, rows of tables cells between vertical bars; footnotes
    stand at the end. Deleted and hidden text, comments, page heads and feet are left out and
    counted.
    """
    data = source.read(limits.CONTAINER)
    package.bound(limits.DOCUMENT)
    main = _main_part(package)
    folder = main.rsplit("/", 1)[0]
    walk = Walk(_styles(package, folder))
    text = walk.body(xml.parse(package.read(main)))
    notes = Notes(walk)
    for name in ("footnotes", "endnotes"):
        if package.has(f"{folder}/{name}.xml"):
            notes.add(name, xml.parse(package.read(f"{folder}/{name}.xml")))
    text = "\n".join(line for line in (text, *notes.lines()) if line)
    if not any(char.isalnum() for char in text):
        raise says_nothing()
    return Document(
        source.path,
        data,
        kinds.DOCX,
        text,
        Encoding("utf-8", "declared", 1.0),
        source.part,
        _stated(package, walk.title),
        "file",
        _left_out(package, folder, walk),
    )


def _main_part(package: Package) -> str:
    """Find the document's own text: by the package's relations, else where Word puts it."""
    if package.has("_rels/.rels"):
        for relation in xml.named(xml.parse(package.read("_rels/.rels")), "Relationship"):
            if str(relation.get("Type", "")).endswith("/officeDocument"):
                target = str(relation.get("Target", "")).lstrip("/")
                if package.has(target) and target.endswith(".xml"):
                    return target
    if not package.has(_MAIN):
        raise ArticleError(
            _("is an Office document without a text"), fix=_("Save it as DOCX or text.")
        )
    return _MAIN


def _styles(package: Package, folder: str) -> dict[str, str]:
    """Return the English names of the styles by their ids, which are in Word's own language."""
    if not package.has(f"{folder}/styles.xml"):
        return {}
    names: dict[str, str] = {}
    for style in xml.named(xml.parse(package.read(f"{folder}/styles.xml")), "style"):
        key = xml.attribute(style, "styleId")
        name = next((one for one in style if xml.local(one) == "name"), None)
        if key and name is not None:
            names[key] = (xml.attribute(name, "val") or "").lower()
    return names


def _stated(package: Package, title: str | None) -> Metadata:
    """Read the properties; the day a file was made is not the day of its article."""
    values: dict[str, str] = {}
    if package.has("docProps/core.xml"):
        for node in xml.parse(package.read("docProps/core.xml")).iter():
            value = " ".join((node.text or "").split()) if xml.local(node) else ""
            if value and len(value) <= 200:
                values.setdefault(xml.local(node), value)
    findings = []
    if title is None and is_title(values.get("title")):
        title = values["title"]
        findings.append(Finding("title", "file", "dc:title"))
    byline = values.get("creator")
    if byline and byline.lower() in _PROGRAMS:
        byline = None
    if byline:
        findings.append(Finding("byline", "file", "dc:creator"))
    return Metadata(title=title, byline=byline, findings=tuple(findings))


def _left_out(package: Package, folder: str, walk: Walk) -> tuple[LeftOut, ...]:
    found = [
        LeftOut(walk.deleted, _("text deleted with changes tracked")),
        LeftOut(walk.hidden, _("hidden text")),
    ]
    counts = {"comments": 0, "header": 0, "footer": 0}
    for name in package.names():
        stem = name.removeprefix(f"{folder}/").removesuffix(".xml")
        kind = next((one for one in counts if stem.rstrip("0123456789") == one), None)
        if kind and name.startswith(f"{folder}/") and name.endswith(".xml"):
            counts[kind] += Walk({}).count(xml.parse(package.read(name)))
    found += [
        LeftOut(counts["comments"], _("comments in the margin")),
        LeftOut(counts["header"] + counts["footer"], _("heads and feet of the pages")),
    ]
    return tuple(one for one in found if one.characters)
