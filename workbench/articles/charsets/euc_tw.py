"""EUC-TW, the Unix encoding of CNS 11643, which Python does not have.

Planes 1 and 2 of CNS 11643 hold the characters of Big5 in almost the same order, so a short table
of runs leads from one to the other.
"""

import codecs
import re
from functools import cache
from pathlib import Path

NAME = "euc_tw"
_RUNS = Path(__file__).with_name("cns11643.txt")
_TOKEN = re.compile(
    rb"(?P<ascii>[\x00-\x7f]+)|(?P<pair>\x8e[\xa1-\xb0][\xa1-\xfe]{2}|[\xa1-\xfe]{2})"
    rb"|(?P<bad>[\s\S])"
)


@cache
def _characters() -> dict[bytes, str]:
    """Map EUC-TW bytes to characters; those of plane 1 also in their long form."""
    found: dict[bytes, str] = {}
    for line in _RUNS.read_text(encoding="ascii").splitlines():
        if line.startswith("#"):
            continue
        plane, first, start, count = map(int, line.split())
        for index in range(count):
            pair = bytes(part + 0xA1 for part in divmod(first + index, 94))
            row, column = divmod(start + index, 157)
            code = bytes((row + 0xA1, column + (0x40 if column < 63 else 0x62)))
            character = code.decode("cp950")
            found[bytes((0x8E, 0xA0 + plane)) + pair] = character
            if plane == 1:
                found[pair] = character
    return found


def character(plane: int, pair: bytes) -> str | None:
    """Return the character of a CNS 11643 plane at two bytes from 0xA1 to 0xFE each."""
    return _characters().get(bytes((0x8E, 0xA0 + plane)) + pair)


def _decode(data: bytes, errors: str = "strict") -> tuple[str, int]:
    """Decode EUC-TW; ``errors`` as for every codec."""
    data = bytes(data)
    table = _characters()
    parts: list[str] = []
    position = 0
    while position < len(data):
        token = _TOKEN.match(data, position)
        assert token is not None
        position = token.end()
        if token.lastgroup == "ascii":
            parts.append(token.group().decode("ascii"))
        elif (found := table.get(token.group())) is not None:
            parts.append(found)
        else:
            error = UnicodeDecodeError(NAME, data, token.start(), token.end(), "no such character")
            instead, position = codecs.lookup_error(errors)(error)
            parts.append(str(instead))
    return "".join(parts), len(data)


@cache
def _codes() -> dict[str, bytes]:
    codes: dict[str, bytes] = {}
    for code, char in _characters().items():
        if char not in codes or len(code) < len(codes[char]):
            codes[char] = code
    return codes


def _encode(text: str, errors: str = "strict") -> tuple[bytes, int]:
    """Encode to EUC-TW; ``errors`` as for every codec."""
    parts: list[bytes] = []
    position = 0
    while position < len(text):
        char = text[position]
        code = char.encode("ascii") if char < "\x80" else _codes().get(char)
        position += 1
        if code is None:
            error = UnicodeEncodeError(NAME, text, position - 1, position, "no such character")
            instead, position = codecs.lookup_error(errors)(error)
            code = instead if isinstance(instead, bytes) else instead.encode("ascii")
        parts.append(code)
    return b"".join(parts), len(text)


def _search(name: str) -> codecs.CodecInfo | None:
    if name.replace("-", "_") not in {NAME, "euctw"}:
        return None
    return codecs.CodecInfo(_encode, _decode, name=NAME)  # type: ignore[arg-type]


@cache
def register() -> None:
    """Make the encoding known to Python."""
    codecs.register(_search)
