"""Finding names in Simplified Chinese text: Latin words, quoted titles, people who speak.

Only names that show themselves by their form or place; there is no dictionary of names.
"""

import re
from collections.abc import Iterator

from workbench.grounding.numerals import narrow
from workbench.grounding.quantities import LATIN_UNIT, MEASURES

Found = tuple[int, int, str]

_VERSION = (
    r"[ ]?\d++(?:\.\d++)*+(?![\dA-Za-z%‰万亿千百元年月日,]|[ ]?[%‰万亿千百元]|\.\d"
    rf"|(?:多|余)?(?!时代)(?:{MEASURES}))"
)
_LATIN = re.compile(
    rf"(?<![A-Za-z0-9])(?<!\d\.)(?:[A-Za-z][A-Za-z0-9]*+|\d++(?!{LATIN_UNIT})[A-Za-z][A-Za-z0-9]*+)"
    rf"(?:[-+.&'’/][A-Za-z0-9]++|(?<=[A-Za-z0-9])\+(?![A-Za-z0-9])|{_VERSION})*+"
)
_TITLE = re.compile(r"《([^《》\n]{2,40})》")
_QUOTED = re.compile(r"[“「『\"]([^“「『」』”\"\n]{2,24})[」』”\"]")
# Characters that write foreign names by sound (after the tables of 世界人名翻译大辞典).
_SOUNDS = (
    "阿埃艾爱安奥巴白拜班邦保鲍贝本比彼别宾波伯博布查茨达大戴丹道德登迪蒂丁东杜多恩尔法范菲芬"
    "费丰弗福富盖甘冈高戈格根古瓜圭哈海汉豪赫黑亨洪胡华怀惠霍基吉加贾简杰金卡凯坎康考科克肯孔"
    "库夸奎昆拉莱赖兰朗劳勒雷蕾黎李里丽利莉连廉良列林琳留龙隆卢鲁伦罗洛吕马玛迈麦曼芒毛梅门蒙"
    "米密蜜明莫默姆木穆纳娜奈南内尼涅宁纽农努诺欧帕派潘庞佩彭皮平珀普奇齐乔切琴丘屈让热仁日茹"
    "瑞若萨塞赛桑森沙珊尚绍舍申圣施什史舒顺朔斯丝松苏索塔泰坦汤唐陶特腾提廷图托瓦万旺威韦维魏"
    "温文沃乌伍西希锡夏香肖谢辛欣兴休雅亚延扬耶叶伊易因英尤于约泽扎詹哲珍朱卓兹佐卜治"
)
_FOREIGN = re.compile(rf"[{_SOUNDS}]{{1,7}}(?:[·•・‧][{_SOUNDS}]{{1,8}})+")
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏"
    "魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵"
    "万钱严覃武戴莫孔汤常温康施文牛樊葛邢齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包"
    "宁尚符舒阮柯纪梅童凌毕季裴霍涂苗谷盛曲翁冉骆蓝游辛靳柴蒙鲍喻祁蒲屈饶牟艾尤穆卓古吉缪简项芦"
    "麦褚娄窦戚岑景宫费冷席卫柏宗瞿桂佟臧闵苟邬卞姬仇栾隋刁沙荣巫寇桑郎甄丛仲虞敖巩佘池查麻苑迟邝"
)
"""Characters that most family names of Chinese begin with."""

_VERBS = (
    "表示|认为|指出|透露|强调|补充[说称道]|解释[说称道]|坦言|呼吁|介绍|宣布|回应|告诉|直言|警告"
)
_ROLE = (
    "部长|局长|院长|校长|所长|主任|主席|总裁|总监|经理|董事|教授|书记|大使|总统|总理|首相|发言人|"
    "负责人|创始人|分析师|研究员|学者|博士|律师|秘书|委员|会长|省长|市长|县长|队长|教练|导演|首席|专家|站长"
)
_SPEAKER = re.compile(
    rf"(?:(?<![\u4e00-\u9fffA-Za-z0-9·])|(?P<role>{_ROLE}))(?P<name>[\u4e00-\u9fff]{{2,4}}?)"
    rf"(?:则|也|还|曾|就)?(?:{_VERBS})"
)
_NO_NAME = re.compile(
    r"[的们是在了和与对并又都将被把可很更最他她它此这那各会则还曾就]|一些|多家|业内|有人|记者|专家|人士|"
    r"公司|报告|研究|数据|文章|作者|方面|机构|官方|不少|企业|部门|负责|分析|观点|双方|市场|明确|普遍|"
    r"共同|公开|同时|所长|总裁|院长|总监|经理|董事|主任|教授|创始|高层|高管|方案|文件|白皮|金融|关于|"
    r"万人|马上|常委|石油|文化|项目|周边|任何|许多|何人|包括|通知|简单|曾经|查询|宁可|费用"
)


def find_names(text: str) -> Iterator[Found]:
    """Yield start, end and normalised name of every name; ``text`` has been narrowed."""
    for match in _TITLE.finditer(text):
        yield *match.span(1), squeeze(match[1])
    for match in _LATIN.finditer(text):
        end = match.start() + len(match.group().rstrip())
        yield match.start(), end, squeeze(match.group())
    for match in _FOREIGN.finditer(text):
        yield *match.span(), squeeze(match.group())


def find_weak_names(text: str) -> Iterator[Found]:
    """Yield the names that are found last: short quotations, and whoever speaks."""
    for match in _QUOTED.finditer(text):
        if name := squeeze(match[1]):
            yield *match.span(1), name
    for match in _SPEAKER.finditer(text):
        name = match["name"]
        person = match["role"] or name[0] in SURNAMES or all(char in _SOUNDS for char in name)
        if person and not _NO_NAME.search(name):
            yield *match.span("name"), name


def squeeze(text: str) -> str:
    """Return a text as names are compared: letters, digits and Hanzi only, in lower case."""
    return re.sub(r"[\W_]+", "", narrow(text)).lower()


class Names:
    """The names of one text, looked up by their normalised form."""

    def __init__(self, text: str):
        self._squeezed = squeeze(text)
        self._lower = narrow(text).lower()

    def has(self, name: str) -> bool:
        """Say whether the text holds the name; Latin ones as whole words: GPT-4 is not GPT-4o."""
        if name not in self._squeezed:
            return False
        if not name.isascii():
            return True
        parts = r"[\W_]*".join(map(re.escape, name))
        before = r"(?<![a-z0-9])" if not name[0].isdigit() else r"(?<!\d)(?<!\d[.,])"
        after = r"(?!\.?\d|[a-z])" if name[-1].isdigit() else r"(?![a-rt-z]|s[a-z])"
        return re.search(before + parts + after, self._lower) is not None
