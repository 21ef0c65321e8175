import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# The scripted engine and its articles are those of the tasks' tests.
sys.path.append(str(Path(__file__).parents[2] / "tasks"))

if TYPE_CHECKING:
    from workbench.batch.reports import Row


@pytest.fixture(scope="session")
def rows(tmp_path_factory: pytest.TempPathFactory) -> "list[Row]":
    """Rows of every task, in both scripts, with wrong facts and a failure."""
    from reports_support import mixed_rows

    return mixed_rows(tmp_path_factory.mktemp("articles"))
