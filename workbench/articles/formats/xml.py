"""XML of documents, parsed without entities, network or bounds that could be burst."""

from typing import Any

from workbench.errors import ArticleError
from workbench.i18n import _


def parse(data: bytes) -> Any:
    """Return the root element; ArticleError where it is not XML."""
    from lxml import etree  # type: ignore[import-untyped]

    # huge_tree stays off: libxml2 then refuses nesting and entities that grow without bound.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    try:
        return etree.fromstring(data, parser=parser)
    except (etree.LxmlError, ValueError):
        raise ArticleError(
            _("is damaged: a part of it is not XML"), fix=_("Get it or save it once more.")
        ) from None


def local(node: Any) -> str:
    """Return an element's name without its namespace, nothing for what is no element."""
    tag = node.tag
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def attribute(node: Any, name: str) -> str | None:
    """Return an attribute whatever namespace it is in."""
    for key, value in node.attrib.items():
        if key.rsplit("}", 1)[-1] == name:
            return str(value)
    return None


def named(node: Any, name: str) -> list[Any]:
    """Return the elements of a name inside another, in document order."""
    return [one for one in node.iter() if local(one) == name]
