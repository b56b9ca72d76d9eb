"""All addresses, by app."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
]
