"""Sampling in this process, over logits of our own in a real context of llama.cpp."""

import ctypes
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from constraint_support import WARM, Model, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from llama_cpp import llama_cpp
from tiny_gguf import Tiny, write

import workbench.engine.sampler as sampler_module
from workbench.engine.protocol import Sampling
from workbench.engine.sampler import Sampler
from workbench.errors import EngineError


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    model = Model(write(tmp_path_factory.mktemp("sampler") / "random.gguf", Tiny()))
    yield model
    model.close()


Make = Callable[..., Sampler]


@pytest.fixture
def make(model: Model) -> Iterator[Make]:
    made: list[Sampler] = []

    def new(sampling: Sampling | None = None, grammar: str = "") -> Sampler:
        made.append(Sampler(sampling or Sampling(), model.vocabulary, grammar))
        return made[-1]

    yield new
    for sampler in made:
        sampler.close()


def prefer(model: Model, *tokens: int) -> None:
    """Make tokens the likeliest, the first most of all."""
    model.logits[:] = 0.0
    for rank, token in enumerate(tokens):
        model.logits[token] = 20.0 - rank


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_greedy_is_llama_cpps_greedy_down_to_ties(
    model: Model, make: Make, seed: int, levels: int
) -> None:
    values = np.random.default_rng(seed).integers(0, levels, model.vocabulary.size)
    model.logits[:] = values
    native = llama_cpp.llama_sampler_init_greedy()
    expected = llama_cpp.llama_sampler_sample(native, model.context, -1)
    llama_cpp.llama_sampler_free(native)
    assert make().choose(model.context, -1) == expected


def test_the_same_seed_chooses_the_same_and_another_does_not(model: Model, make: Make) -> None:
    def chosen(seed: int) -> list[int]:
        model.logits[:] = 0.0
        sampler = make(Sampling(temperature=1.0, seed=seed, top_k=200))
        return [sampler.choose(model.context, -1) for _step in range(20)]

    assert chosen(1) == chosen(1)
    assert chosen(1) != chosen(2)


@pytest.mark.parametrize("grammar", ["", "root ::= [ab]*"])
@pytest.mark.parametrize("temperature", [0.0, 0.01])
def test_a_penalty_falls_on_what_was_chosen(
    model: Model, make: Make, temperature: float, grammar: str
) -> None:
    a, b = model.token("a"), model.token("b")
    sampler = make(Sampling(temperature=temperature, repeat_penalty=1.5), grammar)
    model.logits[:] = 0.0
    model.logits[[a, b]] = 10.0, 8.0
    assert [sampler.choose(model.context, -1) for _step in range(2)] == [a, b]


def test_a_row_without_logits_is_an_error(model: Model, make: Make) -> None:
    for sampler in (make(), make(WARM), make(grammar='root ::= "a"')):
        with pytest.raises(EngineError):
            sampler.choose(model.context, 3)


def test_closing_twice_does_no_harm(make: Make) -> None:
    sampler = make(WARM, 'root ::= "a"')
    sampler.close()
    sampler.close()


@pytest.mark.parametrize("sampling", [Sampling(), WARM, Sampling(repeat_penalty=1.1)])
def test_a_finished_grammar_leaves_only_the_end(
    model: Model, make: Make, sampling: Sampling
) -> None:
    sampler = make(sampling, 'root ::= "ab"')
    prefer(model, model.token("c"))
    tokens = [sampler.choose(model.context, -1) for _step in range(4)]
    assert [model.vocabulary.piece(token) for token in tokens[:2]] == [b"a", b"b"]
    assert all(model.vocabulary.ends(token) for token in tokens[2:])


@pytest.mark.parametrize("sampling", [Sampling(), WARM])
def test_the_end_is_refused_while_the_grammar_is_unfinished(
    model: Model, make: Make, sampling: Sampling
) -> None:
    sampler = make(sampling, 'root ::= "a"{8}')
    for _step in range(8):
        prefer(model, model.token("<|im_end|>"), model.token("<|endoftext|>"))
        assert model.vocabulary.piece(sampler.choose(model.context, -1)) == b"a"
    assert model.vocabulary.ends(sampler.choose(model.context, -1))


def test_a_control_token_is_no_text_its_name_could_stand_for(model: Model, make: Make) -> None:
    prefer(model, model.token("<|im_start|>"), model.token("a"))
    for sampling in (Sampling(), Sampling(temperature=0.5)):
        sampler = make(sampling, "root ::= [^z]*")
        assert sampler.choose(model.context, -1) == model.token("a")


def test_a_grammar_may_name_a_control_token(model: Model, make: Make) -> None:
    sampler = make(grammar='root ::= <|im_start|> "a"')
    prefer(model, model.token("b"))
    assert sampler.choose(model.context, -1) == model.token("<|im_start|>")
    assert sampler.choose(model.context, -1) == model.token("a")


