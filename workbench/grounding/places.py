"""Countries, provinces and large cities: names that no suffix gives away, and their short forms.

They are listed in ``lexicon.toml``: what news speaks of, not all there is. A place that is not on
the list is a name where its form shows it.
"""

import re
from collections.abc import Iterator

from workbench.grounding.lexicon import mapping, words

_NAMES = sorted(
    {name for key in ("countries", "provinces", "cities") for name in words("places", key)},
    key=lambda name: (-len(name), name),
)
_KNOWN = frozenset(_NAMES)
_PLACE = re.compile("|".join(map(re.escape, _NAMES)))
_NOT_BEFORE = mapping("not_before")
_NOT_AFTER = mapping("not_after")
_COUNTRY_SHORT = mapping("countries_in_short")
_PROVINCE_SHORT = mapping("provinces_in_short")
_ALSO = {name: tuple(others.split()) for name, others in mapping("countries_also").items()}
# What a short form stands beside where it means the country or the province.
_PAIRED = "中美英法德俄日韩朝印巴越泰缅菲澳加意葡荷乌伊沙土埃欧非哈蒙柬叙"
_WITH_COUNTRY = "方军媒企商籍式股元系资货车国队联府舰债裔驻赴对访抗援"
_BEFORE_COUNTRY = "驻赴对访抗援在旅留"
_WITH_PROVINCE = "京沪津渝冀晋辽吉苏浙皖闽赣鲁豫鄂湘粤琼川蜀黔滇陕甘藏疆港澳台深穗省市籍企股赴驻抵"


def find_places(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and name of every country, province and large city."""
    for match in _PLACE.finditer(text):
        name = match.group()
        before, after = text[max(0, match.start() - 1) : match.start()], text[match.end() :][:1]
        if before and before in _NOT_BEFORE.get(name, ""):
            continue
        if after and after in _NOT_AFTER.get(name, ""):
            continue
        yield *match.span(), name


def place_before(text: str, end: int) -> int:
    """Return how long the place is that ends at a position, 0 where none does."""
    sizes = (size for size in (5, 4, 3, 2) if size <= end)
    return next((size for size in sizes if text[end - size : end] in _KNOWN), 0)


def is_place(name: str) -> bool:
    """Say whether a text is one of the places known."""
    return name in _KNOWN


def has_place(text: str, name: str) -> bool:
    """Say whether a text speaks of a place, in full or in short: 美国 in 中美, 美方, 白宫."""
    if name in text:
        return True
    if any(other in text for other in _ALSO.get(name, ())):
        return True
    shorts = _PROVINCE_SHORT.get(name)
    if shorts and re.search(rf"[{_WITH_PROVINCE}][{shorts}]|[{shorts}][{_WITH_PROVINCE}]", text):
        return True
    for short in _COUNTRY_SHORT.get(name, ""):
        pair = rf"[{_PAIRED}]{short}|{short}[{_PAIRED}]"
        if re.search(rf"{pair}|{short}[{_WITH_COUNTRY}]|[{_BEFORE_COUNTRY}]{short}", text):
            return True
    return False
