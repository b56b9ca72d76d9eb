"""Addresses of the public pages."""

from django.urls import path

from .views import channel, papers, places, setting, trace

urlpatterns = [
    path("", channel.nation, name="home"),
    path("p/", places.find, name="find"),
    path("p/<str:code>/", channel.channel, name="channel"),
    path("p/<str:code>/embed/", channel.embedded, name="channel-embedded"),
    path("p/<str:code>/poster.pdf", papers.poster, name="channel-poster"),
    path("p/<str:code>/card.png", papers.card, name="channel-card"),
    path("p/<str:code>/feed.json", channel.feed, name="channel-feed"),
    path("trace/campaigns/<str:public_id>/", trace.campaign, name="trace-campaign"),
    path("trace/donations/<str:public_id>/", trace.donation, name="trace-donation"),
    path("trace/divisions/<str:code>/", trace.division, name="trace-division"),
    path("trace/places/<str:code>/", trace.place, name="trace-place"),
    path("trace/parcels/<str:public_id>/", trace.parcel, name="trace-parcel"),
    path("desk/channel/<str:code>/", setting.setting, name="channel-setting"),
    path("desk/channel/<str:code>/<int:number>/", setting.version, name="channel-version"),
    path("desk/channel/<str:code>/<int:number>/back/", setting.back, name="channel-back"),
]
