"""What a format is: a context that takes results, and whose files are whole when it is left."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from workbench.batch.reports.told import Told

Take = Callable[[Told], None]
"""Takes one result."""

Open = Callable[[Path, str, Path], AbstractContextManager[Take]]
"""Begins the files of one format in a folder, under a title; a second folder takes what is kept
only until they are whole."""
