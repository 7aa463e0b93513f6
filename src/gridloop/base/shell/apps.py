from django.apps import AppConfig


class ShellConfig(AppConfig):
    name = "gridloop.base.shell"
    label = "shell"
