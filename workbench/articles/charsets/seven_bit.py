"""Recognising the encodings of old mail, which are ASCII with escapes to Chinese and back."""

import re

from workbench.articles.charsets import iso2022_cn
from workbench.articles.charsets.plausibility import chinese, japanese, korean

_SIGNS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\x1b\$\)[AGE]"), "iso2022_cn"),
    (re.compile(rb"\x1b\$\)C"), "iso2022_kr"),
    (re.compile(rb"\x1b\$[B@]"), "iso2022_jp"),
    (re.compile(rb"~\{(?:[\x21-\x77][\x21-\x7e])+~\}"), "hz"),
)
_READABLE = 14.0
"""Bits a character beyond ASCII may cost: escapes met by chance lead to rare characters."""


def escaped_encoding(data: bytes) -> str | None:
    """Return which of HZ (RFC 1843), ISO-2022-CN, -JP or -KR some ASCII bytes are in, if any."""
    iso2022_cn.register()
    for sign, name in _SIGNS:
        if not sign.search(data):
            continue
        text = data.decode(name, "replace")
        beyond = "".join(char for char in text if char > "\x7f")
        bits = min(costs.of(beyond) for costs in (chinese(), japanese(), korean()))
        if beyond and bits <= _READABLE * len(beyond) and beyond.count("\ufffd") * 50 < len(beyond):
            return name
    return None
