"""Addresses of the plans pages."""

from django.urls import path

from . import views

urlpatterns = [
    path("desk/campaigns/<str:campaign>/plans/", views.run_list, name="runs"),
    path("desk/campaigns/<str:campaign>/plans/new/", views.new_run, name="run-new"),
    path("desk/campaigns/<str:campaign>/lanes/", views.lanes, name="lanes"),
    path("desk/campaigns/<str:campaign>/lanes/new/", views.new_lane, name="lane-new"),
    path("desk/campaigns/<str:campaign>/lanes/inbound/", views.inbound, name="inbound"),
    path("desk/campaigns/<str:campaign>/lanes/<int:pk>/", views.change_lane, name="lane-change"),
    path(
        "desk/campaigns/<str:campaign>/lanes/<int:pk>/remove/",
        views.remove_lane,
        name="lane-remove",
    ),
    path("desk/plans/<int:pk>/", views.run_page, name="run"),
    path("desk/plans/<int:pk>/lanes/", views.run_lanes, name="run-lanes"),
    path("desk/plans/<int:pk>/shipments.csv", views.shipments, name="run-shipments"),
    path("desk/plans/<int:pk>/places.<str:ending>", views.run_places, name="run-places"),
    path("desk/plans/<int:pk>/divisions.<str:ending>", views.run_sums, name="run-sums"),
    path("desk/plans/<int:pk>/divisions/<str:code>/", views.run_division, name="run-division"),
    path("desk/plans/<int:pk>/places/<str:code>/", views.run_place, name="run-place"),
    path("desk/plans/<int:pk>/compare/", views.compare, name="run-compare"),
    path("desk/plans/<int:pk>/compute/", views.compute_anew, name="run-compute"),
    path("desk/plans/<int:pk>/whatif/", views.whatif, name="run-whatif"),
    path("desk/plans/<int:pk>/whatif/<int:job>/", views.run_answer, name="run-answer"),
    path("desk/plans/<int:pk>/whatif/<int:job>/keep/", views.keep_answer, name="run-keep"),
    path("desk/plans/<int:pk>/approve/", views.approve, name="run-approve"),
    path("desk/plans/<int:pk>/publish/", views.publish, name="run-publish"),
    path("desk/plans/<int:pk>/counties/", views.run_counties, name="run-counties"),
    path("desk/plans/<int:pk>/resume/", views.resume, name="run-resume"),
    path("desk/plans/<int:pk>/take-back/", views.take_back, name="run-take-back"),
    path("desk/plans/<int:pk>/routes/", views.run_routes, name="run-routes"),
    path("desk/plans/<int:pk>/routes/new/", views.new_routes, name="routes-new"),
    path("desk/plans/<int:pk>/routes/<int:number>/", views.route_run, name="route-run"),
    path(
        "desk/plans/<int:pk>/routes/<int:number>/resume/",
        views.resume_routes,
        name="routes-resume",
    ),
    path(
        "desk/plans/<int:pk>/routes/<int:number>/<str:code>/",
        views.county_page,
        name="county-routes",
    ),
    path(
        "desk/plans/<int:pk>/routes/<int:number>/<str:code>/routes.csv",
        views.county_csv,
        name="county-routes-csv",
    ),
    path(
        "desk/plans/<int:pk>/routes/<int:number>/<str:code>/routes.geojson",
        views.county_geojson,
        name="county-routes-geojson",
    ),
    path(
        "desk/plans/<int:pk>/routes/<int:number>/<str:code>/sheets.pdf",
        views.county_sheets,
        name="county-routes-sheets",
    ),
    path("r/<slug:name>.js", views.round_script, name="round-script"),
    path("r/<str:token>/", views.round_page, name="round"),
    path(
        "desk/plans/<int:pk>/routes/<int:number>/<str:code>/again/",
        views.retry_county,
        name="routes-retry",
    ),
]
