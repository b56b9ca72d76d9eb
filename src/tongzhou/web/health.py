"""What an operator's machines ask: is it alive, can it serve, how is it doing."""

import hmac

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_GET

from tongzhou.kit import access

from . import metrics

LOOPBACK = ("127.0.0.1", "::1")


@require_GET
@access.public
def alive(request: HttpRequest) -> HttpResponseBase:
    """The process answers. It asks nobody else, so that a slow database restarts nothing."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_GET
@access.public
def ready(request: HttpRequest) -> HttpResponseBase:
    """It can serve: the database answers and has the tables of this version."""
    checks = {"database": _database_answers(), "migrations": False}
    if checks["database"]:
        checks["migrations"] = not unapplied()
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)


@require_GET
@access.by_token
def prometheus(request: HttpRequest) -> HttpResponseBase:
    """Metrics, for this machine, or for whoever has TONGZHOU_METRICS_TOKEN."""
    if not _may_measure(request):
        return HttpResponse("Send the token of TONGZHOU_METRICS_TOKEN.\n", status=403)
    return HttpResponse(metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")


def unapplied() -> list[str]:
    """Migrations of this version that the database has not had."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _may_measure(request: HttpRequest) -> bool:
    wanted = settings.METRICS_TOKEN
    if not wanted:
        return request.META.get("REMOTE_ADDR") in LOOPBACK
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(given.encode(), wanted.encode())
