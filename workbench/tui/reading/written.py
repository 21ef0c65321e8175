"""What a job has written so far, kept apart: checked points, and text that nobody checked yet."""

from dataclasses import dataclass, field

from workbench.i18n import _
from workbench.tasks.result import Point
from workbench.tui.reading.rows import Row, RowKind, draft_row, point_rows


@dataclass
class Written:
    """The points and drafts of a job while it runs.

    Calls are written one after another, or side by side and told one after another; their drafts
    become points in the order of the calls.
    """

    points: list[Point] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    void: str = ""
    fresh: bool = True

    def pause(self) -> None:
        """Something else than writing goes on: what comes next is a draft of its own."""
        self.fresh = True

    def add(self, text: str) -> None:
        """The model wrote a piece of the current call."""
        if self.fresh or not self.drafts:
            self.drafts.append("")
        self.drafts[-1] += text
        self.fresh = False
        self.void = ""

    def again(self, reason: str) -> None:
        """The engine failed: what the current call wrote is void."""
        if self.drafts and not self.fresh:
            self.drafts.pop()
        self.fresh = True
        self.void = reason

    def point(self, point: Point) -> None:
        """A point was checked: it takes the place of the oldest draft."""
        self.points.append(point)
        self.drafts = [one for one in self.drafts if one.strip()][1:]

    def rows(self) -> list[Row]:
        """Lay out what there is."""
        found = [row for index, one in enumerate(self.points) for row in point_rows(one, index)]
        if self.void:
            said = _("the engine failed ({reason}); what it was writing is void and begins anew")
            found.append(Row(RowKind.REMARK, said.format(reason=self.void), lead="! "))
        return found + [draft_row(" ".join(one.split())) for one in self.drafts if one.strip()]
