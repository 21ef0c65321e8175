"""What the tests of the desk share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_support import library_in

from workbench.store.library import Library


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[tuple[Library, list[int]]]:
    library, ids = library_in(tmp_path)
    yield library, ids
    library.close()
