from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.client import LlamaEngine
from workbench.engine.openai.estimate import estimate_prompt, estimate_tokens, least_tokens
from workbench.engine.protocol import LoadOptions, Message

SAMPLES = Path(__file__).parents[2] / "workbench" / "samples"
# Tokens of Qwen2.5-Coder-0.5B's vocabulary, counted with llama.cpp.
MEASURED = [
    ("city-library-nights.txt", 606),
    ("county-meals-for-the-old.txt", 3122),
    ("fishing-harbour-electric-boats.txt", 851),
]
TEXT = st.text(st.sampled_from("青石桥臺灣鷗龘，。 \nabcXYZ1290%é한😀㐀"), max_size=40)


@pytest.mark.parametrize(("name", "tokens"), MEASURED)
def test_an_article_is_never_estimated_smaller_than_it_is(name: str, tokens: int) -> None:
    text = (SAMPLES / name).read_text(encoding="utf-8")
    assert tokens <= estimate_tokens(text) <= 2 * tokens
    assert least_tokens([Message("user", (text,))]) <= tokens


@pytest.mark.real_model
def test_no_passage_is_estimated_smaller_than_it_is(real_model: Path) -> None:
    passages = [
        f"{line}\n"
        for path in sorted(SAMPLES.glob("*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line
    ]
    with LlamaEngine(LoadOptions(str(real_model), context=512, gpu_layers=0)) as engine:
        counts = engine.count_tokens(passages)
    assert not [
        text for text, count in zip(passages, counts, strict=True) if count > estimate_tokens(text)
    ]


@given(TEXT, TEXT)
def test_parts_are_estimated_no_smaller_than_the_whole(one: str, other: str) -> None:
    assert estimate_tokens(one + other) <= estimate_tokens(one) + estimate_tokens(other)


@given(st.text(max_size=80))
def test_any_text_has_an_estimate_of_at_most_its_bytes(text: str) -> None:
    estimate = estimate_tokens(text)
    assert 0 <= estimate <= len(text.encode("utf-8", "surrogatepass"))
    assert estimate or not text


def test_a_prompt_takes_more_than_its_texts() -> None:
    messages = [Message("system", ("你是编辑。",)), Message("user", ("文章", "问题"))]
    texts = sum(estimate_tokens(text) for text in ("你是编辑。", "文章", "问题"))
    assert estimate_prompt(messages) > texts
    assert estimate_prompt(messages, "标题：") == estimate_prompt(messages) + 3
