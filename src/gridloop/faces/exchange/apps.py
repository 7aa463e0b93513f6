from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    name = "gridloop.faces.exchange"
    label = "exchange"
    verbose_name = _("开放接口")
