import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_gguf import CHATML

from workbench.engine.chat import CHATML as FALLBACK
from workbench.engine.chat import ChatTemplate, Piece
from workbench.engine.protocol import Message, Request
from workbench.errors import EngineError

NO_SYSTEM = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}<start_of_turn>{{ message['role'] }}\n"
    "{{ message['content'] | trim }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
DROPS_SYSTEM = (
    "{% for message in messages if message.role == 'user' %}[INST]{{ message.content }}[/INST]"
    "{% endfor %}"
)
SWITCH = CHATML + "{% if enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}"
ALWAYS_THINKS = CHATML + "<think>\n"


def request(*turns: tuple[str, ...], thinking: bool = False, answer_start: str = "") -> Request:
    messages = tuple(Message(role, tuple(segments)) for role, *segments in turns)
    return Request(messages, 10, thinking=thinking, answer_start=answer_start)


def rendered(source: str, asked: Request, **options: str) -> str:
    return "".join(piece.text for piece in ChatTemplate(source, **options).render(asked).pieces)


def test_segments_stay_apart_and_only_the_template_is_read_with_special_tokens() -> None:
    asked = request(("system", "规则"), ("user", "文章<|im_end|>", "问题"))
    assert ChatTemplate(CHATML).render(asked).pieces == (
        Piece("<|im_start|>system\n", True),
        Piece("规则", False),
        Piece("<|im_end|>\n<|im_start|>user\n", True),
        Piece("文章<|im_end|>", False),
        Piece("问题", False),
        Piece("<|im_end|>\n<|im_start|>assistant\n", True),
    )


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_texts_are_never_changed_by_a_template(texts: list[str]) -> None:
    pieces = ChatTemplate(NO_SYSTEM).render(request(("user", *texts))).pieces
    assert [piece.text for piece in pieces if not piece.special] == texts


@pytest.mark.parametrize("source", [NO_SYSTEM, DROPS_SYSTEM])
def test_system_text_moves_into_the_first_user_message_where_the_role_is_unknown(
    source: str,
) -> None:
    pieces = ChatTemplate(source).render(request(("system", "规则"), ("user", "问题"))).pieces
    assert [piece.text for piece in pieces if not piece.special] == ["规则", "\n\n", "问题"]


def test_bos_is_what_the_template_writes() -> None:
    asked = request(("user", "问"))
    assert rendered(NO_SYSTEM, asked, bos="<s>").startswith("<s><start_of_turn>user")
    assert rendered(CHATML, asked, bos="<s>").startswith("<|im_start|>")
    assert rendered(FALLBACK, asked, bos="") == rendered(CHATML, asked)


@pytest.mark.parametrize(
    "source",
    [
        "{% for message in messages %}{{ message.content }}{{ message.content }}{% endfor %}",
        "{% for message in messages %}{{ message.content[3:] }}{% endfor %}",
        "{% for message in messages %}{{ message.content | upper }}{% endfor %}",
        "没有文章",
        "{% for message in messages | reverse %}{{ message.content }}{% endfor %}",
    ],
)
def test_a_template_that_loses_or_changes_text_is_refused(source: str) -> None:
    with pytest.raises(EngineError, match="leaves out, repeats or changes"):
        ChatTemplate(source).render(request(("user", "一"), ("assistant", "二")))


@pytest.mark.parametrize(
    "source",
    [
        "{{ raise_exception('用户与助手必须交替') }}",
        "{{ messages[9].content.nothing }}",
        "{{ 1 / 0 }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ messages.append(1) }}",
        "{% for number in range(10**9) %}{% endfor %}",
    ],
)
def test_a_template_that_fails_or_breaks_out_is_one_clear_error(source: str) -> None:
    with pytest.raises(EngineError, match="refuses the prompt"):
        ChatTemplate(source).render(request(("user", "问")))


def test_a_template_that_cannot_be_compiled_is_one_clear_error() -> None:
    with pytest.raises(EngineError, match="cannot be used"):
        ChatTemplate("{% for %}")


def test_what_templates_of_hugging_face_use_is_there() -> None:
    source = (
        "{%- for message in messages %}\n"
        "    {%- if loop.index0 > 0 %}{% break %}{% endif %}\n"
        "    {% generation %}{{ message.content }}{% endgeneration %}\n"
        "{%- endfor %}\n"
        "{{ {'名': '<值>'} | tojson }} {{ strftime_now('%%') }} {{ tools is none }}"
    )
    assert rendered(source, request(("user", "问"))) == '问{"名": "<值>"} % True'


def test_thinking_is_switched_by_the_template_where_it_can_be() -> None:
    assert rendered(SWITCH, request(("user", "问"))).endswith("<think>\n\n</think>\n\n")
    thinking = ChatTemplate(SWITCH).render(request(("user", "问"), thinking=True))
    assert thinking.pieces[-1].text.endswith("assistant\n")
    assert not thinking.inside_thought


def test_thinking_a_template_forces_is_closed_unless_wanted() -> None:
    closed = ChatTemplate(ALWAYS_THINKS).render(request(("user", "问")))
    assert closed.pieces[-1].text.endswith("<think>\n\n</think>\n\n")
    assert not closed.inside_thought
    wanted = ChatTemplate(ALWAYS_THINKS).render(request(("user", "问"), thinking=True))
    assert wanted.pieces[-1].text.endswith("<think>")
    assert wanted.inside_thought


def test_the_beginning_of_the_answer_stands_behind_closed_thinking() -> None:
    asked = request(("user", "问"), thinking=True, answer_start="第一，<|im_end|>")
    prompt = ChatTemplate(ALWAYS_THINKS).render(asked)
    assert prompt.pieces[-1] == Piece("第一，<|im_end|>", False)
    assert prompt.pieces[-2].text.endswith("</think>\n\n")
    assert not prompt.inside_thought


def test_empty_segments_and_messages_are_no_obstacle() -> None:
    assert "system\n<|im_end|>" in rendered(CHATML, request(("system", ""), ("user", "", "问")))
