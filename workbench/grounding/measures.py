"""What a number counts or measures: the word after it, in classes that can be compared.

Conversion factors are those of the legal units of measurement of the PRC (GB 3100-1993) and of
everyday usage (1 里 = 500 m, 1 斤 = 500 g, 1 亩 = 10,000/15 m²).
"""

import re
from decimal import Decimal

_PHYSICAL: dict[str, tuple[str, str]] = {
    "平方公里": ("area", "1e6"),
    "平方千米": ("area", "1e6"),
    "平方米": ("area", "1"),
    "平米": ("area", "1"),
    "公顷": ("area", "1e4"),
    "亩": ("area", "666.6667"),
    "立方米": ("volume", "1"),
    "公里": ("length", "1000"),
    "千米": ("length", "1000"),
    "英里": ("length", "1609.344"),
    "海里": ("length", "1852"),
    "厘米": ("length", "0.01"),
    "毫米": ("length", "0.001"),
    "米": ("length", "1"),
    "里": ("length", "500"),
    "km": ("length", "1000"),
    "m": ("length", "1"),
    "吨": ("mass", "1000"),
    "公斤": ("mass", "1"),
    "千克": ("mass", "1"),
    "kg": ("mass", "1"),
    "斤": ("mass", "0.5"),
    "克": ("mass", "0.001"),
    "小时": ("time", "3600"),
    "个小时": ("time", "3600"),
    "分钟": ("time", "60"),
    "天": ("days", "1"),
    "日": ("days", "1"),
    "周": ("days", "7"),
    "个星期": ("days", "7"),
    "个月": ("months", "1"),
    "年": ("months", "12"),
    "岁": ("age", "1"),
    "千瓦时": ("energy", "1"),
    "度电": ("energy", "1"),
    "兆瓦": ("power", "1000"),
    "千瓦": ("power", "1"),
    "摄氏度": ("temperature", "1"),
    "℃": ("temperature", "1"),
    "倍": ("times", "1"),
    "级": ("level", "1"),
    "分": ("score", "1"),
}
_COUNTED = (
    ("people", "人次 名 位 人 口"),
    ("households", "户"),
    ("places", "家 所 座 处 间 栋 幢 站 个"),
    ("vehicles", "辆 台 部 架 艘 列"),
    ("books", "本 册 卷"),
    ("items", "件 项 款 种 条 篇 宗 起 例 笔 份 个"),
    ("sheets", "张 幅 枚 片 块"),
    ("plants", "棵 株"),
    ("animals", "只 头 匹 条"),
    ("sets", "套 组 副 对"),
    ("lamps", "盏"),
    ("beds", "张"),
    ("turns", "次 趟 班 场 轮 届 回"),
    ("shares", "股"),
    ("pieces", "颗 粒 根 支 瓶 箱 桶 袋 杯"),
    ("floors", "层"),
    ("doors", "门 扇"),
)
_CLASSES: dict[str, set[str]] = {}
for _name, _words in _COUNTED:
    for _word in _words.split():
        _CLASSES.setdefault(_word, set()).add(_name)
_PATTERN = re.compile("|".join(sorted((*_PHYSICAL, *_CLASSES), key=len, reverse=True)))
_LEAD = re.compile(r"(?:多|余|来)?[ ]?(?:万|亿)?(?:多|余)?[ ]?")
_ORDINAL_AFTER = re.compile(r"[号期届代版路线]|年级|标段|单元|环(?!节)")


class Unit:
    """What follows a number: ``key`` to compare, ``factor`` to its base unit, where it ends."""

    __slots__ = ("classes", "end", "factor", "key")

    def __init__(self, key: str, factor: Decimal, end: int, classes: frozenset[str] = frozenset()):
        self.key = key
        self.factor = factor
        self.end = end
        self.classes = classes

    def fits(self, other: "Unit") -> bool:
        """Say whether figures in the two units can be of one thing."""
        if self.key or other.key:
            return self.key == other.key
        if not self.classes or not other.classes:
            # A figure without a measure word goes only with another such.
            return self.classes == other.classes
        return bool(self.classes & other.classes)


def unit_after(text: str, end: int) -> Unit:
    """Return the unit of the number that ends at ``end`` in a narrowed text."""
    lead = _LEAD.match(text, end)
    start = lead.end() if lead else end
    match = _PATTERN.match(text, start)
    if match is None:
        return Unit("", Decimal(1), end)
    word = match.group()
    if word in _PHYSICAL:
        key, factor = _PHYSICAL[word]
        return Unit(key, Decimal(factor), match.end())
    return Unit("", Decimal(1), match.end(), frozenset(_CLASSES[word]))


def is_label(text: str, start: int, end: int) -> bool:
    """Say whether a number names something and counts nothing: 3号线, 第二期, 五年级."""
    return text[max(0, start - 1) : start] == "第" or _ORDINAL_AFTER.match(text, end) is not None
