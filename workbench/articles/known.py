"""What is known of an article beside its text; apart from finding it, whose patterns take long."""

from dataclasses import dataclass

from workbench.articles.model import Finding

FIELDS = ("title", "date", "byline", "source")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of an article; ``date`` is ISO 8601, yyyy-mm-dd.

    ``findings`` say where each of the four was found, where that is known.
    """

    title: str | None = None
    date: str | None = None
    byline: str | None = None
    source: str | None = None
    findings: tuple[Finding, ...] = ()

    def or_else(self, other: "Metadata") -> "Metadata":
        """Fill what is missing from another, with where that was found."""
        filled = [name for name in FIELDS if not getattr(self, name) and getattr(other, name)]
        return Metadata(
            self.title or other.title,
            self.date or other.date,
            self.byline or other.byline,
            self.source or other.source,
            (*self.findings, *(one for one in other.findings if one.field in filled)),
        )
