"""The places app's registration with Django."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "tongzhou.places"
    label = "places"
    default_auto_field = "django.db.models.BigAutoField"
