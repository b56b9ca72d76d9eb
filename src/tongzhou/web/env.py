"""Every setting that the environment may give, with its default and what it is for.

docs/operating.md has one row for each; a test compares the two.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    default: str
    purpose: str


SETTINGS = {
    s.name: s
    for s in (
        Setting("DATABASE_URL", "sqlite:///tongzhou.sqlite3", "SQLite file or PostgreSQL address"),
        Setting("TONGZHOU_MODE", "production", "production, demo or test"),
        Setting("TONGZHOU_SECRET_KEY", "", "signing key, at least 50 characters"),
        Setting("TONGZHOU_SECRET_KEY_FILE", "", "a file that holds the signing key"),
        Setting("TONGZHOU_HOSTS", "localhost,127.0.0.1", "host names served, comma separated"),
        Setting("TONGZHOU_BASE_URL", "", "public address used in QR codes, https://..."),
        Setting("TONGZHOU_DATA_DIR", "data", "folder for uploads and keys"),
        Setting("TONGZHOU_TIME_ZONE", "Asia/Shanghai", "time zone of pages and documents"),
        Setting("TONGZHOU_LANGUAGE", "zh-hans", "language where the browser names none"),
        Setting("TONGZHOU_EMERGENCY_NUMBER", "120", "the number on every resident's page"),
        Setting("TONGZHOU_HOTLINE", "", "the office's telephone on papers and pages"),
        Setting("TONGZHOU_DRUG_AUTHORITY", "", "whom to ask about a medicine, as one sentence"),
        Setting(
            "TONGZHOU_EMAIL_URL", "", "smtp://user:password@host:port; empty prints the letters"
        ),
        Setting("TONGZHOU_EMAIL_FROM", "tongzhou@localhost", "sender of the letters"),
        Setting("TONGZHOU_PROXIES", "127.0.0.1", "proxies whose word on address and https counts"),
        Setting("TONGZHOU_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR"),
        Setting("TONGZHOU_METRICS_TOKEN", "", "bearer token of /metrics; empty: this machine only"),
        Setting("TONGZHOU_ROUTE_WORKERS", "", "processes for routes; empty: every core, 0: none"),
        Setting("TONGZHOU_DASK_SCHEDULER", "", "tcp://host:8786 of a Dask cluster for routes"),
        Setting("TONGZHOU_MATRIX_URL", "", "OSRM or Valhalla matrix address for routes"),
        Setting("TONGZHOU_FINDER_FRESH_HOURS", "72", "hours a check counts; 24 in a peak"),
        Setting("TONGZHOU_FINDER_SPEED_KMH", "30", "speed on the way to a clinic"),
        Setting("TONGZHOU_FINDER_DETOUR_PERCENT", "140", "way by road for 100 of straight line"),
        Setting("TONGZHOU_ADMIN_EMAIL", "", "first administrator, for `init` without questions"),
        Setting("TONGZHOU_ADMIN_PASSWORD", "", "their password; unset it after `init`"),
        Setting("TONGZHOU_DEMO_NOW", "", "in demo mode, the moment at which the clock starts"),
        Setting("TONGZHOU_CHROMIUM", "", "browser for the tests"),
        Setting("TONGZHOU_TEST_DATABASE", "sqlite", "database of the tests: sqlite or postgres"),
    )
}


MODES = ("production", "demo", "test")
SHORTEST_KEY = 50
LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})


class SettingError(Exception):
    """A setting is missing or unsafe; the text says which and what to do."""


def mode() -> str:
    """production, demo or test. Raises SettingError for another word."""
    word = text("TONGZHOU_MODE")
    if word not in MODES:
        raise SettingError(f"TONGZHOU_MODE is '{word}'. Set it to {', '.join(MODES)}.")
    return word


def text(name: str) -> str:
    """The value of a declared setting, or its default. Raises KeyError for an undeclared name."""
    return os.environ.get(name, SETTINGS[name].default)


def words(name: str) -> list[str]:
    return [word.strip() for word in text(name).split(",") if word.strip()]


def count(name: str, most: int) -> int | None:
    """A whole number of 0 to `most`, None where it is empty. Raises SettingError for another."""
    word = text(name).strip()
    if not word:
        return None
    if not (word.isascii() and word.isdigit() and int(word) <= most):
        raise SettingError(f"{name} is '{word[:20]}'. Set it to 0 to {most}, or leave it empty.")
    return int(word)


def secret(mode: str) -> str:
    """The signing key from the environment or a file; only demo and test may do without.

    Raises SettingError where it is missing or shorter than 50 characters.
    """
    key = _secret_text()
    if mode == "production" and len(key) < SHORTEST_KEY:
        raise SettingError(
            f"The signing key has {len(key)} characters. Set TONGZHOU_SECRET_KEY, or the file named"
            f" by TONGZHOU_SECRET_KEY_FILE, to a random text of at least {SHORTEST_KEY} that is not"
            " stored beside the database."
        )
    return key or f"only-for-{mode}-" + "k" * SHORTEST_KEY


def _secret_text() -> str:
    file = text("TONGZHOU_SECRET_KEY_FILE")
    if not file:
        return text("TONGZHOU_SECRET_KEY")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingError(
            f"TONGZHOU_SECRET_KEY_FILE names {file}, which cannot be read ({error.strerror})."
            " Create it, or let this account read it."
        ) from error


def is_local(host: str) -> bool:
    return host in LOCAL


def faults() -> list[str]:
    """What is unsafe about the settings of production, in sentences that say what to do."""
    if mode() != "production":
        return []
    found = []
    hosts = words("TONGZHOU_HOSTS")
    base = text("TONGZHOU_BASE_URL")
    if "*" in hosts:
        found.append("TONGZHOU_HOSTS is '*'. Name the hosts that this installation serves.")
    if not base.startswith("https://") and not all(is_local(host) for host in hosts):
        found.append(
            "Pages are served to other machines without https. Give `serve` a certificate"
            " (--tls-cert, --tls-key) or put a proxy with one in front, and set TONGZHOU_BASE_URL"
            " to the https:// address."
        )
    return found


EMAIL_FORMS = "smtp://user:password@host:port, smtps://..., file:///folder or consolemail:"


def email(url: str) -> dict[str, Any]:
    """Django's settings for sending letters; without an address they go to standard output.

    smtp:// speaks STARTTLS, smtps:// TLS from the start; file:///folder keeps each letter as a
    file and consolemail: prints it. Raises SettingError, whose text never repeats the address: it
    holds a password, also where it is written wrongly.
    """
    scheme, _, rest = url.partition(":")
    if scheme in ("", "consolemail") and not rest:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if scheme == "file" and (folder := unquote(rest.removeprefix("//"))):
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": folder,
        }
    if scheme not in ("smtp", "smtps"):
        raise SettingError(f"TONGZHOU_EMAIL_URL must be {EMAIL_FORMS}.")
    return _mail_server(url)


def _mail_server(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    is_tls = parts.scheme == "smtps"
    try:
        port = parts.port or (465 if is_tls else 587)
    except ValueError:
        port = 0
    # What follows a bare / ? or # would be cut off, and the host be a piece of the password.
    if not (port and parts.hostname) or parts.path.strip("/") or parts.query or parts.fragment:
        raise SettingError(
            "TONGZHOU_EMAIL_URL cannot be read. Write / ? # @ : and % in the user name and the"
            f" password as %2F %3F %23 %40 %3A and %25: {EMAIL_FORMS}."
        ) from None
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": is_tls,
        "EMAIL_USE_TLS": not is_tls and not is_local(parts.hostname or ""),
        "EMAIL_TIMEOUT": 20,
    }


def database(url: str) -> dict[str, object]:
    """Django's settings for one database address.

    SQLite runs in WAL with synchronous=FULL and IMMEDIATE transactions: with NORMAL a power cut
    loses acknowledged writes. A connection lives for one request, as it has to where requests run
    in changing threads.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        name = unquote(parts.path.removeprefix("/")) or ":memory:"
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": name,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
                "PRAGMA foreign_keys=ON;PRAGMA cache_size=-65536;PRAGMA mmap_size=268435456;",
            },
        }
    if parts.scheme in ("postgres", "postgresql"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.removeprefix("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "OPTIONS": dict(parse_qsl(parts.query)),
        }
    raise SettingError(
        f"DATABASE_URL starts with '{parts.scheme}:'. Use sqlite:///file or postgresql://host/name."
    )
