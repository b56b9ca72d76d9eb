"""Addresses of the public pages."""

from django.urls import path

from .views import channel, codes, medicines, papers, places, scripts, setting, trace

urlpatterns = [
    path("", channel.nation, name="home"),
    path("p/", places.find, name="find"),
    path("p/<str:code>/", channel.channel, name="channel"),
    path("p/<str:code>/embed/", channel.embedded, name="channel-embedded"),
    path("p/<str:code>/poster.pdf", papers.poster, name="channel-poster"),
    path("p/<str:code>/card.png", papers.card, name="channel-card"),
    path("p/<str:code>/feed.json", channel.feed, name="channel-feed"),
    path("check/code/", codes.code_page, name="code-check"),
    path("check/medicine/", medicines.medicine_page, name="medicine-check"),
    path("check/medicine/data.json", medicines.data, name="medicine-data"),
    path("check/medicine/sw.js", scripts.worker, name="medicine-worker"),
    path("check/<str:name>.js", scripts.script, name="check-script"),
    path("trace/campaigns/<str:public_id>/", trace.campaign, name="trace-campaign"),
    path("trace/donations/<str:public_id>/", trace.donation, name="trace-donation"),
    path("trace/divisions/<str:code>/", trace.division, name="trace-division"),
    path("trace/places/<str:code>/", trace.place, name="trace-place"),
    path("trace/parcels/<str:public_id>/", trace.parcel, name="trace-parcel"),
    path("desk/channel/<str:code>/", setting.setting, name="channel-setting"),
    path("desk/channel/<str:code>/<int:number>/", setting.version, name="channel-version"),
    path("desk/channel/<str:code>/<int:number>/back/", setting.back, name="channel-back"),
]
