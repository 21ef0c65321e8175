"""The way a user would write by hand: the whole article, an instruction, and what comes comes.

No passages are numbered, no stretches asked about, nothing is checked: as with
``create_chat_completion``. It is what the workbench is compared with.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from workbench.articles.script import detect
from workbench.engine.protocol import Engine, Message, Request, Sampling
from workbench.errors import ArticleError, UsageError
from workbench.evaluation.items import QUESTION, SUMMARY, Item
from workbench.evaluation.metrics.case import Output
from workbench.i18n import _
from workbench.prompting.template import Size
from workbench.tasks.calls import Caller
from workbench.tasks.events import Observer
from workbench.tasks.keys import digest
from workbench.tasks.result import TemplateIdentity

NAME = "baseline"
"""What the pseudo-template is called; ``baseline:FILE`` takes the instruction from a file."""

_SIZES = {"short": Size(3, 50), "medium": Size(5, 60), "long": Size(9, 70)}
_SUMMARY = (
    "请用{points}条要点概括上面的文章，每条一句话，不超过{characters}个字，"
    "保留关键的数字、日期和名称。每行写一条，只写要点。"
)
_QUESTION = (
    "请根据上面的文章回答问题，答案尽量简短，只写答案。如果文章没有提到，就回答“文中未提及”。\n"
    "问题：{question}"
)
_ANSWER_TOKENS = 200
_OWN_TOKENS = 800
_BULLET = re.compile(
    r"\s*(?:[-*•·●▪]+\s*|[(（【]?(?:\d{1,2}|[一二三四五六七八九十]{1,2})[)）】.．、:：](?!\d)\s*)?"
)


@dataclass(frozen=True, slots=True)
class Baseline:
    """One such way; ``own`` is the user's instruction, in which {question} is put in."""

    kind: str
    length: str = "medium"
    sampling: Sampling = field(default_factory=Sampling)
    own: str = ""
    name: str = NAME

    @property
    def identity(self) -> TemplateIdentity:
        """Return what to call it in results; its hash is that of its instruction."""
        return TemplateIdentity(self.name, digest(self._instruction))

    def run(self, item: Item, engine: Engine, observer: Observer) -> tuple[Output, dict[str, str]]:
        """Put one item to the model; ArticleError where it does not fit in the context."""
        request = self._request(item)
        size = engine.prompt_tokens(request)
        if size + request.max_tokens > engine.model.context:
            raise ArticleError(
                _("the whole article takes {size} tokens, the context holds {context}").format(
                    size=size, context=engine.model.context
                ),
                path=item.name,
                fix=_("Give a larger --context."),
            )
        done = Caller(engine, observer).ask(request)
        text = done.text.strip()
        script = detect(item.question or item.article.text).value
        asked = self._size if self.kind == SUMMARY and not self.own else Size(0, 0)
        points = _points(text) if self.kind == SUMMARY else ()
        output = Output(
            # The numbers of a list are no facts.
            text="\n".join(points) if self.kind == SUMMARY else text,
            points=points,
            form="points" if self.kind == SUMMARY else "answer",
            asked_points=asked.points,
            asked_characters=asked.characters,
            script=script if script in ("simplified", "traditional") else "",
            coverage=1.0,
            prompt_tokens=done.usage.prompt_tokens,
            reused_tokens=done.usage.reused_tokens,
            generated_tokens=done.usage.generated_tokens,
            read_seconds=done.usage.read_seconds,
            write_seconds=done.usage.write_seconds,
        )
        return output, {"text": done.text, "finish": done.finish}

    @property
    def _size(self) -> Size:
        return _SIZES[self.length]

    @property
    def _instruction(self) -> str:
        if self.own:
            return self.own
        if self.kind == QUESTION:
            return _QUESTION
        return _SUMMARY.format(points=self._size.points, characters=self._size.characters)

    def _request(self, item: Item) -> Request:
        instruction = self._instruction
        if self.kind == QUESTION:
            asked = "{question}" in instruction
            instruction = instruction.replace("{question}", item.question)
            if not asked:
                instruction = f"{instruction}\n问题：{item.question}"
        most = (
            _ANSWER_TOKENS
            if self.kind == QUESTION
            else 2 * self._size.points * (self._size.characters)
        )
        # What a user copies is the page, not what the workbench keeps of it.
        article = f"{_titled(item)}{item.article.text.strip()}\n\n"
        message = Message("user", (article, instruction))
        return Request((message,), _OWN_TOKENS if self.own else most, sampling=self.sampling)


def own_baseline(path: Path, kind: str, length: str, sampling: Sampling) -> Baseline:
    """Return the way whose instruction is in a file; UsageError where it cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else _("it is not UTF-8")
        raise UsageError(
            _("cannot be read: {reason}").format(reason=reason or type(error).__name__),
            path=path,
            fix=_("Write the instruction in it, as UTF-8."),
        ) from None
    if not text:
        raise UsageError(_("is empty"), path=path, fix=_("Write the instruction in it."))
    return Baseline(kind, length, sampling, text, f"{NAME}:{path.stem}")


def _titled(item: Item) -> str:
    title = item.article.title or ""
    return f"{title}\n\n" if title and title not in item.article.text else ""


def _points(text: str) -> tuple[str, ...]:
    """Return the lines of a text without the signs of a list and of bold type."""
    lines = (_BULLET.sub("", line.replace("**", ""), count=1) for line in text.splitlines())
    return tuple(line.strip() for line in lines if line.strip())
