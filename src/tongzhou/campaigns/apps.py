"""The campaigns app's registration with Django."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "tongzhou.campaigns"
    label = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"
