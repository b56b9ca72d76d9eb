"""Addresses of the guides."""

from django.urls import path

from .views import desk, public

urlpatterns = [
    path("guides/", public.guides, name="guides"),
    path("guides/sw.js", public.worker, name="guides-worker"),
    path("guides/<slug:slug>/", public.guide, name="guide"),
    path("desk/guides/", desk.guides, name="guides-desk"),
    path("desk/guides/new/", desk.new, name="guide-new"),
    path("desk/guides/<slug:slug>/", desk.one, name="guide-desk"),
    path("desk/guides/<slug:slug>/<int:number>/", desk.version, name="guide-version"),
    path("desk/guides/<slug:slug>/<int:number>/publish/", desk.publish, name="guide-publish"),
    path("desk/guides/<slug:slug>/<int:number>/withdraw/", desk.withdraw, name="guide-withdraw"),
]
