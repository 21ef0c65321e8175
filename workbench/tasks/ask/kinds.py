"""What kind of answer a question asks for, told by its words."""

import re
from dataclasses import dataclass

_YES_NO = re.compile(
    r"是否|是不是|有没有|能不能|能否|可否|会不会|可不可以|有无|对不对|(?P<verb>[\u4e00-\u9fff])不(?P=verb)|吗[？?]?$|(?<![什怎多甚])么[？?]$"
)
_DESCRIPTIVE = re.compile(
    r"(?<![称名作成做变改认])为什么|为何|因何|何以|怎么样?|怎样|如何|原因|缘故|意思|含义|涵义|寓意|特点|特征|区别|不同|作用|影响|内容|定义"
    r"|什么是|是指什么|指什么|何谓|介绍|概括|总结|主要讲|讲了什么|说了什么|做了什么|哪些|评价|态度|看法"
)
_TIME = re.compile(
    r"什么时候|何时|哪[一]?[年天月日]|几[年月日号点]|何年|何月|多久|时间|年代|日期|哪个世纪|几岁"
)
_QUANTITY = re.compile(
    r"多少|几[个位名人家次种项条件所座间篇本部艘辆只元倍成]|多[大高长远重深宽快]|百分之几|第几|占比|比例"
)
_PERSON = re.compile(r"谁|哪一?位|何人|什么人|哪个人")
_OVERVIEW = re.compile(
    r"(?:文章|文中|本文|报道|全文)?(?:主要)?(?:讲|说|写|谈|介绍|报道)(?:的是|了|述了?)?(?:些)?什么(?:内容|事)?[？?。]?$"
)


_DEFINITION = re.compile(
    r"什么是|何谓|是什么(?:意思)?[？?。]?$|(?:是)?指(?:的是)?什么|(?<![称名作成做变改认])为何物"
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What is expected.

    A yes or no; a clause and not a name; what something is; a time; a quantity; an overview;
    who somebody is.
    """

    yes_no: bool
    descriptive: bool
    definition: bool
    time: bool
    quantity: bool
    overview: bool
    person: bool


def kind_of(question: str) -> Kind:
    """Tell what a question, in Simplified script, asks for."""
    return Kind(
        yes_no=_YES_NO.search(question) is not None,
        descriptive=_DESCRIPTIVE.search(question) is not None,
        definition=_DEFINITION.search(question) is not None,
        time=_TIME.search(question) is not None,
        quantity=_QUANTITY.search(question) is not None,
        overview=_OVERVIEW.search(question) is not None,
        person=_PERSON.search(question) is not None,
    )
