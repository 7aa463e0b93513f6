from django.urls import path

from gridloop.faces.exchange.rest.api import api

urlpatterns = [path("v1/", api.urls)]
