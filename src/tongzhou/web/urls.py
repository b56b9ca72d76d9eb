"""All addresses, by app."""

from django.conf import settings
from django.urls import include, path

from . import health
from .api import api

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.prometheus, name="metrics"),
    # First, since most that is asked for is a page of the public.
    path("", include("tongzhou.portal.urls")),
    path("", include("tongzhou.kit.urls")),
    path("", include("tongzhou.people.urls")),
    path("", include("tongzhou.places.urls")),
    path("", include("tongzhou.learning.urls")),
    path("", include("tongzhou.finder.urls")),
    path("", include("tongzhou.supplies.urls")),
    path("", include("tongzhou.plans.urls")),
    path("", include("tongzhou.delivery.urls")),
    path("", include("tongzhou.campaigns.urls")),
    path("api/v1/", api.urls),
]

if settings.MODE == "demo":
    from .demo import views as demo

    urlpatterns.append(path("demo/", demo.page, name="demo"))
