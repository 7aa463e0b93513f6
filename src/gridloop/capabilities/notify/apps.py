from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotifyConfig(AppConfig):
    name = "gridloop.capabilities.notify"
    label = "notify"
    verbose_name = _("消息通知")

    def ready(self) -> None:
        from gridloop.base.shell import bell
        from gridloop.capabilities.notify.inbox import unread_in

        bell.register(bell.Bell(unread_in, "notify:inbox"))
