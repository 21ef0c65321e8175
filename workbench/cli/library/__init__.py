"""``workbench library``: articles kept, found again, tagged, collected, backed up."""

import click

from workbench.cli.library import adding, collecting, finding, keeping, marking
from workbench.i18n import _


class _InOrder(click.Group):
    """A group that lists its commands in the order they were added, not by the alphabet."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)


@click.group("library", cls=_InOrder, help=_("Keep articles and results, and find them again."))
def command() -> None:
    """Group the library commands."""


for _one in (
    adding.command,
    finding.list_command,
    finding.search_command,
    finding.show_command,
    finding.results_command,
    finding.duplicates_command,
    marking.tag_command,
    marking.tags_command,
    marking.rate_command,
    marking.remove_command,
    collecting.command,
    keeping.check_command,
    keeping.backup_command,
    keeping.restore_command,
):
    command.add_command(_one)
