"""A conversation in a file, so that a later command understands what a question leans on."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.files import write_atomically
from workbench.i18n import _
from workbench.paths import data_folder
from workbench.tasks.ask.answer import Turn

_VERSION = 1
_MOST_TURNS = 50


@dataclass(frozen=True, slots=True)
class Transcript:
    """The turns of a conversation, the oldest first, and the inputs it is about."""

    inputs: tuple[str, ...] = ()
    turns: tuple[Turn, ...] = ()

    def with_turn(self, turn: Turn, inputs: tuple[str, ...]) -> "Transcript":
        """Return the transcript with one more turn; the oldest of very many go."""
        return Transcript(inputs, (*self.turns, turn)[-_MOST_TURNS:])


def last_file() -> Path:
    """Return the file of the conversation that was held last."""
    return data_folder() / "conversation.json"


def load(path: Path) -> Transcript:
    """Read a conversation, an empty one where there is no file; WorkbenchError where it is none."""
    try:
        found = json.loads(path.read_bytes().decode("utf-8-sig", "surrogatepass"))
        if found["schema_version"] != _VERSION:
            raise ValueError
        turns = tuple(Turn(_text(one["question"]), _text(one["answer"])) for one in found["turns"])
        return Transcript(tuple(_text(one) for one in found["inputs"]), turns)
    except FileNotFoundError:
        return Transcript()
    except OSError as error:
        raise WorkbenchError(
            _("cannot be read: {reason}").format(reason=error.strerror or error),
            path=path,
            fix=_("Name another file with --conversation."),
        ) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise WorkbenchError(
            _("is no conversation of this program"),
            path=path,
            fix=_("Name another file with --conversation; a new one is made."),
        ) from None


def save(path: Path, transcript: Transcript) -> None:
    """Write a conversation in one step; WorkbenchError where it cannot be."""
    found = {"schema_version": _VERSION, **asdict(transcript)}
    text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    try:
        write_atomically(path, text.encode("utf-8", "surrogatepass"))
    except OSError as error:
        raise WorkbenchError(
            _("cannot be written: {reason}").format(reason=error.strerror or error),
            path=path,
            fix=_("Name another file with --conversation."),
        ) from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
