"""Charts of a batch: lengths, speeds and support, from figures kept as plain numbers."""

from array import array
from collections.abc import Mapping
from statistics import quantiles

from workbench.i18n import _
from workbench.pages.histograms import histogram
from workbench.pages.plots import Dot, bars

_MOST_WAYS = 12
_COLOURS = 8


class Figures:
    """The figures of a batch: eight bytes each, whatever the results were."""

    def __init__(self) -> None:
        self._all: dict[str, array[float]] = {}
        self._ways: dict[str, dict[str, array[float]]] = {}

    def add(self, way: str, found: Mapping[str, float]) -> None:
        """Take the figures of one result, which ``way`` (model and template) made."""
        of_way = self._ways.setdefault(way, {})
        for name, value in found.items():
            self._all.setdefault(name, array("d")).append(value)
            of_way.setdefault(name, array("d")).append(value)

    def charts(self) -> list[dict[str, str]]:
        """Draw all that was measured: how each is spread and, of several ways, what each takes."""
        drawn = []
        for colour, (name, title, about, low) in enumerate(_charts()):
            values = self._all.get(name)
            if values:
                svg = histogram(values, about, colour=colour % _COLOURS, low=low)
                drawn.append({"title": title, "about": _spread(values, name), "svg": svg})
        if 1 < len(self._ways) <= _MOST_WAYS:
            for name, title in (
                ("seconds", _("Seconds, by way")),
                ("support", _("Support, by way")),
            ):
                svg = self._by_way(name, title)
                if svg:
                    about = _("bar: the middle value; line: the middle half")
                    drawn.append({"title": title, "about": about, "svg": svg})
        return drawn

    def ways(self) -> list[dict[str, object]]:
        """Name the ways by the number and colour they have in the charts."""
        return [
            {"number": number, "colour": (number - 1) % _COLOURS, "name": way}
            for number, way in enumerate(self._ways, start=1)
        ]

    def _by_way(self, name: str, title: str) -> str:
        dots = []
        for number, (way, found) in enumerate(self._ways.items(), start=1):
            values = found.get(name)
            if not values:
                continue
            low, middle, high = _quartiles(values)
            text = _written(middle, name)
            about = f"{number}. {way}: {text}"
            dots.append(Dot(number, (number - 1) % _COLOURS, middle, 0, low, high, about, text))
        return bars(dots, title, percent=name == "support") if dots else ""


def _charts() -> tuple[tuple[str, str, str, float], ...]:
    return (
        ("article", _("Length of the articles"), _("characters"), 0.0),
        ("result", _("Length of the results"), _("characters"), 0.0),
        ("support", _("Support"), _("share of the wording found in the evidence"), 0.0),
        ("seconds", _("Time"), _("seconds a result"), 0.0),
        ("reading", _("Reading"), _("tokens a second"), 0.0),
        ("writing", _("Writing"), _("tokens a second"), 0.0),
    )


def _spread(values: "array[float]", name: str) -> str:
    low, middle, high = _quartiles(values)
    return _("middle value {middle}, half between {low} and {high}").format(
        middle=_written(middle, name), low=_written(low, name), high=_written(high, name)
    )


def _quartiles(values: "array[float]") -> tuple[float, float, float]:
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return low, middle, high


def _written(value: float, name: str) -> str:
    if name == "support":
        return f"{value:.0%}"
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"
