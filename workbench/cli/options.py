"""Options that several commands share."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from workbench.i18n import _
from workbench.settings import KV_TYPES, LENGTHS, LOOKUP, SCRIPTS, Settings

if TYPE_CHECKING:
    from workbench.articles.document import ReadOptions

Command = TypeVar("Command", bound=Callable[..., Any])


def model_options(command: Command) -> Command:
    """Add the options that say which model runs, and how."""
    named = click.option(
        "-m", "--model", metavar="NAME|PATH|openai:URL", help=_("The model to use.")
    )
    return named(running_options(command))


def running_options(command: Command) -> Command:
    """Add the options that say how a model runs, whichever it is."""
    for option in reversed(
        (
            click.option("--context", type=int, metavar="TOKENS", help=_("Size of the context.")),
            click.option("--threads", type=int, metavar="N", help=_("Threads; 0: one a core.")),
            click.option(
                "--gpu-layers", type=int, metavar="N", help=_("Layers on GPUs; -1: all that fit.")
            ),
            click.option(
                "--main-gpu",
                type=int,
                metavar="N",
                help=_("The GPU that takes the model alone where it fits."),
            ),
            click.option("--tensor-split", metavar="A,B", help=_("Share of each GPU, as 3,1.")),
            click.option(
                "--kv-type",
                type=click.Choice(KV_TYPES),
                help=_("How the KV cache is kept; q8_0 and q4_0 take less memory."),
            ),
            click.option(
                "--lora",
                multiple=True,
                metavar="PATH[=SCALE]",
                callback=_lines,
                help=_("A LoRA adapter in GGUF; may be given again."),
            ),
            click.option(
                "--sequences",
                type=int,
                metavar="N",
                help=_("Requests written at once; 0: chosen for this machine."),
            ),
            click.option(
                "--lookup",
                type=click.Choice(LOOKUP),
                help=_("Guess what quotes the article; auto: where it was measured to pay."),
            ),
            click.option("--temperature", type=float, metavar="T", help=_("0 repeats exactly.")),
            click.option("--seed", type=int, metavar="N", help=_("Seed above temperature 0.")),
        )
    ):
        command = option(command)
    return command


def article_options(command: Command) -> Command:
    """Add the options that say how files are read."""
    for option in reversed(
        (
            click.option("--encoding", metavar="NAME", help=_("Encoding of the files.")),
            click.option("--raw", is_flag=True, help=_("Clean nothing out.")),
            click.option(
                "--column", metavar="NAME", help=_("Column or key of a dump that holds the text.")
            ),
            click.option(
                "--lines/--no-lines",
                default=None,
                help=_("Each line of a text file is an article; else told by its looks."),
            ),
            click.option(
                "--name",
                "names",
                multiple=True,
                metavar="NAME",
                callback=_lines,
                help=_("A name never converted to another script; may be given again."),
            ),
        )
    ):
        command = option(command)
    return command


def read_options(
    settings: Settings, *, encoding: str | None, raw: bool, column: str | None, lines: bool | None
) -> "ReadOptions":
    """Return how files are read, from settings and the options of ``article_options``."""
    from workbench.articles.document import ReadOptions

    names = tuple(name for line in settings.names.splitlines() if (name := line.strip()))
    return ReadOptions(encoding=encoding, raw=raw, column=column, lines=lines, names=names)


def result_options(command: Command) -> Command:
    """Add the options that say what a result is like."""
    for option in reversed(
        (
            click.option("-p", "--template", metavar="NAME|FILE", help=_("The template to use.")),
            click.option("--length", type=click.Choice(LENGTHS), help=_("How long the result is.")),
            click.option(
                "--script",
                type=click.Choice(SCRIPTS),
                help=_("Script of the result; keep: that of the article."),
            ),
            click.option(
                "--var",
                "variables",
                multiple=True,
                metavar="NAME=VALUE",
                help=_("A variable of the template."),
            ),
        )
    ):
        command = option(command)
    return command


def parse_variables(pairs: Sequence[str]) -> dict[str, str]:
    """Turn ``NAME=VALUE`` texts into a mapping."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise click.BadParameter(_("{pair!r} is not NAME=VALUE").format(pair=pair))
        found[name] = value
    return found


def _lines(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> str | None:
    return "\n".join(values) if values else None
