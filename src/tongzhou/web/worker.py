"""The job worker as a process: `python -m tongzhou.web.worker`, as many of them as are wanted."""

import os
import signal
import sys
import threading
from types import FrameType

import django

POLL_SECONDS = 1.0


def main() -> None:
    """Work until a signal comes or the process that started this one is gone.

    Either way a job that is running is put back unharmed: the signal raises SystemExit in it.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongzhou.web.settings")
    django.setup()
    from tongzhou.kit.jobs import work_until

    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends this one
    threading.Thread(target=_watch_parent, args=(os.getppid(),), daemon=True).start()
    work_until(threading.Event())


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


def _watch_parent(parent: int) -> None:
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
