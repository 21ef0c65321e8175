"""Bytes into text: which encoding a file is in, and what of it could not be read."""

from dataclasses import replace

from workbench.articles.charsets import names
from workbench.articles.charsets.candidates import (
    HOPELESS,
    PLAUSIBLE,
    Candidate,
    judge,
    rank,
)
from workbench.articles.charsets.decoder import Decoder
from workbench.articles.charsets.names import BOMS, family
from workbench.articles.charsets.plausibility import cost, is_hanzi, mean_cost
from workbench.articles.charsets.sampling import cut_character
from workbench.articles.model import Encoding
from workbench.errors import ArticleError
from workbench.i18n import _

_DECLARED_PRIOR = 20.0
"""Bits by which another encoding must be likelier than the declared one: four characters' worth."""
_BRIEF = 40
"""Bytes of text so short that Chinese in GBK may be valid UTF-8 by chance."""
_SENSE, _STRANGE = 0.55, 0.1
"""Chinese in UTF-16 scores above the one; of Korean or Western text, a smaller share than the other
is neither ASCII nor of East Asia. Machine data read as UTF-16 fails both."""


def decode(
    data: bytes, *, declared: str | None = None, given: str | None = None
) -> tuple[str, Encoding]:
    """Decode a file's bytes, its byte order mark left off, and say how.

    What ``decide`` says of them, with the parts that are in another encoding, what could not be
    read, and a misreading that was undone. Raises ArticleError (without a path) for an unknown
    encoding, and where most cannot be read.
    """
    encoding = decide(data, declared=declared, given=given)
    reader = decoder(encoding)
    text = reader.decode(data, final=True)
    if reader.also:
        # What was known only after the first such part helps with those before it.
        reader = Decoder(encoding.name, reader.also)
        text = reader.decode(data, final=True)
    if reader.undecodable * 2 > len(text):
        raise ArticleError(
            _("most of it cannot be read as {encoding}").format(encoding=encoding.name),
            fix=_("Name the encoding it is in, or save it as UTF-8."),
        )
    encoding = replace(encoding, undecodable=reader.undecodable, also=reader.also)
    return (text, encoding) if given else _restored(text, encoding)


def decoder(encoding: Encoding) -> Decoder:
    """Return an incremental decoder that reads in bounded memory as ``decode`` reads whole files.

    Its ``undecodable`` and ``also`` say at the end what ``decode`` says in its Encoding; garbled
    text is not restored.
    """
    return Decoder(encoding.name, encoding.also, alone=encoding.method == "given")


def decide(
    sample: bytes, *, declared: str | None = None, given: str | None = None, complete: bool = True
) -> Encoding:
    """Decide which encoding a file is in by its bytes, or by its first ones.

    The order: ``given`` by the user; byte order mark; strict UTF-8; then UTF-16 without a mark, GB
    18030, the Big5 family and others, judged by how frequent their characters are, where the one
    ``declared`` by the file is favoured. GBK and GB 2312 are reported as the GB 18030 that contains
    them. ``complete``: these are all the bytes, so the last character is whole. Raises ArticleError
    (without a path) for an unknown encoding, and where none can be told.
    """
    if given is not None:
        return Encoding(_given(sample, given), "given", 1.0)
    for mark, name in BOMS:
        if sample.startswith(mark):
            return Encoding(name, "bom", 1.0)
    if not complete:
        sample = sample[: len(sample) - cut_character(sample)]
    if (found := _as_utf8(sample)) is not None:
        return found
    return _scored(sample, names.known(declared))


def codec_name(label: str) -> str | None:
    """Return the name of the text codec a label stands for, None where there is none."""
    return names.codec_name(label)


