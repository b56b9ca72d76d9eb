"""The plans app's registration with Django."""

from importlib import import_module

from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "tongzhou.plans"
    label = "plans"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the runners of jobs.py and the answers to campaigns register themselves."""
        import_module("tongzhou.plans.jobs")
        import_module("tongzhou.plans.queries.campaigns")
