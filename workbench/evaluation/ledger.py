"""What was done, kept in a file that is only added to.

``ledger.jsonl`` holds an object a line: an arm when it is first used, then an output, or why there
is none, for each piece of work. A line is on disk before the next piece begins, so that a run that
is killed loses what it was at and nothing else. A last line that was cut off is taken away.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from workbench.errors import WorkbenchError
from workbench.evaluation.arms import Arm
from workbench.evaluation.items import Item
from workbench.evaluation.metrics.case import Output
from workbench.files import encodable
from workbench.i18n import _
from workbench.tasks.keys import digest

FILE = "ledger.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """A piece of work that was done, or failed: then ``error`` says why and there is no output."""

    item: str
    arm: str
    output: Output | None
    error: str = ""


def key_of(item: Item, arm: Arm) -> str:
    """Return the key of a piece of work: of all that its output depends on."""
    return digest([item.fingerprint, arm.key])


class Ledger:
    """The ledger of one folder; used as a context where it is written, then held by one process.

    ``entries`` are by key, the latest of each; ``arms`` by theirs, in the order of first use.
    ``notices`` say what was wrong with the file.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.path = folder / FILE
        self.entries: dict[str, Entry] = {}
        self.arms: dict[str, Arm] = {}
        self.notices: list[str] = []
        self._lock = FileLock(folder / f".{FILE}.lock")
        self._stream: Any = None

    def load(self) -> Self:
        """Read what is there, without holding it."""
        broken = 0
        for line in self._lines():
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                broken += 1
        if broken:
            self.notices.append(
                _("{path}: {count} lines cannot be read; what they held is done again").format(
                    path=self.path, count=broken
                )
            )
        return self

    def __enter__(self) -> Self:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout:
            raise WorkbenchError(
                _("another evaluation is writing there"),
                path=self.folder,
                fix=_("Wait for it, or choose another folder with -o."),
            ) from None
        except OSError as error:
            raise self._unwritable(error) from None
        try:
            self._repair()
            self.load()
            self._stream = self.path.open("ab")
        except OSError as error:
            self._lock.release()
            raise self._unwritable(error) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()
        self._lock.release()

    def done(self, key: str) -> bool:
        """Say whether a piece of work is done; what failed is not."""
        entry = self.entries.get(key)
        return entry is not None and entry.output is not None

    def add(
        self,
        item: Item,
        arm: Arm,
        output: Output | None,
        *,
        result: Mapping[str, Any] | None = None,
        error: str = "",
    ) -> None:
        """Keep an output, or an error, on disk; WorkbenchError where the disk does not take it."""
        key, arm_key = key_of(item, arm), arm.key
        if arm_key not in self.arms:
            self._write({"type": "arm", "key": arm_key, "arm": arm.to_json()})
            self.arms[arm_key] = arm
        self._write(
            {
                "type": "output",
                "key": key,
                "arm": arm_key,
                "item": item.name,
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "error": error,
                "output": None if output is None else asdict(output),
                "result": None if result is None else dict(result),
            }
        )
        self.entries[key] = Entry(item.name, arm_key, output, error)

    def _write(self, record: Mapping[str, Any]) -> None:
        line = encodable(json.dumps(record, ensure_ascii=False)) + "\n"
        try:
            self._stream.write(line.encode())
            self._stream.flush()
            os.fsync(self._stream.fileno())
        except OSError as error:
            raise self._unwritable(error) from None

    def _take(self, record: Mapping[str, Any]) -> None:
        if record["type"] == "arm":
            self.arms[record["key"]] = Arm.from_json(record["arm"])
            return
        output = record["output"]
        if output is not None:
            output = Output(**{**output, "points": tuple(output["points"])})
        self.entries[record["key"]] = Entry(record["item"], record["arm"], output, record["error"])

    def _lines(self) -> Iterator[bytes]:
        with suppress(FileNotFoundError), self.path.open("rb") as stream:
            for line in stream:
                if line.endswith(b"\n"):  # else it is being written, or was cut off
                    yield line

    def _repair(self) -> None:
        """Take away a last line without an end, so that the next one begins a line of its own."""
        with suppress(FileNotFoundError), self.path.open("r+b") as stream:
            size = stream.seek(0, os.SEEK_END)
            end = size
            while end:
                start = max(0, end - 65_536)
                stream.seek(start)
                at = stream.read(end - start).rfind(b"\n")
                if at >= 0:
                    end = start + at + 1
                    break
                end = start
            if end < size:
                stream.truncate(end)

    def _unwritable(self, error: OSError) -> WorkbenchError:
        return WorkbenchError(
            _("cannot be written: {reason}").format(reason=error.strerror or error),
            path=self.path,
            fix=_("Free some space, or choose another folder with -o."),
        )
