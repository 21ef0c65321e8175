"""Finding people in Simplified Chinese text: by surname beside a role or a verb, or by sound.

There is no dictionary of people: ``lexicon.toml`` has the common surnames, and the characters that
write foreign names.
"""

import re
from collections import Counter
from collections.abc import Iterator

from workbench.grounding.lexicon import characters, words

Found = tuple[int, int]

SOUNDS = characters("people", "sounds")
SURNAMES = characters("people", "surnames")
VERBS = "|".join(words("people", "verbs"))
_COMPOUND = "|".join(words("people", "compound_surnames"))
_ROLES = "|".join(words("people", "roles"))
_AFTERWARDS = "则|也|还|曾|就|随后|当天|昨日|今日|日前"
# What may come after a name: a verb of speech, a sign, or one of these words.
_FOLLOW = (
    rf"(?=(?:{_AFTERWARDS}|\d+日)?(?:{VERBS})|[，。、；：！？）)”」』\s《（(“:,;·]|$|[和与及等在是对向将于为从说称的]"
    r"|[也还则曾已率到带今昨同]|主持|出席|会见|致辞|讲话|一行|发表|抵达|访问|当选|参加|担任|获|夺|完成|成为|先生|女士|教授|院士|接受|调研|调查|统计|测算)"
)
_TITLES = "先生|女士|教授|院士|老师|同志|医生|博士|律师|主任"
_HAN = "\u4e00-\u9fff"
_FREE = rf"(?<![{_HAN}A-Za-z0-9·])"
_NAME = rf"(?:(?:{_COMPOUND})[{_HAN}]{{1,2}}?|[{SURNAMES}][{_HAN}]{{1,2}}?)"
_AFTER_ROLE = re.compile(rf"(?:{_ROLES})[ ]?(?P<name>{_NAME}){_FOLLOW}")
_BEFORE_TITLE = re.compile(rf"{_FREE}(?P<name>{_NAME})(?={_TITLES})")
_SPEAKER = re.compile(
    rf"(?:{_FREE}|{_ROLES})(?P<name>[{_HAN}]{{2,6}}?)(?:{_AFTERWARDS})?(?:{VERBS})"
)
_SAYS = re.compile(rf"{_FREE}(?P<name>{_NAME})(?:[说称](?![明服谢法作辞辩道])|说[，：“])")
_LISTED = re.compile(rf"(?<=[、和（(\s])(?P<name>{_NAME})(?=[、和）)等，。\s])")
_LIST = re.compile(rf"(?:{_FREE}|(?<=[和员长]))(?:{_NAME}、)+{_NAME}(?=[、和与等，。）)\s])")
_FOREIGN = re.compile(rf"[{SOUNDS}]{{1,7}}(?:[·•・‧][{SOUNDS}]{{1,8}})+")
_NO_NAME = re.compile(
    "[的们是在了和与对并又都将被把可很更最他她它此这那各会则还曾就也说称]|"
    + "|".join(words("people", "no_names"))
)
_CLAUSE_END = re.compile(r"[，。；！？、：\n“”《》（）()\s]")
_LEAST_REPEATS = 3


def find_people(text: str) -> Iterator[Found]:
    """Yield start and end of every person whose place in a narrowed text gives a name away."""
    for match in _FOREIGN.finditer(text):
        yield match.span()
    for pattern in (_AFTER_ROLE, _BEFORE_TITLE, _SAYS):
        for match in pattern.finditer(text):
            if not _NO_NAME.search(match["name"]):
                yield match.span("name")
    for match in _LIST.finditer(text):
        yield from _listed(match)
    for match in _SPEAKER.finditer(text):
        name = match["name"]
        chinese = len(name) <= 4 and name[0] in SURNAMES
        if (chinese or all(char in SOUNDS for char in name)) and not _NO_NAME.search(name):
            yield match.span("name")


def find_possible_people(text: str) -> Iterator[str]:
    """Yield what may be people of a text: named in lists, or strings that come back like names."""
    for match in _LISTED.finditer(text):
        if not _NO_NAME.search(match["name"]):
            yield match["name"]
    for match in _FOREIGN.finditer(text):
        yield from (part for part in re.split("[·•・‧]", match.group()) if len(part) > 1)
    yield from _repeated(text)


def looks_like_person(name: str) -> bool:
    """Say whether a text has the form of a Chinese or a transcribed name."""
    plain = re.sub("[·•・‧]", "", name)
    if not 2 <= len(plain) <= 16 or _NO_NAME.search(plain):
        return False
    if re.fullmatch(rf"(?:{_COMPOUND})[{_HAN}]{{1,2}}|[{SURNAMES}][{_HAN}]{{1,2}}", plain):
        return True
    return all(char in SOUNDS for char in plain)


def _listed(match: "re.Match[str]") -> Iterator[Found]:
    """Yield the people of a list that looks like one of people alone: one has three characters."""
    people = match.group().split("、")
    if max(map(len, people)) > 2 and not any(_NO_NAME.search(name) for name in people):
        start = match.start()
        for name in people:
            yield start, start + len(name)
            start += len(name) + 1


def _repeated(text: str) -> Iterator[str]:
    """Yield strings that begin like a name, come back, and stand free of what is around them.

    A name is cohesive and free: its last character hardly stands without its first ones, and what
    is before and after it varies (branching entropy, after Jin and Tanaka-Ishii 2006).
    """
    counts: Counter[str] = Counter()
    before: dict[str, set[str]] = {}
    after: dict[str, set[str]] = {}
    for clause in _CLAUSE_END.split(text):
        for start, char in enumerate(clause):
            if char not in SURNAMES and char not in SOUNDS:
                continue
            for size in (2, 3, 4):
                name = clause[start : start + size]
                if len(name) < size:
                    break
                counts[name] += 1
                before.setdefault(name, set()).add(clause[start - 1] if start else f"^{start}")
                after.setdefault(name, set()).add(clause[start + size : start + size + 1] or "$")
    for name, count in counts.items():
        if count < _LEAST_REPEATS or not looks_like_person(name):
            continue
        if len(before[name]) < 2 or len(after[name]) < 2:
            continue
        cohesive = text.count(name[1:]) <= 1.5 * count
        longer = any(counts[name + char] >= 0.8 * count for char in after[name] if char != "$")
        if cohesive and not longer:
            yield name
