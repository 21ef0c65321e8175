"""What passes through the app to whichever screen is shown."""

from dataclasses import dataclass

from textual.message import Message

from workbench.desk.events import DeskEvent


@dataclass
class DeskMessage(Message, bubble=False):
    """The desk tells how its work goes; posted to the screen that is shown."""

    event: DeskEvent


@dataclass
class LibraryChanged(Message, bubble=False):
    """Articles came or went: what lists them looks again."""
