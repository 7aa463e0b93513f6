from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FiguresConfig(AppConfig):
    name = "gridloop.capabilities.figures"
    label = "figures"
    verbose_name = _("统计")

    def ready(self) -> None:
        from gridloop.capabilities.figures.actions.tallying import count_stored
        from gridloop.core.cases.events import subscribe_stored

        subscribe_stored(count_stored)
