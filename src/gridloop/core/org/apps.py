from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrgConfig(AppConfig):
    name = "gridloop.core.org"
    label = "org"
    verbose_name = _("组织与区划")

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from gridloop.base.shell import menu, posts
        from gridloop.core.org import sessions
        from gridloop.core.org.chooser import choices

        user_logged_in.connect(sessions.begin)
        posts.register(posts.PostChooser(choices, "org:choose_post"))
        menu.register(menu.MenuEntry(_("系统管理"), "admin:index", "org.manage", "settings", 900))
