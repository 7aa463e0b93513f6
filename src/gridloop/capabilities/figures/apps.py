from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FiguresConfig(AppConfig):
    name = "gridloop.capabilities.figures"
    label = "figures"
    verbose_name = _("统计")

    def ready(self) -> None:
        from gridloop.base.common import asks
        from gridloop.base.shell.menu import MenuEntry, register
        from gridloop.capabilities.figures.actions.registers import registers_asked
        from gridloop.capabilities.figures.actions.tallying import count_stored
        from gridloop.capabilities.figures.present import panel
        from gridloop.core.cases.events import subscribe_stored
        from gridloop.core.cases.panels import CasePanel
        from gridloop.core.cases.panels import register as register_panel

        subscribe_stored(count_stored)
        asks.register(registers_asked)
        register_panel(
            CasePanel("exclusion", "figures/panel.html", panel, order=90, is_beside=True, statements=1)
        )
        group = _("统计")
        register(MenuEntry(_("考核"), "figures:home", "figures.view", "chart-bar", 80, group))
        register(MenuEntry(_("台账"), "figures:registers", "figures.view", "table", 81, group))
        register(MenuEntry(_("简报"), "figures:briefs", "figures.view", "news", 82, group))
