"""What the tests of KV states on disk share."""

from pathlib import Path

from workbench.engine import state_file
from workbench.engine.states import StateStore, Stored

ROOM = 1 << 30
TOKENS = [11, 22, 33, 44, 55]
LONGER = [*TOKENS, 66]
DATA = bytes(range(100))


def found(store: StateStore, tokens: list[int] = LONGER, of: str = "f") -> Stored:
    stored = store.longest(of, tokens)
    assert stored is not None
    return stored


def only_file(folder: Path) -> Path:
    [path] = folder.iterdir()
    return path


def file_size(of: str, tokens: list[int], size: int) -> int:
    return state_file.size(state_file.head(of, state_file.pack(tokens)), bytes(size))
