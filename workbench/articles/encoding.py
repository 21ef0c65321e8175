"""Bytes into text: which encoding a file is in, and what of it could not be read."""

import codecs
import re
from dataclasses import dataclass

from workbench.articles.model import Encoding
from workbench.articles.plausibility import plausibility, sample
from workbench.errors import ArticleError
from workbench.i18n import _

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    # The UTF-32 little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_UNMARKED_UTF16 = ("utf-16-le", "utf-16-be")
_BIG5 = ("big5", "cp950", "big5hkscs")
_LEGACY = ("gb18030", *_BIG5)
# Labels as the web uses them mean the widest set of their family (WHATWG Encoding Standard, 4.2).
_WIDEST = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "utf-16": "utf-16-le",
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
}
_PLAUSIBLE = 0.45
"""Real Chinese news scores 0.65 to 0.85; the same bytes in a wrong encoding below 0.35."""
_HOPELESS = 0.25
_RESYNCHRONISE = "workbench-resynchronise"
_REPAIRS = 2000
_NULS = re.compile(rb"\x00")
_LATIN = re.compile(r"[À-ɏ‘’“”–—…«»°©®·]")


@dataclass(frozen=True, slots=True)
class _Candidate:
    name: str
    text: str
    score: float
    undecodable: int


def decode(
    data: bytes, *, declared: str | None = None, given: str | None = None
) -> tuple[str, Encoding]:
    """Decode a file's bytes, its byte order mark left off, and say how.

    The order: ``given`` by the user; byte order mark; strict UTF-8; ``declared`` by the file;
    then UTF-16 without a mark, GB18030 and the Big5 family, judged by how frequent their
    characters are in Chinese. GBK and GB2312 are reported as the GB18030 that contains them.
    Raises ArticleError (without a path) for an unknown encoding, and where most cannot be read.
    """
    if given is not None:
        return _as_given(data, given)
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _finish(_candidate(data[len(mark) :], name), "bom", 1.0)
    has_nuls = _NULS.search(data) is not None
    if not has_nuls:
        try:
            return data.decode("utf-8"), Encoding("utf-8", "utf-8", 1.0)
        except UnicodeDecodeError:
            pass
    if (hint := _known(declared)) and (found := _as_declared(data, hint)):
        return found
    return _scored(data, has_nuls)


def codec_name(label: str) -> str | None:
    """Return the name of the text codec a label stands for, None where there is none."""
    try:
        info = codecs.lookup(label.strip())
    except (LookupError, ValueError):
        return None
    if not info._is_text_encoding or info.name in {"idna", "punycode", "undefined"}:
        return None
    return info.name


def _known(label: str | None) -> str | None:
    name = codec_name(label) if label else None
    return _WIDEST.get(name, name) if name else None


def _candidate(data: bytes, name: str) -> _Candidate:
    try:
        text = data.decode(name)
        undecodable = 0
    except UnicodeError:
        # U+FFFD that the author wrote is no loss of ours.
        text = data.decode(name, errors="replace")
        if name in _LEGACY and text.count("�") <= _REPAIRS:
            text = data.decode(name, errors=_RESYNCHRONISE)
        written = "�".encode(name, "ignore")
        undecodable = text.count("�") - (data.count(written) if written else 0)
    return _Candidate(name, text, plausibility(text), max(undecodable, 0))


