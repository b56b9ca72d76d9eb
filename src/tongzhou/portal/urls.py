"""Addresses of the public pages."""

from django.urls import path

from .views import places, trace

urlpatterns = [
    path("", places.nation, name="home"),
    path("p/", places.find, name="find"),
    path("p/<str:code>/", places.channel, name="channel"),
    path("p/<str:code>/feed.json", places.feed, name="channel-feed"),
    path("trace/campaigns/<str:public_id>/", trace.campaign, name="trace-campaign"),
    path("trace/donations/<str:public_id>/", trace.donation, name="trace-donation"),
    path("trace/divisions/<str:code>/", trace.division, name="trace-division"),
    path("trace/places/<str:code>/", trace.place, name="trace-place"),
    path("trace/parcels/<str:public_id>/", trace.parcel, name="trace-parcel"),
]
