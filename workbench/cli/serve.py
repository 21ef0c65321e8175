"""``workbench serve``: the app in a browser on this machine."""

import click

from workbench.cli.output import put, say
from workbench.i18n import _
from workbench.offline import is_this_machine

_OTHERS = "--allow-other-machines"


@click.command("serve", help=_("Open the app in a browser on this machine."))
@click.option("--port", type=click.IntRange(0, 65535), default=0, help=_("0: any free one."))
@click.option("--host", default="127.0.0.1", metavar="ADDRESS", help=_("Where to listen."))
@click.option(_OTHERS, "others", is_flag=True, help=_("Listen where other machines can reach it."))
def command(port: int, host: str, others: bool) -> int:
    """Serve until Ctrl-C; the address with its token goes to standard output."""
    if not is_this_machine(host) and not others:
        raise click.UsageError(
            _(
                "{host} can be reached from other machines, unencrypted; if that is meant, add"
                " {option}"
            ).format(host=host, option=_OTHERS)
        )
    from workbench.tui.web.server import listen, serve

    with listen("127.0.0.1" if host == "localhost" else host, port) as listening:
        say(_("open this address in a browser; Ctrl-C ends it"))
        serve(listening, host, put)
    return 0
