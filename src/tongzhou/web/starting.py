"""The first minutes of an installation: tables, built-in data, the first administrator."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.validators import validate_email

from tongzhou.kit.rules import SYSTEM
from tongzhou.learning.actions import load_builtin_guides
from tongzhou.people import actions as people
from tongzhou.people.models import Account
from tongzhou.places import actions as places
from tongzhou.places.models import Division

from . import env

setting = env.text


def migrate() -> None:
    """Bring the tables to this version."""
    call_command("migrate", interactive=False, verbosity=0)


def load_divisions() -> int:
    """Load the shipped tree where there is none yet; returns how many divisions came."""
    return 0 if Division.objects.exists() else places.load_divisions()


def load_guides() -> int:
    """Load the guides of the release that are not here yet; returns how many versions came."""
    return load_builtin_guides(by=SYSTEM)


def has_administrator() -> bool:
    return Account.objects.filter(is_superuser=True, is_active=True).exists()


def create_administrator(email: str, name: str, password: str) -> str:
    """Create the first administrator; returns what is wrong with the input, "" when nothing is."""
    try:
        validate_email(email)
        validate_password(password)
    except ValidationError as error:
        return " ".join(error.messages)
    people.create_account(email=email, name=name, password=password, is_superuser=True, by=SYSTEM)
    return ""
