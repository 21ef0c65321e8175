"""How many layers go to which GPU, for devices that are not here."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_gguf import Tiny, write

from workbench.engine.devices import ACCELERATOR, CPU, GPU, IGPU, Device, offload_devices
from workbench.engine.native_gguf import GgufFacts, Tensor, read_facts
from workbench.engine.native_log import NativeLog
from workbench.engine.offload import (
    NOWHERE,
    Needs,
    Placement,
    budget,
    divide,
    fewer,
    margin,
    needs_of,
    place,
)

GIB, MIB = 1 << 30, 1 << 20
MACHINE = 16 * GIB
F16 = Fraction(2)


def card(
    memory: int,
    index: int = 0,
    *,
    kind: str = GPU,
    backend: str = "CUDA",
    identity: str = "",
    free: int | None = None,
) -> Device:
    name = f"{backend}{index}"
    return Device(
        index, name, name, kind, backend, memory if free is None else free, memory, identity
    )


def model(gib: float, layers: int = 36, vocabulary: int = 151_936) -> GgufFacts:
    """Return a model of the shape of Qwen3-4B whose weights take so much."""
    block = int(gib * GIB * 0.9) // layers
    output = int(gib * GIB * 0.1)
    values: dict[str, str | int | float | tuple[int, ...]] = {
        "general.architecture": "qwen3",
        "qwen3.context_length": 262_144,
        "qwen3.embedding_length": 2560,
        "qwen3.feed_forward_length": 9728,
        "qwen3.attention.head_count": 32,
        "qwen3.attention.head_count_kv": 8,
        "qwen3.attention.key_length": 128,
        "qwen3.attention.value_length": 128,
    }
    tensors = [
        Tensor(f"blk.{number}.ffn_up.weight", 12, (2560, 9728, 1, 1), block)
        for number in range(layers)
    ]
    tensors.append(Tensor("token_embd.weight", 12, (2560, vocabulary, 1, 1), output))
    return GgufFacts(frozenset(values), values, tuple(tensors))


def needs(gib: float, context: int = 8192, kv: Fraction = F16) -> Needs:
    return needs_of(model(gib), context, kv, rows=512, outputs=512, sequences=4)


def used(needs: Needs, placement: Placement) -> list[int]:
    """Compute what a placement takes of each of its devices, by llama.cpp's division."""
    counts = divide(placement.layers, placement.split or [1.0])
    end = len(needs.layers)
    found = []
    for count in reversed(counts):
        size = sum(needs.layers[end - count : end]) + (needs.compute if count else 0)
        found.append(size + (needs.output_compute if count and end == len(needs.layers) else 0))
        end -= count
    return found[::-1]


def test_what_a_layer_takes_is_its_weights_and_its_share_of_the_cache() -> None:
    # 8192 tokens x 8 heads x (128 + 128) numbers x 2 bytes = 32 MiB a layer.
    small, large = needs(2.5), needs(2.5, context=16384)
    assert len(small.layers) == 37
    assert large.layers[0] - small.layers[0] == 32 * MIB
    assert small.layers[0] == int(2.5 * GIB * 0.9) // 36 + 32 * MIB
    assert small.layers[-1] == int(2.5 * GIB * 0.1)  # the copy of the embeddings
    assert small.output_compute == 4 * 512 * 151_936
    assert needs(2.5, 300).layers == needs(2.5, 512).layers  # n_ctx is a multiple of 256
    assert needs(2.5, 0).layers == needs(2.5, 262_144).layers == needs(2.5, 10**7).layers


@pytest.mark.parametrize(
    ("kv", "kib"), [(F16, 32768), (Fraction(34, 32), 17408), (Fraction(18, 32), 9216)]
)
def test_a_quantized_cache_takes_what_its_blocks_take(kv: Fraction, kib: int) -> None:
    weights = int(2.5 * GIB * 0.9) // 36
    assert needs(2.5, kv=kv).layers[0] - weights == kib << 10


@pytest.mark.parametrize(
    ("gib", "layers"),
    # By hand: 96 MiB a block, output 256, its logits 297, computing 82; the margin of the card.
    [(24, 37), (8, 37), (4, 31), (2, 13), (0.5, 0)],
)
def test_a_card_takes_as_many_layers_as_fit(gib: float, layers: int) -> None:
    memory = int(gib * GIB)
    wanted = needs(2.5)
    found = place(wanted, [card(memory)], MACHINE)
    assert found.layers == layers
    if layers:
        assert used(wanted, found)[0] <= memory - margin(card(memory))


def test_what_others_use_of_a_card_is_not_counted_on() -> None:
    free = place(needs(2.5), [card(8 * GIB)], MACHINE).layers
    busy = place(needs(2.5), [card(8 * GIB, free=3 * GIB)], MACHINE).layers
    assert 0 < busy < free


