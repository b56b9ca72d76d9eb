"""The places app's registration with Django."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "tongzhou.places"
    label = "places"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import jobs  # noqa: F401 - registers the import jobs and kinds
