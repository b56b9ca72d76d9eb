"""All addresses, by app."""

from django.urls import include, path

from . import health

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.prometheus, name="metrics"),
    path("", include("tongzhou.kit.urls")),
    path("", include("tongzhou.people.urls")),
    path("", include("tongzhou.supplies.urls")),
    path("", include("tongzhou.plans.urls")),
    path("", include("tongzhou.delivery.urls")),
    path("", include("tongzhou.portal.urls")),
]