def test_a_long_context_leaves_room_for_fewer_layers_and_quantized_kv_for_more() -> None:
    [short, long, quantized] = [
        place(wanted, [card(6 * GIB)], MACHINE).layers
        for wanted in (needs(2.5), needs(2.5, 32768), needs(2.5, 32768, Fraction(34, 32)))
    ]
    assert short > quantized > long > 0


def test_one_of_two_cards_takes_all_where_it_can() -> None:
    cards = [card(24 * GIB, 0), card(24 * GIB, 1)]
    assert place(needs(14.0), cards, MACHINE) == Placement(37, (cards[0],))
    assert place(needs(14.0), cards, MACHINE, main=1) == Placement(37, (cards[1],))
    # A number beyond the cards there are names the first.
    assert place(needs(14.0), cards, MACHINE, main=7) == Placement(37, (cards[0],))


def test_two_cards_share_what_is_too_large_for_one() -> None:
    cards = [card(8 * GIB, 0), card(24 * GIB, 1)]
    found = place(needs(24.0), cards, MACHINE)
    assert found.layers == 37
    assert found.devices == tuple(cards)
    assert sum(found.split) == 37
    first, second = used(needs(24.0), found)
    assert 0 < first <= 7 * GIB < second <= 23 * GIB
    beyond = place(needs(60.0), cards, MACHINE)
    assert 0 < beyond.layers < 37


def test_the_users_division_is_kept_and_filled_as_far_as_it_goes() -> None:
    cards = [card(24 * GIB, 0), card(24 * GIB, 1)]
    found = place(needs(32.0), cards, MACHINE, split=(3, 1))
    assert found.split == (3, 1)
    assert 0 < found.layers < 37
    assert max(used(needs(32.0), found)) <= 23 * GIB
    assert place(needs(32.0), cards, MACHINE, split=(1, 1)).layers == 37
    assert place(needs(2.5), cards, MACHINE, split=(0, 1)).split == (0, 1)
    assert place(needs(2.5), cards, MACHINE, split=(0,)).split == ()  # says nothing


def test_a_number_of_layers_is_obeyed_and_none_means_none() -> None:
    cards = [card(2 * GIB, 0), card(4 * GIB, 1)]
    assert place(needs(60.0), cards[:1], MACHINE, layers=20) == Placement(20, (cards[0],))
    assert place(needs(2.5), cards, MACHINE, layers=9999).layers == 37
    assert place(needs(2.5), cards, MACHINE, layers=5) == Placement(5, (cards[0],))
    assert place(needs(60.0), cards, MACHINE, layers=30) == Placement(30, tuple(cards))
    fitting = place(needs(4.0), cards, MACHINE, layers=25)
    assert fitting.layers == sum(fitting.split) == 25
    assert place(needs(2.5), cards, MACHINE, layers=0) == NOWHERE
    assert place(needs(2.5), [], MACHINE) == NOWHERE
    assert place(Needs((), 0, 0), cards, MACHINE) == NOWHERE


def test_an_integrated_gpu_takes_of_the_machines_memory() -> None:
    integrated = card(24 * GIB, kind=IGPU, backend="Vulkan")
    assert place(needs(2.5), [integrated], 16 * GIB).layers == 37
    assert 0 < place(needs(2.5), [integrated], 3 * GIB).layers < 37
    assert place(needs(2.5), [integrated], GIB) == NOWHERE


def test_metal_says_itself_what_it_may_take_of_the_shared_memory() -> None:
    metal = card(12 * GIB, backend="Metal")
    assert place(needs(2.5), [metal], 2 * GIB).layers == 37


def test_a_card_that_does_not_say_what_is_free_gets_nothing_unasked() -> None:
    silent = card(0)
    assert budget(silent, MACHINE) == 0
    assert place(needs(2.5), [silent], MACHINE) == NOWHERE
    assert place(needs(2.5), [silent], MACHINE, layers=10).layers == 10


@pytest.mark.parametrize(("gib", "mib"), [(1, 256), (2, 256), (4, 512), (8, 1024), (80, 1024)])
def test_the_margin_grows_with_the_card(gib: int, mib: int) -> None:
    assert margin(card(gib * GIB)) == mib * MIB


def test_layers_go_to_each_card_once_and_to_integrated_ones_only_without_others() -> None:
    processor = card(16 * GIB, 0, kind=CPU, backend="CPU")
    blas = card(16 * GIB, 1, kind=ACCELERATOR, backend="BLAS")
    cuda = card(8 * GIB, 2, identity="0000:c1:00.0")
    vulkan = card(8 * GIB, 3, backend="Vulkan", identity="0000:c1:00.0")
    unknown = card(8 * GIB, 4, backend="Vulkan")
    inside = card(8 * GIB, 5, kind=IGPU, backend="Vulkan")
    again = card(8 * GIB, 6, kind=IGPU, backend="OpenVINO")
    remote = card(80 * GIB, 7, backend="RPC")
    everything = [processor, blas, cuda, vulkan, unknown, inside, again, remote]
    assert offload_devices(everything) == (cuda, unknown)
    assert offload_devices([processor, blas, inside, again, remote]) == (inside,)
    assert offload_devices([processor, remote]) == ()


