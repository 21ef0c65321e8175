"""Items, outputs and models for the tests of evaluation."""

from collections.abc import Callable, Sequence
from pathlib import Path

from tasks_support import ScriptedEngine

from workbench.engine.protocol import Request
from workbench.errors import EngineError
from workbench.evaluation.items import QUESTION, SUMMARY, Dataset, ExpectedFact, Item, Raw, made_of
from workbench.evaluation.metrics.case import Case, Output, Subject
from workbench.tasks.result import ModelIdentity

ARTICLE = """青石镇的早市3月1日搬进了河边的新棚，128个摊位全部有了顶。
新棚由镇里出资460万元修建，用了七个月。

棚里装了照明和排水沟，地面每天冲洗两次。摊位费没有涨，仍是每天8元。

不方便的地方也有。新棚离老街有600米，镇里答应从4月起开一趟免费的小巴，每半小时一班。
"""
OTHER = """海边小学三月起有了一辆图书车，车里放了2400本书，每周到五所学校各停一天。

去年台风过后，两所学校的图书室进了水。开车的是一位退休的公交司机，他把每条路都跑熟了。
"""


def raw_question(
    name: str, question: str, *answers: str, text: str = ARTICLE, answerable: bool | None = None
) -> Raw:
    known = bool(answers) if answerable is None else answerable
    return Raw(name, QUESTION, text, "", question, answers, known)


def items_of(*raw: Raw) -> tuple[Item, ...]:
    return made_of(raw, Path("data.json"))


def dataset_of(*raw: Raw) -> Dataset:
    items = items_of(*raw)
    return Dataset("data.json", items, len(items))


def case_of(
    output: Output | str,
    *,
    text: str = ARTICLE,
    question: str = "",
    references: tuple[str, ...] = (),
    answerable: bool | None = None,
    expected: Sequence[str] = (),
    forbidden: Sequence[str] = (),
) -> Case:
    from dataclasses import replace

    from workbench.evaluation.datasets.expected import fact_of

    kind = QUESTION if question else SUMMARY
    item = items_of(Raw("one", kind, text, "", question, references, answerable))[0]
    facts: tuple[ExpectedFact, ...] = tuple(fact_of(one) for one in expected)
    item = replace(item, expected=facts, forbidden=tuple(fact_of(one) for one in forbidden))
    if isinstance(output, str):
        output = Output(output, tuple(output.splitlines()))
    return Case(Subject(item), output)


class ScriptedRunner:
    """A model that can be loaded, whose answers come from a function."""

    def __init__(
        self,
        name: str = "scripted",
        answer: Callable[[Request], str] = lambda request: "460万元",
        *,
        broken: str = "",
    ):
        self.model = ModelIdentity(name, name[:1] * 64, "Q4_K_M")
        self.loaded = 0
        self.closed = 0
        self._answer = answer
        self._broken = broken
        self._engine: ScriptedEngine | None = None

    @property
    def engine(self) -> ScriptedEngine:
        if self._broken:
            self.loaded += 1
            raise EngineError(self._broken)
        if self._engine is None:
            self.loaded += 1
            self._engine = ScriptedEngine(self._answer)
        return self._engine

    @property
    def usable(self) -> bool:
        return self._engine is not None

    def close(self) -> None:
        self.closed += 1
