from django.urls import path

from gridloop.core.org import views

app_name = "org"
urlpatterns = [
    path("posts/", views.choose_post, name="choose_post"),
    path("regions.geojson", views.regions, name="regions"),
    path("units.geojson", views.units, name="units"),
]
