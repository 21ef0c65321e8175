"""The reading pane: an article, what is to be said of it, and a line to find words in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from workbench.articles.model import Article
from workbench.i18n import N_, _
from workbench.tui.reading.evidence import marked
from workbench.tui.reading.head import other_script
from workbench.tui.reading.on_disk import OnDisk, state_on_disk
from workbench.tui.widgets.article_text import ArticleText
from workbench.tui.widgets.lines_view import LinesView
from workbench.tui.widgets.said import Said


class ArticleView(Vertical):
    """An article to read.

    ``show`` gives it one, ``highlight`` and ``reveal`` point at stretches of the original text.
    """

    DEFAULT_CSS = """
    ArticleView {
        height: 1fr;
        & > ArticleText { height: 1fr; }
        & > #article-empty { height: 1fr; padding: 1 2; color: $text-muted; display: none; }
        & > .notice { height: auto; max-height: 4; padding: 0 1; display: none; }
        & > #article-disk { color: $warning; }
        & > #article-remarks { color: $unsupported; }
        & > #find-bar { height: 1; display: none; }
        & #find-input { border: none; height: 1; padding: 0; width: 1fr; background: $boost; }
        & #find-label, & #find-count { width: auto; padding: 0 1; }
        &.-empty > #article-empty { display: block; }
        &.-empty > ArticleText { display: none; }
        &.-finding > #find-bar { display: block; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash,ctrl+f", "find", N_("Find"), id="article.find"),
        Binding("n", "next_hit(1)", N_("Next place"), show=False, id="article.next"),
        Binding("N", "next_hit(-1)", N_("Place before"), show=False, id="article.previous"),
        Binding("t", "toggle_script", N_("Other script"), id="article.script"),
        Binding("x", "toggle_removed", N_("What was cleaned out"), id="article.removed"),
        Binding("escape", "leave", N_("Leave"), show=False, id="article.leave"),
    ]

    @dataclass
    class Shown(Message):
        """An article is shown, or the same one in another way."""

        view: "ArticleView"
        article: Article | None

        @property
        def control(self) -> "ArticleView":
            """Return the view it is shown in."""
            return self.view

    @dataclass
    class DiskChecked(Message):
        """It was looked whether an article's file is as it was."""

        sha256: str
        state: OnDisk

    def __init__(self, id: str | None = None, wanted_script: str = "keep"):
        super().__init__(id=id)
        self.article: Article | None = None
        self.wanted_script = wanted_script
        self._removed = False
        self._script = "keep"

    def compose(self) -> ComposeResult:
        """Lay the pane out."""
        yield Said(id="article-disk", classes="notice")
        yield ArticleText(id="article-text")
        yield Said(id="article-empty")
        yield Said(id="article-remarks", classes="notice")
        with Horizontal(id="find-bar"):
            yield Said(_("Find:"), id="find-label")
            yield Input(id="find-input", placeholder=_("words, in either script"))
            yield Said(id="find-count")

    def on_mount(self) -> None:
        """Say what to do while there is nothing to read."""
        if self.article is None:
            self.show_nothing()

    @property
    def text(self) -> ArticleText:
        """Return the lines."""
        return self.query_one(ArticleText)

    # Showing.

    def show(self, article: Article, removed: bool = False, script: str = "keep") -> None:
        """Show an article where it was last left, also what was cleaned out, in a script."""
        new = article is not self.article
        self.article, self._removed, self._script = article, removed, script
        self.remove_class("-empty")
        self.text.show(article, removed=removed, script=script)
        if new:
            self._tell("#article-disk", "")
            self._tell("#article-remarks", "")
            self.leave_find()
            self.check_disk()
        self.post_message(self.Shown(self, article))

    def show_nothing(self, why: str = "") -> None:
        """Show no article; say why, or what to do."""
        self.article = None
        self.text.show(None)
        self.add_class("-empty")
        self.query_one("#article-empty", Static).update(
            why or _("No article is open. Choose one on the left and press Enter to read it.")
        )
        self._tell("#article-disk", "")
        self._tell("#article-remarks", "")
        self.leave_find()

    def highlight(self, spans: Iterable[tuple[int, int]], kind: str = "citation") -> None:
        """Let stretches of the original stand out: citation, wrong, differs, elsewhere or find."""
        self.text.highlight(spans, kind)

    def reveal(self, start: int) -> None:
        """Scroll to a character of the original."""
        self.text.reveal(start)

    def clear_highlights(self) -> None:
        """Let nothing stand out."""
        self.text.clear_highlights()
        self._tell("#article-remarks", "")

    def show_evidence(
        self,
        citations: Sequence[Mapping[str, Any]],
        checks: Sequence[Mapping[str, Any]] = (),
        remarks: Sequence[str] = (),
    ) -> None:
        """Show what a point rests on, and say what of it the article does not bear out.

        Citations and checks are those of a result's JSON (docs/results.md).
        """
        if self.article is None:
            return
        found = marked(self.article.text, citations, checks)
        for kind in ("citation", "elsewhere", "differs"):
            self.highlight([(one.start, one.end) for one in found if one.kind == kind], kind)
        self._tell("#article-remarks", "\n".join(f"! {remark}" for remark in remarks))
        differing = [one for one in found if one.kind == "differs"]
        if first := next(iter(sorted(differing) or sorted(found)), None):
            self.call_after_refresh(self.reveal, first.start)

    def check_disk(self) -> None:
        """Look, beside everything else, whether the article's file is as it was read."""
        if self.article is not None:
            self.run_worker(
                partial(self._look_at, self.article), thread=True, exclusive=True, group="disk"
            )

    def _look_at(self, article: Article) -> None:
        self.post_message(self.DiskChecked(article.sha256, state_on_disk(article)))

    @on(DiskChecked)
    def _say_what_became_of_the_file(self, message: DiskChecked) -> None:
        message.stop()
        if self.article is None or self.article.sha256 != message.sha256:
            return
        said = {
            OnDisk.CHANGED: _(
                "! The file was changed since it was read; this is what it said then."
                " Read it again with R."
            ),
            OnDisk.GONE: _("! The file is no longer there; this is what it said."),
        }
        self._tell("#article-disk", said.get(message.state, ""))

    def _tell(self, where: str, what: str) -> None:
        notice = self.query_one(where, Static)
        notice.update(what)
        notice.display = bool(what)

    # Keys.

    def action_toggle_script(self) -> None:
        """Show the article in the other script, or in its own again."""
        if self.article is not None:
            own = self._script != "keep"
            script = "keep" if own else other_script(self.article, self.wanted_script)
            self.show(self.article, self._removed, script)

    def action_toggle_removed(self) -> None:
        """Show what was cleaned out, or hide it again."""
        if self.article is not None:
            self.show(self.article, not self._removed, self._script)

    def action_find(self) -> None:
        """Open the line to find words with."""
        if self.article is not None:
            if not self.has_class("-finding"):
                self.text.begin_find()
            self.add_class("-finding")
            self.query_one("#find-input", Input).focus()

    def action_next_hit(self, by: int) -> None:
        """Go to the next place found."""
        self.text.next_hit(by)
        self._count()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave Escape to others where there is nothing to leave."""
        if action == "leave":
            return self.has_class("-finding") or self.text.stands_out
        return super().check_action(action, parameters)

    def action_leave(self) -> None:
        """Leave the search, then the highlights."""
        if self.has_class("-finding"):
            self.leave_find()
        else:
            self.clear_highlights()

    def leave_find(self) -> None:
        """Close the line to find words with and let nothing found stand out."""
        had_focus = self.query_one("#find-input", Input).has_focus
        self.remove_class("-finding")
        self.text.find("")
        with self.prevent(Input.Changed):
            self.query_one("#find-input", Input).value = ""
        self.query_one("#find-count", Static).update("")
        if had_focus:
            self.text.focus()

    @on(Input.Changed, "#find-input")
    def _look_up(self, message: Input.Changed) -> None:
        message.stop()
        self.text.find(message.value)
        self._count()

    @on(Input.Submitted, "#find-input")
    def _read_on(self, message: Input.Submitted) -> None:
        message.stop()
        self.text.focus()

    @on(LinesView.Copied)
    def _say_copied(self, message: LinesView.Copied) -> None:
        message.stop()
        self.notify(_("copied {count} characters").format(count=message.characters))

    def _count(self) -> None:
        hits = self.text.hits
        sought = self.query_one("#find-input", Input).value.strip()
        said = _("{number} of {all}").format(number=self.text.hit + 1, all=len(hits))
        self.query_one("#find-count", Static).update(
            said if hits else _("not found") if sought else ""
        )
