"""The learning app's registration with Django."""

from django.apps import AppConfig


class LearningConfig(AppConfig):
    name = "tongzhou.learning"
    label = "learning"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import queries  # noqa: F401 - tells the reviews which guides there are
