"""The four modes of the screen, in the order of their keys."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from gridloop.core.cases.labels import Label


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to look at the town; `key` is the number that leads there."""

    name: str
    label: Label
    icon: str
    key: int


MODES: dict[str, Mode] = {
    mode.name: mode
    for mode in (
        Mode("duty", _("值班"), "headset", 1),
        Mode("analysis", _("研判"), "chart-line", 2),
        Mode("incident", _("战时"), "alarm", 3),
        Mode("visit", _("参观"), "eye-off", 4),
    )
}
DUTY = "duty"


def mode_of(name: str) -> Mode:
    """Return the mode of this name; the duty screen where there is none."""
    return MODES.get(name, MODES[DUTY])
