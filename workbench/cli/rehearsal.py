"""``workbench doctor --offline``: everything done once, attempts to reach a network counted."""

from dataclasses import asdict
from pathlib import Path

from workbench.catalog.fit import default_model
from workbench.catalog.registry import resolve
from workbench.cli.output import complain, one_line, put, put_json, say
from workbench.engine.openai.address import names_server
from workbench.errors import UsageError
from workbench.i18n import _
from workbench.rehearsal import Outcome, can_be_alone, rehearse
from workbench.settings import settings_with


def run(model: str | None, *, as_json: bool) -> int:
    """Rehearse with the model named, else the one in use; the exit status is 1 for any attempt."""
    path = _path(model)
    alone = can_be_alone()
    if path is None:
        complain(
            _("there is no model, so only what needs none is done"),
            fix=_("Get one with 'workbench models pull'."),
        )
    say(
        _("each step runs where there is no network interface")
        if alone
        else _(
            "this system lets no step run without network interfaces: counted is only what Python"
            " code tries"
        )
    )
    found = rehearse(path, lambda outcome: say(_line(outcome)), alone=alone)
    attempts = sum(len(one.attempts) for one in found)
    unrouted = sum(one.unrouted or 0 for one in found)
    if as_json:
        put_json(
            {
                "alone": alone,
                "model": str(path) if path else None,
                "attempts": attempts,
                "unrouted": unrouted if alone else None,
                "steps": [asdict(one) for one in found],
            }
        )
    else:
        put(_("attempts to reach another machine: {count}").format(count=attempts))
        if alone:
            put(_("packets of any code that found no route: {count}").format(count=unrouted))
    return 0 if path is not None and all(one.good for one in found) else 1


def _path(model: str | None) -> Path | None:
    settings = settings_with(model=model)
    if names_server(settings.model):
        raise UsageError(
            _("a server is reached over a network, which is what is to be avoided here"),
            fix=_("Name a model file with -m."),
        )
    if settings.model:
        return Path(resolve(settings.model).path)
    choice = default_model(settings.context, kv_type=settings.kv_type)
    return Path(resolve(choice.name).path) if choice and choice.pulled else None


def _line(outcome: Outcome) -> str:
    told = outcome.problem or _("done")
    if outcome.attempts:
        told = _("tried to reach {machines}").format(machines=", ".join(outcome.attempts))
    elif outcome.unrouted:
        told = _("{count} packets found no route").format(count=outcome.unrouted)
    return one_line(f"{outcome.about}: {told} ({outcome.seconds:.1f} s)")
