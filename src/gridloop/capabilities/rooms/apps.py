from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoomsConfig(AppConfig):
    name = "gridloop.capabilities.rooms"
    label = "rooms"
    verbose_name = _("联合处置")

    def ready(self) -> None:
        from gridloop.base.shell.menu import MenuEntry, register
        from gridloop.capabilities.rooms.actions.following import note_lead, propose_meeting
        from gridloop.capabilities.rooms.present.panel import panel_of
        from gridloop.core.cases import panels
        from gridloop.core.cases.events import subscribe

        subscribe("send_back", propose_meeting)
        subscribe("adjudicate", note_lead)
        panels.register(
            panels.CasePanel("rooms", "rooms/_panel.html", panel_of, order=50, statements=PANEL_STATEMENTS)
        )
        register(MenuEntry(_("会商"), "rooms:meetings", "case.view", "users-group", 40))


PANEL_STATEMENTS = 5
