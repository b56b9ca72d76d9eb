"""The web app's registration with Django."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class WebConfig(AppConfig):
    name = "tongzhou.web"
    label = "web"

    def ready(self) -> None:
        """The demonstration's own job exists only where the demonstration runs."""
        if settings.MODE == "demo":
            import_module("tongzhou.web.demo.signing")
