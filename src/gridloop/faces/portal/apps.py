from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "gridloop.faces.portal"
    label = "portal"
    verbose_name = _("群众入口")
