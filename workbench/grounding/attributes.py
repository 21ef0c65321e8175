"""Words that say which attribute of a thing a figure states, in classes of one meaning.

Two articles say 投资 and 造价, 职工 and 员工 of one thing; they say 面积 and 投资 of two. The
classes are everyday synonyms of news prose; a word in none counts by its characters alone.
"""

import re
from collections.abc import Iterable, Iterator

_CLASSES = (
    "投资 造价 耗资 斥资 花费 出资 花了 总投入 投入资金 工程款 建设费用 投下",
    "拨款 拨付 补助 补贴 资助",
    "捐款 捐赠 捐出 善款 捐",
    "售价 价格 定价 零售价 票价 单价 标价 卖价 收费 门票 租金 房租 摊位费",
    "估值 市值",
    "融资 募资 筹集 筹资 筹得 募集 融到 融得 融了",
    "营收 营业收入 销售额 营业额 收入",
    "票房",
    "流水",
    "利润 净利 盈利 净赚",
    "亏损 亏 净亏",
    "罚款 罚金 处罚",
    "工资 薪水 薪酬 月薪 年薪",
    "奖金 奖励",
    "债务 负债 欠款 贷款",
    "成本 费用 开支",
    "赔偿 补偿 赔付",
    "员工 职工 雇员 人手 工作人员 雇用 用工",
    "学生 在校生 学员 学童",
    "教师 老师 教员 教职工",
    "居民 住户 户籍 常住人口 人口 村民",
    "观众 游客 读者 参观者 旅客 乘客 客流 到访",
    "志愿者 义工",
    "用户 使用者 用户数 注册用户",
    "死亡 遇难 丧生 身亡 死者 罹难",
    "受伤 伤者 负伤",
    "失踪 失联 下落不明",
    "被困 受困",
    "疏散 撤离 转移",
    "参加 出席 与会 到场 参会 参赛 报名",
    "藏书 图书 馆藏 书籍",
    "座位 坐席 席位",
    "床位 病床",
    "车位 停车位 泊位",
    "路灯 灯具",
    "面积 占地 建筑面积 总面积 平方米",
    "全长 长度 总长 里程 长达 全程",
    "高度 海拔",
    "宽度",
    "深度 水深",
    "厚度 厚达",
    "重量 重达 净重 总重 毛重",
    "速度 时速 车速",
    "产量 产出 年产 收成 总产",
    "发电 发电量",
    "装机 装机容量",
    "参数 参数量 参数规模",
    "增长 上升 上涨 提高 增加 增幅 涨幅 攀升 涨 增",
    "下降 下跌 减少 降低 降幅 跌幅 下滑 回落 跌 降",
    "占比 比重 占",
    "支持率 得票 得票率 赞成",
    "合格 合格率 达标",
    "入学率 就业率 出生率",
    "历时 工期 耗时 施工期",
    "开放 开馆 开门 启用 投入使用 开张 开业 迎客",
    "通车 开通 通航 试运行 运营",
    "发售 开售 上市 开卖 首销",
    "开工 动工 破土 奠基 开建",
    "竣工 完工 建成 落成 完成建设",
    "成立 创办 创立 创建 组建 设立",
    "发布 推出 上线 亮相 公布",
    "签约 签署 签订",
    "举行 举办 召开 开幕 开赛",
    "出生 生于",
    "去世 逝世 病逝",
    "关闭 停业 停运 闭馆 停止",
    "辞职 卸任 离职",
    "就任 上任 任命 接任",
    "班次 车次 趟",
    "比分 战胜 击败",
    "排名 名列 位列 位居",
)
_CLASS_OF = {word: number for number, words in enumerate(_CLASSES) for word in words.split()}
# Longer words that a word of a class is part of, by chance.
_OTHERS = (
    "图书馆 图书室 学生证 教师节 捐赠仪式 参加工作 开放式 发布会 成立以来 降落 高度重视 深度学习"
)
_WORDS = re.compile("|".join(sorted((*_CLASS_OF, *_OTHERS.split()), key=len, reverse=True)))
# 长38公里, 重231克: a single character names the dimension where the figure follows at once.
_DIMENSION = re.compile(
    r"(?<![校院市县省区镇乡村州增部局首队班站会社延成团船厂处科董理行家军生拉特见助])"
    r"(?P<word>[长宽高厚深重])(?=约|近|超|达|为|有|\d|[一二三四五六七八九十百千])"
)
_DIMENSIONS = {"长": "全长", "宽": "宽度", "高": "高度", "厚": "厚度", "深": "深度", "重": "重量"}
_UP = _CLASS_OF["增长"]
_DOWN = _CLASS_OF["下降"]

