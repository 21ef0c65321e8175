from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.openai.messages import Server
from workbench.engine.openai.servers import (
    OLLAMA_CONTEXT,
    Facts,
    Served,
    chosen,
    kind_of,
    llama_facts,
    lm_studio_facts,
    ollama_facts,
    served_models,
    short_name,
    usable_context,
    vllm_facts,
)
from workbench.errors import EngineError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "models", "id", "name", "meta", "aliases", "n_ctx"])
            | st.text(max_size=4),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


def model(name: str, **facts: Any) -> Served:
    [found] = served_models({"data": [{"id": name, **facts}]})
    return found


@given(JSON, JSON)
def test_whatever_a_server_says_of_itself_is_read_or_refused(listed: Any, told: Any) -> None:
    try:
        models = served_models(listed)
    except ValueError:
        models = served_models({"data": [{"id": "m", "meta": listed, "aliases": listed}]})
    told = told if isinstance(told, dict) else {"data": told, "models": told}
    for one in models:
        for facts in (
            llama_facts(one, told),
            vllm_facts(one),
            ollama_facts(one, told),
            lm_studio_facts(one, told),
        ):
            assert facts.context >= 0


def test_a_model_answers_to_all_its_names() -> None:
    ollama = model("qwen3:latest")
    file = model("/srv/models/qwen3-4b-q4_k_m.gguf", aliases=["qwen"])
    for wanted, expected in [
        ("qwen3:latest", ollama),
        ("qwen3", ollama),
        ("qwen", file),
        ("qwen3-4b-q4_k_m", file),
        ("/srv/models/qwen3-4b-q4_k_m.gguf", file),
    ]:
        assert chosen([ollama, file], wanted, "url") is expected


def test_an_empty_server_is_told() -> None:
    with pytest.raises(EngineError, match="has no model"):
        chosen(served_models({"object": "list", "data": None}), "", "url")


def test_a_long_list_of_models_is_cut() -> None:
    models = [model(f"model-{number}") for number in range(30)]
    with pytest.raises(EngineError) as caught:
        chosen(models, "other", "url")
    assert "model-11, …" in str(caught.value)
    assert "model-12" not in str(caught.value)


@pytest.mark.parametrize(
    ("owner", "kind"),
    [
        ("llamacpp", Server.LLAMA),
        ("vllm", Server.VLLM),
        ("library", Server.OLLAMA),
        ("organization_owner", None),
        (3, None),
    ],
)
def test_a_server_is_known_by_who_owns_its_models(owner: Any, kind: Server | None) -> None:
    assert kind_of(model("m", owned_by=owner)) is kind


def test_llama_servers_own_facts_are_read() -> None:
    meta = {"n_ctx": 999, "n_ctx_train": 32768, "n_vocab": 151936, "ftype": "Q4_K - Medium"}
    served = model("m", meta=meta)
    props = {"default_generation_settings": {"n_ctx": 8192}, "total_slots": 2, "build_info": "b9"}
    facts = llama_facts(served, props)
    assert (facts.context, facts.slots, facts.version) == (8192, 2, "b9")
    assert (facts.trained_context, facts.vocabulary) == (32768, 151936)
    assert facts.quantization == "Q4_K_M"
    assert llama_facts(served, {}).context == 999


def test_lm_studios_loaded_context_is_read() -> None:
    entry = {"id": "m", "max_context_length": 32768, "loaded_context_length": 4096}
    facts = lm_studio_facts(model("m"), {"data": [{"id": "other"}, entry]})
    assert (facts.context, facts.trained_context) == (4096, 32768)
    assert lm_studio_facts(model("m"), {"data": []}).context == 0


@pytest.mark.parametrize(
    ("facts", "setting", "context"),
    [
        (Facts(Server.LLAMA, "m", context=6000), 8192, 6000),
        (Facts(Server.OTHER, "m"), 8192, 8192),
        (Facts(Server.OTHER, "m", trained_context=2048), 8192, 2048),
        (Facts(Server.OTHER, "m", trained_context=32768), 0, 32768),
        (Facts(Server.OLLAMA, "m"), 8192, OLLAMA_CONTEXT),
        (Facts(Server.OLLAMA, "m"), 2048, 2048),
        (Facts(Server.OLLAMA, "m"), 0, OLLAMA_CONTEXT),
        (Facts(Server.OLLAMA, "m", context=16384), 2048, 16384),
    ],
)
def test_the_context_is_the_servers_else_the_settings(
    facts: Facts, setting: int, context: int
) -> None:
    assert usable_context(facts, setting) == context


def test_a_context_that_nobody_knows_has_to_be_given() -> None:
    with pytest.raises(EngineError, match="--context"):
        usable_context(Facts(Server.OTHER, "m"), 0)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("/srv/a.gguf", "a"),
        ("C:\\models\\b.GGUF", "b"),
        ("Qwen/Qwen3-4B", "Qwen/Qwen3-4B"),
        (".gguf", ".gguf"),
    ],
)
def test_a_file_is_shown_by_its_name(name: str, short: str) -> None:
    assert short_name(name) == short