def test_bytes_that_are_no_utf_8_are_refused(model: Model, make: Make) -> None:
    by_bytes = {
        model.vocabulary.piece(token): token
        for token in range(model.vocabulary.size)
        if model.vocabulary.piece(token)
    }
    for sampling in (Sampling(), Sampling(temperature=0.1)):
        # 0xFF begins nothing; 0xE0 0x82 would be a character in more bytes than it takes.
        sampler = make(sampling, "root ::= [^z]*")
        chosen = []
        for first, second in ((b"\xff", b"\xe0"), (b"\x82", b"\xa0"), (b"a", b"\x80")):
            prefer(model, by_bytes[first], by_bytes[second])
            chosen.append(model.vocabulary.piece(sampler.choose(model.context, -1)))
        assert chosen == [b"\xe0", b"\xa0", b"\x80"]


@pytest.mark.parametrize("sampling", [Sampling(), WARM, Sampling(repeat_penalty=1.1)])
@pytest.mark.parametrize("grammar", ["root ::= <[4000000]>", 'root ::= "\\x00"'])
def test_a_grammar_no_token_goes_on_with_is_an_error(
    model: Model, make: Make, sampling: Sampling, grammar: str
) -> None:
    sampler = make(sampling, grammar)
    prefer(model, model.token("a"))
    with pytest.raises(EngineError, match="grammar"):
        sampler.choose(model.context, -1)


@pytest.mark.parametrize(
    "grammar", ["root", 'root ::= "a', "root ::= <no such token>", 'root ::= "a"{5,3}']
)
def test_a_bad_grammar_is_an_error(make: Make, grammar: str) -> None:
    with pytest.raises(EngineError):
        make(grammar=grammar)


@pytest.mark.parametrize("seed", range(20))
def test_what_is_written_at_a_high_temperature_fits_the_grammar(
    model: Model, make: Make, seed: int
) -> None:
    grammar = 'root ::= item ("，" item){2,4} "。"\nitem ::= [一-龥]{1,3} | "[" [0-9]+ "]" | .'
    sampler = make(Sampling(temperature=2.0, seed=seed), grammar)
    text, ended = written(model, sampler, np.random.default_rng(seed))
    item = r"(?:[一-龥]{1,3}|\[[0-9]+\]|.)"
    assert ended
    assert re.fullmatch(f"{item}(?:，{item}){{2,4}}。", text.decode(), re.DOTALL)


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(),
        Sampling(repeat_penalty=1.3, repeat_last=8),
        Sampling(temperature=1.5, top_k=10),
        Sampling(temperature=1.5, top_k=10, repeat_penalty=1.3, repeat_last=8),
        Sampling(temperature=1.5, top_k=10, repeat_penalty=0.8, repeat_last=8),
        Sampling(temperature=1.5, top_k=0),
    ],
)
def test_asking_about_the_likeliest_first_changes_no_token(
    model: Model, make: Make, sampling: Sampling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampler_module, "_NEGLIGIBLE", 0.0)
    grammar = "root ::= [a-z0-9，。一-龥]*"
    results = []
    for lists in ((), (24, 96)):
        monkeypatch.setattr(sampler_module, "_SHORTLISTS", lists)
        random = np.random.default_rng(3)
        results.append(written(model, make(sampling, grammar), random, 60)[0])
    assert results[0] == results[1]
    assert results[0]


def test_what_is_not_asked_about_is_negligible(
    model: Model, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two allowed tokens, one too unlikely to matter is not asked about; a likelier one is."""
    a, b = model.token("a"), model.token("b")
    for far, both in ((30.0, False), (1.0, True)):
        monkeypatch.setattr(sampler_module, "_SHORTLISTS", (8,))
        asked: list[int] = []
        sampler = make(Sampling(temperature=1.0, top_k=40, top_p=1.0, min_p=0.0), "root ::= [ab]*")
        assert sampler._constraint is not None
        mask = sampler._constraint.mask

        def counted(ids: Any, logits: Any, mask: Any = mask, asked: Any = asked) -> Any:
            asked.append(ids.size)
            return mask(ids, logits)

        monkeypatch.setattr(sampler._constraint, "mask", counted)
        model.logits[:] = -50.0
        model.logits[[a, b]] = 0.0, -far
        for other, token in enumerate(model.vocabulary.tokenize("cdefghij", special=False)):
            model.logits[token] = 1.0 + other if other < 6 else -far + 0.5
        sampler.choose(model.context, -1)
        assert (max(asked) > 8) == both


def test_the_candidates_have_the_layout_of_llama_cpp() -> None:
    native = llama_cpp.llama_token_data
    layout = sampler_module._CANDIDATE
    assert layout.itemsize == ctypes.sizeof(native)
    assert layout.fields is not None
    for name, (_kind, offset, *_title) in layout.fields.items():
        assert offset == getattr(native, name).offset
