from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IncidentsConfig(AppConfig):
    name = "gridloop.capabilities.incidents"
    label = "incidents"
    verbose_name = _("应急调度")

    def ready(self) -> None:
        from gridloop.base.shell import menu
        from gridloop.capabilities.incidents.heads import heads
        from gridloop.capabilities.incidents.panels import STATEMENTS, panel
        from gridloop.core.audit.verify import register_heads
        from gridloop.core.cases import panels

        register_heads(heads)
        group = _("应急")
        menu.register(menu.MenuEntry(_("应急调度"), "incidents:home", "incident.command", "alarm", 45, group))
        menu.register(
            menu.MenuEntry(_("应急任务"), "incidents:calls", "case.sign_for", "phone-call", 46, group)
        )
        menu.register(
            menu.MenuEntry(_("应急资源"), "incidents:resource_list", "incident.manage", "truck", 47, group)
        )
        menu.register(menu.MenuEntry(_("预案"), "incidents:plans", "incident.manage", "checklist", 48, group))
        panels.register(
            panels.CasePanel(
                "incidents", "incidents/_panel.html", panel, 20, is_beside=True, statements=STATEMENTS
            )
        )
