from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OversightConfig(AppConfig):
    name = "gridloop.capabilities.oversight"
    label = "oversight"
    verbose_name = _("监督")

    def ready(self) -> None:
        from gridloop.base.shell.menu import MenuEntry, register
        from gridloop.capabilities.oversight.actions import WATCHED_VERBS, note_problem
        from gridloop.capabilities.oversight.panels import STATEMENTS, oversight_panel
        from gridloop.core.cases import events, panels

        for verb in WATCHED_VERBS:
            events.subscribe(verb, note_problem)
        panels.register(
            panels.CasePanel(
                "oversight",
                "oversight/_panel.html",
                oversight_panel,
                order=50,
                is_beside=True,
                statements=STATEMENTS,
            )
        )
        group = _("监督")
        register(MenuEntry(_("监督台"), "oversight:watched", "oversight.view", "eye", 60, group))
        register(MenuEntry(_("督办单"), "oversight:slips", "case.view", "flag", 61, group))
