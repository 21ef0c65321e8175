from dataclasses import is_dataclass
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine import wire
from workbench.engine.protocol import Message, Request

# Names of files may hold undecodable bytes as lone surrogates.
BASIC = {
    str: st.text(st.characters(exclude_categories=()), max_size=30),
    float: st.floats(allow_nan=False),
    int: st.integers(),
    bool: st.booleans(),
    NoneType: st.none(),
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(kind, **{name: values(hint) for name, hint in hints.items()})
    if get_origin(kind) is tuple:
        return st.lists(values(get_args(kind)[0]), max_size=3).map(tuple)
    if isinstance(kind, UnionType):
        return st.one_of(*(values(part) for part in get_args(kind)))
    return BASIC[kind]


MESSAGES = st.one_of(*(values(kind) for kind in get_args(wire.Command | wire.Reply)))


@given(st.integers(), MESSAGES)
def test_every_message_survives_the_wire(number: int, message: wire.Command | wire.Reply) -> None:
    line = wire.encode(number, message)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert wire.decode(line) == (number, message)


def test_types_survive_the_wire() -> None:
    request = Request((Message("user", ("一", "二")),), 5, stop=("。",))
    _number, decoded = wire.decode(wire.encode(1, wire.Submit(request)))
    assert type(decoded.request.messages) is tuple
    assert type(decoded.request.messages[0].segments) is tuple
    assert type(decoded.request.sampling.temperature) is float


@given(st.binary(max_size=80))
def test_noise_is_no_message(noise: bytes) -> None:
    try:
        wire.decode(noise)
    except wire.WireError:
        return
    raise AssertionError(noise)


@pytest.mark.parametrize(
    "line",
    [
        b'[1,"Nothing",{}]',
        b'["1","Ping",{}]',
        b'[1,"Ping",{"extra":1}]',
        b'[1,"Text",{"text":5}]',
        b'[1,"Text",{}]',
        b'[1,"Counts",{"counts":["5"]}]',
        b'[1,"Counts",{"counts":7}]',
        b'[1,"Submit",{"request":null}]',
        b'[1,"Text",[]]',
        b"[1]",
        b"null",
        b'[true,"Ping",{}]',
        b'[1,["Ping"],{}]',
        b"[" * 5000,
    ],
)
def test_malformed_messages_are_refused(line: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.decode(line)
