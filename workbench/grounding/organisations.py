"""Finding organisations and places in Simplified Chinese text by what their names end in.

Where such a name begins no sign tells; what identifies it is the word before its ending, generic
words (科技, 有限) passed over: 华为 in 华为技术有限公司, 青阳 in 青阳县.
"""

import re
from collections.abc import Iterator

from workbench.grounding.lexicon import mapping, words
from workbench.grounding.places import is_place, place_before

Found = tuple[int, int]

# 大学生, 银行业 and 公司化 name nothing.
_GOES_ON = {
    "大学": "生",
    "中学": "生科",
    "小学": "生科",
    "银行": "业卡家",
    "公司": "化",
    "证券": "化市",
    "学院": "派",
}
_ENDING = re.compile(
    "|".join(
        f"{word}(?![{_GOES_ON[word]}])" if word in _GOES_ON else word
        for word in words("organisations", "endings")
    )
)
_OFFICE = re.compile("|".join(words("organisations", "offices")))
_PLACE_ENDING = re.compile("街道|(?:[省市县乡村州岛]|区(?!域)|镇(?![定静痛压]))(?![长民场镇])")
# 数字化图书馆, 综合性大学 say of what kind.
_MODIFYING = "化性型式级制类"
_STOP = frozenset(
    "的在由和与及对从向是了将被把于等让给到以该这那各某其此位家个些者则并或但因据至为、名座条所间处"
    "一二两三四五六七八九十几数多每整"
)
_GENERIC = frozenset(words("organisations", "generic"))
_NO_NAMES = frozenset(words("organisations", "no_names"))
# Where these endings follow generic words, a country or province before them makes a name.
_NATIONAL = re.compile("(?:大学|学院|委员会|协会|研究院|学会|联合会|法院|检察院|基金会|[局署厅])$")
_NOT_PLACES = mapping("not_places")
_HAN = re.compile("[\u4e00-\u9fff]")
_MOST_BEFORE = 10
_SHOWN_BEFORE = 4
_PEELED = 4


def find_organisations(text: str) -> Iterator[Found]:
    """Yield start and end of organisations and facilities, as far left as they can be told."""
    for match in _OFFICE.finditer(text):
        yield match.span()
    for match in _ENDING.finditer(text):
        key = _key(text, match.start())
        if key is not None:
            yield _shown_from(text, key), match.end()
        elif (place := _national(text, match.start(), match.end())) is not None:
            yield place[0], match.end()


def find_suffixed_places(text: str) -> Iterator[Found]:
    """Yield start and end of places that end in 省, 市, 县, 区, 镇, 乡, 村, 州 or 岛."""
    for match in _PLACE_ENDING.finditer(text):
        ending = match.group()
        start = match.start()
        before = text[max(0, start - 1) : start]
        if not _HAN.match(before) or before in _STOP or before in _NOT_PLACES.get(ending, ""):
            continue
        further = text[max(0, start - 2) : start - 1]
        if is_place(text[start - 1 : match.end()]) or is_place(further + before + ending):
            continue
        # 沧州 in 河北沧州 begins where the province ends.
        if not _HAN.match(further) or further in _STOP or place_before(text, start - 1):
            yield start - 1, match.end()
        elif further + before not in _GENERIC | _NO_NAMES:
            yield start - 2, match.end()


def name_key(name: str) -> str | None:
    """Return what identifies a name that ends like an organisation or a place; None for others."""
    if match := _last(_ENDING, name):
        start = _key(name, match.start())
        if start is not None:
            return name[start : start + 2]
        place = _national(name, match.start(), match.end())
        return None if place is None else name[place[1] :]
    if (match := _last(_PLACE_ENDING, name)) and 2 <= len(name) <= 4:
        return name[: match.start()]
    return None


def form_of(name: str) -> str:
    """Return organisation or place by what a name ends in, empty for another name."""
    if _last(_OFFICE, name) or _last(_ENDING, name):
        return "organisation"
    return "place" if _last(_PLACE_ENDING, name) else ""


def _last(pattern: "re.Pattern[str]", name: str) -> "re.Match[str] | None":
    found = None
    for match in pattern.finditer(name):
        found = match
    return found if found and found.end() == len(name) else None


def _key(text: str, end: int) -> int | None:
    """Return where the two characters that identify a name begin, ``end`` where its ending does."""
    for _word in range(_PEELED):
        word = text[max(0, end - 2) : end]
        if len(word) < 2 or any(char in _STOP or not _HAN.match(char) for char in word):
            return None
        if word in _NO_NAMES or word[-1] in _MODIFYING:
            return None
        if word not in _GENERIC:
            return end - 2
        end -= 2
    return None


def _national(text: str, end: int, stop: int) -> tuple[int, int] | None:
    """Return where the place begins and ends that makes a name of generic words: 中国国防大学."""
    if not _NATIONAL.search(text[max(0, stop - 4) : stop]):
        return None
    generic = end
    while text[max(0, generic - 2) : generic] in _GENERIC:
        if start := place_before(text, generic):
            return generic - start, generic
        generic -= 2
    start = place_before(text, generic)
    return (generic - start, generic) if start and generic < end else None


def _shown_from(text: str, start: int) -> int:
    """Return where to begin to show a name: a few characters before its key, up to a stop."""
    least = max(0, start - _SHOWN_BEFORE)
    while start > least and _HAN.match(text[start - 1]) and text[start - 1] not in _STOP:
        start -= 1
    return start