# What a figure covers: figures that cover different things cannot contradict each other.
_SCOPES = (
    "旧 老馆 老校 老桥 老厂 老楼 老店 老站 老城 上一代 上一届 上届 前代 前任 前身",
    "邻近 邻县 邻市 邻镇 附近的 下游的 上游的 旁边的 隔壁 另一 其他 其它 对手 同类 同行 周边",
    "每人 人均 平均每人 每位",
    "每天 日均 每日 一天 单日",
    "每周 周均 一周",
    "每月 月均 单月 当月",
    "每年 年均 一年",
    "每次 单次 每场 每趟",
    "每平方米 每公里 每吨 每斤 每公斤 每度 每户 每套 每张 每本 每台 每辆",
    "累计 总共 合计 总计 共计",
    "其中 包括 余下 剩余",
    "首批 第一批 一期 首期 第一期 首轮",
    "第二批 二期 第二期 次轮",
    "三期 第三期 第三批",
    "同比",
    "环比",
    "最高 最大 最多 上限 封顶",
    "最低 最小 最少 下限 起步 起售",
    "成人 成年人",
    "儿童 孩子 学生票 半价",
    "新增 增加了 多了 增派",
    "减少了 少了",
    "上午 早上 早晨",
    "下午 午后",
    "晚上 夜间 晚间",
    "男 男性 男生",
    "女 女性 女生",
)
_SCOPE_OF = {word: number for number, words in enumerate(_SCOPES) for word in words.split()}
_SCOPE_WORDS = re.compile("|".join(sorted(_SCOPE_OF, key=len, reverse=True)))
_TOTAL = _SCOPE_OF["累计"]
_THINGS = frozenset(_SCOPE_OF[word] for word in ("旧", "邻近", "首批", "第二批", "三期"))

_PLANNED = re.compile(
    r"计划|预计|预算|预期|预测|目标|拟|力争|有望|将(?!军|近|领|士)|打算|准备|希望|争取|原定|设想|估计|承诺"
    r"|未来|到20[3-9]\d"
)
_FORMER = re.compile(
    r"(?:从|此前|原来|原先|之前|过去|原有|最初|起初|曾经?|一度|上一?[届年次季]|以前|本来)"
    r"[^，,；;。]{0,10}$"
)


def attribute_words(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and class of every attribute word, the longest at each place."""
    for match in _WORDS.finditer(text):
        if (number := _CLASS_OF.get(match.group())) is not None:
            yield *match.span(), number
    for match in _DIMENSION.finditer(text):
        yield *match.span("word"), _CLASS_OF[_DIMENSIONS[match["word"]]]


def scopes(text: str) -> frozenset[int]:
    """Return what the figures of a text cover: 每人, 每月, 其中, 一期; 总共 goes without saying."""
    found = {_SCOPE_OF[match.group()] for match in _SCOPE_WORDS.finditer(text)}
    return frozenset(found - {_TOTAL})


def other_things(found: frozenset[int]) -> frozenset[int]:
    """Return those scopes that speak of another thing than the one reported on: 旧, 邻近, 二期."""
    return found & _THINGS


def direction(classes: Iterable[int]) -> int:
    """Return 1 for a rise, -1 for a fall, 0 where the words tell neither or both."""
    told = set(classes)
    return (_UP in told) - (_DOWN in told)


def is_planned(clause: str) -> bool:
    """Say whether a clause speaks of what is planned or expected."""
    return _PLANNED.search(clause) is not None


def is_former(before: str) -> bool:
    """Say whether the text before a figure makes it an earlier value: 从2个, 原来的30名."""
    return _FORMER.search(before) is not None
