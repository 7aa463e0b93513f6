from django.urls import path

from gridloop.faces.centre import views

app_name = "centre"
urlpatterns = [
    path("", views.home, name="home"),
    path("cases.geojson", views.cases, name="cases"),
    path("cells.geojson", views.cells, name="cells"),
    path("masked.geojson", views.masked_cells, name="masked"),
    path("played.bin", views.played, name="played"),
]
