from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DispatchConfig(AppConfig):
    name = "gridloop.capabilities.dispatch"
    label = "dispatch"
    verbose_name = _("派遣")

    def ready(self) -> None:
        from gridloop.base.shell.menu import MenuEntry, register
        from gridloop.capabilities.dispatch.actions.learning import note_precedents
        from gridloop.capabilities.dispatch.panels import STATEMENTS, dispatch_panel
        from gridloop.core.cases import panels
        from gridloop.core.cases.events import subscribe_stored

        subscribe_stored(note_precedents)
        panels.register(
            panels.CasePanel(
                "dispatch",
                "dispatch/_panel.html",
                dispatch_panel,
                order=20,
                is_beside=True,
                statements=STATEMENTS,
            )
        )
        register(MenuEntry(_("一键派遣"), "dispatch:queue", "case.dispatch", "bolt", 15))
