"""How many layers of a model fit on the GPUs, and which go where.

The rules are those of llama.cpp's own ``common/fit.cpp``: a device is filled with layers from the
back of the model, with its KV cache and room for computing, until a margin of its free memory is
left. There each try is measured by a load without weights; here it is computed from the sizes in
the file, so that the model is opened once. Pure.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from workbench.engine.devices import IGPU, Device
from workbench.engine.native_gguf import GgufFacts

_BLOCK = re.compile(r"blk\.(\d{1,4})\.")
_MIB = 1 << 20
_LEAST_MARGIN, _MOST_MARGIN = 256 * _MIB, 1024 * _MIB
_PAD = 256  # n_ctx is rounded up to a multiple of this
_UPPER_BOUND = 4096


@dataclass(frozen=True, slots=True)
class Needs:
    """What a model takes on the device it is put on, in bytes.

    ``layers`` has the weights and KV of each block, and of the output last. ``compute`` is the room
    for computing on every device with layers, ``output_compute`` what the output adds to it.
    """

    layers: tuple[int, ...]
    compute: int
    output_compute: int


@dataclass(frozen=True, slots=True)
class Placement:
    """Which layers go to GPUs: ``layers`` in all, the last ones of the model.

    ``devices`` are those used, in order; ``split`` is the share of each of them, empty for
    llama.cpp's own division by free memory.
    """

    layers: int = 0
    devices: tuple[Device, ...] = ()
    split: tuple[float, ...] = ()


NOWHERE = Placement()
"""The processor alone."""


def needs_of(
    facts: GgufFacts, context: int, kv_bytes: Fraction, *, rows: int, outputs: int, sequences: int
) -> Needs:
    """Compute what each layer takes with ``context`` tokens (0: all the model was trained on).

    ``kv_bytes`` is the size of one number of the KV cache, ``rows`` the most that are computed at
    once (n_ubatch), ``outputs`` those that logits are wanted of; each of ``sequences`` has a state
    where layers are recurrent. Where the file says nothing, or has layers without attention, the
    estimate is too large rather than too small. Room for computing: activations (twice the
    feed-forward length and four times the embedding, f32), the attention mask in f32 and f16, and
    f32 logits. For the 0.5B at 8192 tokens, 512 rows and 4 outputs that is 52.3 MiB; llama.cpp on a
    processor takes 43.5.
    """
    architecture = facts.text("general.architecture")

    def number(key: str) -> int:
        value = facts.values.get(f"{architecture}.{key}")
        return max(value) if isinstance(value, tuple) else facts.number(f"{architecture}.{key}")

    weights: dict[int, int] = {}
    others: dict[str, int] = {}
    vocabulary = 0
    for tensor in facts.tensors:
        if match := _BLOCK.match(tensor.name):
            block = int(match[1])
            weights[block] = weights.get(block, 0) + tensor.bytes
        else:
            others[tensor.name] = tensor.bytes
            if tensor.name in ("output.weight", "token_embd.weight"):
                vocabulary = max(vocabulary, tensor.shape[1])
    # Where input and output share their weights, the output has a copy on its device.
    embedded = others.pop("token_embd.weight", 0)
    output = sum(others.values()) + (0 if "output.weight" in others else embedded)
    blocks = min(max(weights, default=-1) + 1, _UPPER_BOUND)
    tokens = min(context or number("context_length"), number("context_length") or context)
    tokens = -(-tokens // _PAD) * _PAD
    embedding, heads = number("embedding_length"), number("attention.head_count")
    head = embedding // heads if heads else 0
    lengths = (number("attention.key_length") or head) + (number("attention.value_length") or head)
    kv_heads = number("attention.head_count_kv") or heads
    cache = -int(-kv_bytes * tokens * kv_heads * lengths // 1)
    columns = number("ssm.state_size") + number("ssm.conv_kernel")
    cache += 4 * sequences * number("ssm.inner_size") * columns
    activations = 4 * rows * (4 * embedding + 2 * number("feed_forward_length"))
    return Needs(
        (*(weights.get(block, 0) + cache for block in range(blocks)), output),
        activations + (4 + 2) * rows * tokens,
        4 * outputs * vocabulary,
    )


def margin(device: Device) -> int:
    """Return the bytes to leave free on a device.

    1 GiB as llama.cpp (``fit_params_target`` in common/common.h), but an eighth of a smaller card
    and at least 256 MiB, or a card of 2 GB would lose half.
    """
    return max(_LEAST_MARGIN, min(_MOST_MARGIN, device.memory_total // 8))


def budget(device: Device, machine: int) -> int:
    """Return the bytes a device has to give; ``machine``: those the machine can give.

    A device that does not say how much is free gets nothing, as in llama.cpp. An integrated one
    takes of the machine's memory, whatever it claims.
    """
    free = device.memory_free
    if device.kind == IGPU:
        free = min(free, machine)
    return max(0, free - margin(device))


def place(
    needs: Needs,
    devices: Sequence[Device],
    machine: int,
    *,
    layers: int = -1,
    main: int = 0,
    split: Sequence[float] = (),
) -> Placement:
    """Choose the layers for ``devices``, those llama.cpp offloads to.

    ``layers`` -1: as many as fit; else that many, fitting or not. ``split``: the share of each
    device, as the user wants it; without, device ``main`` takes all where that fits, else all
    devices share. ``machine`` is the memory of the machine that is available, in bytes.
    """
    total = len(needs.layers)
    if not devices or not layers or not total:
        return NOWHERE
    budgets = [budget(device, machine) for device in devices]
    wanted = total if layers < 0 else min(layers, total)
    shares = list(split)[: len(devices)] + [0.0] * (len(devices) - len(split))
    if any(share > 0 for share in shares):
        fitting = wanted
        while layers < 0 and fitting and not _holds(needs, budgets, divide(fitting, shares)):
            fitting -= 1
        return Placement(fitting, tuple(devices), tuple(shares)) if fitting else NOWHERE
    main = main if 0 <= main < len(devices) else 0
    alone = [wanted if number == main else 0 for number in range(len(devices))]
    if len(devices) == 1 or _holds(needs, budgets, alone):
        if layers < 0:
            wanted = min(wanted, _most(needs, total, budgets[main]))
        return Placement(wanted, (devices[main],)) if wanted else NOWHERE
    counts = _fill(needs, budgets)
    if layers > 0:
        if sum(counts) < wanted:
            return Placement(wanted, tuple(devices))
        counts = _at_most(counts, wanted)
    return spread(devices, counts)


def spread(devices: Sequence[Device], counts: Sequence[int]) -> Placement:
    """Return the placement that puts so many layers on each device."""
    used = [(device, count) for device, count in zip(devices, counts, strict=True) if count]
    split = tuple(float(count) for _device, count in used) if len(used) > 1 else ()
    return Placement(sum(counts), tuple(device for device, _count in used), split)


def divide(layers: int, shares: Sequence[float]) -> list[int]:
    """Count the layers each device gets of ``layers``, as llama.cpp divides them.

    See ``get_layer_buft_list`` in src/llama-model.cpp: the first device whose share ends behind
    the layer.
    """
    whole = sum(shares)
    ends, end = [], 0.0
    for share in shares:
        end += share
        ends.append(end / whole)
    counts = [0] * len(shares)
    for layer in range(layers):
        place = layer / layers
        counts[next(number for number, end in enumerate(ends) if end > place)] += 1
    return counts


def fewer(placement: Placement) -> Iterator[Placement]:
    """Yield what to try when a placement turns out not to fit: ever fewer layers, at last none."""
    layers, split = placement.layers, placement.split
    while layers > 1:
        layers = layers * 3 // 4
        yield Placement(layers, placement.devices, split)
    if placement.layers:
        yield NOWHERE


def _cost(needs: Needs, first: int, end: int) -> int:
    """Return the bytes of layers ``first`` up to ``end`` on one device."""
    if first >= end:
        return 0
    output = needs.output_compute if end == len(needs.layers) else 0
    return sum(needs.layers[first:end]) + needs.compute + output


def _most(needs: Needs, end: int, room: int) -> int:
    """Count the layers before ``end``, taken from the back, that fit in ``room`` bytes."""
    first = end
    while first and _cost(needs, first - 1, end) <= room:
        first -= 1
    return end - first


def _holds(needs: Needs, budgets: Sequence[int], counts: Sequence[int]) -> bool:
    first = len(needs.layers) - sum(counts)
    for room, count in zip(budgets, counts, strict=True):
        if _cost(needs, first, first + count) > room:
            return False
        first += count
    return True


def _fill(needs: Needs, budgets: Sequence[int]) -> list[int]:
    """Fill the devices from the back; return the layers of each."""
    counts = [0] * len(budgets)
    end = len(needs.layers)
    for number in reversed(range(len(budgets))):
        counts[number] = _most(needs, end, budgets[number])
        end -= counts[number]
    return counts


def _at_most(counts: Sequence[int], wanted: int) -> list[int]:
    """Take the layers that are not wanted from the front."""
    kept = []
    for count in reversed(counts):
        kept.append(min(count, wanted))
        wanted -= kept[-1]
    return kept[::-1]
