"""``workbench cache``: what was read of articles and is kept on disk."""

import click

from workbench.cli.output import complain, put, put_json
from workbench.engine.states import StateStore
from workbench.i18n import _
from workbench.paths import states_folder
from workbench.settings import stored_settings
from workbench.sizes import gigabytes


@click.group("cache", help=_("Show and clear what is kept of articles that were read."))
def command() -> None:
    """Group the cache commands."""


@command.command("show", help=_("Show how much is kept, and where."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def show(as_json: bool) -> None:
    """Print files, bytes, cap and folder."""
    capacity = stored_settings().cache_bytes
    files, size = StateStore(states_folder(), capacity).measure()
    if as_json:
        put_json(
            {"folder": str(states_folder()), "files": files, "bytes": size, "capacity": capacity}
        )
        return
    put(f"{_('KV states')}: {kept(files, size, capacity)}")
    put(f"{_('folder')}: {states_folder()}")


@command.command("clear", help=_("Delete all that is kept."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def clear(as_json: bool) -> int:
    """Delete every state; the exit status is 1 where some cannot be."""
    store = StateStore(states_folder(), 0)
    files, size = store.clear()
    left, _bytes = store.measure()
    if as_json:
        put_json({"folder": str(states_folder()), "files": files, "bytes": size, "left": left})
    else:
        put(_("{files} deleted, {size}").format(files=files, size=gigabytes(size)))
    if left:
        complain(
            _("{folder}: {left} could not be deleted").format(folder=states_folder(), left=left),
            fix=_("Delete the folder yourself."),
        )
    return 1 if left else 0


def kept(files: int, size: int, capacity: int) -> str:
    """Say how many states there are, how large, and how large they may grow, in bytes."""
    if not capacity:
        return _("{files}, {size}; none is added (cache_gb = 0)").format(
            files=files, size=gigabytes(size)
        )
    return _("{files}, {size} of at most {capacity}").format(
        files=files, size=gigabytes(size), capacity=gigabytes(capacity)
    )
