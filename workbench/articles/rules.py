"""The cleaning rules shipped with the program, read from ``cleaning_rules.toml``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("cleaning_rules.toml")
_FRAGMENT = re.compile(r"%([a-z]+)%")
_SEPARATOR = re.compile(r"[\s|丨│·•、;/>»\-]*")
_WORD = re.compile(r"[^\s|丨│。,!?:;]{1,20}")
PLACES = ("head", "tail", "edge", "anywhere", "start", "end")


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of site furniture; the fields are explained at the top of the file."""

    name: str
    reason: str
    pattern: re.Pattern[str]
    where: str
    longest: int = 60
    at_most: int | None = None
    run: int = 1
    spoken: int | None = None
    sentences: bool = False
    pieces: bool = False
    words: int = 0
    needs: re.Pattern[str] | None = None
    list: bool = False
    repeats_title: bool = False
    removes: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()

    def matches(self, folded: str) -> re.Match[str] | None:
        """Match a whole folded line; of several pieces, return the first."""
        if self.needs and not self.needs.search(folded):
            return None
        return self._pieces(folded) if self.pieces else self.pattern.fullmatch(folded)

    def _pieces(self, folded: str) -> re.Match[str] | None:
        """Walk over a line piece by piece: never back, so a line costs its length."""
        first: re.Match[str] | None = None
        words, position, apart = self.words, 0, True
        while position < len(folded):
            found = self.pattern.match(folded, position)
            is_word = not found or found.end() == position
            if is_word:
                # A word stands apart; pieces may follow each other without a space.
                found = _WORD.match(folded, position) if words and apart else None
                words -= 1
            if not found:
                return None
            first = first or (None if is_word else found)
            separator = _SEPARATOR.match(folded, found.end())
            position = separator.end() if separator else found.end()
            apart = folded[position - 1].isspace() or position > found.end()
            if is_word and not apart and position < len(folded):
                return None
        return first


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules in the order they are tried."""
    import tomllib

    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    fragments: dict[str, str] = {}
    for name, fragment in table["fragments"].items():
        fragments[name] = _filled(fragment, fragments)
    return tuple(_rule(entry, fragments) for entry in table["rule"])


def _filled(pattern: str, fragments: dict[str, str]) -> str:
    return _FRAGMENT.sub(lambda found: f"(?:{fragments[found.group(1)]})", pattern)


def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern for either case; ranges of Hanzi, which have none, take long otherwise."""
    plain = re.sub(r"(?<!\(\?-i:)\[[^\]]*\\u4e00-\\u9fff[^\]]*\]", r"(?-i:\g<0>)", pattern)
    return re.compile(plain, re.IGNORECASE)


def _rule(entry: dict[str, object], fragments: dict[str, str]) -> Rule:
    values = dict(entry)
    for key in ("pattern", "needs"):
        if key in values:
            given = values[key]
            pattern = "|".join(map(str, given)) if isinstance(given, list) else str(given)
            values[key] = _compiled(_filled(str(pattern), fragments))
    for key in ("removes", "keeps"):
        values[key] = tuple(map(str, entry[key]))  # type: ignore[call-overload]
    return Rule(**values)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Group:
    """Rules with one pattern that a line of any of them begins like; most lines fail it."""

    rules: tuple[Rule, ...]
    quick: re.Pattern[str]
    longest: int

    def match(self, folded: str, length: int) -> Rule | None:
        if length > self.longest or not self.quick.match(folded):
            return None
        for rule in self.rules:
            if length <= rule.longest and rule.matches(folded):
                return rule
        return None


@dataclass(frozen=True, slots=True)
class Zone:
    """The rules for lines of one part of a text: all, and those for lines with sentences."""

    everything: _Group
    sentences: _Group | None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the rules in the order they are tried."""
        return self.everything.rules

    @property
    def longest(self) -> int:
        """Return the length in characters of the longest line of any of the rules."""
        return self.everything.longest

    def match(self, folded: str, length: int) -> Rule | None:
        """Return the first rule that a whole line of ``length`` characters matches."""
        group = self.sentences if is_sentence(folded) else self.everything
        return group.match(folded, length) if group else None


def is_sentence(folded: str) -> bool:
    """Tell a line with a full stop, or one that goes on after a comma."""
    return "。" in folded or folded.endswith((",", "、", ";"))


@cache
def zone(*places: str) -> Zone:
    """Return the rules for lines at any of the given places, in order."""
    chosen = [rule for rule in rules() if rule.where in places]
    with_sentences = [rule for rule in chosen if rule.sentences]
    return Zone(_group(chosen), _group(with_sentences) if with_sentences else None)


def _group(chosen: Sequence[Rule]) -> _Group:
    quick = _compiled("|".join(map(_quick, chosen)))
    return _Group(tuple(chosen), quick, max(rule.longest for rule in chosen))


def _quick(rule: Rule) -> str:
    """Return what every line of a rule begins with, or holds: no more than the rule itself."""
    pattern = re.sub(r"\(\?P<[a-z]+>", "(?:", rule.pattern.pattern)
    if not rule.pieces:
        return rf"(?:{pattern})\Z"
    if rule.words and rule.needs:
        return rf"[^\n]*?(?:{rule.needs.pattern})"
    return f"(?:{pattern})"
