"""Names in a role, held against each other: who is the director, who built it, where it stands.

Only roles that one person or place has at a time, told by fixed turns of phrase: 馆长X, 由X承建,
位于X. 记者X and 教授X are many people's, so they say nothing here.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from workbench.grounding.people import SURNAMES
from workbench.grounding.statements import Gram, hanzi_pairs

if TYPE_CHECKING:
    from workbench.grounding.differences import Comparison, Finding

_ROLES = (
    "馆长|校长|院长|市长|县长|区长|镇长|乡长|村长|局长|厅长|部长|省长|州长|所长|书记|董事长|总经理|总裁|"
    "首席执行官|首席技术官|CEO|CTO|CFO|创始人|主席|会长|站长|社长|队长|总编辑|主编|导演|主教练|班长|园长|"
    "厂长|场长|台长|行长|总工程师|总设计师|设计师|负责人|发言人|总统|总理|首相|店主|船长|团长|"
    "(?:男子|女子|[组赛])[冠亚季]军"
)
_PERSON = rf"[{SURNAMES}][\u4e00-\u9fff]{{1,2}}?"
_AFTER_PERSON = (
    r"(?=说|表示|介绍|认为|告诉|指出|透露|坦言|称|宣布|强调|解释|回应|补充|则|也|还|在|向|从|带|把|对|给|和|与|"
    r"是|为|曾|将|已|负责|主持|担任|希望|提醒|建议|算|连|用|跑|走|坐|拿|最|很|来|去|就|都|又|却|没|不|被|让|请|要|"
    r"会|能|得|夺|获|以|领|率|做|看|听|想|打|写|出|回|发|参|亲|[，。；、：！？“”（）()]|\Z)"
)
_ROLE_NAME = re.compile(
    rf"(?<!副)(?P<role>{_ROLES})(?:是|为|由|叫|：)?(?P<name>{_PERSON}){_AFTER_PERSON}"
)
_TAKES_ROLE = re.compile(
    rf"(?:(?<=由)|(?<=任命)|(?<=聘请)|(?<![\u4e00-\u9fff]))(?P<name>{_PERSON})"
    rf"(?:担任|出任|接任|就任|为|当选)(?P<org>[^，。；、的]{{0,12}}?)(?:的)?(?P<role>{_ROLES})"
)
_DEEDS = (
    "承建|设计|施工|投资|出资|运营|主办|承办|领投|收购|主持|执导|出版|管理|经营|捐赠|捐建|资助|建造|供货|"
    "承运|修建|开发|研制|制作|赞助|提供|驾驶|主刀|执教|主讲|编剧"
)
_BY = re.compile(rf"由(?P<name>[^，。；、由的]{{2,16}}?)(?:负责|独家|联合|全额)?(?P<role>{_DEEDS})")
_PLACES = (
    "位于|坐落在|坐落于|设在|选址在|选址|落户在|落户|建在|搬到了?|搬进了?|迁至|搬至|迁到了?|迁往"
)
_PLACE = re.compile(
    rf"(?:{_PLACES})(?P<name>[^，。；、的了]{{1,14}}?[省市区县镇乡村路街巷号楼港湾岛山里坊园桥站])"
    r"(?=[，。；、的]|旁|边|上|口|附近|东|西|南|北|\Z)"
)
_CALLED = re.compile(
    r"(?:名为|取名为?|命名为|定名为|叫做|名叫|改名为|更名为)[“《「](?P<name>[^”》」]{2,12})[”》」]"
)
_ORGANISATION = 10
_RELATED = 0.12
_CLOSELY_RELATED = 0.18
_ALIKE = 0.18


@dataclass(frozen=True, slots=True)
class Slot:
    """A name in a role; ``organisation`` holds the pairs that stand before the role."""

    article: int
    sentence: int
    kind: str
    role: str
    name: str
    start: int
    end: int
    organisation: frozenset[Gram]


def slots(article: int, sentence: int, text: str) -> Iterator[Slot]:
    """Yield the names in a role of one sentence."""
    for pattern, kind in ((_ROLE_NAME, "person"), (_TAKES_ROLE, "person"), (_BY, "doer")):
        for match in pattern.finditer(text):
            start = match.start("role")
            if pattern is _TAKES_ROLE:
                before = match["org"]
            else:
                before = re.split("[，。；、：]", text[max(0, start - _ORGANISATION) : start])[-1]
            if kind == "doer":
                before = re.split("[，。；、：]", text[: match.start()])[-1]
            yield Slot(
                article,
                sentence,
                kind,
                match["role"],
                match["name"],
                *match.span("name"),
                frozenset(hanzi_pairs(before)),
            )
    for pattern, kind in ((_PLACE, "place"), (_CALLED, "called")):
        for match in pattern.finditer(text):
            before = re.split("[，。；、：]", text[: match.start()])[-1]
            yield Slot(
                article,
                sentence,
                kind,
                kind,
                match["name"],
                *match.span("name"),
                frozenset(hanzi_pairs(before)),
            )


def find_slots(comparison: "Comparison") -> list["Finding"]:
    """Find roles that articles give to the same name, or to different ones."""
    from workbench.grounding.differences import AGREE, DIFFER, Finding, Mention

    by_role: dict[tuple[str, str], list[Slot]] = defaultdict(list)
    for reading in comparison.readings:
        for index, text in enumerate(reading.plain):
            for slot in slots(reading.number, index, text):
                by_role[slot.kind, slot.role].append(slot)
    found = []
    for (kind, role), several in by_role.items():
        for group in _of_one_thing(comparison, several):
            names = [slot.name for slot in group]
            if any(comparison.parallel(a.article, b.article) for a, b in combinations(group, 2)):
                continue
            same = all(_same_name(kind, a, b) for a, b in combinations(names, 2))
            if not same and not _contradict(kind, group):
                continue
            first = group[0]
            text = comparison.readings[first.article].text.sentences[first.sentence]
            organisation = _shared_text(text[max(0, first.start - 24) : first.start], group)
            subject = organisation if kind in ("place", "called") else f"{organisation} {role}"
            found.append(
                Finding(
                    "name",
                    AGREE if same else DIFFER,
                    subject.strip() or role,
                    tuple(Mention(s.article, s.sentence, s.start, s.end) for s in group),
                    tuple(names),
                    1.0,
                )
            )
    return found


def _of_one_thing(comparison: "Comparison", several: list[Slot]) -> Iterator[list[Slot]]:
    """Yield groups of slots of different articles that are the same role of the same thing."""
    left = list(several)
    while left:
        first = left.pop(0)
        group = [first]
        for other in list(left):
            if any(other.article == one.article for one in group):
                continue
            if _same_role(comparison, first, other):
                rivals = [
                    one
                    for one in several
                    if one.article == other.article
                    and one.name != other.name
                    and _same_role(comparison, first, one)
                ]
                if rivals and any(one.name == first.name for one in rivals):
                    continue  # the article has the very name for it too
                group.append(other)
                left.remove(other)
        if len(group) > 1:
            yield group


def _same_role(comparison: "Comparison", one: Slot, other: Slot) -> bool:
    if one.article == other.article:
        return False
    related = comparison.relations[one.article, other.article]
    if one.organisation and other.organisation:
        shared = one.organisation & other.organisation
        if not shared:
            return False
        weight = sum(map(comparison.weight, shared))
        mine = _outside(comparison, one, other)
        theirs = _outside(comparison, other, one)
        return weight / (weight + mine + theirs) >= 0.5
    nameless = not one.organisation and not other.organisation
    if related < (_RELATED if nameless else _CLOSELY_RELATED):
        return False
    if one.kind == "person":
        return True
    return (
        comparison.sentence_likeness(one.article, one.sentence, other.article, other.sentence)
        >= _ALIKE
    )


def _outside(comparison: "Comparison", one: Slot, other: Slot) -> float:
    """Weigh what only one organisation is called by, where the other article knows the word."""
    known = comparison.readings[other.article].known
    only = one.organisation - other.organisation
    around = comparison.readings[other.article].title_grams
    return sum(comparison.weight(gram) for gram in only if gram in known and gram not in around)


def _same_name(kind: str, one: str, other: str) -> bool:
    if one == other:
        return True
    if kind == "person":
        return False
    short, long = sorted((one, other), key=len)
    rest = iter(long)
    return all(char in rest for char in short)  # 市二建 and 市第二建筑公司


def _contradict(kind: str, group: list[Slot]) -> bool:
    """Say whether different names exclude each other: a street and its district do not."""
    if kind == "place":
        return len({slot.name[-1] for slot in group}) == 1
    return True


def _shared_text(text: str, group: list[Slot]) -> str:
    shared = set(group[0].organisation)
    for slot in group[1:]:
        if slot.organisation:
            shared &= slot.organisation
    runs = [
        text[at : at + 2] if at == 0 or text[at - 1 : at + 1] not in shared else text[at + 1]
        for at in range(len(text) - 1)
        if text[at : at + 2] in shared
    ]
    return "".join(runs)
