"""The delivery app's registration with Django."""

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "tongzhou.delivery"
    label = "delivery"
    default_auto_field = "django.db.models.BigAutoField"
