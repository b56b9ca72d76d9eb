"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, object]:
    """The emergency number, the office's telephone and whether made-up data is being shown."""
    return {
        "emergency_number": settings.EMERGENCY_NUMBER,
        "hotline": settings.HOTLINE,
        "is_demo": settings.MODE == "demo",
    }
