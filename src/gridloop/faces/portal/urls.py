from django.urls import path

from gridloop.faces.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("report/", views.report, name="report"),
    path("report/hints/", views.suggest, name="suggest"),
    path("report/photos/<str:token>/", views.kept, name="kept"),
    path("track/", views.track, name="track"),
    path("t/<str:code>/", views.case, name="case"),
    path("t/<str:code>/thanks/", views.thanks, name="thanks"),
    path("t/<str:code>/files/<uuid:attachment_id>/", views.file, name="file"),
    path("t/<str:code>/<slug:verb>/", views.act, name="act"),
]
