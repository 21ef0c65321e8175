"""Saying the same in fewer characters, as Chinese newsrooms do.

Only what cannot change the meaning is touched: fillers at the head of a clause, words of two
characters that have a written form of one, 了 after verbs that need none, codes of shares, and the
year of a date where it is that of the article. Quotations and titles stay as they are.
"""

import re

_PROTECTED = re.compile(r"“[^”]*”|‘[^’]*’|「[^」]*」|《[^》]*》|\"[^\"]*\"")
_FILLER = re.compile(
    r"(?:(?<=^)|(?<=[，。；：]))(?:据悉|据了解|据介绍|据统计|据报道|据透露|记者(?:了解到|获悉|注意到|发现)|"
    r"值得(?:注意|一提|关注)的是|需要指出的是|此外|另外|与此同时|同时|另一方面|一方面|总之|可以说|"
    r"事实上|实际上|整体来看|总体来看|具体来看|公开资料显示|数据显示|公告显示|不仅如此)[，,]"
)
_CODE = re.compile(r"[（(](?:\d{6}(?:\.[A-Za-z]{2})?|记者[^（）()]{0,12})[)）]")
_SHORTER = {
    "已经": "已",
    "将会": "将",
    "能够": "能",
    "以及": "及",
    "但是": "但",
    "或者": "或",
    "并且": "并",
    "而且": "且",
    "按照": "按",
    "根据": "据",
    "共计": "共",
    "大约": "约",
    "为了": "为",
    "之后": "后",
    "之前": "前",
    "等等": "等",
    "正在": "正",
    "仍然": "仍",
    "依然": "仍",
    "尚未": "未",
    "可以": "可",
    "应当": "应",
    "应该": "应",
    "必须": "须",
    "因为": "因",
    "如果": "若",
    "的时候": "时",
    "进一步": "",
    "第一时间": "",
    "有关负责人": "负责人",
    "相关负责人": "负责人",
    "位于": "在",
    # Names as newsrooms shorten them.
    "中国人民解放军": "解放军",
    "中华全国总工会": "全国总工会",
    "全国人民代表大会": "全国人大",
    "人民政府": "政府",
    "股份有限公司": "公司",
    "有限责任公司": "公司",
    "有限公司": "公司",
    "第一季度": "一季度",
    "第二季度": "二季度",
    "第三季度": "三季度",
    "第四季度": "四季度",
}
_WORDS = re.compile("|".join(sorted(map(re.escape, _SHORTER), key=len, reverse=True)))
_VERBS = (
    "发布|推出|实现|完成|获得|出现|成为|形成|开展|达到|超过|增长|下降|增加|减少|取得|建立|成立|启动|"
    "召开|举行|举办|介绍|公布|宣布|提出|提升|提高|造成|引发|带来|创下|印发|开设|设立|新增|组织"
)
_DONE = re.compile(f"(?P<verb>{_VERBS})了(?=[^，。；、！？了])")
_YEAR = re.compile(r"(?<!\d)(\d{4})年(?=\d{1,2}月\d{1,2}日)")
_LEAST = 12
_LEAST_SHORT = 6
_CALLED = re.compile(
    r"《[^》]{8,}》[（(](?:以下|下文)(?:简称|称)[：:]?[“《]?([^”》（）()]{2,12})[”》]?[)）]"
)
_ALSO_CALLED = re.compile(r"[（(](?:以下|下文)(?:简称|称)[^（）()]{2,40}[)）]")
_CARRIED_OUT = re.compile(
    r"(?P<before>(?:^|[，。；：])[^，。；：对就向与同]*?)进行了?(?=[\u3400-\u9fff]{2})(?!的|中|时|过|到|得|着)"
)
_CREDIT = re.compile(
    r"(?:视觉中国|IC ?photo|受访者供图|资料图|新华社发)\s*图?(?=\S)|[（(]图源[^（）()]*[)）]"
)
_ITEM = r"[\u3400-\u9fff]{2,12}"
_LIST = re.compile(
    rf"(?P<first>{_ITEM}、{_ITEM})(?:、{_ITEM}){{1,8}}(?:和|及|以及|、)?{_ITEM}?等(?!于|待|级)"
)
_DATELINE = re.compile(
    r"^[\s，,]*(?:[\[【]?\s*(?:\d{4}[-/年.])?\d{1,2}[-/月.]\d{1,2}日?[\s\d:：]*[\]】]?\s*[，,：:]?\s*)?"
    r"(?:正文[：:]\s*)?"
    r"(?:[\w·]{2,14}\d{1,2}月\d{1,2}日(?:电|讯|消息)?\s*(?:[（(][^（）()]{0,40}[)）])?\s*"
    r"(?:题[：:])?)?(?:本报讯|央视网消息|本网讯)?\s*(?:[（(](?:记者|通讯员)[^（）()]{0,40}[)）])?[：:，,]?\s*"
)
_WIRE = re.compile(r"\d日(?:电|讯)|正文[：:]|消息[：:]|本报讯|^\s*[\[【]?\s*\d{4}[-/]")
_TREATED = re.compile(
    r"对(?P<what>[^，。；：对“”]{2,40})(?:进行|开展|予以)了?"
    r"(?P<verb>检查|调查|改造|研究|修复|评估|监测|清理|排查|审查|调研|整治|考察|测试|处罚|监督)(?=[，。；]|$)"
)


def without_dateline(text: str) -> str:
    """Return a sentence without the date, agency and reporter that news begin with."""
    if not _WIRE.search(text[:60]):
        return text
    match = _DATELINE.match(text)
    rest = text[match.end() :] if match else text
    return rest if len(rest) >= _LEAST else text


def concise(text: str, *, date: str | None = None) -> str:
    """Return a Simplified text in fewer characters; ``date`` is the article's, as yyyy-mm-dd."""
    year = (date or "")[:4]
    text = _CALLED.sub(lambda match: f"《{match[1]}》", without_dateline(text))
    text = _ALSO_CALLED.sub("", text)
    found: list[str] = []
    position = 0
    for match in _PROTECTED.finditer(text):
        found += [_shorter(text[position : match.start()], year), match.group()]
        position = match.end()
    found.append(_shorter(text[position:], year))
    short = "".join(found)
    return short if len(short) >= _LEAST_SHORT else text


def _shorter(text: str, year: str) -> str:
    text = _FILLER.sub("", text)
    text = _CREDIT.sub("", _CODE.sub("", text))
    text = _LIST.sub(lambda match: f"{match['first']}等", text)
    text = _WORDS.sub(lambda match: _SHORTER[match.group()], text)
    text = _DONE.sub(lambda match: match["verb"], text)
    text = _TREATED.sub(lambda match: f"{match['verb']}{match['what']}", text)
    text = _CARRIED_OUT.sub(lambda match: match["before"], text)
    return _YEAR.sub(lambda match: "" if match[1] == year else match.group(), text)
