"""The portal app's registration with Django."""

from importlib import import_module

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "tongzhou.portal"
    label = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the handlers and runners of jobs.py register themselves."""
        import_module("tongzhou.portal.jobs")
