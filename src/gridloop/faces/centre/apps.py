from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CentreConfig(AppConfig):
    name = "gridloop.faces.centre"
    label = "centre"
    verbose_name = _("指挥大屏")

    def ready(self) -> None:
        from gridloop.base.shell.menu import MenuEntry, register

        register(MenuEntry(_("指挥大屏"), "centre:home", "centre.view", "device-tv", 40))
