"""A configuration that is evaluated: a model, a template and how they are used."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from workbench.i18n import _
from workbench.tasks.keys import PIPELINE, digest
from workbench.tasks.result import ModelIdentity, TemplateIdentity


@dataclass(frozen=True)
class Arm:
    """One configuration; ``kind`` is that of the items it does.

    ``settings`` hold what else an output depends on: length, script, sampling, context.
    """

    kind: str
    model: ModelIdentity
    template: TemplateIdentity
    settings: Mapping[str, Any] = field(default_factory=dict)
    pipeline: str = PIPELINE

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        found = asdict(self)
        found["settings"] = dict(self.settings)
        found["model"]["adapters"] = list(self.model.adapters)
        return found

    @property
    def key(self) -> str:
        """Return its SHA-256: equal for what makes equal outputs."""
        return digest(self.to_json())

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Arm":
        """Return the arm that ``to_json`` wrote; TypeError or KeyError where it did not."""
        model = dict(value["model"])
        model["adapters"] = tuple(model["adapters"])
        return cls(
            value["kind"],
            ModelIdentity(**model),
            TemplateIdentity(**value["template"]),
            dict(value["settings"]),
            value["pipeline"],
        )


def labels(arms: Sequence[Arm]) -> dict[str, str]:
    """Name each arm by model and template, and by whatever else tells two of one name apart."""
    found = {}
    for arm in arms:
        alike = [other for other in arms if _name(other) == _name(arm)]
        found[arm.key] = _name(arm) + "".join(f" {what}" for what in _own(arm, alike))
    return found


def _name(arm: Arm) -> str:
    return f"{arm.model.name} / {arm.template.name}"


def _own(arm: Arm, alike: Sequence[Arm]) -> list[str]:
    everything = [_told(other) for other in alike]
    return [
        text for name, text in _told(arm).items() if len({one.get(name) for one in everything}) > 1
    ]


def _told(arm: Arm) -> dict[str, str]:
    return {
        "kind": arm.kind,
        "pipeline": arm.pipeline,
        "model": (arm.model.sha256 or "")[:8],
        "adapters": _("adapters: {names}").format(
            names=", ".join(one[:8] + one[64:] for one in arm.model.adapters) or "-"
        ),
        "template": arm.template.sha256[:8],
        **{name: f"{name}={value}" for name, value in arm.template.variables.items()},
        **{name: f"{name}={value}" for name, value in arm.settings.items() if name != "sampling"},
        **{f"sampling {k}": f"{k}={v}" for k, v in arm.settings.get("sampling", {}).items()},
    }
