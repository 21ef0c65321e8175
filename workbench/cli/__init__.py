"""The command line: a face on the core that holds no logic of its own."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with 0 done, 1 some inputs failed, 2 wrong use, 130 stopped."""
    try:
        from workbench.cli.entry import run

        status = run(arguments)
    except KeyboardInterrupt:
        status = 130  # before or after the work proper: nothing is left to say
    sys.exit(status)
