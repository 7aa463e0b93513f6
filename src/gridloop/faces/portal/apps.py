from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "gridloop.faces.portal"
    label = "portal"
    verbose_name = _("群众入口")

    def ready(self) -> None:
        from gridloop.base.shell.menu import MenuEntry, register

        group = _("群众入口")
        register(MenuEntry(_("我要上报"), "portal:report", "", "message-report", 800, group))
        register(MenuEntry(_("查进度"), "portal:track", "", "search", 810, group))
