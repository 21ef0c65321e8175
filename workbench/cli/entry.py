"""The ``workbench`` command: its groups, loaded when called, and what becomes of errors."""

import importlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from workbench import __version__
from workbench.cli.output import OutputClosed, complain
from workbench.errors import Cancelled, UsageError, WorkbenchError
from workbench.i18n import _
from workbench.offline import forbid_network

DONE, FAILED, WRONG_USE, STOPPED = 0, 1, 2, 130

# name: (module, what it does); the module is imported when the command is called.
_COMMANDS = {
    "read": ("workbench.cli.read", _("Show what is understood of files, without a model.")),
    "summarize": ("workbench.cli.summarize", _("Summarise articles, every point cited.")),
    "ask": ("workbench.cli.ask", _("Answer a question from articles, with the evidence.")),
    "compare": ("workbench.cli.compare", _("Show where articles agree and differ.")),
    "batch": ("workbench.cli.batch", _("Do all this to folders of articles, overnight.")),
    "serve": ("workbench.cli.serve", _("Open the app in a browser on this machine.")),
    "eval": ("workbench.cli.eval", _("Hold models and templates against a dataset.")),
    "library": ("workbench.cli.library", _("Keep articles and results, and find them again.")),
    "models": ("workbench.cli.models", _("List, get, verify, add and remove models.")),
    "prompts": ("workbench.cli.prompts", _("List, show, write and check templates.")),
    "cache": ("workbench.cli.cache", _("Show and clear what is kept of articles that were read.")),
    "bench": ("workbench.cli.bench", _("Measure a model on this machine, and use what is found.")),
    "bundle": ("workbench.cli.bundle", _("Carry all of this to a machine without a network.")),
    "doctor": ("workbench.cli.doctor", _("Report on this machine and what is installed.")),
}


class _LazyGroup(click.Group):
    """A group that imports a command only to run it or to show its help."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(_COMMANDS[name][0]).command
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, about) for name, (_module, about) in _COMMANDS.items()])

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        # click's own suggestion of a close name would import every command to find it.
        name = arguments[0] if arguments else ""
        if name and not name.startswith("-") and name not in _COMMANDS:
            context.fail(
                _("there is no command {name!r}; there are: {names}").format(
                    name=name, names=", ".join(_COMMANDS)
                )
            )
        return super().resolve_command(context, arguments)


@click.group(
    cls=_LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_(
        "Summarise Chinese articles with an open model on this machine, offline, every point"
        " traced to the text."
    ),
)
@click.version_option(__version__, "--version", message="workbench %(version)s")
@click.option("--debug", is_flag=True, help=_("Show the traceback of an error."))
@click.pass_context
def workbench(context: click.Context, debug: bool) -> int:
    """Begin every command: nothing may leave the machine. Without one, open the app."""
    if debug:
        os.environ["WORKBENCH_DEBUG"] = "1"
    forbid_network()
    if context.invoked_subcommand is None:
        from workbench.tui.opening import open_app

        return open_app()
    return DONE


def run(arguments: Sequence[str] | None) -> int:
    """Run one command line; return the exit status, errors told in one line each."""
    if sys.stderr is None:
        # Messages would be printed among the results.
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        complain(_("there is no standard output"), fix=_("Leave it open, or send it to a file."))
        return FAILED
    _write_any_character()
    try:
        status: Any = workbench.main(
            args=list(arguments) if arguments is not None else None,
            prog_name="workbench",
            standalone_mode=False,
        )
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return WRONG_USE
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        name = context.command_path if context is not None else "workbench"
        complain(error.format_message(), fix=_("See '{name} --help'.").format(name=name))
        return WRONG_USE if isinstance(error, click.UsageError) else FAILED
    except (KeyboardInterrupt, click.Abort, Cancelled):
        complain(_("stopped"))
        return STOPPED
    except WorkbenchError as error:
        return _failed(error, WRONG_USE if isinstance(error, UsageError) else FAILED)
    except OutputClosed:
        return 128 + getattr(signal, "SIGPIPE", signal.SIGTERM)
    except Exception as error:  # noqa: BLE001 - a traceback helps only who asked for it
        return _failed(error, FAILED)
    return status if isinstance(status, int) else DONE


def _failed(error: Exception, status: int) -> int:
    if os.environ.get("WORKBENCH_DEBUG"):
        import traceback

        traceback.print_exception(error)
    elif isinstance(error, WorkbenchError):
        complain(str(error))
    else:
        complain(
            _("unexpected error: {kind}: {error}").format(kind=type(error).__name__, error=error),
            fix=_("Run it again with 'workbench --debug …' and report what it shows."),
        )
    return status


def _write_any_character() -> None:
    """Keep a terminal that cannot show Chinese from turning a result into a traceback."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
