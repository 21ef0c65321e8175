"""What a user may ask of a summary."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.engine.protocol import Sampling


@dataclass(frozen=True, slots=True)
class SummaryOptions:
    """What the user asked for.

    ``characters`` is for all points together, in place of what ``length`` says of the template;
    what is written lies within 15 % of it. ``unsupported`` says what becomes of a point of which
    the article does not bear out a fact, after it was rewritten: ``mark`` or ``drop``. ``verify``
    asks the model about every point again.
    """

    length: str = "medium"
    script: str = "keep"
    sampling: Sampling = field(default_factory=Sampling)
    variables: Mapping[str, str] = field(default_factory=dict)
    characters: int | None = None
    unsupported: str = "mark"
    verify: bool = False
