"""Addresses of the delivery app."""

from django.urls import path

from .views import receive

urlpatterns = [
    path("c/<slug:name>.js", receive.script, name="parcel-script"),
    path("c/<str:token>/", receive.receive, name="receive"),
    path("trace/parcels/<str:public_id>/claim/", receive.claim, name="claim"),
]
