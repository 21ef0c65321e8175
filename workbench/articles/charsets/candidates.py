"""The encodings some bytes may be in, ranked by how much each reading looks like writing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from workbench.articles.charsets import euc_tw, sampling
from workbench.articles.charsets.broken import decode_broken
from workbench.articles.charsets.names import BIG5, LEGACY, WIDE, codec_name
from workbench.articles.charsets.plausibility import (
    Costs,
    ascii_cost,
    chinese,
    japanese,
    korean,
    western,
)

PLAUSIBLE = 0.45
"""Chinese text scores 0.8 to 1; the same bytes in a wrong encoding below 0.4."""
HOPELESS = 0.2
_WESTERN_SHARE = 0.25
"""Windows-1252 is thought of where fewer of the bytes than this are beyond ASCII."""
_NOISE, _NEWS = 8.5, 4.3
"""Bits a byte beyond ASCII: of noise (8 and what a bad guess adds), and of Chinese news."""
_LATIN_NOISE, _LATIN_NEWS = 13.0, 8.0
_LATIN_PRIOR, _ALONE_PRIOR = 8.0, -10.0
"""What speaks against Windows-1252, and for it where letters with accents stand alone in words."""
_WIDE_NOISE, _WIDE_NEWS = 14.5, 9.0
"""Bits a character of UTF-16 and UTF-32."""
_LEAST = 8
"""Bytes to share a prior out over: what little text there is must be able to speak against it."""
_BEHIND = 60.0
"""Bits behind the best after a first look that leave no hope for a second."""
_CERTAIN = 0.6
"""Scores of a first look from here on end the search: the wrong encoding seldom has them."""
_FOREIGN = 12.5
"""Bits a character that Chinese text does not cost: other languages are tried."""

_Languages = tuple[Callable[[], Costs], ...]
# What speaks against an encoding before a byte is seen, in bits: how seldom it is met.
_NARROW: tuple[tuple[str, float, _Languages], ...] = (
    ("utf-8", 0.0, (chinese, japanese, korean, western)),
    ("gb18030", 0.0, (chinese,)),
    ("big5", 1.0, (chinese,)),
    ("cp932", 10.0, (japanese,)),
    ("euc_jp", 12.0, (japanese,)),
    ("cp949", 10.0, (korean,)),
)
_EUC_TW = ("euc_tw", 14.0, (chinese,))
_UTF16 = (("utf-16-le", 3.0), ("utf-16-be", 5.0))
_UTF32 = (("utf-32-le", 3.0), ("utf-32-be", 5.0))
_ANY = (chinese, japanese, korean, western)
_MEMBER_PRIORS = {"big5": 0.0, "cp950": 0.5, "big5hkscs": 1.0}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reading of the bytes: bits a byte beyond ASCII (less is likelier), its score, its losses.

    ``lost`` counts the U+FFFD of the sample.
    """

    name: str
    rate: float
    score: float
    lost: int


