"""The finder app's registration with Django."""

from django.apps import AppConfig


class FinderConfig(AppConfig):
    name = "tongzhou.finder"
    label = "finder"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import jobs  # noqa: F401 - registers the import kind and the release of calls
