"""The kit app's registration with Django."""

from datetime import datetime

from django.apps import AppConfig
from django.conf import settings


class KitConfig(AppConfig):
    name = "tongzhou.kit"
    label = "kit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import clock, periodic  # noqa: F401 - registers a runner

        if settings.MODE == "demo" and settings.DEMO_NOW:
            clock.run_from(datetime.fromisoformat(settings.DEMO_NOW))
