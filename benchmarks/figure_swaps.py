"""Figures of news sentences, swapped for others or written in another notation.

What is a figure, and what another value of it is, is told by rules of this file alone, none of the
code that is measured.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator

SENTENCE = re.compile(r"[^。！？\n]+[。！？]?")
DIGIT_NAMES = "零一二三四五六七八九"
MONEY = "美元|欧元|港元|日元|英镑|人民币|新台币|元"
MOST_OF_A_KIND = 3
KINDS = {
    "date": re.compile(r"(?<!\d)(?P<year>\d{4}年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})日"),
    "year": re.compile(r"(?<!\d)(?P<digits>(?:19|20)\d{2})年"),
    "percent": re.compile(r"(?<![\d.])(?P<digits>\d+(?:\.\d+)?)%"),
    "amount": re.compile(
        rf"(?<![\d.,，])(?P<digits>\d+(?:\.\d+)?)(?P<unit>[万亿]*)(?:{MONEY})(?!旦)"
    ),
    "number": re.compile(
        r"(?<![\d.,，A-Za-z:：/\-])(?P<digits>\d+(?:\.\d+)?)(?P<unit>[万亿]*)"
        rf"(?![\d.,，A-Za-z%％:：/\-年月日号时分点个]|{MONEY})"
    ),
    "duration": re.compile(
        r"(?<![\d.第])(?P<digits>\d{1,2})(?P<unit>个月|个小时|小时|分钟|天|周|年)(?=[，。、内的后前来多以]|$)"
    ),
}


def in_words(number: int) -> str:
    """Write a whole number below a hundred million the way Chinese texts do."""
    if number >= 10_000:
        rest = number % 10_000
        gap = "零" if 0 < rest < 1000 else ""
        return in_words(number // 10_000) + "万" + gap + (in_words(rest) if rest else "")
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += ("零" if zero and text else "") + DIGIT_NAMES[digit] + name
        zero = not digit
    text = text or "零"
    return text.removeprefix("一") if text.startswith("一十") else text


def other_digits(digits: str, article: str, rng: random.Random) -> str | None:
    """Change the digits of a number, keeping its shape; None where the article has all variants."""
    for _attempt in range(30):
        changed = "".join(rng.choice("123456789") if char.isdigit() else char for char in digits)
        whole = changed.isdigit() and int(changed) < 10_000
        if changed.lstrip("0.") != digits and changed not in article:
            # 3 and 10 hide in words too: only numerals the article lacks are swapped in.
            words = in_words(int(changed)) if whole else ""
            if not words or not any(word in article for word in {words, words.replace("二", "两")}):
                return changed
    return None


def swapped(kind: str, match: re.Match[str], article: str, rng: random.Random) -> str | None:
    """Return the matched text with another value, None where there is no fair one."""
    text = match.group()
    if kind == "date":
        pairs = [(rng.randint(1, 12), rng.randint(1, 28)) for _attempt in range(30)]
        for month, day in pairs:
            alone = re.search(rf"(?<!\d){day}(?:日|[-—~至、]\d+日)|{in_words(day)}日", article)
            if (month, day) != (int(match["month"]), int(match["day"])) and not alone:
                return f"{match['year'] or ''}{month}月{day}日"
        return None
    if kind == "year":
        years = [str(rng.randint(1950, 2035)) for _attempt in range(30)]
        changed = next((year for year in years if year not in article), None)
        return changed and text.replace(match["digits"], changed, 1)
    changed = other_digits(match["digits"], article, rng)
    return changed and text.replace(match["digits"], changed, 1)


def rewritten(kind: str, match: re.Match[str]) -> str | None:
    """Return the matched text with the same value in Chinese numerals, None where none is usual."""
    text = match.group()
    if kind == "date":
        year = match["year"] or ""
        spoken = "".join(DIGIT_NAMES[int(char)] for char in year[:-1]) + year[-1:]
        return f"{spoken}{in_words(int(match['month']))}月{in_words(int(match['day']))}日"
    if kind == "year":
        return "".join(DIGIT_NAMES[int(char)] for char in match["digits"]) + "年"
    if match["digits"].startswith("0"):
        return None
    whole, _point, fraction = match["digits"].partition(".")
    if len(whole) > 8:
        return None
    spoken = in_words(int(whole))
    if kind == "percent":
        point = "点" + "".join(DIGIT_NAMES[int(char)] for char in fraction) if fraction else ""
        return f"百分之{spoken}{point}"
    # A unit after a numeral that ends in one (三千万) reads as one number: so it is.
    return None if fraction or len(spoken) < 2 else text.replace(match["digits"], spoken, 1)


def matched(kind: str, text: str) -> re.Match[str]:
    """Read a swapped value again; a unit alone decides between amount and number."""
    match = KINDS[kind].search(text)
    if match is None:
        raise ValueError(text)
    return match


def figures(article: str) -> Iterator[tuple[str, str, re.Match[str]]]:
    """Yield kind, sentence and match of every figure, at most three of a kind."""
    seen: Counter[str] = Counter()
    for sentence in SENTENCE.findall(article):
        for kind, pattern in KINDS.items():
            for match in pattern.finditer(sentence):
                if seen[kind] < MOST_OF_A_KIND:
                    seen[kind] += 1
                    yield kind, sentence, match
