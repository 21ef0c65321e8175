"""What is said of a shelf and of an article on it, in a line or a few."""

from rich.text import Text

from workbench.articles.model import Script
from workbench.desk.preview import Preview
from workbench.desk.shelves import STATUSES, Filters
from workbench.filenames import readable
from workbench.i18n import N_, _
from workbench.tui.typeset.cells import shown

ORDER_NAMES = {
    "added": N_("time added"),
    "date": N_("date"),
    "title": N_("title"),
    "source": N_("source"),
    "length": N_("length"),
    "status": N_("status"),
}
_SCRIPTS = {
    Script.SIMPLIFIED: N_("simplified"),
    Script.TRADITIONAL: N_("traditional"),
    Script.MIXED: N_("mixed"),
    Script.OTHER: N_("neither"),
}


def filters_said(filters: Filters) -> list[str]:
    """Say which articles pass, each filter in a few words."""
    said = []
    if filters.status:
        said.append(_(STATUSES[filters.status]))
    if filters.script:
        said.append(_(_SCRIPTS[filters.script]))
    if filters.date_from or filters.date_to:
        said.append(f"{filters.date_from or ''} – {filters.date_to or ''}".strip())
    said += [one for one in (filters.source, filters.collection) if one]
    said += [f"#{tag}" for tag in filters.tags]
    if filters.folder:
        said.append(shown(readable(filters.folder)))
    return said


def preview_lines(found: Preview) -> Text:
    """Return where an article stands, what is on it, and how it begins."""
    head = [shown(readable(found.path))]
    if found.tags:
        head.append(" ".join(f"#{tag}" for tag in found.tags))
    if found.results:
        head.append(_("{count} results").format(count=found.results))
    return Text.assemble((" · ".join(head), "dim"), "\n", shown(found.begins))
