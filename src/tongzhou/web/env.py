"""Every setting that the environment may give, with its default and what it is for.

docs/operating.md has one row for each; a test compares the two.
"""

import os
from dataclasses import dataclass
from pathlib import Path
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
        Setting("TONGZHOU_EMAIL_URL", "", "smtp://user:password@host:port; empty prints to the log"),
        Setting("TONGZHOU_CHROMIUM", "", "browser for the tests"),
    )
}


class SettingError(Exception):
    """A setting is missing or unsafe; the text says which and what to do."""


def text(name: str) -> str:
    """The value of a declared setting, or its default; an undeclared name is a programming error."""
    return os.environ.get(name, SETTINGS[name].default)


def words(name: str) -> list[str]:
    return [word.strip() for word in text(name).split(",") if word.strip()]


def secret(mode: str) -> str:
    """The signing key from the environment or a file; only demo and test may do without."""
    if file := text("TONGZHOU_SECRET_KEY_FILE"):
        return Path(file).read_text().strip()
    if key := text("TONGZHOU_SECRET_KEY"):
        return key
    if mode == "production":
        raise SettingError(
            "TONGZHOU_SECRET_KEY is not set. Set it, or TONGZHOU_SECRET_KEY_FILE, to a random text of"
            " at least 50 characters that is not stored beside the database."
        )
    return f"only-for-{mode}-" + "k" * 50


def database(url: str) -> dict[str, object]:
    """Django's settings for one database address.

    SQLite runs in WAL with synchronous=FULL and IMMEDIATE transactions: with NORMAL a power cut loses
    acknowledged writes.
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
            "CONN_MAX_AGE": 60,
        }
    raise SettingError(
        f"DATABASE_URL starts with '{parts.scheme}:'. Use sqlite:///file or postgresql://host/name."
    )
