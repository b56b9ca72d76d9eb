"""What browsers get: https, cache headers, and the state of the health rules."""

from django.conf import settings
from django.test import Client

from tongzhou.people.models import Review
from tongzhou.people.queries import unsigned_texts
from tongzhou.web import env

from .findings import Finding, fault, good, run, warning

STATIC_FILE = "css/tongzhou.css"


def findings() -> list[Finding]:
    return [
        run("settings", safe_settings),
        run("https", https),
        run("letters", letters),
        run("cache headers", cache_headers),
        run("health rules", health_rules),
    ]


def safe_settings() -> Finding:
    found = [text for text in env.faults() if "https" not in text]
    if found:
        return fault("settings", "unsafe for production", " ".join(found))
    return good("settings", f"{settings.MODE} mode")


def https() -> Finding:
    """Service worker, camera and WebCrypto need it; so do passwords and receive tokens."""
    hosts = [host for host in settings.ALLOWED_HOSTS if not env.is_local(host)]
    base = settings.BASE_URL
    host = base.split("://", 1)[-1].split("/")[0].rsplit(":", 1)[0]
    if base.startswith("https://"):
        return good("https", base)
    if hosts or (base and not env.is_local(host)):
        seen = f"{base or ', '.join(hosts)} is served without a certificate"
        cure = "Give `serve` --tls-cert and --tls-key, or a proxy with a certificate in front, and"
        return fault("https", seen, f"{cure} set TONGZHOU_BASE_URL to the https:// address.")
    return good("https", "this machine only")


def letters() -> Finding:
    """Invitations and password resets reach nobody when they are only printed or kept."""
    backend = settings.EMAIL_BACKEND.rsplit(".", 2)[-2]
    seen = {"console": "printed to standard output", "filebased": "kept as files"}.get(backend)
    if seen and settings.PRODUCTION:
        cure = "Set TONGZHOU_EMAIL_URL to a mail server, smtp://user:password@host."
        return warning("letters", f"no mail server is set: {seen}", cure)
    if backend == "smtp":
        return good("letters", f"{settings.EMAIL_HOST}, port {settings.EMAIL_PORT}")
    return good("letters", seen or backend)


def cache_headers() -> Finding:
    """Files of the site may be kept by a browser for a while; pages of staff never are."""
    client = Client(HTTP_HOST=_own_host())
    kept = client.get(settings.STATIC_URL + STATIC_FILE, secure=True)
    if kept.status_code != 200 or "max-age" not in kept.headers.get("Cache-Control", ""):
        seen = f"{STATIC_FILE}: {kept.status_code} {kept.headers.get('Cache-Control', 'none')}"
        return fault(
            "cache headers", seen, "Install the package again: its static files are missing."
        )
    return good("cache headers", kept.headers["Cache-Control"])


def health_rules() -> Finding:
    """How many texts about health no clinician has signed as they read today."""
    counts = [(Review.Kind(kind).label, *both) for kind, both in unsigned_texts().items()]
    seen = "; ".join(f"{label}: {unsigned} of {total}" for label, unsigned, total in counts)
    if any(unsigned for _label, unsigned, _total in counts):
        cure = "Give a clinician that role; they read and sign at /desk/reviews/."
        return warning("health rules", f"not yet reviewed by a clinician: {seen}", cure)
    return good("health rules", "every text is signed")


def _own_host() -> str:
    return next((host for host in settings.ALLOWED_HOSTS if host != "*"), "localhost")
