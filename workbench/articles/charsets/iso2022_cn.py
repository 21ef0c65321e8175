r"""ISO-2022-CN (RFC 1922), an encoding of old mail, which Python does not have.

``ESC $ ) A`` or ``ESC $ ) G`` says whether the pairs between SO and SI are of GB 2312 or of CNS
11643 plane 1; ``ESC N`` goes before a pair of plane 2. Lines are designated anew.
"""

import codecs
import re
from functools import cache

NAME = "iso2022_cn"
_TOKEN = re.compile(
    rb"\x1b\$\)(?P<set>[AGE])|\x1b\$\*(?P<second>H)|(?P<shift>[\x0e\x0f])"
    rb"|\x1bN(?P<single>[\x21-\x7e]{2})|(?P<end>[\r\n]+)|(?P<pair>[\x21-\x7e]{2})|(?P<one>[\s\S])"
)


def _pair(designated: bytes, pair: bytes) -> str | None:
    from workbench.articles.charsets import euc_tw

    high = bytes(byte | 0x80 for byte in pair)
    if designated == b"G":
        return euc_tw.character(1, high)
    if designated == b"H":
        return euc_tw.character(2, high)
    return high.decode("gb18030", "ignore") or None


def _decode(data: bytes, errors: str = "strict") -> tuple[str, int]:
    """Decode ISO-2022-CN; ``errors`` as for every codec."""
    data = bytes(data)
    parts: list[str] = []
    designated, shifted, position = b"A", False, 0
    while position < len(data):
        token = _TOKEN.match(data, position)
        assert token is not None
        kind, position = token.lastgroup, token.end()
        text: str | None = ""
        if kind == "set":
            designated = token["set"]
        elif kind == "shift":
            shifted = token["shift"] == b"\x0e"
        elif kind == "end":
            text, designated, shifted = token["end"].decode("ascii"), b"A", False
        elif kind == "single":
            text = _pair(b"H", token["single"])
        elif kind == "pair" and shifted:
            text = _pair(designated, token["pair"])
        elif kind != "second":
            position = token.start() + 1
            byte = data[token.start() : position]
            text = byte.decode("ascii") if byte < b"\x80" and byte != b"\x1b" else None
        if text is None:
            error = UnicodeDecodeError(NAME, data, token.start(), position, "no such character")
            text, position = codecs.lookup_error(errors)(error)  # type: ignore[assignment]
        parts.append(str(text))
    return "".join(parts), len(data)


def _encode(text: str, errors: str = "strict") -> tuple[bytes, int]:
    """Refuse: the encoding is read, never written."""
    raise UnicodeEncodeError(NAME, text, 0, len(text), "is only read")


def _search(name: str) -> codecs.CodecInfo | None:
    if name.replace("-", "_") not in {NAME, "iso_2022_cn", "iso2022cn", "iso_2022_cn_ext"}:
        return None
    return codecs.CodecInfo(_encode, _decode, name=NAME)  # type: ignore[arg-type]


@cache
def register() -> None:
    """Make the encoding known to Python."""
    codecs.register(_search)
