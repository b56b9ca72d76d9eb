"""The portal app's registration with Django."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "tongzhou.portal"
    label = "portal"
    default_auto_field = "django.db.models.BigAutoField"
