"""What a user may ask of an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.engine.protocol import Sampling
from workbench.retrieval.ranker import Models

READINGS = ("auto", "whole", "passages")


@dataclass(frozen=True, slots=True)
class AskOptions:
    """What the user asked for.

    ``script`` ``keep`` is that of the question. ``reading`` says what is put before the model: the
    whole article, passages found for the question, or whichever costs less in the end. ``verify``
    has the model say whether the evidence answers the question. ``library_articles`` counts the
    articles among which those given were found.
    """

    length: str = "medium"
    script: str = "keep"
    sampling: Sampling = field(default_factory=Sampling)
    verify: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    reading: str = "auto"
    models: Models = field(default_factory=Models)
    library_articles: int | None = None
