"""The campaigns app's registration with Django."""

from importlib import import_module

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "tongzhou.campaigns"
    label = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the kinds of import and the desk's card register themselves."""
        import_module("tongzhou.campaigns.jobs")
        import_module("tongzhou.campaigns.queries.cards")
