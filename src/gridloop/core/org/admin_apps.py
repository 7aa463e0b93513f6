from django.contrib.admin.apps import AdminConfig


class TownAdminConfig(AdminConfig):
    """Django's admin with our site as the default one."""

    default_site = "gridloop.core.org.admin_site.TownAdminSite"
