from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OversightConfig(AppConfig):
    name = "gridloop.capabilities.oversight"
    label = "oversight"
    verbose_name = _("监督")

    def ready(self) -> None:
        from gridloop.base.common import asks
        from gridloop.base.shell.menu import MenuEntry, register
        from gridloop.capabilities.oversight.actions import WATCHED_VERBS, note_problem, refuse_burden
        from gridloop.capabilities.oversight.panels import STATEMENTS, oversight_panel
        from gridloop.capabilities.oversight.rules import rules_asked
        from gridloop.core.cases import events, panels

        asks.guard(refuse_burden)
        asks.register(rules_asked)
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
        register(MenuEntry(_("监督台"), "oversight:watched", "oversight.view", "eye", 70, group))
        register(MenuEntry(_("督办单"), "oversight:slips", "case.view", "flag", 71, group))
        register(MenuEntry(_("延期挂起审批"), "oversight:times", "case.decide_time", "hourglass", 72, group))
        register(MenuEntry(_("抽查"), "oversight:samples", "case.view", "target", 73, group))
        register(MenuEntry(_("减负"), "oversight:burden", "oversight.view", "scale", 74, group))
        register(
            MenuEntry(
                _("监督规则"), "oversight:rules", "oversight.manage", "adjustments-horizontal", 75, group
            )
        )
