from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoomsConfig(AppConfig):
    name = "gridloop.capabilities.rooms"
    label = "rooms"
    verbose_name = _("联合处置")
