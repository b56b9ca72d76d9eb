"""Accounts, organisations, and the roles an account holds at a division."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth import get_backends
from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from tongzhou.places.models import Division, Place


class Organisation(models.Model):
    """A body that gives, makes, carries or answers: a donor, a producer, a carrier, an office."""

    personal_fields = ()

    class Kind(models.TextChoices):
        OFFICE = "office"
        DONOR = "donor"
        PRODUCER = "producer"
        CARRIER = "carrier"
        PARTNER = "partner"

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=160)
    name_en = models.CharField(max_length=160, blank=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    division = models.ForeignKey(Division, null=True, on_delete=models.PROTECT)
    dock = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")
    public = models.BooleanField(default=True)
    made_up = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class AccountManager(BaseUserManager["Account"]):
    """Creates accounts by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **values: object) -> "Account":
        account = self.model(email=self.normalize_email(email), **values)
        account.set_password(password)
        account.save()
        return account

    def create_superuser(self, email: str, password: str, **values: object) -> "Account":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **values)


class Account(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. What they may do comes from the roles they hold."""

    personal_fields = ("email", "name", "phone")

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    phone = models.CharField(max_length=30, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)
    # Raised to end every session of the account: a session is signed with this number.
    session_epoch = models.PositiveIntegerField(default=0)

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return f"account {self.pk}"

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Answered by the role backend alone. Django lets a superuser past before it asks; here a
        superuser without the second factor must stay outside too."""
        asked = (backend for backend in get_backends() if hasattr(backend, "has_perm"))
        return any(backend.has_perm(self, perm, obj) for backend in asked)

    def get_session_auth_hash(self) -> str:
        return self._signed_with(None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return (self._signed_with(key) for key in settings.SECRET_KEY_FALLBACKS)

    def _signed_with(self, key: str | bytes | None) -> str:
        """A session holds this value; it stops matching when the password or the epoch changes."""
        value = f"{self.password}:{self.session_epoch}"
        digest = salted_hmac("tongzhou.people.session", value, secret=key, algorithm="sha256")
        return digest.hexdigest()


class RoleGrant(models.Model):
    """A role held by an account at a division, from one moment to another."""

    personal_fields = ()

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=40)
    division = models.ForeignKey(Division, on_delete=models.PROTECT, related_name="grants")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT)
    granted_by = models.CharField(max_length=80)
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "role", "division"],
                condition=Q(ended_at__isnull=True),
                name="role_held_once",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("granted_at")),
                name="role_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} at {self.division_id}"


class Review(models.Model):
    """A clinician's signature under one text about health, as it was worded then.

    `sha256` is over the content that was read: when that changes, the signature stays as it is and
    covers the new text no more. `office` names where the signer worked, and is no person.
    """

    personal_fields = ()

    class Kind(models.TextChoices):
        RULE = "rule", _("Health rules")
        CATALOGUE = "catalogue", _("Medicine catalogue")
        GUIDE = "guide", _("Guides")

    kind = models.CharField(max_length=9, choices=Kind.choices)
    ref = models.CharField(max_length=80)
    version = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="reviews")
    office = models.CharField(max_length=160)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "ref", "version", "sha256", "account"], name="review_signed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref} version {self.version}"
