from django.urls import path

from gridloop.capabilities.notify import views

app_name = "notify"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("read/", views.read, name="read"),
    path("<uuid:notice_id>/", views.open_notice, name="open"),
    path("channels/", views.channels, name="channels"),
    path("channels/<int:channel_id>/<str:act>/", views.channel, name="channel"),
]
