"""The kit app's registration with Django."""

from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "tongzhou.kit"
    label = "kit"
    default_auto_field = "django.db.models.BigAutoField"
