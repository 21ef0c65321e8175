"""The header of a GGUF file: what a model says of itself, read as untrusted input.

Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, and ``ggml/src/gguf.cpp`` of
llama.cpp for what its loader refuses: what passes here loads there.
"""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from workbench.catalog.bounded import BoundedReader
from workbench.catalog.ggml_types import QUANTIZATIONS
from workbench.catalog.gguf_tensors import tensors_end
from workbench.catalog.gguf_values import Metadata, read_metadata
from workbench.catalog.lookalikes import not_a_gguf
from workbench.errors import ModelError
from workbench.i18n import _

_SPLIT_NAME = re.compile(r"-\d{5}-of-(\d{5})\.gguf$")


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What a GGUF says of itself; None where it says nothing.

    ``kind`` is ``model``, ``adapter`` or ``mmproj``. ``context_length`` is in tokens. ``kv_heads``
    has a number for each layer: 0 where the layer keeps no KV. ``key_length`` and
    ``value_length`` are the sizes of one head. ``sliding_window`` is in tokens. ``recurrent``: some
    layers keep a state in place of KV, so part of a sequence cannot be removed. ``vocabulary`` is
    the number of tokens. ``file_size`` is in bytes.
    """

    path: Path
    file_size: int
    version: int
    kind: str
    architecture: str
    name: str | None
    size_label: str | None
    quantization: str | None
    context_length: int | None
    block_count: int | None
    embedding_length: int | None
    heads: int | None
    kv_heads: tuple[int, ...]
    key_length: int | None
    value_length: int | None
    sliding_window: int | None
    recurrent: bool
    vocabulary: int | None
    tokenizer_model: str | None
    chat_template: str | None
    tensor_count: int


def read_header(path: Path) -> GgufHeader:
    """Read and check the header of a GGUF, the weights themselves unread.

    Raises ModelError for every file llama.cpp could not load, saying what it is instead or, where
    it is cut off, how many bytes are missing.
    """
    try:
        with open(path, "rb", opener=_open_without_waiting) as stream:
            return _read(stream, path)
    except OSError as error:
        raise ModelError(
            _("cannot be read: {reason}").format(reason=error.strerror or error),
            path=path,
            fix=_("Give the path of a GGUF file."),
        ) from None


def _open_without_waiting(name: str, flags: int) -> int:
    # Opening a named pipe would wait for a writer for ever.
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def _read(stream: BinaryIO, path: Path) -> GgufHeader:
    status = os.fstat(stream.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise ModelError(_("is not a file"), path=path, fix=_("Give the path of a GGUF file."))
    if not status.st_size:
        raise ModelError(_("is empty"), path=path, fix=_("Fetch the file again."))
    start = stream.read(512)
    if start[:4] != b"GGUF":
        raise not_a_gguf(path, start)
    stream.seek(0)
    reader = BoundedReader(stream, path, status.st_size)
    reader.skip(4)
    version = _version(reader)
    tensor_count, pair_count = reader.u64(), reader.u64()
    metadata = read_metadata(reader, pair_count)
    _refuse_part(metadata, path)
    end = tensors_end(reader, tensor_count, _alignment(metadata))
    if end > status.st_size:
        raise ModelError(
            _("is cut off: {got} of {expected} bytes are there, {missing} are missing").format(
                got=status.st_size, expected=end, missing=end - status.st_size
            ),
            path=path,
            fix=_("Fetch the file again."),
        )
    return _describe(metadata, path, status.st_size, version, tensor_count)


def _version(reader: BoundedReader) -> int:
    version = reader.u32()
    if version and version & 0xFFFF == 0:
        raise ModelError(
            _("is a big-endian GGUF; this program reads little-endian ones"),
            path=reader.path,
            fix=_("Fetch the model for common processors."),
        )
    if version not in (2, 3):
        raise ModelError(
            _("is of GGUF version {version}; versions 2 and 3 can be read").format(version=version),
            path=reader.path,
            fix=_("Fetch a newer file of this model.")
            if version < 2
            else _("Update the workbench, or fetch the file again."),
        )
    return version


def _refuse_part(metadata: Metadata, path: Path) -> None:
    parts = metadata.number("split.count") or 0
    if parts <= 1:
        return
    number = (metadata.number("split.no") or 0) + 1
    first = _SPLIT_NAME.sub(r"-00001-of-\1.gguf", path.name)
    raise ModelError(
        _("is part {number} of {parts} of a split model").format(number=number, parts=parts),
        path=path,
        fix=_("Merge the parts first: llama-gguf-split --merge {first} MERGED.gguf").format(
            first=first
        ),
    )


def _alignment(metadata: Metadata) -> int:
    alignment = metadata.number("general.alignment")
    if alignment is None:
        return 32
    if alignment < 1 or alignment & (alignment - 1) or alignment > 1 << 20:
        raise metadata.wrong("general.alignment", _("is no sensible power of two"))
    return alignment


def _describe(
    metadata: Metadata, path: Path, size: int, version: int, tensor_count: int
) -> GgufHeader:
    architecture = metadata.text("general.architecture")
    if not architecture:
        raise metadata.wrong("general.architecture", _("is missing"))

    def number(key: str) -> int | None:
        return metadata.number(f"{architecture}.{key}")

    file_type = metadata.number("general.file_type")
    embedding, heads = (
        number("embedding_length"),
        metadata.first(f"{architecture}.attention.head_count"),
    )
    head_size = embedding // heads if embedding and heads else None
    return GgufHeader(
        path=path,
        file_size=size,
        version=version,
        kind=metadata.text("general.type") or "model",
        architecture=architecture,
        name=metadata.text("general.name"),
        size_label=metadata.text("general.size_label"),
        quantization=None if file_type is None else QUANTIZATIONS.get(file_type & 1023),
        context_length=number("context_length"),
        block_count=number("block_count"),
        embedding_length=embedding,
        heads=heads,
        kv_heads=_kv_heads(metadata, architecture, number("block_count") or 0, heads),
        key_length=number("attention.key_length") or head_size,
        value_length=number("attention.value_length") or head_size,
        sliding_window=number("attention.sliding_window") or None,
        recurrent=any(key.startswith(f"{architecture}.ssm.") for key in metadata.keys),
        vocabulary=metadata.lengths.get("tokenizer.ggml.tokens") or number("vocab_size"),
        tokenizer_model=metadata.text("tokenizer.ggml.model"),
        chat_template=metadata.text("tokenizer.chat_template"),
        tensor_count=tensor_count,
    )


def _kv_heads(
    metadata: Metadata, architecture: str, blocks: int, heads: int | None
) -> tuple[int, ...]:
    """Return the KV heads of each layer; a hybrid model attends in every nth layer only."""
    if blocks > 4096:
        raise metadata.wrong(f"{architecture}.block_count", _("is beyond any model"))
    key = f"{architecture}.attention.head_count_kv"
    listed = metadata.numbers(key)
    if listed is not None:
        return listed
    each = metadata.number(key)
    each = heads or 0 if each is None else each
    interval = metadata.number(f"{architecture}.full_attention_interval") or 1
    return tuple(0 if (layer + 1) % interval else each for layer in range(blocks))
