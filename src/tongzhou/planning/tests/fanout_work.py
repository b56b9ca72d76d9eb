"""Pieces of work for the tests of the fan-out; they are sent to other processes."""

import os
import signal
import time
from pathlib import Path
from typing import Any


def double(number: int) -> int:
    return 2 * number


def by_word(payload: Any) -> Any:
    """What the payload says: die, die once, sleep, raise, leave, give back what cannot be sent."""
    match payload:
        case "die":
            os._exit(3)
        case ["die once", mark]:
            if not Path(mark).exists():
                Path(mark).touch()
                os.kill(os.getpid(), signal.SIGKILL)
        case "sleep":
            time.sleep(60)
        case "raise":
            raise ValueError("No clinic of the county has a point.")
        case "key":
            raise KeyError("c1")
        case "leave":
            raise SystemExit(4)
        case "lambda":
            return lambda: None
    return f"did {payload}"


def pid(payload: Any) -> int:
    time.sleep(0.01)
    return os.getpid()


def refuse_to_start() -> None:
    raise RuntimeError("no kernel")
