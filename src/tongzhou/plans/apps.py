"""The plans app's registration with Django."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "tongzhou.plans"
    label = "plans"
    default_auto_field = "django.db.models.BigAutoField"
