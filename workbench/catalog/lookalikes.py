"""What a file that is no GGUF is instead, so that the message can say what went wrong."""

from pathlib import Path

from workbench.errors import ModelError
from workbench.i18n import _

_OLD_MAGICS = (b"lmgg", b"fmgg", b"tjgg", b"algg")
"""``ggml``, ``ggmf``, ``ggjt`` and ``ggla`` as little-endian numbers: llama.cpp before GGUF."""


def not_a_gguf(path: Path, start: bytes) -> ModelError:
    """Explain a file by its first bytes (a few hundred are enough); the first four are not GGUF."""
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"version https://git-lfs"):
        return ModelError(
            _("is a Git LFS pointer, not the model itself"),
            path=path,
            fix=_("Run “git lfs pull” in that repository, or fetch the file itself."),
        )
    if text.startswith((b"<!doctype", b"<html", b"<?xml")):
        return ModelError(
            _("is a web page saved under the name of a model"),
            path=path,
            fix=_("Fetch the file itself: the link of its download button."),
        )
    if start[:4] in _OLD_MAGICS:
        return ModelError(
            _("is in a format older than GGUF, which llama.cpp no longer reads"),
            path=path,
            fix=_("Fetch the model as GGUF."),
        )
    if start.startswith(b"PK\x03\x04"):
        return ModelError(
            _("is a ZIP archive or a PyTorch file, not a GGUF"),
            path=path,
            fix=_("Unpack it, or fetch the model as GGUF."),
        )
    if start[8:10] == b'{"':
        return ModelError(
            _("is a safetensors file, not a GGUF"),
            path=path,
            fix=_("Fetch the model as GGUF, or convert it with llama.cpp."),
        )
    if _is_text(start):
        return ModelError(
            _("is a text file, not a GGUF"), path=path, fix=_("Give the path of a GGUF file.")
        )
    return ModelError(
        _("is not a GGUF: it does not begin with the letters GGUF"),
        path=path,
        fix=_("Give the path of a GGUF file, or fetch this one again."),
    )


def _is_text(start: bytes) -> bool:
    try:
        text = start.decode("utf-8")
    except UnicodeDecodeError as error:
        # The last character may be cut by where the sample ends.
        if error.start < len(start) - 3:
            return False
        text = start[: error.start].decode("utf-8")
    return all(char.isprintable() or char in "\t\r\n\f\ufeff" for char in text)
