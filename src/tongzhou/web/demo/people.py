"""The story's people and organisations: all made up."""

from tongzhou.kit.rules import SYSTEM
from tongzhou.people.actions import create_account, create_organisation, grant_role
from tongzhou.people.models import Account, Organisation
from tongzhou.places.models import Division, Place
from tongzhou.web.demo import story

OFFICES = (
    ("donor-1", "演示捐赠方", "Demo Donor", Organisation.Kind.DONOR),
    ("carrier-1", "演示物流", "Demo Carrier", Organisation.Kind.CARRIER),
)


def ask_in() -> None:
    """Organisations, producers with their docks, and one account for each role."""
    nation = Division.objects.get(level=Division.Level.NATION)
    for code, name, name_en, kind in OFFICES:
        create_organisation(
            code=code,
            name=name,
            name_en=name_en,
            kind=kind,
            division=nation,
            made_up=True,
            by=SYSTEM,
        )
    for producer in story.PRODUCERS:
        _producer(producer)
    for person in story.PEOPLE:
        _person(person)


def ask_in_newcomers() -> None:
    """An account for each role that came after the story was played."""
    known = set(Account.objects.values_list("email", flat=True))
    for person in story.PEOPLE:
        if person.email not in known:
            _person(person)


def _producer(producer: story.Producer) -> None:
    above = Division.objects.get(code=producer.prefecture)
    county = Division.objects.filter(
        level=Division.Level.COUNTY, first__gte=above.first, first__lte=above.last
    ).order_by("first")[0]
    dock = Place.objects.create(
        code=f"dock-{producer.code}",
        name=f"{producer.name}码头",
        kind=Place.Kind.PRODUCER,
        division=county,
        lat=county.lat,
        lon=county.lon,
        placed=True,
        made_up=True,
    )
    made = create_organisation(
        code=producer.code,
        name=producer.name,
        name_en=producer.name_en,
        kind=Organisation.Kind.PRODUCER,
        division=county,
        made_up=True,
        by=SYSTEM,
    )
    Organisation.objects.filter(pk=made.pk).update(dock=dock)


def _person(person: story.Person) -> None:
    division = Division.objects.get(code=person.division)
    organisation = (
        Organisation.objects.get(code=person.organisation) if person.organisation else None
    )
    account = create_account(
        email=person.email,
        name=person.name,
        password=story.PASSWORD,
        organisation=organisation,
        by=SYSTEM,
    )
    grant_role(account, person.role, division, organisation=organisation, by=SYSTEM)
