"""A host app for the reading and result panes, and results to show in them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tasks.tasks_support import ScriptedEngine, article_of, extract, summary
from textual.app import App, ComposeResult
from textual.containers import Horizontal

from workbench.articles.model import Article
from workbench.tui.themes import DARK, THEMES, marks_of
from workbench.tui.widgets.article_view import ArticleView
from workbench.tui.widgets.result_view import ResultView

COLOURS = marks_of(dark=True)


class PanesApp(App[None]):
    """The two panes side by side."""

    CSS = "Horizontal > * { width: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK
        self.chosen: list[ResultView.CitationChosen] = []
        self.wanted: list[ResultView.Wanted] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return marks_of(self.current_theme.dark)

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield ArticleView(id="article")
            yield ResultView(id="result")

    @property
    def article(self) -> ArticleView:
        return self.query_one(ArticleView)

    @property
    def result(self) -> ResultView:
        return self.query_one(ResultView)

    def on_result_view_citation_chosen(self, message: ResultView.CitationChosen) -> None:
        self.chosen.append(message)
        self.article.show_evidence(message.citations, message.checks, message.remarks)

    def on_result_view_wanted(self, message: ResultView.Wanted) -> None:
        self.wanted.append(message)


def made_result(folder: Path, source: str, wrong: Callable[[str], str] = str) -> dict[str, Any]:
    """Summarise an article by copying, each answer changed by ``wrong``."""
    article = article_of(folder, source)
    engine = ScriptedEngine(lambda request: wrong(extract(request)))
    found: dict[str, Any] = json.loads(json.dumps(summary(article, engine).to_json()))
    return {**found, "seconds": 12.0}


def shown_lines(view: ArticleView | ResultView) -> list[str]:
    """Return what stands on each row of a pane's text, trailing spaces gone."""
    text = view.text if isinstance(view, ArticleView) else view.text_view
    return [text.render_line(y).text.rstrip() for y in range(text.size.height)]


def article_in(folder: Path, source: str) -> Article:
    return article_of(folder, source)


def with_wrong_facts(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result whose first point has a figure that differs and one made up."""
    first = dict(result["points"][0])
    first["text"] = first["text"].replace("128", "218").replace("有了顶", "有了顶，花了99万元")
    found = []
    for check in first["checks"]:
        if check["text"] == "128":
            check = {**check, "text": "218", "status": "differs", "instead": "128"}
        found.append(check)
    at = first["text"].index("99万元")
    found.append(
        {
            "kind": "amount",
            "text": "99万元",
            "start": at,
            "end": at + 4,
            "status": "unsupported",
            "instead": "",
        }
    )
    first["checks"] = found
    return {**result, "points": [first, *result["points"][1:]]}