def test_when_it_does_not_fit_after_all_fewer_are_tried_and_at_last_none() -> None:
    cards = (card(8 * GIB, 0), card(8 * GIB, 1))
    tried = list(fewer(Placement(37, cards, (20.0, 17.0))))
    counts = [placement.layers for placement in tried]
    assert counts[0] == 27
    assert counts == sorted(set(counts), reverse=True)
    assert tried[-1] == NOWHERE
    assert all(placement.split == (20.0, 17.0) for placement in tried[:-1])
    assert list(fewer(NOWHERE)) == []


MEMORIES = st.lists(st.integers(0, 32 * 1024).map(lambda mib: mib * MIB), min_size=1, max_size=4)
MODELS = st.builds(
    Needs,
    st.lists(st.integers(1, 2 * GIB), min_size=1, max_size=40).map(tuple),
    st.integers(0, GIB),
    st.integers(0, GIB),
)
SPLITS = st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.0]), max_size=4)


@given(MODELS, MEMORIES, SPLITS, st.integers(0, 3))
def test_never_more_than_fits(
    wanted: Needs, memories: list[int], split: list[float], main: int
) -> None:
    cards = [card(memory, number) for number, memory in enumerate(memories)]
    found = place(wanted, cards, MACHINE, main=main, split=split)
    assert 0 <= found.layers <= len(wanted.layers)
    assert bool(found.layers) == bool(found.devices)
    if found.layers:
        for device, size in zip(found.devices, used(wanted, found), strict=True):
            assert size <= budget(device, MACHINE)


@given(MODELS, MEMORIES, st.integers(0, 3), st.integers(0, 3), st.integers(0, 8 * 1024))
def test_more_memory_never_means_fewer_layers(
    wanted: Needs, memories: list[int], main: int, grown: int, by: int
) -> None:
    def layers() -> int:
        # The margin depends on the size of the card: let that be the same, and more be free.
        cards = [card(64 * GIB, number, free=memory) for number, memory in enumerate(memories)]
        return place(wanted, cards, MACHINE, main=main).layers

    before = layers()
    memories[grown % len(memories)] += by * MIB
    assert layers() >= before


@given(MODELS, MEMORIES)
def test_no_layer_is_left_that_would_still_fit(wanted: Needs, memories: list[int]) -> None:
    cards = [card(memory, number) for number, memory in enumerate(memories)]
    found = place(wanted, cards, MACHINE)
    left = len(wanted.layers) - found.layers
    room = budget(cards[0], MACHINE)
    if left and not found.devices:
        assert wanted.layers[-1] + wanted.compute + wanted.output_compute > room
    elif left and found.devices[0] == cards[0]:
        assert used(wanted, found)[0] + wanted.layers[left - 1] > room


@given(st.integers(1, 100), st.lists(st.floats(0.1, 10.0), min_size=1, max_size=4))
def test_every_layer_is_divided_to_one_device(layers: int, shares: list[float]) -> None:
    assert sum(divide(layers, shares)) == layers


@given(st.lists(st.integers(1, 40), min_size=1, max_size=4))
def test_counts_as_shares_are_divided_as_they_are(counts: list[int]) -> None:
    assert divide(sum(counts), [float(count) for count in counts]) == counts


def test_a_recurrent_layer_has_a_state_for_each_sequence(tmp_path: Path) -> None:
    facts = read_facts(str(write(tmp_path / "mamba.gguf", Tiny(architecture="mamba"))))
    assert facts is not None
    one, four = (
        needs_of(facts, 512, F16, rows=512, outputs=4, sequences=count) for count in (1, 4)
    )
    # llama.cpp says 0.07 MiB for two layers and four sequences: 128 x (16 + 3) numbers each.
    assert four.layers[0] - one.layers[0] == 3 * 4 * 128 * (16 + 4)
    assert four.layers[-1] == one.layers[-1]


def test_the_sizes_are_those_of_the_file(tmp_path: Path) -> None:
    log = NativeLog()
    log.capture()
    path = write(tmp_path / "模型.gguf", Tiny(layers=3, embedding=64, feed_forward=128))
    facts = read_facts(str(path))
    assert facts is not None
    found = needs_of(facts, 512, F16, rows=512, outputs=4, sequences=4)
    # q, k, v, o; gate, up, down; two norms: f32. KV: 512 tokens x 64 numbers, twice, f16.
    block = 4 * (4 * 64 * 64 + 3 * 64 * 128 + 2 * 64)
    assert found.layers[:-1] == (block + 512 * 64 * 2 * 2,) * 3
    vocabulary = next(t.shape[1] for t in facts.tensors if t.name == "output.weight")
    assert found.layers[-1] == 4 * (64 * vocabulary + 64)
    assert read_facts(str(tmp_path / "没有.gguf")) is None
    (tmp_path / "坏.gguf").write_bytes(b"GGUF" + bytes(50))
    assert read_facts(str(tmp_path / "坏.gguf")) is None
    assert log.reason()
