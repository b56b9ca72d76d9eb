"""Addresses of a server that has what the receive page needs, and nothing else."""

from django.urls import include, path
from ninja import NinjaAPI

from tongzhou.delivery.api import router

api = NinjaAPI(urls_namespace="delivery-tests")
api.add_router("", router)

urlpatterns = [
    path("api/v1/", api.urls),
    path("", include("tongzhou.kit.urls")),
    path("", include("tongzhou.people.urls")),
    path("", include("tongzhou.delivery.urls")),
]
