"""Addresses of long work."""

from django.urls import path

from . import views

urlpatterns = [
    path("desk/jobs/", views.jobs, name="jobs"),
    path("desk/jobs/<int:pk>/", views.job, name="job"),
    path("desk/jobs/<int:pk>.json", views.job_json, name="job-json"),
    path("desk/jobs/<int:pk>/cancel/", views.cancel, name="job-cancel"),
    path("desk/jobs/<int:pk>/retry/", views.retry, name="job-retry"),
    path("desk/jobs/messages/<int:pk>/retry/", views.retry_letter, name="message-retry"),
]
