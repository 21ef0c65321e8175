"""Giving a figure back the qualifier that a model dropped: 超10亿美元, 90%以上."""

import re

_BEFORE = "超过|超|近|接近|约|大约|逾|不足|不到|至少|最多"
_AFTER = "以上|以下|左右|以内"
_FIGURE = re.compile(
    r"(?<![\dA-Za-z-])(?<!\d[.,])\d[\d,]*(?:\.\d+)?(?:[万亿千百]+(?:多|余)?)?"
    r"(?:%|美元|元人民币|人民币|港元|欧元|日元|元|[个家名人位款项条次倍台辆户份所座艘年月天海公]+)"
)


def with_qualifiers(text: str, cited: str) -> str:
    """Return a point with the qualifiers its figures have in the cited text, both Simplified.

    A figure is changed only where the cited text never gives it without one, and always with the
    same.
    """
    found: list[str] = []
    position = 0
    for match in _FIGURE.finditer(text):
        before, after = _qualifiers(match.group(), cited)
        has_before = re.search(f"(?:{_BEFORE})\\s?$", text[: match.start()])
        has_after = re.match(_AFTER, text[match.end() :])
        # 达 and 不到 together would say "fails to reach".
        jarring = before in ("不足", "不到") and re.search("达到?$", text[: match.start()])
        qualified = has_before or has_after or jarring
        found.append(text[position : match.start()])
        found.append(match.group() if qualified else f"{before}{match.group()}{after}")
        position = match.end()
    return "".join([*found, text[position:]])


def _qualifiers(figure: str, cited: str) -> tuple[str, str]:
    """Return what stands before and after a figure, if that is the same everywhere."""
    pattern = f"({_BEFORE})?\\s?(?<!\\d)(?<!\\d[.,]){re.escape(figure)}({_AFTER})?"
    seen = {(match[1] or "", match[2] or "") for match in re.finditer(pattern, cited)}
    return seen.pop() if len(seen) == 1 else ("", "")
