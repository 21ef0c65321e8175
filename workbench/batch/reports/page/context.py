"""Passages in their context: what stands around a citation, the cited words marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.batch.reports.told import Quote, clean
from workbench.pages.frame import text_language
from workbench.pages.marking import pieces

_AROUND = 120
"""Characters shown before and after a citation where its paragraph is longer."""


@dataclass(slots=True)
class _Window:
    start: int
    end: int
    quotes: list[Quote]


def contexts(
    quotes: Sequence[Quote], articles: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the stretches of the articles that quotes lie in, in order, those that touch as one.

    Where the text of an article is not known, or is another one by now, the quote stands alone.
    """
    found: list[dict[str, Any]] = []
    for number in dict.fromkeys(quote.article for quote in quotes):
        of_article = sorted(
            (quote for quote in quotes if quote.article == number), key=lambda one: one.start
        )
        text = articles[number].get("text") if number < len(articles) else None
        windows: list[_Window] = []
        for quote in of_article:
            if not isinstance(text, str) or clean(text[quote.start : quote.end]) != quote.text:
                found.append(_alone(quote))
                continue
            start, end = _around(text, quote)
            if windows and start <= windows[-1].end:
                windows[-1].end = max(windows[-1].end, end)
                windows[-1].quotes.append(quote)
            else:
                windows.append(_Window(start, end, [quote]))
        if isinstance(text, str):
            found += [_shown(text, window) for window in windows]
        language = text_language(
            str(articles[number].get("script") if number < len(articles) else "")
        )
        for one in found:
            one.setdefault("lang", language)
    return found


def _alone(quote: Quote) -> dict[str, Any]:
    return {
        "article": quote.article + 1,
        "passages": [quote.passage],
        "pieces": [{"text": quote.text, "found": True}],
    }


def _around(text: str, quote: Quote) -> tuple[int, int]:
    start = text.rfind("\n", 0, quote.start) + 1
    end = text.find("\n", quote.end)
    end = len(text) if end < 0 else end
    return max(start, quote.start - _AROUND), min(end, quote.end + _AROUND)


def _shown(text: str, window: _Window) -> dict[str, Any]:
    shown = text[window.start : window.end]
    spans = [(one.start - window.start, one.end - window.start) for one in window.quotes]
    divided = [{**piece, "text": clean(piece["text"])} for piece in pieces(shown, spans)]
    if window.start and text[window.start - 1] != "\n":
        divided.insert(0, {"text": "…", "found": False})
    if window.end < len(text) and text[window.end] != "\n":
        divided.append({"text": "…", "found": False})
    passages = list(dict.fromkeys(one.passage for one in window.quotes))
    return {"article": window.quotes[0].article + 1, "passages": passages, "pieces": divided}
