"""How fast a model was measured to be on a machine, and what follows from that.

A pure part of the program: nothing is measured or stored here.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from statistics import median

SEQUENCES = 4
"""Requests written at once where neither the user nor a calibration says."""
DRAFT = 5
"""Tokens guessed at once where the user wants prompt lookup and no calibration says how many."""
NEAR_THE_BEST = 0.95
"""Fewer sequences are enough where they write at this share of the best speed measured."""
WORTH_A_GUESS = 1.10
"""How much faster prompt lookup must be on text that quotes before it is used."""
STEADY = 0.5
"""The most the speed of one sequence may spread before prompt lookup is judged by it."""

_CARD_ONLY = ("gpu_layers", "main_gpu", "tensor_split", "context")


@dataclass(frozen=True, slots=True)
class Conditions:
    """All that the speed of a model depends on, as far as this program knows.

    ``processor`` and ``cards`` are what their drivers call them, ``features`` the instructions the
    build of llama.cpp uses, ``threads`` the number that is used, never 0. The rest is as in
    LoadOptions.
    """

    model_sha256: str
    processor: str
    threads: int
    cards: tuple[str, ...]
    llama_cpp: str
    features: tuple[str, ...]
    kv_type: str
    context: int
    gpu_layers: int
    main_gpu: int = 0
    tensor_split: tuple[float, ...] = ()

    @property
    def key(self) -> str:
        """A name that two conditions share only where the same speeds are to be expected.

        Without a card it makes no difference what was to go to one, nor how large the context is:
        on a card the context takes memory from the layers.
        """
        values = asdict(self)
        if not self.cards or not self.gpu_layers:
            values = {name: value for name, value in values.items() if name not in _CARD_ONLY}
            values["cards"] = ()
        text = json.dumps(values, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Sample:
    """The same thing measured several times; all values are above 0."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The value to work with."""
        return median(self.values)

    @property
    def spread(self) -> float:
        """How far the highest value lies above the lowest, as a share of the median."""
        return (max(self.values) - min(self.values)) / self.median


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured under some conditions.

    Speeds are tokens a second: ``reading`` of a prompt of ``prompt_tokens`` tokens, ``writing`` of
    all sequences together, by their number. ``quoting`` and ``prose`` say how many times as fast
    writing is with prompt lookup, by the number of tokens guessed: where the answer repeats its
    prompt, and where it does not. Both are empty for a model that cannot take guesses back.

    ``date`` is ISO 8601, UTC. ``other_load`` is how many of the machine's ``cores`` other programs
    kept busy meanwhile.
    """

    conditions: Conditions
    date: str
    prompt_tokens: int
    reading: Sample
    writing: Mapping[int, Sample]
    quoting: Mapping[int, Sample] = field(default_factory=dict)
    prose: Mapping[int, Sample] = field(default_factory=dict)
    other_load: float = 0.0
    cores: int = 1

    @property
    def busy(self) -> bool:
        """Whether others took so much of the machine that the speeds are too low."""
        return is_busy(self.other_load, self.cores)

    @property
    def steady(self) -> bool:
        """Whether the speeds are good enough to tell a gain of a tenth from chance."""
        return not self.busy and self.writing[min(self.writing)].spread <= STEADY

    @property
    def read_tps(self) -> float:
        """Tokens read a second."""
        return self.reading.median

    @property
    def write_tps(self) -> dict[int, float]:
        """Tokens written a second by so many sequences together."""
        return {number: sample.median for number, sample in self.writing.items()}

    @property
    def lookup(self) -> dict[int, float]:
        """How many times as fast text that quotes is written, by the tokens guessed."""
        return {draft: sample.median for draft, sample in self.quoting.items()}

    @property
    def sequences(self) -> int:
        """The number of sequences to write at once."""
        return fewest_sequences(self.write_tps)

    @property
    def draft(self) -> int:
        """The tokens prompt lookup is to guess at a time; 0: it was not shown to pay."""
        return best_draft(self.lookup) if self.steady else 0


def is_busy(other_load: float, cores: int) -> bool:
    """Tell whether others take so many of the cores that speeds measured meanwhile are too low.

    A twentieth of a large machine and a fifth of a core of a small one do little harm.
    """
    return other_load > max(0.2, 0.05 * cores)


def fewest_sequences(write_tps: Mapping[int, float]) -> int:
    """Return the fewest sequences that write nearly as fast as any number measured."""
    enough = NEAR_THE_BEST * max(write_tps.values())
    return min(number for number, speed in write_tps.items() if speed >= enough)


def best_draft(lookup: Mapping[int, float], at_least: float = WORTH_A_GUESS) -> int:
    """Return the draft that gains most, the shorter of two equals; 0 where none gains enough."""
    best = min(lookup, key=lambda draft: (-lookup[draft], draft), default=0)
    return best if best and lookup[best] >= at_least else 0


def choose_sequences(setting: int, calibration: Calibration | None) -> int:
    """Return the number of sequences: as set, else as measured, else a number that suits most."""
    if setting:
        return setting
    return calibration.sequences if calibration is not None else SEQUENCES


def choose_draft(setting: str, calibration: Calibration | None) -> int:
    """Return the tokens to guess at a time for ``auto``, ``on`` or ``off``; 0 for none.

    ``on`` takes the best draft measured however little it gains.
    """
    if setting == "off":
        return 0
    if setting == "on":
        return best_draft(calibration.lookup if calibration else {}, at_least=0.0) or DRAFT
    return calibration.draft if calibration is not None else 0
