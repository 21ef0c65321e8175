import os
import struct
import tracemalloc
from contextlib import suppress

import pytest
from catalog_support import tiny_gguf
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from workbench.catalog.gguf import read_header
from workbench.errors import ModelError


def refusal(path):
    with pytest.raises(ModelError) as caught:
        read_header(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def written(tmp_path, data):
    path = tmp_path / "model.gguf"
    path.write_bytes(data)
    return path


def header_with(*pairs, tensors=b"", tensor_count=0, version=3):
    return (
        struct.pack("<4sIQQ", b"GGUF", version, tensor_count, len(pairs))
        + b"".join(pairs)
        + tensors
    )


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def pair(key, kind, value):
    return text(key) + struct.pack("<I", kind) + value


def tensor(name, shape, kind, offset):
    return (
        text(name)
        + struct.pack("<I", len(shape))
        + struct.pack(f"<{len(shape)}Q", *shape)
        + struct.pack("<IQ", kind, offset)
    )


ARCHITECTURE = pair("general.architecture", 8, text("qwen2"))


def test_the_header_says_what_the_model_is(tiny):
    header = read_header(tiny)
    assert (header.architecture, header.name, header.size_label) == ("qwen2", "Tiny", "1K")
    assert (header.quantization, header.context_length, header.block_count) == ("Q4_K_M", 4096, 3)
    assert (header.embedding_length, header.heads, header.kv_heads) == (64, 4, (2, 2, 2))
    assert (header.key_length, header.value_length) == (16, 16)
    assert (header.vocabulary, header.tokenizer_model) == (50, "gpt2")
    assert header.chat_template.startswith("{% for m")
    assert (header.tensor_count, header.kind, header.recurrent) == (2, "model", False)
    assert header.file_size == tiny.stat().st_size


def test_a_model_without_a_template_is_read(tmp_path):
    assert read_header(tiny_gguf(tmp_path / "a.gguf", template=False)).chat_template is None


def test_layers_without_kv_of_a_hybrid_model_are_counted_as_such(tmp_path):
    path = tiny_gguf(
        tmp_path / "a.gguf",
        architecture="qwen35",
        qwen35__full_attention_interval=3,
        qwen35__ssm__state_size=16,
    )
    header = read_header(path)
    assert header.kv_heads == (0, 0, 2)
    assert header.recurrent


def test_kv_heads_can_be_listed_for_each_layer_and_windows_slide(tmp_path):
    path = tiny_gguf(
        tmp_path / "a.gguf", architecture="other", other__attention__sliding_window=512
    )
    assert read_header(path).sliding_window == 512
    heads = pair("qwen2.attention.head_count_kv", 9, struct.pack("<IQ3I", 4, 3, 4, 0, 4))
    assert read_header(written(tmp_path, header_with(ARCHITECTURE, heads))).kv_heads == (4, 0, 4)


def test_long_vocabularies_are_passed_over_across_windows(tmp_path):
    tokens = [f"词元{number}" * (number % 7) for number in range(60_000)]
    path = tiny_gguf(tmp_path / "a.gguf", extra__list=tokens, later__number=7)
    assert read_header(path).tensor_count == 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"\x93NUM" + b"\xff\xfe\x00\x81" * 50, "is not a GGUF"),
        ("一篇文章。\n".encode() * 100, "is a text file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
        (b"\n <!DOCTYPE html><html><body>Not here</body></html>", "web page"),
        (b"<html>", "web page"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"tjgg\x03\x00\x00\x00", "older than GGUF"),
        (struct.pack("<Q", 900) + b'{"weight":{}}', "safetensors"),
        (struct.pack("<4sI", b"GGUF", 1) + bytes(50), "version 1"),
        (struct.pack("<4sI", b"GGUF", 9) + bytes(50), "version 9"),
        (struct.pack(">4sI", b"GGUF", 3) + bytes(50), "big-endian"),
        (b"GGUF", "cut off within its header"),
        (header_with(), "general.architecture is missing"),
        (header_with(ARCHITECTURE, ARCHITECTURE), "appears twice"),
        (header_with(pair("general.architecture", 8, text(""))), "is missing"),
        (header_with(pair("general.architecture", 4, bytes(4))), "is not a text"),
        (header_with(pair("a", 77, bytes(8))), "unknown type 77"),
        (header_with(pair("a", 9, struct.pack("<IQ", 9, 1) + bytes(20))), "array of arrays"),
        (header_with(pair("", 4, bytes(4))), "a key is 0 bytes long"),
        (header_with(ARCHITECTURE, pair("qwen2.block_count", 8, text("x"))), "not a whole number"),
        (
            header_with(ARCHITECTURE, pair("qwen2.block_count", 4, b"\xff\xff\xff\x7f")),
            "beyond any model",
        ),
        (header_with(pair("general.alignment", 4, b"\x03\0\0\0"), ARCHITECTURE), "power of two"),
    ],
)
def test_what_is_no_model_is_named_in_one_line(tmp_path, data, message):
    line = refusal(written(tmp_path, data))
    assert message in line
    assert "\n" not in line


