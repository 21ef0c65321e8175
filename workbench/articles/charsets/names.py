"""Names of encodings: what labels mean, which marks open a file, which encodings are one family."""

import codecs

BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    # The UTF-32 little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
BIG5 = ("big5", "cp950", "big5hkscs")
"""The Big5 family, narrowest first: what one of them lacks is looked up in the others."""
LEGACY = ("gb18030", *BIG5, "cp932", "euc_jp", "cp949", "euc_tw")
"""Encodings of one or more bytes a character whose text is made of bytes from 0x80 up."""
WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
ESCAPED = ("hz", "iso2022_cn", "iso2022_jp", "iso2022_kr")
"""Encodings made for seven-bit mail: ASCII throughout, with escapes to Chinese and back."""
# Labels as the web uses them mean the widest set of their family (WHATWG Encoding Standard, 4.2).
_WIDEST = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "utf-16": "utf-16-le",
    "utf-32": "utf-32-le",
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
# Labels of that standard, of mail and of databases that Python has no name for.
_LABELS = {
    "ansi": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312": "gb18030",
    "csgb2312": "gb18030",
    "cn-gb": "gb18030",
    "cn-big5": "big5",
    "x-x-big5": "big5",
    "x-big5": "big5",
    "big5-eten": "big5",
    "big-5": "big5",
    "windows-950": "cp950",
    "x-windows-950": "cp950",
    "windows-936": "gb18030",
    "x-mswin-936": "gb18030",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "windows-949": "cp949",
    "unicode": "utf-16-le",
    "unicodefffe": "utf-16-be",
    "utf8mb4": "utf-8",
    "utf8mb3": "utf-8",
    "x-euc-tw": "euc_tw",
    "x-euc-jp": "euc_jp",
}


def codec_name(label: str) -> str | None:
    """Return the name of the text codec a label stands for, None where there is none."""
    from workbench.articles.charsets import euc_tw, iso2022_cn

    euc_tw.register()
    iso2022_cn.register()
    label = label.strip().strip("\"'")
    try:
        info = codecs.lookup(_LABELS.get(label.lower(), label))
    except (LookupError, ValueError):
        return None
    if not info._is_text_encoding or info.name in {"idna", "punycode", "undefined"}:
        return None
    return info.name


def widest(name: str) -> str:
    """Return the encoding that holds the named one and whatever is called by its name."""
    return _WIDEST.get(name, name)


def known(label: str | None) -> str | None:
    """Return the widest encoding a file's label can mean, None where it means none."""
    name = codec_name(label) if label else None
    return widest(name) if name else None


def family(name: str) -> tuple[str, ...]:
    """Return the encodings that are told apart by single characters only, with this one."""
    return BIG5 if name in BIG5 else (name,)
