"""The supplies app's registration with Django."""

from django.apps import AppConfig


class SuppliesConfig(AppConfig):
    name = "tongzhou.supplies"
    label = "supplies"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the desk's card."""
        from .queries import cards  # noqa: F401
