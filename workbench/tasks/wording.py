"""The wording of what a model wrote: its trimmings taken off, cut where it must be."""

import re

_BULLET = re.compile(r"^\s*(?:[-*•·●▪]+|\(?\d{1,2}[.、)）](?!\d)|[（(]\d{1,2}[)）])\s*")
_LABEL = re.compile(r"^(?:要点|结论|摘要|总结|概括|标题|改写|答案|回答|一句话概括)[:：]\s*")
_PASSAGE = re.compile(r"\s*第?[\[【［]\d{1,3}(?:[-–~,，、]\s*\d{1,3})*[\]】］]段?\s*")
_META = re.compile(
    r"^(?:第?[\[【]?\d+[\]】]?(?:段)?(?:到|至|-)第?[\[【]?\d+[\]】]?段?|这(?:几|一)?段|本段|文章|本文|原文|该文)"
    r"(?:主要)?(?:讲|讲述|介绍|概括|描述|提到|指出|讨论|说)了?[:：，]?"
)
_NOTHING = re.compile(
    r"^[（(]?(?:无|没有|无相关|未提及|文中未提及|没有提到|不适用|n/?a)[^，,]{0,8}[。.）)]?$", re.I
)
SENTENCE_END = "。！？!?"
_CLAUSE = re.compile(r"[^，；,;。！？!?]*[，；,;。！？!?]?")
_CONNECTIVE = re.compile(
    r"^(?:(?:此外|同时|另外|而且|并且|但是|然而|不过|因此|所以|与此同时|其中|据悉|据了解)[，,]|但(?:是)?(?!愿))"
)
# A clause that begins or ends so says nothing without the one after it.
_LEADS_ON = re.compile(
    r"^(?:虽然|尽管|由于|因为|如果|假如|随着|当|无论|不管|除了|只有|只要|为了|即便|即使|哪怕|不仅|不但|与其|"
    r"一方面|根据|据(?!悉|了解)|若)|^(?:在|从|对于?|通过).*[中下后时上里看来说用式]$|(?:时|后|之前|以来|方面|[的是为和与])$|"
    r"^(?:截至|自|到)[^，]{1,16}$|"
    r"^为(?:了|进一步|更好|丰富|确保|保障|推动|促进|加强|加快|提高|提升|支持|方便|满足|维护|发挥|深化|"
    r"落实|贯彻|弘扬|做好|避免|防止|应对|规范|助力|解决|实现|打造|营造|吸引|鼓励|帮助)|"
    r"(?:^|[：:])以[^，：:]{1,20}(?:估值|价格|单价|总价|价|成本|代价|形式|方式|名义|身份|速度|姿态|比分|票数|优势)$|"
    r"^(?:其中|例如|比如|特别是|尤其是|此外|另外|同时|与此同时|对此|为此)$|"
    r"(?:表示|认为|指出|强调|透露|介绍|解释|坦言|看来|[称说]|告诉.{0,12}|记者)$"
)
AFTER_A_CHANGE = (
    r"(?:调整|修改|改造|改进|优化|压缩|扣除|合并|扩建|升级|整改|折算|换算)后"
    r"(?:的?预计|约|则?为|将|达|增|减|升|降)"
)
"""How a clause begins whose subject stands before the change it tells of: 调整后预计为126万元."""
LEAST_CHARACTERS = 12
"""Fewer characters than this are no statement."""
_LEAST_REPEATED = 5
_HALF = str.maketrans(",;:?!()", "，；：？！（）")
_HALF_BESIDE_CHINESE = re.compile(
    r"(?<=[\u3400-\u9fff”’」』》）%])\s*[,;:?!(]\s*|\s*[)](?=[\u3400-\u9fff，。；：、]|$)|[,;](?=[\u3400-\u9fff“])"
)


def in_chinese_marks(text: str) -> str:
    """Return a text with the full-width marks of Chinese beside Chinese characters."""
    return _HALF_BESIDE_CHINESE.sub(lambda match: match.group().strip().translate(_HALF), text)


def tidy(text: str) -> str:
    """Take the bullet, label and passage numbers off a line the model wrote."""
    line = _BULLET.sub("", text.strip())
    line = _LABEL.sub("", line)
    line = _META.sub("", line)
    line = _PASSAGE.sub("", line).lstrip("：:，,、；; ")
    line = _CONNECTIVE.sub("", in_chinese_marks(line))
    line = line.strip().strip("*").strip()
    line = _until_repetition(line)
    whole, mark, rest = _after_last_sentence(line)
    if mark and 0 < len(rest) < LEAST_CHARACTERS:
        line = whole + mark  # the model broke off after it
    if len(line) > 2 and line[0] in '“"「' and line[-1] in '”"」' and line.count(line[0]) == 1:
        line = line[1:-1]
    return line.strip()


def _until_repetition(line: str) -> str:
    """Cut a line where the model begins to say the same clauses again, as small models do."""
    said: set[str] = set()
    kept = ""
    for clause in _CLAUSE.findall(line):
        plain = clause.strip("，；,;。！？!? ")
        if len(plain) >= _LEAST_REPEATED and any(plain in other for other in said):
            return kept.rstrip("，；,; ") + ("" if kept[-1:] in SENTENCE_END else "。")
        said.add(plain)
        kept += clause
    return line


def _after_last_sentence(line: str) -> tuple[str, str, str]:
    cut = max(line.rfind(mark) for mark in SENTENCE_END)
    return (line[:cut], line[cut], line[cut + 1 :]) if cut >= 0 else (line, "", "")


def is_nothing(text: str) -> bool:
    """Say whether a line only says that there is nothing to say."""
    return not text or bool(_NOTHING.match(text))


def whole_sentences(text: str) -> str:
    """Cut an answer that ran into its limit back to its last whole sentence or clause."""
    for ends in (SENTENCE_END, "；;", "，,、"):
        cut = max(text.rfind(end) for end in ends)
        if cut >= len(text) // 3:
            return text[: cut + 1].rstrip("，,、；;") + ("" if text[cut] in SENTENCE_END else "。")
    return text


def shortened(text: str, characters: int) -> str | None:
    """Cut a text after the last clause that keeps it within ``characters``; None where none does.

    The beginning of a Chinese sentence up to a comma mostly stands by itself; one that is only a
    subordinate clause, or leaves a quotation or bracket open, does not.
    """
    kept = ""
    best: str | None = None
    for clause in _CLAUSE.findall(text):
        kept += clause
        if len(kept) > characters:
            break
        plain, last = kept.rstrip("，；,;"), clause.rstrip("，；,;")
        if len(plain) >= LEAST_CHARACTERS and is_balanced(plain) and not leads_on(last):
            best = plain if plain[-1] in SENTENCE_END else f"{plain}。"
    return best if best != text else None


def is_balanced(text: str) -> bool:
    """Say whether every quotation and bracket that is opened is closed."""
    pairs = zip("“‘（(《「『【", "”’）)》」』】", strict=True)
    return all(text.count(a) == text.count(b) for a, b in pairs) and text.count('"') % 2 == 0


def leads_on(clause: str) -> bool:
    """Say whether a clause, its mark taken off, says nothing without the one after it."""
    return bool(_LEADS_ON.search(clause))


def closed(line: str) -> str:
    """Return a line that was stopped at the end of its sentence, with its last marks put back."""
    line = line.rstrip("，,、；; ")
    if not line:
        return line
    if line.count("“") == line.count("”") + 1:
        line += "”"
    ended = line.rstrip("”’」』")[-1:] in (*SENTENCE_END, "…")
    return line if ended else f"{line}。"
