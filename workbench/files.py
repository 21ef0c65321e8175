"""Files a user could lose are written atomically: whole, or not at all."""

import os
import tempfile
from pathlib import Path


def encodable(text: str) -> str:
    """Return a text that UTF-8 can write: file names that are not UTF-8 hold lone surrogates.

    They are PEP 383's stand-ins for single bytes, shown as question marks.
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def write_atomically(path: Path, data: str | bytes) -> None:
    """Write ``data`` (text as UTF-8) to ``path``, replacing it in one step.

    Raises OSError; the old file then stands as it was.
    """
    payload = data.encode("utf-8") if isinstance(data, str) else data
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:60]}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(payload)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(_mode_for(path))
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _mode_for(path: Path) -> int:
    """Keep the mode of a file that is replaced; a new one gets what the umask leaves."""
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask
