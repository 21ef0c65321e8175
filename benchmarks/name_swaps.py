"""Names in news sentences, swapped for others of their kind; sentences turned into the opposite.

Names are found by rules of this file alone, none of the code that is measured. A name is told by
one plain place (after a role, before a verb of speech) and then swapped at any place of the
article, whatever stands around it there, so that what gives it away to this file need not be what
gives it away to the checks.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SENTENCE = re.compile(r"[^。！？\n]+[。！？]?")
LEAST_SENTENCE = 12
MOST_OF_A_KIND = 3
# The hundred most common surnames by the 2020 report of the Ministry of Public Security, in part.
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任"
    "卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙黎史陶贺毛段郝顾龚邵万覃武钱戴严莫孔"
)
TITLES = (
    "记者|总统|总理|主席|部长|局长|市长|省长|书记|主任|教授|院长|校长|总裁|总经理|董事长|创始人|分析师|研究员|"
    "发言人|负责人|导演|演员|医生|村民|市民|队员|教练|院士|博士|律师|外长|大使|会长|秘书长"
)
SPEAKS = "表示|认为|说|指出|介绍|告诉|称|透露|强调|坦言"
PERSON = (
    re.compile(
        rf"(?:{TITLES})(?P<name>[{SURNAMES}][\u4e00-\u9fff]{{1,2}}?)(?=(?:{SPEAKS})|[，、。：])"
    ),
    re.compile(
        rf"(?<=[，。；“\n])(?P<name>[{SURNAMES}][\u4e00-\u9fff]{{1,2}}?)(?=(?:表示|认为|指出|介绍|告诉|坦言))"
    ),
    re.compile(
        r"(?P<name>[\u4e00-\u9fff]{2,5}·[\u4e00-\u9fff]{2,6}?)(?=表示|认为|说|指出|称|[，、。）])"
    ),
)
NO_PERSON = re.compile(
    "交大|青年|[被的了在是和与等这那有不为我他她们]|公司|集团|部门|方面|记者|人士|专家|团队|研究|项目|方案"
)
ORGANISATION = re.compile(
    r"(?:(?<=[，。、；：“（])|(?<=[由在与和对向从据于]))"
    r"(?P<name>[\u4e00-\u9fff]{2,8}?(?:公司|集团|大学|医院|银行|研究院|研究所|协会|委员会|学院|法院"
    "|出版社|博物馆|教育局|公安局|税务局))"
    r"(?=[，。、；：的在与和将于表）])"
)
NO_ORGANISATION = re.compile(
    "^(?:该|本|这|那|某|各|其|多|一|两|几|我|有关|相关|上市|分|子|母|全国|全市|全省|中国|国内|当地|外国)"
    "|的|了|是|家|名|个|位"
)
PLACE = (
    re.compile(
        r"(?:(?<=[，。、；：“（在])|(?<=来自)|(?<=前往)|(?<=位于)|(?<=抵达))"
        r"(?P<name>[\u4e00-\u9fff]{2,3}(?:省|市|县|镇))(?![场民委政镇区属值容])"
    ),
    re.compile(r"(?<=市)(?P<name>[\u4e00-\u9fff]{2}区)(?![民域委位别])"),
)
NO_PLACE = re.compile(
    "[达修推诱骗楼绿采市省县镇](?=.)|[全各该本我这那某多城地社小景山灾校园辖郊超股都上新两一几个]"
    "|[等和与及的在为是从向对把被将到]|自治|开发|示范|试验|保护"
)
COUNTRY = re.compile(
    "(?P<name>美国|英国|法国|德国|日本|韩国|俄罗斯|印度|加拿大|澳大利亚|巴西|意大利|西班牙|乌克兰|以色列"
    "|伊朗|土耳其|埃及|南非|墨西哥|阿根廷|越南|泰国|新加坡|马来西亚|菲律宾|印度尼西亚|沙特|波兰|瑞典|荷兰"
    "|瑞士|希腊|哈萨克斯坦)"
)
PRODUCT = (
    re.compile(r"《(?P<name>[^《》\n]{2,20})》"),
    re.compile(r"“(?P<name>[\u4e00-\u9fffA-Za-z0-9]{2,8})”"),
    re.compile(r"(?<![A-Za-z0-9.])(?P<name>[A-Z][A-Za-z]{2,}(?:[-]?\d+)?)(?![A-Za-z0-9.])"),
)
VERBS = (
    "同意|支持|完成|通过|发现|出现|举行|实现|提供|公布|影响|参加|允许|接受|批准|取得|达到|改变|停止|恢复"
    "|受到|开展|采取|收到"
)
NEGATIONS = re.compile("没有|并未|尚未|未能|从未|不会|不能|无法|不再|不")
POSITIVE = re.compile(rf"(?<=[\u4e00-\u9fff])(?P<verb>{VERBS})(?=了|[\u4e00-\u9fff]{{2}})")
NEGATIVE = re.compile(r"(?P<negation>没有|并未|尚未|未能|不会|不再)(?=[\u4e00-\u9fff]{2})")
OPPOSITES = (
    ("增长", "下降"), ("上升", "下降"), ("上涨", "下跌"), ("增加", "减少"), ("提高", "降低"),
    ("支持", "反对"), ("同意", "反对"), ("超过", "不足"), ("高于", "低于"), ("盈利", "亏损"),
    ("进口", "出口"), ("成功", "失败"),
)  # fmt: skip


@dataclass(frozen=True)
class Name:
    """A name of an article and its kind."""

    kind: str
    text: str


def names(article: str) -> list[Name]:
    """Return the names that stand in plain places of an article."""
    found = []
    for kind, patterns, no_name in (
        ("person", PERSON, NO_PERSON),
        ("organisation", (ORGANISATION,), NO_ORGANISATION),
        ("place", (*PLACE, COUNTRY), NO_PLACE),
        ("product", PRODUCT, None),
    ):
        for pattern in patterns:
            for match in pattern.finditer(article):
                name = match["name"]
                country = pattern is COUNTRY
                if country or no_name is None or not no_name.search(name):
                    found.append(Name(kind, name))
    return list(dict.fromkeys(found))


def form(name: Name) -> str:
    """Return what a fair swap of a product keeps: Latin for Latin; people by sound, by surname."""
    if name.kind == "product":
        return "latin" if name.text.isascii() else "hanzi"
    if name.kind == "person":
        return "sound" if "·" in name.text else "surname"
    return ""


def name_swaps(
    article: str, own: Sequence[Name], others: Sequence[Name], rng: random.Random
) -> Iterator[tuple[str, str, str, int, int]]:
    """Yield kind, the true and the false sentence, and where in it the other name stands.

    ``others`` are what to swap in: the names of other articles, or of this one.
    """
    seen: Counter[str] = Counter()
    sentences = [text for text in SENTENCE.findall(article) if len(text) >= LEAST_SENTENCE]
    for name in rng.sample(own, len(own)):
        if seen[name.kind] == MOST_OF_A_KIND:
            continue
        having = [sentence for sentence in sentences if name.text in sentence]
        fair = [
            other.text
            for other in others
            if other.kind == name.kind
            and form(other) == form(name)
            and other.text not in name.text
            and name.text not in other.text
        ]
        if not having or not fair:
            continue
        sentence = rng.choice(having)
        possible = [other for other in fair if other not in sentence]
        if not possible:
            continue
        other = rng.choice(possible)
        # Where a name comes back in its sentence, all of it is swapped, as who errs would write.
        start = sentence.index(name.text)
        seen[name.kind] += 1
        yield name.kind, sentence, sentence.replace(name.text, other), start, start + len(other)


def turned_sentences(article: str, rng: random.Random) -> Iterator[tuple[str, str, str]]:
    """Yield how a sentence was turned (negation in, out, opposite), it, and its opposite."""
    seen: Counter[str] = Counter()
    sentences = [text for text in SENTENCE.findall(article) if len(text) >= LEAST_SENTENCE]
    for sentence in rng.sample(sentences, len(sentences)):
        plain = not NEGATIONS.search(sentence)
        if plain and seen["put in"] < MOST_OF_A_KIND and (match := POSITIVE.search(sentence)):
            seen["put in"] += 1
            negated = rng.choice(("没有", "并未", "未")) + match["verb"]
            rest = sentence[match.end() :].removeprefix("了")
            yield "put in", sentence, sentence[: match.start()] + negated + rest
        if seen["left out"] < MOST_OF_A_KIND and (match := NEGATIVE.search(sentence)):
            seen["left out"] += 1
            yield "left out", sentence, sentence[: match.start()] + sentence[match.end() :]
        for one, other in OPPOSITES:
            word, instead = (one, other) if one in sentence else (other, one)
            if seen["opposite"] < MOST_OF_A_KIND and word in sentence and instead not in sentence:
                seen["opposite"] += 1
                yield "opposite", sentence, sentence.replace(word, instead, 1)
                break
