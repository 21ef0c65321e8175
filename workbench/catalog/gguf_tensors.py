"""The tensor table of a GGUF: where the weights lie, and so how long the file must be."""

from math import prod

from workbench.catalog.bounded import BoundedReader
from workbench.catalog.ggml_types import BLOCKS
from workbench.errors import ModelError
from workbench.i18n import _

_MAX_TENSORS = 1 << 16
_MAX_NAME = 63
_MAX_DIMENSIONS = 4
_SMALLEST_TENSOR = 8 + 4 + 4 + 8
_LARGEST = (1 << 63) - 1


def tensors_end(reader: BoundedReader, count: int, alignment: int) -> int:
    """Return the length in bytes that the file needs for its ``count`` tensors.

    Raises ModelError where the table contradicts itself, by the rules of ``gguf.cpp``: names are
    unique, rows are whole blocks, and each tensor begins where the one before it ended, padded.
    """
    if count > _MAX_TENSORS or count * _SMALLEST_TENSOR > reader.remaining:
        raise _damaged(reader, _("it claims {n} tensors").format(n=count))
    names: set[bytes] = set()
    expected = end = 0
    for _number in range(count):
        name, size, offset = _tensor(reader)
        shown = name.decode("utf-8", "replace")
        if name in names:
            raise _damaged(reader, _("tensor {name} appears twice").format(name=shown))
        names.add(name)
        if offset != expected:
            raise _damaged(
                reader,
                _("tensor {name} lies at {offset}, not at {expected}").format(
                    name=shown, offset=offset, expected=expected
                ),
            )
        end = offset + size
        expected = _padded(end, alignment)
    return _padded(reader.position, alignment) + end if count else reader.position


def _tensor(reader: BoundedReader) -> tuple[bytes, int, int]:
    """Read one entry: name, size in bytes, offset from the start of the weights."""
    length = reader.u64()
    if length > _MAX_NAME:
        raise _damaged(reader, _("a tensor's name is {n} bytes long").format(n=length))
    name = reader.take(length)
    shown = name.decode("utf-8", "replace")
    dimensions = reader.u32()
    if dimensions > _MAX_DIMENSIONS:
        raise _damaged(
            reader, _("tensor {name} has {n} dimensions").format(name=shown, n=dimensions)
        )
    shape = [reader.u64() for _dimension in range(dimensions)]
    kind, offset = reader.u32(), reader.u64()
    if kind not in BLOCKS:
        raise ModelError(
            _("stores tensor {name} in type {kind}, which this program does not know").format(
                name=shown, kind=kind
            ),
            path=reader.path,
            fix=_("Take another quantisation of this model, such as Q4_K_M."),
        )
    elements, block_bytes = BLOCKS[kind]
    total = prod(shape)
    row = shape[0] if shape else 1
    if total > _LARGEST or offset > _LARGEST or row % elements:
        raise _damaged(reader, _("tensor {name} has an impossible shape").format(name=shown))
    return name, total // elements * block_bytes, offset


def _padded(size: int, alignment: int) -> int:
    return -(-size // alignment) * alignment


def _damaged(reader: BoundedReader, what: str) -> ModelError:
    return ModelError(
        _("has a damaged header: {what}").format(what=what),
        path=reader.path,
        fix=_("Fetch the file again."),
    )
