"""What the tests of the engine share."""

from collections.abc import Iterable

from tiny_gguf import CHATML, Tiny

from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import Done, Event, Message, Reading, Request, Sampling, Text

CHOOSY = CHATML + (
    "{% if messages[0].role == 'odd' %}{{ raise_exception('no such role') }}{% endif %}"
)
SLOW = Tiny(template=CHOOSY, context=16384, embedding=256, feed_forward=1024, layers=4)
LONG = "水务局的人沿着河堤走了一天，把每一处渗漏都记在本子上。" * 30
ARTICLE = "青石桥的早市六点开门，卖菜的人把箩筐摆成两排。天亮以后，人就多了起来。"


def ask(
    *segments: str,
    max_tokens: int = 12,
    stop: tuple[str, ...] = (),
    sampling: Sampling | None = None,
    answer_start: str = "",
    thinking: bool = False,
) -> Request:
    return Request(
        (Message("system", ("你读文章。",)), Message("user", segments)),
        max_tokens,
        stop,
        sampling or Sampling(),
        answer_start,
        thinking,
    )


def finish(events: Iterable[Event]) -> Done:
    """Read events to their end; they must keep the protocol."""
    shown: list[str] = []
    for event in events:
        if isinstance(event, Text):
            assert event.text
            shown.append(event.text)
        elif isinstance(event, Done):
            assert event.text == "".join(shown)
            return event
        else:
            assert isinstance(event, Reading)
            assert event.reused <= event.done <= event.total
            assert not shown
    raise AssertionError("the events ended without Done")


def answer(engine: LlamaEngine, request: Request) -> Done:
    return finish(engine.submit(request))
