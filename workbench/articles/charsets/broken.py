"""Decoding bytes that are not wholly what they should be: as little as possible is lost."""

import codecs
import re

from workbench.articles.charsets.names import BIG5, LEGACY
from workbench.articles.charsets.plausibility import mean_cost

REPLACEMENT = "\ufffd"
_RESYNCHRONISE = "workbench-resynchronise"
# Surrogates written one by one, as old databases and Java do (CESU-8, Unicode Technical Report 26).
_CESU = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_REPAIRS = 2000
"""Broken places of a block that are looked at closely; looking takes time."""


def decode_broken(data: bytes, name: str, *, careful: bool = True) -> tuple[str, int]:
    """Decode what strict decoding refused; return the text and how many U+FFFD were put in.

    ``careful`` looks for where to go on after each broken place, which takes time.
    """
    if name == "utf-8":
        data = _CESU.sub(_join_surrogates, data)
    text = data.decode(name, "replace")
    if careful and name in LEGACY and text.count(REPLACEMENT) <= _REPAIRS:
        text = data.decode(name, _RESYNCHRONISE)
    # U+FFFD that the author wrote is no loss of ours.
    written = data.decode(name, "ignore").count(REPLACEMENT)
    return text, max(text.count(REPLACEMENT) - written, 0)


def _join_surrogates(match: re.Match[bytes]) -> bytes:
    halves = match.group().decode("utf-8", "surrogatepass")
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le").encode()


def _resume(error: UnicodeError) -> tuple[str, int]:
    """Go on after broken bytes where what follows looks most like Chinese.

    A lost or stray byte shifts every pair after it; codecs alone would read the rest of the line
    shifted, into garbage. A pair that one member of the Big5 family lacks is looked up in the
    others, and 0x80 is the euro of code page 936.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    data, start = error.object, error.start
    if error.encoding in BIG5:
        for member in BIG5:
            try:
                return data[start : start + 2].decode(member), start + 2
            except UnicodeDecodeError:
                continue
    elif error.encoding == "gb18030" and data[start] == 0x80:
        return "€", start + 1
    positions = range(start + 1, min(start + 5, len(data) + 1))

    def hindrance(position: int) -> float:
        following = data[position : position + 40].split(b"\n")[0]
        # The window may end inside a pair.
        text = following.decode(error.encoding, "replace")[:-1]
        return mean_cost(text) + 0.5 * (position - start)

    return REPLACEMENT, min(positions, key=hindrance)


codecs.register_error(_RESYNCHRONISE, _resume)
