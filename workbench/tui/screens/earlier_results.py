"""Choosing among the results of an article."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from workbench.i18n import N_, _
from workbench.store.results import StoredResult
from workbench.tui.reading.stored_lines import listed
from workbench.tui.screens.form import Form


@dataclass(frozen=True)
class Chosen:
    """Results to show: one, or two side by side."""

    result_ids: tuple[int, ...]


class EarlierForm(Form[Chosen]):
    """Lists results, the newest first; ``now`` is the one that is shown."""

    DEFAULT_CSS = """
    EarlierForm > .dialog { width: 100; }
    EarlierForm OptionList { height: auto; max-height: 16; border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", N_("Mark"), show=False, id="earlier.mark"),
        Binding("equals_sign", "beside", N_("Side by side"), show=False, id="earlier.beside"),
    ]

    def __init__(self, results: Sequence[StoredResult], now: int | None) -> None:
        super().__init__(
            _("Results of this article"),
            _("Enter shows · Space marks · = shows two side by side · Esc leaves"),
        )
        self._results = results
        self._now = now
        self._marked: list[int] = []

    def fields(self) -> ComposeResult:
        """The list."""
        yield OptionList(
            *(Option(self._line(one), id=str(one.id)) for one in self._results), markup=False
        )

    def on_mount(self) -> None:
        """Begin at the result that is shown."""
        options = self.query_one(OptionList)
        ids = [one.id for one in self._results]
        options.highlighted = ids.index(self._now) if self._now in ids else 0
        options.focus()

    def action_mark(self) -> None:
        """Mark a result, or take its mark away; of three the first mark goes."""
        one = self._here()
        if one is None:
            return
        if one.id in self._marked:
            self._marked.remove(one.id)
        else:
            self._marked = [*self._marked, one.id][-2:]
        options = self.query_one(OptionList)
        for each in self._results:
            options.replace_option_prompt(str(each.id), self._line(each))

    def action_beside(self) -> None:
        """Show the two marked results, or this one and the one that is shown."""
        one = self._here()
        ids = list(self._marked)
        for other in (one.id if one else None, self._now):
            if len(ids) < 2 and other is not None and other not in ids:
                ids.append(other)
        if len(ids) == 2:
            self.dismiss(Chosen(tuple(ids)))
        else:
            self.complain(_("mark two results with Space"))

    @on(OptionList.OptionSelected)
    def _show(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(Chosen((int(message.option_id or 0),)))

    def _line(self, one: StoredResult) -> str:
        mark = "*" if one.id in self._marked else ">" if one.id == self._now else " "
        return f"{mark} {listed(one)}"

    def _here(self) -> StoredResult | None:
        at = self.query_one(OptionList).highlighted
        return None if at is None else self._results[at]
