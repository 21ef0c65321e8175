"""A scripted engine, and articles to put before it."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from workbench.articles.model import Article
from workbench.articles.reader import read_article
from workbench.engine.protocol import Done, Event, ModelInfo, Reading, Request, Text, Usage
from workbench.prompting.library import find_template
from workbench.prompting.template import Template, parse_template
from workbench.tasks.result import ModelIdentity, Result
from workbench.tasks.summarize import SummaryOptions, summarize

MODEL = ModelIdentity("scripted", "0" * 64, "Q4_K_M")
_STRETCH = re.compile(r"第\[(\d+)\]段")
_LINE = re.compile(r"^\[(\d+)\] (.*)$", re.MULTILINE)
_EVIDENCE = re.compile(r"文章中写道：“(.*?)”\n", re.DOTALL)

Answer = Callable[[Request], str]


class ScriptedEngine:
    """An Engine whose tokens are characters and whose answers come from a function."""

    def __init__(self, answer: Answer, context: int = 100_000, finish: str = "stop"):
        self.model = ModelInfo("scripted", context, context, 65_536, True, False, 0.0)
        self.requests: list[Request] = []
        self.closed = False
        self._answer = answer
        self._finish = finish

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text) for text in texts]

    def prompt_tokens(self, request: Request) -> int:
        return sum(8 + sum(map(len, message.segments)) for message in request.messages)

    def submit(self, request: Request) -> Iterator[Event]:
        size = self.prompt_tokens(request)
        assert size + request.max_tokens <= self.model.context, "the request overruns the context"
        self.requests.append(request)
        yield Reading(0, size, 0)
        yield Reading(size, size, 0)
        text = self._answer(request)
        for stop in request.stop:
            text = text.partition(stop)[0]
        finish = self._finish if len(text) <= request.max_tokens else "length"
        text = text[: request.max_tokens]
        for start in range(0, len(text), 5):
            yield Text(text[start : start + 5])
        yield Done(text, finish, Usage(size, 0, len(text), 0.25, 0.5))

    def submit_together(self, requests: Sequence[Request]) -> list[Iterator[Event]]:
        return [self.submit(request) for request in requests]

    def prefetch(self, request: Request) -> None:
        pass

    def cancel(self) -> None:
        self._finish = "cancelled"

    def close(self) -> None:
        self.closed = True

    def read_by_model(self) -> list[int]:
        """Number every passage that was put before the model, once for each distinct prompt."""
        segments = dict.fromkeys(material(request) for request in self.requests)
        return [int(number) for text in segments for number, _line in _LINE.findall(text)]


def material(request: Request) -> str:
    return request.messages[-1].segments[0]


def instruction(request: Request) -> str:
    return request.messages[-1].segments[-1]


def extract(request: Request) -> str:
    """Answer as a model that copies: the first sentence of what it is asked about."""
    if evidence := _EVIDENCE.search(instruction(request)):
        return first_sentence(evidence[1])
    lines = {int(number): line for number, line in _LINE.findall(material(request))}
    asked = _STRETCH.search(instruction(request))
    if asked and int(asked[1]) in lines:
        return first_sentence(lines[int(asked[1])])
    if lines:
        return first_sentence(next(iter(lines.values())))
    points = [line[2:] for line in material(request).splitlines() if line.startswith("- ")]
    return first_sentence(points[0])


def first_sentence(text: str) -> str:
    return text.partition("。")[0] + "。"


def article_of(folder: Path, text: str, name: str = "文章.txt") -> Article:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_article(path)


def template_of(folder: Path, front: str, body: str) -> Template:
    path = folder / "own.md"
    source = f"---\nname: own\ntitle: Own\ndescription: For a test.\n{front}\n---\n{body}\n"
    path.write_text(source, encoding="utf-8")
    return parse_template(source, path)


def summary(
    article: Article,
    engine: ScriptedEngine,
    template: str | Template = "news",
    **options: object,
) -> Result:
    chosen = find_template(template) if isinstance(template, str) else template
    return summarize(article, chosen, engine, MODEL, SummaryOptions(**options))  # type: ignore[arg-type]


def long_text(paragraphs: int) -> str:
    """Write an article of this many paragraphs, each with a subject and figures of its own."""
    places = ["东街", "西街", "南街", "北街", "河口", "桥头", "山脚", "码头", "车站", "市集"]
    works = [
        "铺设雨水管道",
        "更换路灯",
        "加固挡土墙",
        "清理河床",
        "修补路面",
        "新建公厕",
        "拓宽人行道",
        "栽种行道树",
    ]
    written = ["青石镇排水改造工程进入第二年\n"]
    for number in range(paragraphs):
        place, work = places[number % 10], works[number % 8]
        written.append(
            f"{place}第{number + 3}标段上月{work}，完成了{number * 7 + 11}米，施工队每天六点开工。"
            f"负责{place}一段的班组说，地下的旧管线比图纸上多出{number + 5}处，只好一处处挖开核对。"
            f"镇里为{place}追加了{number * 13 + 20}万元，要求在雨季到来以前把{work}的活做完。\n"
        )
    return "\n".join(written)


SIMPLIFIED = """青石镇的早市搬进了新棚

2026年3月2日

青石镇的早市3月1日搬进了河边的新棚，128个摊位全部有了顶。过去下雨天，菜农只能撑着油布卖菜，许多人干脆不出摊。新棚由镇里出资460万元修建，用了七个月。

棚里装了照明和排水沟，地面每天冲洗两次。摊位费没有涨，仍是每天8元，收费员改用手机收款。卖豆腐的摊主说，亮堂了，秤上的数字老人也看得清。

不方便的地方也有。新棚离老街有600米，几位住在老街的老人说路远，镇里答应从4月起开一趟免费的小巴，每半小时一班。
"""

TRADITIONAL = """海邊小學的圖書車

2026年3月5日

鎮公所三月起派出一輛圖書車，每週到海邊的五所小學各停一天。車裡放了2400本書，學生可以借回家，兩週內歸還。

去年台風過後，海邊兩所學校的圖書室進了水，書架和地板都泡壞了。老師們把還能看的書晒乾，放在教室後面，數目不到原來的三分之一。

開車的是一位退休的公車司機，他說自己把每條路都跑熟了。鎮公所估計，這輛車一年的油錢和維修要花38萬元，比重建圖書室便宜得多。
"""
