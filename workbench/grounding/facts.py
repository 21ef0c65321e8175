"""The facts of a text that can be held against another: dates, amounts, shares, numbers, names.

Works on Simplified Chinese. Values are normalised: 4月17日 equals 四月十七日, 500万美元 五百万美元.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from workbench.grounding.numerals import (
    DIGITS,
    LARGE_UNITS,
    NUMERAL_CHARACTERS,
    SMALL_UNITS,
    chinese_value,
    mixed_value,
    narrow,
)

_UNITS = "".join((*SMALL_UNITS, *LARGE_UNITS))
_NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)[ ]?[{_UNITS}]*"
_NUMERAL = f"[{NUMERAL_CHARACTERS}]+"
_ANY = rf"(?:{_NUMBER}|{_NUMERAL})"
_CURRENCIES = {
    "美元": "USD",
    "美金": "USD",
    "人民币": "CNY",
    "元人民币": "CNY",
    "元": "CNY",
    "块钱": "CNY",
    "港元": "HKD",
    "港币": "HKD",
    "新台币": "TWD",
    "台币": "TWD",
    "元新台币": "TWD",
    "欧元": "EUR",
    "日元": "JPY",
    "日圆": "JPY",
    "英镑": "GBP",
    "韩元": "KRW",
    "澳元": "AUD",
    "加元": "CAD",
    "卢布": "RUB",
    "卢比": "INR",
    "瑞士法郎": "CHF",
    "新元": "SGD",
    "新加坡元": "SGD",
}
_CURRENCY = "|".join(sorted(_CURRENCIES, key=len, reverse=True))
# Numerals count as numbers only before a unit: 一 alone is an article, 一些 no figure.
_MEASURES = (
    "个百分点|个月|个|家|名|人|位|款|条|件|项|次|倍|天|日|年|岁|小时|分钟|秒|周|吨|公斤|千克|公里|千米|"
    "米|平方米|公顷|亩|度|辆|台|套|座|所|户|册|本|篇|部|艘|架|场|份|张|只|头|株|层|间|期|轮|届|级|"
    "批|股|票|字|处|种|类|组|对|万|亿"
)

_DATE = re.compile(
    rf"(?:(?P<year>\d{{4}}|[{''.join(DIGITS)}]{{4}})年)?"
    rf"(?P<month>\d{{1,2}}|十[一二]?|[一二三四五六七八九])月(?:份)?"
    rf"(?:(?P<day>\d{{1,2}}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])[日号])?"
    r"(?!\d)"
)
_ISO_DATE = re.compile(
    r"(?<![\d.])(?P<year>(?:19|20)\d{2})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?![\d.])"
)
_YEAR = re.compile(
    rf"(?<!\d)(?P<year>(?:1[0-9]|20)\d{{2}}|[一二][{''.join(DIGITS)}]{{3}})年(?![限期])"
)
_YEAR_RANGE = re.compile(
    r"(?<!\d)(?P<first>(?:19|20)\d{2})(?:年)?[-—–~～至到](?P<second>(?:19|20)\d{2})年"
)
_PERCENT = re.compile(
    rf"(?P<digits>\d+(?:\.\d+)?)\s*%|百分之(?P<words>{_NUMERAL}(?:点{_NUMERAL})?|\d+(?:\.\d+)?)"
)
_TENTHS = re.compile(
    r"(?<![第\d])(?P<tenths>[1-9一二两三四五六七八九])成(?![为立了本员果功长就都交语分])"
)
_AMOUNT = re.compile(rf"(?P<value>{_ANY})(?:多|余|来)?\s?(?P<currency>{_CURRENCY})")
_DIGITS_NUMBER = re.compile(rf"(?<![A-Za-z\d.\-])(?P<value>{_NUMBER})(?![A-Za-z\d])")
_WORDS_NUMBER = re.compile(rf"(?P<value>{_NUMERAL})(?:多|余|来)?(?={_MEASURES})")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-+.&][A-Za-z0-9]+|\s?\d+(?:\.\d+)?)*")
_QUOTED = re.compile(r"[《“「『\"]([^《》“”「」『』\"]{2,24})[》”」』\"]")
_SPEAKER = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{2,4}?)(?:则|也|还|曾|就)?(?:表示|认为|指出|透露|强调|补充称|解释称|坦言|呼吁)"
)
_NOT_A_NAME = re.compile(
    r"[的们是在了和与对并又都将被把可很更最]|一些|多家|业内|有人|记者|专家|人士|公司|报告|研究|数据|"
    r"文章|作者|方面|机构|官方|他|她|它|此|这|那|不少|各|企业|部门|负责|分析|观点|双方|市场|"
    r"明确|普遍|共同|公开|同时|所长|总裁|院长|总监|经理|董事|主任|教授|创始"
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: ``kind`` date, percent, amount, number or name; offsets into the text it is from.

    ``value`` is a tuple ``(year, month, day)`` with None for what is not said, a Decimal, a pair of
    Decimal and currency code, or a lower-case text.
    """

    kind: str
    text: str
    start: int
    end: int
    value: object


