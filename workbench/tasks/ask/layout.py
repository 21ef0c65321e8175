"""What is put before the model: a whole article as for a summary, or passages that were found."""

from collections.abc import Sequence

from workbench.tasks import prompts
from workbench.tasks.ask.answer import Turn
from workbench.tasks.ask.plain import PlainPassage
from workbench.tasks.material import Material

_FOUND = "下面是从{articles}篇文章中找到的段落，每段前面有编号。\n\n"
_FOUND_IN_ONE = "下面是一篇文章{title}中的几个段落，每段前面有编号。\n\n"
_MOST_TURNS = 4
_LONGEST_TURN = 200


def whole_segment(material: Material) -> str:
    """Lay out a whole article exactly as summaries do, so that its KV cache is shared with them."""
    return prompts.article_segment(material.lines, material.title)


def passages_segment(passages: Sequence[PlainPassage]) -> str:
    """Lay out passages, which are in the order of articles and text, under their titles.

    Those of several articles are numbered anew from 1.
    """
    articles = list(dict.fromkeys(one.article for one in passages))
    if len(articles) == 1:
        material = passages[0].material
        named = f"《{material.title}》" if material.title else ""
        lines = [material.lines[one.passage.number - 1] for one in passages]
        return _FOUND_IN_ONE.format(title=named) + "\n".join(lines) + "\n\n"
    lines = []
    last = -1
    for number, one in enumerate(passages, start=1):
        if one.article != last:
            last = one.article
            lines.append(_heading(one.material))
        lines.append(f"[{number}] {one.text}")
    return _FOUND.format(articles=len(articles)) + "\n".join(lines) + "\n\n"


def _heading(material: Material) -> str:
    date = f"（{material.article.date}）" if material.article.date else ""
    return f"《{material.title}》{date}" if material.title else f"——{date}"


def earlier(conversation: Sequence[Turn]) -> str:
    """Lay out the last turns of a conversation; they stand after the article."""
    if not conversation:
        return ""
    turns = [
        f"问：{_cut(turn.question)}\n答：{_cut(turn.answer)}"
        for turn in conversation[-_MOST_TURNS:]
    ]
    return "此前的问答：\n" + "\n".join(turns) + "\n\n"


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_TURN else f"{line[:_LONGEST_TURN]}……"


def quoted(evidence: str) -> str:
    """Put sentences of the text in front of the question."""
    return f"文章中写道：“{evidence}”\n" if evidence else ""


def forced(question: str) -> str:
    """Ask where the text is sure to answer: a small model refuses too easily once it may."""
    return (
        f"根据上面的文章回答问题：{question}\n"
        "答案就在文章里。只写答案本身，用文章里的原话，不解释。"
    )


def other_than(answer: str) -> str:
    """Say what the answer is not, where only that was named again which the question names."""
    return f"\n答案不是问题里已经说到的“{answer}”。" if answer else ""


def second_look(question: str, answer: str, quote: str) -> str:
    """Ask whether a quoted stretch of the text answers a question; 是 or 否 is the answer."""
    return (
        f"文章中写道：“{quote}”\n"
        f"有人根据这段话回答问题“{question}”，答案是“{answer}”。\n"
        "这段话说的是不是问题所问的那个对象和那件事，并且明确说出了这个答案？只写“是”或“否”。"
    )


YES_OR_NO = '{"enum": ["是", "否"]}'
"""The JSON Schema that holds the second look to one word."""


def rewriting(conversation: Sequence[Turn], question: str) -> str:
    """Ask for a question that can be understood without the conversation."""
    return (
        f"{earlier(conversation)}新的问题：{question}\n"
        "把新的问题改写成一个完整的问题：用此前问答里的名称代替“他”“它”“这”等词，补上省略的部分，"
        "不回答问题，不添加别的内容。只写改写后的问题。"
    )