def _given(data: bytes, label: str) -> str:
    name = names.codec_name(label)
    if name is None:
        raise ArticleError(
            _("there is no encoding {name!r}").format(name=label),
            fix=_("Use one such as utf-8, utf-16, gb18030, big5 or big5hkscs."),
        )
    for mark, marked in BOMS:
        if data.startswith(mark) and (marked == name or marked.startswith(f"{name}-")):
            return marked
    if name == "utf-16":
        return min(("utf-16-le", "utf-16-be"), key=lambda one: judge(data[:4096], one).rate)
    if name in {"utf-8-sig", "utf_8_sig"}:
        return "utf-8"
    return names.widest(name) if name.startswith(("gb", "cp936", "utf-32")) else name


def _as_utf8(data: bytes) -> Encoding | None:
    """Say that bytes are UTF-8, or ASCII with escapes, where they are without any doubt."""
    if b"\0" in data:
        # UTF-16 is full of them, and may be valid UTF-8 all the same.
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if len(text) == len(data):
        from workbench.articles.charsets.seven_bit import escaped_encoding

        if (b"~{" in data or b"\x1b$" in data) and (name := escaped_encoding(data)):
            return Encoding(name, "scored", 0.9, "utf-8", 0.0)
    elif len(data) <= _BRIEF and max(text) <= "\u07ff" and _is_gbk_by_chance(data, text):
        return None
    return Encoding("utf-8", "utf-8", 1.0)


def _is_gbk_by_chance(data: bytes, text: str) -> bool:
    """Tell whether a few Hanzi in GBK make valid UTF-8: letters of any script, thrown together."""
    if len({ord(char) >> 7 for char in text if char > "\x7f"}) == 1:
        return False
    hanzi = data.decode("gb18030", "replace")
    beyond = [char for char in hanzi if char > "\x7f"]
    return all(map(is_hanzi, beyond)) and mean_cost(hanzi) <= 12.0 and cost(hanzi) < cost(text)


def _scored(data: bytes, declared: str | None) -> Encoding:
    ranked = rank(data, declared=declared, prior=_DECLARED_PRIOR)
    best = ranked[0]
    if declared and best.score < (HOPELESS if declared == "cp1252" else PLAUSIBLE):
        # Other languages are not scored: what a file says of itself is then all there is.
        best = next((one for one in ranked if one.name == declared and one.lost <= 1), best)
    if (best.score < HOPELESS or _is_binary(data, best)) and best.name != declared:
        raise _unknown(data)
    other = next((one for one in ranked if one.name not in family(best.name)), None)
    # The sample may end inside a character.
    said = declared is not None and declared in family(best.name) and best.lost <= 1
    return Encoding(
        best.name,
        "declared" if said else "utf-8" if best.name == "utf-8" and not best.lost else "scored",
        round(best.score, 3),
        other.name if other else None,
        round(other.score, 3) if other else 0.0,
    )


def _is_binary(data: bytes, best: Candidate) -> bool:
    """Tell data full of NULs that makes no sense as UTF-16 either."""
    if b"\0" not in data or best.score >= _SENSE:
        return False
    text = data[:4096].decode(best.name, "replace")
    strange = sum("\x7f" <= char < "\u2000" and not "\u1100" <= char < "\u1200" for char in text)
    return strange > _STRANGE * len(text)


def _restored(text: str, encoding: Encoding) -> tuple[str, Encoding]:
    """Undo a misreading where nothing of the text was lost by it, else refuse garbled text."""
    from workbench.articles.charsets.misreading import find_misreading

    found = find_misreading(text)
    if found is None:
        return text, encoding
    if not found.complete:
        raise ArticleError(
            _("is garbled: {meant} text was read as {misread}, and parts of it were lost").format(
                meant=found.meant, misread=found.misread_as
            ),
            fix=_("Get the file again from where it came from."),
        )
    return found.text, replace(encoding, misread=found.misread_as)


def _unknown(data: bytes) -> ArticleError:
    if b"\0" in data:
        return ArticleError(
            _("is not text: it holds NUL bytes"),
            fix=_("Give a text, Markdown or HTML file."),
        )
    return ArticleError(
        _("its encoding cannot be told: it is neither UTF-8, UTF-16, GB18030 nor Big5"),
        fix=_("Name the encoding it is in, or save it as UTF-8."),
    )
