from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# Nothing that a screen shows changes by these; that somebody looked at a reporter is nobody's news.
UNTOLD = frozenset({"reveal_reporter", "annotate", "attach", "link", "unlink"})


class CentreConfig(AppConfig):
    name = "gridloop.faces.centre"
    label = "centre"
    verbose_name = _("指挥大屏")

    def ready(self) -> None:
        from gridloop.base.shell.menu import MenuEntry, register
        from gridloop.core.cases.events import subscribe
        from gridloop.core.cases.workflow import TRANSITIONS
        from gridloop.faces.centre.actions import tell

        register(MenuEntry(_("指挥大屏"), "centre:home", "centre.view", "device-tv", 40))
        for verb in TRANSITIONS.keys() - UNTOLD:
            subscribe(verb, tell)
