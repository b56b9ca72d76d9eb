"""Addresses of the plans pages."""

from django.urls import path

from . import views

urlpatterns = [
    path("desk/campaigns/<str:campaign>/plans/", views.run_list, name="runs"),
    path("desk/campaigns/<str:campaign>/plans/new/", views.new_run, name="run-new"),
    path("desk/plans/<int:pk>/", views.run_page, name="run"),
    path("desk/plans/<int:pk>/divisions/<str:code>/", views.run_division, name="run-division"),
    path("desk/plans/<int:pk>/places/<str:code>/", views.run_place, name="run-place"),
    path("desk/plans/<int:pk>/compare/", views.compare, name="run-compare"),
    path("desk/plans/<int:pk>/approve/", views.approve, name="run-approve"),
    path("desk/plans/<int:pk>/publish/", views.publish, name="run-publish"),
    path("desk/plans/<int:pk>/counties/", views.run_counties, name="run-counties"),
    path("desk/plans/<int:pk>/resume/", views.resume, name="run-resume"),
    path("desk/plans/<int:pk>/take-back/", views.take_back, name="run-take-back"),
]
