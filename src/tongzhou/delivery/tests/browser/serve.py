"""A server process of its own, which a test may stop and start again on the same database.

python -m tongzhou.delivery.tests.browser.serve make FILE    parcels on the way, as JSON in FILE
python -m tongzhou.delivery.tests.browser.serve run PORT
"""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tongzhou.kit import clock

if TYPE_CHECKING:
    from tongzhou.places.models import Division

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
    world = make_world().on_the_way()
    parcels = [
        {
            "pk": parcel.pk,
            "public_id": parcel.public_id,
            "token": receive_token(settings.SECRET_KEY, parcel.public_id, 1),
        }
        for parcel in Parcel.objects.order_by("depot", "sequence")
    ]
    made = {"parcels": parcels, "session": session_of_officer(world.counties[0])}
    Path(file).write_text(json.dumps(made))


def session_of_officer(county: "Division") -> str:
    """A county officer who is signed in: the key of the session's cookie."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from tongzhou.people.models import Account, RoleGrant

    account = Account(email="officer@example.org", name="王小明")
    account.set_unusable_password()
    account.save()
    RoleGrant.objects.create(
        account=account,
        role="county_officer",
        division=county,
        granted_by="system:test",
        granted_at=clock.now(),
    )
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = "tongzhou.people.backends.RoleBackend"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def run(port: str) -> None:
    import uvicorn

    uvicorn.run(
        "tongzhou.web.asgi:application", host="127.0.0.1", port=int(port), log_level="warning"
    )


if __name__ == "__main__":
    {"make": make, "run": run}[sys.argv[1]](sys.argv[2])
