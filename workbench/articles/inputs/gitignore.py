"""The rules of one ``.gitignore`` file."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from workbench.articles.inputs.wildmatch import Malformed, translate

_SPECIAL = re.compile(rb"[*?\[\\]")


@dataclass(frozen=True, slots=True)
class Rule:
    """One line: what it matches, whether it takes back what others ignore, and what it looks at."""

    expression: bytes
    regex: re.Pattern[bytes]
    negated: bool
    folders_only: bool
    whole_path: bool


def parse_rule(line: bytes) -> Rule | None:
    """Read one line as gitignore(5) says; None where it matches nothing."""
    line = _without_trailing_spaces(line.removesuffix(b"\r"))
    if not line or line.startswith(b"#"):
        return None
    negated = line.startswith(b"!")
    pattern = line[negated:]
    folders_only = pattern.endswith(b"/")
    pattern = pattern[: len(pattern) - folders_only]
    whole_path = b"/" in pattern
    pattern = pattern.removeprefix(b"/")
    if not pattern:
        return None
    # Git compares the part before the first wildcard by itself, so "a**" matches "a/b" too.
    special = _SPECIAL.search(pattern)
    literal = special.start() if special and whole_path else 0
    try:
        expression = re.escape(pattern[:literal]) + translate(pattern[literal:])
    except Malformed:
        return None
    regex = re.compile(expression, re.DOTALL)
    return Rule(expression, regex, negated, folders_only, whole_path)


def _without_trailing_spaces(line: bytes) -> bytes:
    """Take spaces off the end, but for one that a backslash keeps."""
    left = line.rstrip(b" ")
    backslashes = len(left) - len(left.rstrip(b"\\"))
    return left + b" " if left != line and backslashes % 2 else left


class IgnoreFile:
    """The rules of one file, which hold for the folder it is in and all below."""

    def __init__(self, folder: bytes, lines: Iterable[bytes]):
        """``folder`` is the absolute path its patterns start from, without a slash at the end."""
        self._prefix = len(folder.rstrip(b"/")) + 1
        rules = [rule for line in lines if (rule := parse_rule(line)) is not None]
        self._rules = rules[::-1]
        # Most files match no rule: one look at all of them together tells that.
        self._any_name = _any_of([rule.expression for rule in rules if not rule.whole_path])
        self._any_path = _any_of([rule.expression for rule in rules if rule.whole_path])

    def verdict(self, path: bytes, name: bytes, *, folder: bool) -> bool | None:
        """Tell whether the last rule that matches ignores (True) or takes back; None: no rule.

        ``path`` is absolute, ``name`` its last component. Only this very entry is looked at: what
        lies below an ignored folder must not be asked about.
        """
        relative = path[self._prefix :]
        by_name = self._any_name is not None and self._any_name.fullmatch(name)
        by_path = self._any_path is not None and self._any_path.fullmatch(relative)
        if not by_name and not by_path:
            return None
        for rule in self._rules:
            if rule.folders_only and not folder:
                continue
            if rule.regex.fullmatch(relative if rule.whole_path else name):
                return not rule.negated
        return None


def _any_of(expressions: list[bytes]) -> re.Pattern[bytes] | None:
    if not expressions:
        return None
    return re.compile(b"|".join(b"(?:" + one + b")" for one in expressions), re.DOTALL)
