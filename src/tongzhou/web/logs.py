"""Logs as JSON lines, without personal data: ids and names of addresses, never what was typed."""

import logging.config
import sys
from collections.abc import Mapping
from typing import Any

import structlog

# What every line gets, whether structlog or a library's logger wrote it.
SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
]


def configure(wanted: Mapping[str, Any]) -> None:
    """Set up logging as Django's LOGGING_CONFIG: `level`, and `as_json` or lines for a terminal."""
    renderer: structlog.typing.Processor = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    if wanted["as_json"]:
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(_handlers(str(wanted["level"]), renderer))


def _handlers(level: str, renderer: structlog.typing.Processor) -> dict[str, Any]:
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": SHARED,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # These write addresses with their tokens, and queries with their values.
            "uvicorn.access": {"level": "CRITICAL"},
            "django.request": {"level": "CRITICAL"},
            "django.server": {"level": "CRITICAL"},
            "django.security": {"level": "ERROR"},
            "django.db.backends": {"level": "WARNING"},
            "uvicorn.error": {"level": "WARNING"},
        },
    }
