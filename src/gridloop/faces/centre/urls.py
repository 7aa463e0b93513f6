from django.urls import path

from gridloop.faces.centre import live_views, views

app_name = "centre"
urlpatterns = [
    path("", views.home, name="home"),
    path("cases.geojson", views.cases, name="cases"),
    path("cells.geojson", views.cells, name="cells"),
    path("masked.geojson", views.masked_cells, name="masked"),
    path("played.bin", views.played, name="played"),
    path("live", live_views.live, name="live"),
    path("news", live_views.news, name="news"),
    path("recent", live_views.recent, name="recent"),
]
