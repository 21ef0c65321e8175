"""How much a decoded text looks like writing: the measure that tells encodings apart.

Each character costs bits, as in a code made for Chinese text: few for frequent characters, many
for rare ones, more than a byte deserves for what no text holds. Of several readings of the same
bytes the cheapest is the likeliest. Character frequency as the judge between multi-byte encodings
is the "character distribution method" of Li and Momoi, "A composite approach to language/encoding
detection" (19th Unicode Conference, 2001).
"""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

LOST_BITS = 20.0
"""What U+FFFD costs: more than the rarest of characters."""
_ASCII_TEXT = frozenset((*range(0x09, 0x0E), 0x1B, *range(0x20, 0x7F)))
_DATA = Path(__file__).parent
_RARE_HANZI = 15.5
_UNUSUAL_HANZI = 18.0
_IMPOSSIBLE = 22.0
_COMBINED = 20.0


class Costs(dict[str, float]):
    """Bits for each character of one language, worked out once for those it does not list."""

    def __init__(self, listed: dict[str, float], ranges: Iterable[tuple[int, int, float]] = ()):
        super().__init__(listed)
        self._ranges = tuple(ranges)

    def __missing__(self, char: str) -> float:
        code = ord(char)
        bits = next((cost for low, high, cost in self._ranges if low <= code <= high), None)
        self[char] = _class_bits(code, char) if bits is None else bits
        return self[char]

    def of(self, text: str) -> float:
        """Return the bits a text costs."""
        return sum(map(self.__getitem__, text))


def _class_bits(code: int, char: str) -> float:
    """Price a character that no list names by the kind of character it is."""
    if code < 0x80:
        return _ascii_bits(char)
    if 0x4E00 <= code <= 0x9FFF:
        return _RARE_HANZI if _is_standard(char) else _UNUSUAL_HANZI
    if code == 0xFFFD:
        return LOST_BITS
    if 0xFF01 <= code <= 0xFF5E or 0x2010 <= code <= 0x2027 or 0x3000 <= code <= 0x301F:
        return 13.0
    if 0x1F300 <= code <= 0x1FAFF or 0x2460 <= code <= 0x2473 or 0x25A0 <= code <= 0x26FF:
        return 14.0
    if 0x3041 <= code <= 0x30FE or 0xAC00 <= code <= 0xD7A3:
        return 15.0
    if 0xA0 <= code < 0x460:
        return 14.0
    if (0x2030 <= code < 0x2E00 or 0x3105 <= code <= 0x33FF) and char.isprintable():
        return 16.0
    if 0xF900 <= code <= 0xFFEF or 0x3400 <= code <= 0x4DBF or 0x20000 <= code <= 0x3FFFF:
        return _COMBINED
    return _IMPOSSIBLE


def _ascii_bits(char: str) -> float:
    """Price an ASCII character as in running text and markup, of any language."""
    if char.islower() or char in " \n":
        return 4.5
    if char.isalnum() or char in ".,-/<>=\"'():;_\r\t":
        return 6.5
    return 8.5 if char.isprintable() or char in "\f\x1b" else LOST_BITS


@cache
def _ascii_table() -> tuple[float, ...]:
    return tuple(_ascii_bits(chr(code)) if code in _ASCII_TEXT else 0.0 for code in range(256))


def ascii_cost(data: bytes) -> float:
    """Return what the ASCII signs among some bytes cost; controls cost nothing here."""
    return sum(_ascii_table()[code] * count for code, count in Counter(data).items())


def _is_standard(char: str) -> bool:
    """Tell whether the first national sets list the character (GB 2312; Big5, first level)."""
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        code = char.encode("big5", "ignore")
        return b"\xa4" <= code < b"\xc9"
    return True


@cache
def chinese() -> Costs:
    """Return the costs of Chinese in either script, as counted: see ``hanzi.txt``."""
    return Costs(_listed("hanzi.txt"))


@cache
def japanese() -> Costs:
    """Return the costs of Japanese: kana in classes, kanji a little dearer than in Chinese."""
    costs = {char: bits + 1.5 for char, bits in _listed("hanzi.txt").items()}
    costs |= dict.fromkeys("。、「」", 6.5)
    costs |= dict.fromkeys(
        "のにはをたがでとしるいてなれかもらっりくすまきさあこうよけそだんどえせわめ", 6.0
    )
    costs |= dict.fromkeys(
        "ーンスルトリアイラクッシレドジコタフマログテムカプサキメチニオビバダパツナ", 8.0
    )
    return Costs(costs, [(0x3041, 0x309E, 9.0), (0x30A1, 0x30FE, 10.0)])


@cache
def korean() -> Costs:
    """Return the costs of Korean: its frequent syllables, the others, and hanja as rarities."""
    costs = {char: bits + 5.0 for char, bits in _listed("hanzi.txt").items()}
    costs |= _listed("hangul.txt")
    return Costs(costs, [(0xAC00, 0xD7A3, 15.5)])


@cache
def western() -> Costs:
    """Return the costs of the Latin letters and signs that English and its neighbours add."""
    costs = dict.fromkeys("éèàêâçüöäßñóíáúôîûëïœæøåìòùãõ–—‘’“”…", 8.0)
    costs |= dict.fromkeys("ÉÈÀÇÜÖÄÑÓÍÁÚÅØÎÊ«»©®°·•€£™§\xa0", 10.0)
    return Costs(costs)


def _listed(name: str) -> dict[str, float]:
    costs: dict[str, float] = {}
    for line in (_DATA / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            bits, characters = line.split(" ", 1)
            costs |= dict.fromkeys(characters, float(bits))
    return costs


def is_hanzi(char: str) -> bool:
    """Tell whether a character is a Han character of the basic plane."""
    return "\u4e00" <= char <= "\u9fff"


def cost(text: str) -> float:
    """Return the bits a text costs in Chinese."""
    return chinese().of(text)


def mean_cost(text: str) -> float:
    """Return the bits a character beyond ASCII costs in Chinese, on average; 0.0 without any."""
    beyond = [char for char in text if char > "\x7f"]
    return chinese().of("".join(beyond)) / len(beyond) if beyond else 0.0
