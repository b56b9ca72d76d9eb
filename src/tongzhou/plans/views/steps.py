"""What to do when a number looks wrong: steps with links that this reader may really use."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from tongzhou.campaigns.models import Campaign
from tongzhou.people.models import Account, RoleGrant
from tongzhou.people.queries import owner_for
from tongzhou.places.models import Place
from tongzhou.plans.models import Run

APPROVERS = ("reviewer", "coordinator", "administrator")


@dataclass(frozen=True, slots=True)
class Step:
    """What to do, and where; without an address it is somebody else's to do."""

    text: str
    url: str = ""
    link: str = ""


def steps_for(request: HttpRequest, run: Run, place: Place) -> list[Step]:
    """First the figures, then what is there, then the line itself, then whom to ask."""
    asked = owner_for(place.division, "coordinator")
    return [
        _figures(request, place, asked),
        _count(request, run, place, asked),
        _line(request, run, owner_for(run.campaign.division, "coordinator")),
        *_whom(None if asked == request.user else asked),
    ]


def _name(account: Account | None) -> str:
    return account.name if account else _("the coordinator")


def _figures(request: HttpRequest, place: Place, asked: Account | None) -> Step:
    if request.user.has_perm("places.import", place.division):
        return Step(
            _("A figure of the register is wrong or missing: correct it by a table of places."),
            reverse("import-places"),
            _("Correct the figures"),
        )
    text = _("A figure of the register is wrong or missing: tell %(name)s, who can correct it.")
    if request.user.has_perm("places.view", place.division):
        return Step(
            text % {"name": _name(asked)},
            reverse("place", args=[place.code]),
            _("See the register"),
        )
    return Step(text % {"name": _name(asked)})


def _count(request: HttpRequest, run: Run, place: Place, asked: Account | None) -> Step:
    campaign = run.campaign
    if campaign.state != Campaign.State.OPEN:
        return Step(_("The campaign is closed: it takes no counts and no requests any more."))
    if request.user.has_perm("needs.import", place.division):
        return Step(
            _(
                "More or less is there than the plan says: send a count for code %(code)s. It"
                " counts once another office has verified it."
            )
            % {"code": place.code},
            reverse("need-new", args=[campaign.public_id]),
            _("Send a count"),
        )
    text = _("More or less is there than the plan says: ask %(name)s to send a count.")
    return Step(text % {"name": _name(asked)})


def _line(request: HttpRequest, run: Run, asked: Account | None) -> Step:
    if run.state not in (Run.State.COMPUTED, Run.State.REVIEWED):
        return Step(
            _("This plan can no longer be changed: what is put right counts in the next one.")
        )
    if request.user.has_perm("plans.override", run.campaign.division):
        return Step(
            _("The line itself has to differ, for a reason that no figure shows: change it."),
            "#change",
            _("Change this line"),
        )
    text = _(
        "The line itself has to differ, for a reason that no figure shows: write the reason to"
        " %(name)s, who may change it until the plan is published."
    )
    return Step(text % {"name": _name(asked)})


def _whom(asked: Account | None) -> list[Step]:
    if asked is None and not settings.HOTLINE:
        return []
    values = {"name": _name(asked), "phone": settings.HOTLINE}
    if not settings.HOTLINE:
        return [Step(_("Questions: %(name)s, who coordinates here.") % values)]
    if asked is None:
        return [Step(_("Questions: telephone %(phone)s.") % values)]
    return [Step(_("Questions: %(name)s, who coordinates here, telephone %(phone)s.") % values)]


def approver_of(run: Run) -> str:
    """Who approved a run, by office and not by name: the log has the name. Empty: nobody yet."""
    kind, _colon, ref = run.reviewed_by.partition(":")
    if kind != "account" or not ref.isdecimal():
        return run.reviewed_by and _("a person who has no account any more")
    division = run.campaign.division
    grant = (
        RoleGrant.objects.filter(
            account=int(ref),
            role__in=APPROVERS,
            division__first__lte=division.first,
            division__last__gte=division.last,
        )
        .select_related("division")
        .order_by("ended_at", "granted_at")
        .first()
    )
    if grant is None:
        return _("a person who holds no such role any more")
    words = {
        "reviewer": _("reviewer for %(division)s"),
        "coordinator": _("coordinator for %(division)s"),
        "administrator": _("administrator for %(division)s"),
    }
    return words[grant.role] % {"division": grant.division.name}