def extract_facts(text: str) -> list[Fact]:
    """Find the facts of a Simplified Chinese text, in order, none overlapping another."""
    plain = narrow(text)
    found: list[Fact] = []
    taken = bytearray(len(plain))

    def take(kind: str, start: int, end: int, value: object) -> None:
        if value is not None and end > start and not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            found.append(Fact(kind, text[start:end], start, end, value))

    for match in _ISO_DATE.finditer(plain):
        take("date", *match.span(), _date(match))
    for match in _YEAR_RANGE.finditer(plain):
        take("date", *match.span("first"), (int(match["first"]), None, None))
        take("date", *match.span("second"), (int(match["second"]), None, None))
    for match in _DATE.finditer(plain):
        take("date", *match.span(), _date(match))
    for match in _YEAR.finditer(plain):
        take("date", *match.span(), (_small(match["year"]), None, None))
    for match in _PERCENT.finditer(plain):
        take("percent", *match.span(), _percent(match))
    for match in _TENTHS.finditer(plain):
        tenths = _small(match["tenths"])
        take("percent", *match.span(), None if tenths is None else Decimal(tenths * 10))
    for match in _AMOUNT.finditer(plain):
        value = _value(match["value"])
        if value is not None:
            take("amount", *match.span(), (value, _CURRENCIES[match["currency"]]))
    for match in _LATIN.finditer(plain):
        take("name", *match.span(), _squeeze(match.group()))
    for match in _DIGITS_NUMBER.finditer(plain):
        take(
            "number",
            match.start(),
            match.start() + len(match["value"].rstrip()),
            _value(match["value"]),
        )
    for match in _WORDS_NUMBER.finditer(plain):
        value = _value(match["value"])
        # 一个, 两家: counting words that a sentence needs whether or not it states a figure.
        if value is not None and value > 2:
            take("number", *match.span("value"), value)
    for match in _QUOTED.finditer(plain):
        take("name", *match.span(1), _squeeze(match[1]))
    for match in _SPEAKER.finditer(plain):
        if not _NOT_A_NAME.search(match["name"]):
            take("name", *match.span("name"), match["name"])
    return sorted(found, key=lambda fact: fact.start)


def _squeeze(text: str) -> str:
    return re.sub(r"[\s\-]", "", text).lower()


def _small(text: str | None) -> int | None:
    if text is None:
        return None
    value = Decimal(text) if text.isdecimal() else chinese_value(text)
    return None if value is None else int(value)


def _date(match: "re.Match[str]") -> tuple[int | None, int | None, int | None] | None:
    year, month, day = (_small(match[name]) for name in ("year", "month", "day"))
    if not month or month > 12 or (day is not None and not 1 <= day <= 31):
        return None
    return year, month, day


def _percent(match: "re.Match[str]") -> Decimal | None:
    if match["digits"]:
        return Decimal(match["digits"])
    words = match["words"]
    if words[0].isdecimal():
        return Decimal(words)
    whole, point, fraction = words.partition("点")
    value = chinese_value(whole)
    if value is None or not point:
        return value
    return value + Decimal("0." + "".join(str(DIGITS.get(char, 0)) for char in fraction))


def _value(text: str) -> Decimal | None:
    text = text.replace(" ", "")
    if not text[:1].isdecimal():
        return chinese_value(text)
    split = next((i for i, char in enumerate(text) if char in _UNITS), len(text))
    return mixed_value(text[:split], text[split:])
