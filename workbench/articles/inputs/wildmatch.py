"""Git's wildcard patterns as regular expressions over bytes."""

import re

_CLASSES = {
    b"alnum": rb"0-9A-Za-z",
    b"alpha": rb"A-Za-z",
    b"blank": rb" \t",
    b"cntrl": rb"\x00-\x1f\x7f",
    b"digit": rb"0-9",
    b"graph": rb"!-~",
    b"lower": rb"a-z",
    b"print": rb" -~",
    b"punct": rb"!-/:-@\[-`{-~",
    b"space": rb" \t\n\x0b\x0c\r",
    b"upper": rb"A-Z",
    b"xdigit": rb"0-9A-Fa-f",
}
_NEVER = rb"(?!)"


class Malformed(ValueError):
    """A pattern that matches nothing, such as one with an open bracket."""


def translate(pattern: bytes) -> bytes:
    """Return a regular expression for a pattern as git matches it against a path.

    ``*``, ``?`` and ``[…]`` match no slash, ``**`` between slashes any number of folders. After
    wildmatch.c of git 2.39; like git, it counts bytes: one Chinese character is three ``?``. Raises
    Malformed.
    """
    groups: list[list[_Segment]] = [[_Segment()]]
    ends_with_all = False
    at = 0
    while at < len(pattern):
        char = pattern[at : at + 1]
        if char == b"*":
            end = at + 1
            while pattern[end : end + 1] == b"*":
                end += 1
            whole = end - at > 1 and (at == 0 or pattern[at - 1 : at] == b"/")
            if whole and end == len(pattern):
                ends_with_all = True
            elif whole and pattern[end : end + 1] == b"/":
                groups.append([_Segment()])
                end += 1
            else:
                groups[-1][-1].star()
            at = end
        elif char == b"/":
            groups[-1].append(_Segment())
            at += 1
        elif char == b"?":
            groups[-1][-1].add(rb"[^/]")
            at += 1
        elif char == b"[":
            expression, at = _bracket(pattern, at + 1)
            groups[-1][-1].add(expression)
        else:
            literal, at = _literal(pattern, at)
            groups[-1][-1].add(re.escape(literal))
    parts = [b"/".join(segment.expression() for segment in group) for group in groups]
    between = [rb"(?>(?:[^/]*/)*?" + part + b")" for part in parts[1:-1]]
    last = [rb"(?:.*/)?" + parts[-1]] if len(parts) > 1 else []
    return b"".join([parts[0], *between, *last, *([rb".*"] if ends_with_all else [])])


class _Segment:
    """What stands between two slashes: pieces with stars between them.

    Each piece but the last is taken where it is first found, for good: a star after it can take
    whatever follows. So a name of many stars costs no more than its length allows.
    """

    def __init__(self) -> None:
        self._pieces: list[list[bytes]] = [[]]

    def star(self) -> None:
        self._pieces.append([])

    def add(self, expression: bytes) -> None:
        self._pieces[-1].append(expression)

    def expression(self) -> bytes:
        first, *others = (b"".join(piece) for piece in self._pieces)
        between = [rb"(?>[^/]*?" + piece + b")" for piece in others[:-1]]
        return b"".join([first, *between, *(rb"[^/]*" + piece for piece in others[-1:])])


def _bracket(pattern: bytes, at: int) -> tuple[bytes, int]:
    """Translate what follows an opening bracket; return where it ends."""
    negated = pattern[at : at + 1] in (b"!", b"^")
    at += negated
    members: list[bytes] = []
    before = b""
    first = True
    while True:
        char = pattern[at : at + 1]
        if not char:
            raise Malformed(pattern)
        if char == b"]" and not first:
            break
        first = False
        if char == b"-" and before and pattern[at + 1 : at + 2] not in (b"", b"]"):
            last, at = _literal(pattern, at + 1)
            if before <= last:
                members.append(re.escape(before) + b"-" + re.escape(last))
            before = b""
            continue
        named = re.compile(rb"\[:([^\]]*)").match(pattern, at) if char == b"[" else None
        if named and named.end() == len(pattern):
            raise Malformed(pattern)
        if named and named.group(1).endswith(b":"):
            name = named.group(1)[:-1]
            if name not in _CLASSES:
                raise Malformed(pattern)
            members.append(_CLASSES[name])
            before, at = b"", named.end() + 1
            continue
        before, at = _literal(pattern, at)
        members.append(re.escape(before))
    inside = b"".join(members)
    if negated:
        return b"[^/" + inside + b"]", at + 1
    return (b"(?!/)[" + inside + b"]" if inside else _NEVER), at + 1


def _literal(pattern: bytes, at: int) -> tuple[bytes, int]:
    """Read one member of a bracket, a backslash before it taken away."""
    if pattern[at : at + 1] == b"\\":
        at += 1
    char = pattern[at : at + 1]
    if not char:
        raise Malformed(pattern)
    return char, at + 1
