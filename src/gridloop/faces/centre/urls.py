from django.urls import path

from gridloop.faces.centre import views

app_name = "centre"
urlpatterns = [
    path("", views.home, name="home"),
    path("cases.geojson", views.cases, name="cases"),
]
