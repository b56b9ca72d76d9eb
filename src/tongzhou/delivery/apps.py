"""The delivery app's registration with Django."""

from importlib import import_module

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "tongzhou.delivery"
    label = "delivery"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the handlers and runners of jobs.py the cards of the desk and the
        days of receipts register themselves."""
        import_module("tongzhou.delivery.jobs")
        import_module("tongzhou.delivery.queries.cards")
        import_module("tongzhou.delivery.queries.received")
