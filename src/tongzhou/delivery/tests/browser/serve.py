"""A server process of its own, which a test may stop and start again on the same database.

python -m tongzhou.delivery.tests.browser.serve make FILE    parcels on the way, as JSON in FILE
python -m tongzhou.delivery.tests.browser.serve run PORT
"""

import json
import os
import sys
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "tongzhou.delivery.tests.browser.settings"


def make(file: str) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from tongzhou.delivery.models import Parcel
    from tongzhou.delivery.rules import receive_token
    from tongzhou.delivery.tests.world import make_world

    call_command("migrate", verbosity=0)
    make_world().on_the_way()
    rows = [
        {
            "pk": parcel.pk,
            "public_id": parcel.public_id,
            "token": receive_token(settings.SECRET_KEY, parcel.public_id, 1),
        }
        for parcel in Parcel.objects.order_by("depot", "sequence")
    ]
    Path(file).write_text(json.dumps(rows))


def run(port: str) -> None:
    import uvicorn

    uvicorn.run(
        "tongzhou.web.asgi:application", host="127.0.0.1", port=int(port), log_level="warning"
    )


if __name__ == "__main__":
    {"make": make, "run": run}[sys.argv[1]](sys.argv[2])
