"""The people app's registration with Django."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "tongzhou.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import jobs  # noqa: F401 - registers the handler of an invitation
