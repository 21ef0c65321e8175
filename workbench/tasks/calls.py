"""Asking the engine, telling the face how it goes."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from workbench.engine.protocol import Answer, Done, Engine, Reading, Request, Restarted, Text, Usage
from workbench.errors import Cancelled, EngineError
from workbench.i18n import _
from workbench.tasks.events import Again, Observer, ReadingProgress, Writing

# What a model writes is shown in terminals: no control characters, no overriding of directions.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class Caller:
    """Runs requests and adds up what they cost."""

    def __init__(self, engine: Engine, observer: Observer):
        self.engine = engine
        self.observer = observer
        self.usage = Usage()

    def ask(self, request: Request) -> Done:
        """Run one request to its end; Cancelled when the user stopped it.

        Control characters are taken out of what the model wrote.
        """
        return self._finish(self.engine.submit(request))

    def ask_all(self, requests: Sequence[Request], begin: Callable[[], None]) -> list[Done]:
        """Run requests side by side; ``begin`` is called before each is followed, in order.

        Cancelled holds the answers that had ended.
        """
        answers = self.engine.submit_together(requests)
        found: list[Done] = []
        try:
            for answer in answers:
                begin()
                found.append(self._finish(answer))
            return found
        except Cancelled as stopped:
            stopped.answers = tuple(found)
            raise
        finally:
            for answer in answers:
                answer.close()

    def _finish(self, answer: Answer) -> Done:
        done: Done | None = None
        for event in answer:
            if isinstance(event, Reading):
                self.observer(ReadingProgress(event.done, event.total, event.reused))
            elif isinstance(event, Text):
                self.observer(Writing(_CONTROLS.sub("", event.text)))
            elif isinstance(event, Restarted):
                self.observer(Again(event.reason))
            else:
                done = event
        if done is None:
            raise EngineError(_("the engine ended without an answer"), fix=_("Try again."))
        self.usage = self.usage + done.usage
        if done.finish == "cancelled":
            raise Cancelled(_("stopped"))
        return replace(done, text=_CONTROLS.sub("", done.text))
