"""Addresses of the tree, its places and of imports."""

from django.urls import path

from .views import browsing, changing, importing

urlpatterns = [
    path("desk/places/", browsing.places, name="places"),
    path("desk/places/<str:code>/", browsing.place, name="place"),
    path("desk/places/<str:code>/new/", changing.add, name="place-new"),
    path("desk/places/<str:code>/close/", changing.close, name="place-close"),
    path("desk/places/<str:code>/merge/", changing.merge, name="place-merge"),
    path("desk/places/<str:code>/move/", changing.move, name="place-move"),
    *importing.addresses(),
]