def test_folders_missing_files_and_pipes_are_refused(tmp_path):
    assert "is not a file" in refusal(tmp_path) or "directory" in refusal(tmp_path)
    assert "No such file" in refusal(tmp_path / "absent.gguf")
    os.mkfifo(tmp_path / "pipe.gguf")
    assert "is not a file" in refusal(tmp_path / "pipe.gguf")


def test_a_truncated_file_says_how_many_bytes_are_missing(tiny, tmp_path):
    data = tiny.read_bytes()
    line = refusal(written(tmp_path, data[:-1000]))
    assert f"{len(data) - 1000} of {len(data)} bytes are there, 1000 are missing" in line


def test_a_part_of_a_split_model_names_the_first(tmp_path):
    path = tiny_gguf(tmp_path / "big-00002-of-00003.gguf", split__count=3, split__no=1)
    line = refusal(path)
    assert "part 2 of 3" in line
    assert "big-00001-of-00003.gguf" in line


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ([tensor("a", [32], 0, 0), tensor("a", [32], 0, 128)], "appears twice"),
        ([tensor("a", [32], 0, 64)], "lies at 64, not at 0"),
        ([tensor("a", [33], 2, 0)], "impossible shape"),
        ([tensor("a", [1 << 40, 1 << 40], 0, 0)], "impossible shape"),
        ([tensor("a", [1, 1, 1, 1, 1], 0, 0)], "5 dimensions"),
        ([tensor("a", [32], 99, 0)], "type 99"),
        ([tensor("a" * 64, [32], 0, 0)], "name is 64 bytes"),
        ([tensor("a", [1 << 30], 0, 0)], "is cut off"),
    ],
)
def test_tensor_tables_that_contradict_themselves_are_refused(tmp_path, tensors, message):
    data = header_with(ARCHITECTURE, tensors=b"".join(tensors), tensor_count=len(tensors))
    assert message in refusal(written(tmp_path, data + bytes(512)))


@pytest.mark.parametrize(
    "data",
    [
        struct.pack("<4sIQQ", b"GGUF", 3, 1 << 60, 1) + bytes(200),
        struct.pack("<4sIQQ", b"GGUF", 3, 0, 1 << 62) + bytes(200),
        header_with(text("k") + struct.pack("<IQ", 8, 1 << 63)) + bytes(200),
        header_with(text("k") + struct.pack("<IIQ", 9, 8, 1 << 40)) + bytes(200),
        header_with(text("k") + struct.pack("<IIQ", 9, 10, 1 << 61)) + bytes(200),
        header_with(text("tokenizer.chat_template") + struct.pack("<IQ", 8, 1 << 31)) + bytes(200),
        header_with(struct.pack("<Q", 1 << 50)) + bytes(200),
    ],
)
def test_absurd_counts_cost_neither_time_nor_memory(tmp_path, data):
    path = written(tmp_path, data)
    # The file is sparse: it claims to be large enough for what its header says.
    os.truncate(path, 1 << 42)
    tracemalloc.start()
    try:
        refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gguf")
    return tiny_gguf(folder / "sound.gguf", weights=32).read_bytes(), folder / "mutated.gguf"


def read_or_refuse(path, data):
    path.write_bytes(data)
    tracemalloc.start()
    try:
        with suppress(ModelError):
            assert read_header(path).architecture
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 8 << 20


fuzzing = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@fuzzing
@given(
    cuts=st.integers(0, 1 << 20),
    edits=st.lists(st.tuples(st.integers(0, 1500), st.binary(min_size=1, max_size=9)), max_size=5),
)
@example(cuts=1 << 20, edits=[(8, b"\xff" * 8)])
@example(cuts=1 << 20, edits=[(16, b"\xff" * 8)])
def test_a_damaged_header_is_refused_or_read_but_never_breaks_the_reader(sound, cuts, edits):
    data, path = sound
    changed = bytearray(data)
    for position, replacement in edits:
        changed[position : position + len(replacement)] = replacement
    read_or_refuse(path, bytes(changed[:cuts]))


@fuzzing
@given(st.binary(max_size=400))
def test_random_bytes_after_the_magic_are_refused_or_read(sound, tail):
    read_or_refuse(sound[1], b"GGUF" + struct.pack("<I", 3) + tail)


@fuzzing
@given(st.binary(max_size=600))
def test_random_bytes_are_refused(sound, data):
    read_or_refuse(sound[1], data)
