from django.urls import path
from django.views.i18n import set_language

from gridloop.base.shell import views

app_name = "shell"
urlpatterns = [
    path("language/", set_language, name="language"),
    path("theme/", views.choose_theme, name="theme"),
    path("me/", views.me, name="me"),
    path("styleguide/", views.styleguide, name="styleguide"),
]