class _Sample:
    """Some bytes to judge encodings by, with what does not depend on the encoding."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.beyond = max(sampling.beyond_ascii(data), 1)
        self.plain = ascii_cost(data)


def rank(data: bytes, *, declared: str | None = None, prior: float = 0.0) -> list[Candidate]:
    """Return the readings of a file's bytes, the likeliest first.

    ``declared`` names one that is favoured by ``prior`` bits; it is read whatever it is. The Big5
    family is read as one and stands for its likeliest member.
    """
    euc_tw.register()
    windows = sampling.telling(data)
    narrow, wide = _Sample(b"\n".join(windows)), _Sample(sampling.paired(data))
    first = _Sample(sampling.beginnings(windows)), _Sample(wide.data[: sampling.BRIEF])
    kinds = list(_NARROW)
    if 0 < _share_beyond(data) <= _WESTERN_SHARE or declared == "cp1252":
        against = _ALONE_PRIOR if sampling.stands_alone(narrow.data) else _LATIN_PRIOR
        kinds.append(("cp1252", against, (western,)))
    kinds += [(name, against, _ANY) for name, against in _UTF16 if len(data) > 1]
    if b"\0\0" in wide.data:
        kinds += [(name, against, _ANY) for name, against in _UTF32]
    if declared and codec_name(declared) and declared not in BIG5:
        kinds = [kind for kind in kinds if kind[0] != declared] + [(declared, 0.0, _ANY)]
    favoured = "big5" if declared in BIG5 else declared
    found = []
    for name, against, languages in kinds:
        against -= prior if name == favoured else 0.0
        found.append((_judge(first[name in WIDE], name, against, languages), against, languages))
    if declared != "euc_tw" and max(one.score for one, *_ in found) < _CERTAIN:
        # It takes long to read, and is all but extinct.
        found.append((_judge(first[0], *_EUC_TW), *_EUC_TW[1:]))
    least = min(one.rate * first[one.name in WIDE].beyond for one, *_ in found)
    for place, (one, against, languages) in enumerate(found):
        brief, full = (first[1], wide) if one.name in WIDE else (first[0], narrow)
        behind = one.rate * brief.beyond - least
        if len(full.data) > len(brief.data) and (behind < _BEHIND or one.name == declared):
            found[place] = _judge(full, one.name, against, languages), against, languages
    best, *others = sorted((one for one, *_ in found), key=lambda one: one.rate)
    return [_member(narrow, best, data, declared) if best.name == "big5" else best, *others]


def judge(data: bytes, name: str) -> Candidate:
    """Return how one encoding reads all of some bytes."""
    return _judge(_Sample(data), name, 0.0, _ANY)


def _judge(sample: _Sample, name: str, against: float, languages: _Languages) -> Candidate:
    text, lost = _read(sample.data, name)
    bits = _cheapest(text, languages)
    rate = (bits - sample.plain) / sample.beyond
    if name in WIDE:
        # ASCII bytes are parts of Hanzi there: a byte beyond ASCII is no measure.
        score = _scale(bits / max(len(text), 1), _WIDE_NOISE, _WIDE_NEWS)
    elif name == "cp1252":
        score = 0.9 * _scale(rate, _LATIN_NOISE, _LATIN_NEWS)
    else:
        score = _scale(rate, _NOISE, _NEWS)
    return Candidate(name, rate + against / max(sample.beyond, _LEAST), score, lost)


def _scale(value: float, worst: float, best: float) -> float:
    return min(max((worst - value) / (worst - best), 0.0), 1.0)


def _cheapest(text: str, languages: Iterable[Callable[[], Costs]]) -> float:
    least = float("inf")
    for language in languages:
        least = min(least, language().of(text))
        if least <= _FOREIGN * len(text):
            break
    return least


def _read(data: bytes, name: str) -> tuple[str, int]:
    if name == "utf-8" and (cut := sampling.cut_character(data)):
        # Where text ends inside a character, all but that speaks for UTF-8.
        text = data[:-cut].decode(name, "replace")
        return text, text.count("\ufffd") + 1
    try:
        text = data.decode(name, "replace")
    except UnicodeError:
        return "\ufffd" * len(data), len(data)
    lost = text.count("\ufffd")
    if 0 < lost <= 3 + len(text) // 200 and name in LEGACY:
        return decode_broken(data, name)
    if lost > 1 and name in WIDE:
        # One U+FFFD stands for any number of bytes there.
        return "\ufffd" * len(data), lost
    return text, lost


def _member(sample: _Sample, one: Candidate, data: bytes, declared: str | None) -> Candidate:
    """Return which member of the Big5 family reads the bytes: all of them, most plausibly."""
    texts = {name: text for name in BIG5 if (text := _whole(data, name)) is not None}
    if declared in texts:
        return Candidate(str(declared), one.rate, one.score, 0)
    if "big5" in texts and len(set(texts.values())) == 1:
        return one
    members = [
        _judge(sample, name, _MEMBER_PRIORS[name], (chinese,)) for name in texts or _MEMBER_PRIORS
    ]
    best = min(members, key=lambda member: member.rate)
    return Candidate(best.name, one.rate, max(one.score, best.score), best.lost)


def _whole(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        return None


def _share_beyond(data: bytes) -> float:
    part = data[: 1 << 18]
    return sampling.beyond_ascii(part) / max(len(part), 1)
