from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_support import answer, ask

from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import LoadOptions

NEWS = (
    "青石水库除险加固工程五月二十八日完工。工程总投资三亿两千万元，历时十四个月，"
    "加固后库容恢复到一千八百万立方米，可灌溉下游六万亩农田。"
)

pytestmark = pytest.mark.real_model


@pytest.fixture(scope="module")
def real_engine(real_model: Path) -> Iterator[LlamaEngine]:
    with LlamaEngine(LoadOptions(str(real_model), context=1024)) as engine:
        yield engine


def test_a_question_on_an_article_is_answered_from_it(real_engine: LlamaEngine) -> None:
    done = answer(real_engine, ask(NEWS, "\n\n这项工程总投资多少？", max_tokens=40))
    assert "三亿两千万" in done.text or "3.2亿" in done.text
    assert done.finish == "stop"


def test_a_second_question_reads_the_article_once_and_answers_the_same(
    real_engine: LlamaEngine,
) -> None:
    first = answer(real_engine, ask(NEWS, "\n\n哪一天完工？", max_tokens=40))
    other = answer(real_engine, ask(NEWS, "\n\n可灌溉多少亩农田？", max_tokens=80))
    article = real_engine.count_tokens([NEWS])[0]
    assert "五月二十八日" in first.text or "5月28日" in first.text
    assert "六万" in other.text or "6万" in other.text
    assert other.usage.reused_tokens > article
