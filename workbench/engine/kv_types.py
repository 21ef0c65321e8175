"""How the KV cache keeps keys and values, and which models can do so."""

from fractions import Fraction

from workbench.errors import EngineError
from workbench.i18n import _

# Number of the type in ggml.h, and bytes an element: a block is 32 elements and an f16 scale.
_TYPES = {"f16": (1, Fraction(2)), "q8_0": (8, Fraction(34, 32)), "q4_0": (2, Fraction(18, 32))}
_BLOCK = 32
_WITHOUT_FLASH_ATTENTION = ("grok",)


def ggml_type(kv_type: str) -> int:
    """Return the number ggml gives a KV type, for ``type_k`` and ``type_v``."""
    return _look_up(kv_type)[0]


def element_bytes(kv_type: str) -> Fraction:
    """Return the bytes that one number of a key or value takes."""
    return _look_up(kv_type)[1]


def check_kv_type(kv_type: str, architecture: str, key_length: int, value_length: int) -> None:
    """Refuse what llama.cpp would fail at (``llama_init_from_model``), before it does.

    Quantized values need flash attention, which llama.cpp then turns on itself, except for models
    it cannot compute that way; and a head (``key_length`` and ``value_length`` numbers; 0 where
    unknown) must be whole blocks of 32.
    """
    if _look_up(kv_type)[0] == _TYPES["f16"][0]:
        return
    fix = _("Set kv_type to f16.")
    if architecture in _WITHOUT_FLASH_ATTENTION:
        raise EngineError(
            _(
                "a KV cache of type {type} needs flash attention, which this architecture lacks"
            ).format(type=kv_type),
            fix=fix,
        )
    for length in (key_length, value_length):
        if length % _BLOCK:
            raise EngineError(
                _(
                    "a KV cache of type {type} needs heads of a multiple of {block} numbers; this"
                    " model's have {length}"
                ).format(type=kv_type, block=_BLOCK, length=length),
                fix=fix,
            )


def _look_up(kv_type: str) -> tuple[int, Fraction]:
    try:
        return _TYPES[kv_type]
    except KeyError:
        raise EngineError(
            _("there is no KV type {type!r}").format(type=kv_type),
            fix=_("Choose one of: {names}.").format(names=", ".join(_TYPES)),
        ) from None
