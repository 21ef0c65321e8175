"""What is said of results of the library in a line each, and results of other tasks as rows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workbench.desk.results import EDITED_FROM
from workbench.i18n import N_, _
from workbench.store.results import StoredResult
from workbench.tasks.ask.views import as_text as answer_as_text
from workbench.tasks.compare.views import as_text as comparison_as_text
from workbench.tasks.stored import answer_from, comparison_from
from workbench.tui.reading.rows import Row, RowKind

TASKS = {"summarize": N_("summary"), "compare": N_("comparison"), "ask": N_("answer")}


def when(created_at: str) -> str:
    """Return a stored time (ISO 8601, UTC) in local time, to the minute."""
    try:
        moment = datetime.fromisoformat(created_at)
    except ValueError:
        return created_at
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def about(stored: StoredResult) -> str:
    """Say when a result was made, what was thought of it, and that it was edited."""
    said = [when(stored.created_at)]
    if stored.feedback:
        latest = stored.feedback[-1]
        said.append(_("rated {rating} of 5").format(rating=latest.rating))
        if latest.note:
            said.append(latest.note)
    if source := edited_from(stored.result):
        said.append(_("edited by hand, from #{number}").format(number=source))
    return " · ".join(said)


def edited_from(result: Mapping[str, Any]) -> int | None:
    """Return which result a person made this one from, None where none did."""
    found = result.get("settings", {}).get(EDITED_FROM)
    return found if isinstance(found, int) else None


def listed(stored: StoredResult) -> str:
    """Return a result as a line of a list."""
    wrong = wrong_facts(stored.result)
    said = [
        f"#{stored.id}",
        when(stored.created_at),
        _(TASKS.get(stored.task, stored.task)),
        stored.template,
        stored.model,
        _("{rating} of 5").format(rating=stored.feedback[-1].rating) if stored.feedback else "",
        _("edited") if edited_from(stored.result) else "",
        _("stopped") if stored.result.get("stopped") else "",
        _("! {count} facts not borne out").format(count=wrong) if wrong else "",
    ]
    return "  ".join(one for one in said if one)


def wrong_facts(result: Mapping[str, Any]) -> int:
    """Count the facts of a summary that its article does not hold, or holds otherwise."""
    stated = [*result.get("points", ()), *result.get("field_checks", ())]
    return sum(
        check.get("status") in ("differs", "unsupported")
        for one in stated
        for check in one.get("checks", ())
    )


def rows_of_other(stored: StoredResult) -> list[Row]:
    """Lay out a comparison or an answer as text; LibraryError where it means nothing."""
    if stored.task == "compare":
        text = comparison_as_text(comparison_from(stored.result))
    else:
        text = answer_as_text(answer_from(stored.result))
    rows = [Row(RowKind.ABOUT, about(stored))]
    return rows + [Row(RowKind.FIELD, line, depth=1) for line in text.splitlines() if line.strip()]
