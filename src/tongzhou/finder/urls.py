"""Addresses of the finder."""

from django.urls import path

from .views import calls, desk, public

urlpatterns = [
    path("p/<str:code>/clinics/", public.clinics, name="clinics"),
    path("facility/<str:code>/", public.facility, name="facility"),
    path("desk/finder/", desk.facilities, name="finder"),
    path("desk/finder/new/", desk.new, name="finder-new"),
    path("desk/finder/<str:code>/", desk.one, name="finder-one"),
    path("desk/finder/<str:code>/say/", desk.say, name="finder-say"),
    path("desk/finder/<str:code>/merge/", desk.merge, name="finder-merge"),
    path("desk/finder/<str:code>/days/", desk.add_exception, name="finder-days"),
    path(
        "desk/finder/<str:code>/days/<int:pk>/remove/",
        desk.remove_exception,
        name="finder-days-remove",
    ),
    path("desk/calls/", calls.queue, name="calls"),
    path("desk/calls/<int:pk>/", calls.call, name="call"),
    path("desk/calls/<int:pk>/back/", calls.give_back, name="call-back"),
    path("desk/calls/<int:pk>/review/", calls.review, name="call-review"),
]