def _resume(error: UnicodeError) -> tuple[str, int]:
    """Go on after broken bytes where what follows looks most like Chinese.

    A lost or stray byte shifts every pair after it; codecs alone would read the rest of the line
    shifted, into garbage.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    positions = range(error.start + 1, min(error.start + 5, len(error.object) + 1))

    def promise(position: int) -> float:
        following = error.object[position : position + 40].split(b"\n")[0]
        text = following.decode(error.encoding, "replace")
        # The window may end inside a pair.
        return plausibility(text[:-1]) - 0.05 * (position - error.start)

    return "�", max(positions, key=promise)


codecs.register_error(_RESYNCHRONISE, _resume)


def _family(data: bytes, name: str) -> _Candidate:
    """Decode by the narrowest member of the Big5 family that loses least, else as named."""
    if name not in _BIG5:
        return _candidate(data, name)
    members = [_candidate(data, member) for member in _BIG5]
    return min(members, key=lambda member: (member.undecodable, -round(member.score, 2)))


def _finish(
    best: _Candidate, method: str, confidence: float, other: _Candidate | None = None
) -> tuple[str, Encoding]:
    if best.undecodable * 2 > len(best.text):
        raise ArticleError(
            _("most of it cannot be read as {encoding}").format(encoding=best.name),
            fix=_("Name the encoding it is in, or save it as UTF-8."),
        )
    encoding = Encoding(
        best.name,
        method,
        round(confidence, 3),
        other.name if other else None,
        round(other.score, 3) if other else 0.0,
        best.undecodable,
    )
    return best.text.removeprefix("\ufeff"), encoding


def _as_given(data: bytes, label: str) -> tuple[str, Encoding]:
    name = codec_name(label)
    if name is None:
        raise ArticleError(
            _("there is no encoding {name!r}").format(name=label),
            fix=_("Use one such as utf-8, utf-16, gb18030, big5 or big5hkscs."),
        )
    for mark, marked in _BOMS:
        if data.startswith(mark) and (marked == name or marked.startswith(f"{name}-")):
            data, name = data[len(mark) :], marked
            break
    name = _WIDEST.get(name, name) if name.startswith(("gb", "cp936", "utf-16")) else name
    try:
        best = _family(data, name) if name == "big5" else _candidate(data, name)
    except UnicodeError as error:
        raise ArticleError(
            _("cannot be read as {encoding}: {error}").format(encoding=label, error=error),
            fix=_("Name the encoding it is in, or save it as UTF-8."),
        ) from None
    return _finish(best, "given", 1.0)


def _as_declared(data: bytes, name: str) -> tuple[str, Encoding] | None:
    """Believe a declaration that decodes without loss into plausible Chinese."""
    try:
        best = _family(data, name)
    except UnicodeError:
        return None
    if best.undecodable or best.score < _PLAUSIBLE:
        return None
    return _finish(best, "declared", best.score)


def _scored(data: bytes, has_nuls: bool) -> tuple[str, Encoding]:
    names: list[str] = [] if has_nuls else ["utf-8", *_LEGACY]
    if len(data) >= 2:
        names += _UNMARKED_UTF16
    # Ties go to the earlier name: big5 before its extensions.
    ranked = sorted(
        (_candidate(data, name) for name in names),
        key=lambda one: -_rank(one, has_nuls),
    )
    if not ranked:
        raise _not_text()
    best, *others = ranked
    family = _BIG5 if best.name in _BIG5 else {best.name}
    other = next((one for one in others if one.name not in family), None)
    if has_nuls and not _is_utf16_text(best):
        raise _not_text()
    if best.score < _PLAUSIBLE and not has_nuls and (western := _western(data)):
        return _finish(western, "scored", western.score, best)
    if best.score < _HOPELESS and not has_nuls:
        raise ArticleError(
            _("its encoding cannot be told: it is neither UTF-8, UTF-16, GB18030 nor Big5"),
            fix=_("Name the encoding it is in, or save it as UTF-8."),
        )
    return _finish(best, "scored", best.score, other)


def _rank(one: _Candidate, has_nuls: bool) -> float:
    """Rank by plausibility; every byte pair lost counts against it, however long the text."""
    rank = round(one.score, 3) - 4 * one.undecodable / max(len(one.text), 1)
    if has_nuls:
        part = sample(one.text)
        rank += part.count("\n") / len(part) + 0.5 * _ascii_share(part) if part else 0.0
    return rank


def _ascii_share(text: str) -> float:
    return sum(" " <= char <= "~" for char in text) / max(len(text), 1)


def _is_utf16_text(one: _Candidate) -> bool:
    part = sample(one.text)
    lost = part.count("\0") + part.count("�")
    return lost * 100 <= len(part) and (one.score >= _PLAUSIBLE or _ascii_share(part) > 0.7)


def _western(data: bytes) -> _Candidate | None:
    """Read mostly-ASCII bytes as Windows-1252, where its accented letters make sense."""
    high = sum(byte >= 0x80 for byte in data[:100_000])
    if not high or high > 0.2 * len(data[:100_000]):
        return None
    one = _candidate(data, "cp1252")
    letters = len(_LATIN.findall(one.text[:100_000]))
    if one.undecodable or letters < 0.8 * high:
        return None
    return _Candidate(one.name, one.text, 0.5, 0)


def _not_text() -> ArticleError:
    return ArticleError(
        _("is not text: it holds NUL bytes"),
        fix=_("Give a text, Markdown or HTML file."),
    )
