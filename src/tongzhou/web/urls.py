"""All addresses, by app."""

from django.urls import include, path

urlpatterns = [
    path("", include("tongzhou.people.urls")),
]
