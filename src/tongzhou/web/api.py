"""The open API: every app's router under one address, with its description.

Imported after Django is set up: django-ninja reads settings when it is imported.
"""

from importlib import import_module

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation

APPS = ("places", "finder", "supplies", "campaigns", "plans", "delivery", "portal")


class Api(NinjaAPI):
    """Each operation is named by its function, and by nothing that says how the house is built:
    programs generated from the description keep working when a module moves."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


api = Api(
    title="Tongzhou",
    version="1",
    description="Divisions, places, facilities, campaigns, donations, shipments and their trace.",
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api-1",
)


def _mount() -> None:
    """Add the router of every app that has one."""
    for app in APPS:
        try:
            module = import_module(f"tongzhou.{app}.api")
        except ModuleNotFoundError as error:
            if error.name != f"tongzhou.{app}.api":
                raise
            continue
        api.add_router("", module.router)


def _problem(status: int, title: str, detail: object = None) -> HttpResponse:
    """An RFC 9457 problem document."""
    body = {"type": "about:blank", "title": title, "status": status}
    if detail is not None:
        body["detail"] = detail
    return JsonResponse(body, status=status, content_type="application/problem+json")


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return _problem(error.status_code, str(error))


@api.exception_handler(ValidationError)
def not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    places = [
        {"where": ".".join(str(part) for part in fault["loc"]), "what": fault["msg"]}
        for fault in error.errors
    ]
    return _problem(422, "The request does not fit its description.", places)


_mount()
