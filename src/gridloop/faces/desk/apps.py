from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "gridloop.faces.desk"
    label = "desk"
    verbose_name = _("工作台")

    def ready(self) -> None:
        from gridloop.base.common import asks
        from gridloop.base.shell.menu import MenuEntry, register
        from gridloop.faces.desk.asks import forms_asked

        asks.register(forms_asked)
        register(MenuEntry(_("待办"), "desk:inbox", "case.view", "inbox", 10))
        register(MenuEntry(_("全部案件"), "desk:cases", "case.view", "list-details", 20))
        register(MenuEntry(_("登记上报"), "desk:report", "case.report", "edit", 30))
