"""The cards below the red flags: what each of them shows for one division."""

from dataclasses import dataclass, field

from django.utils.translation import get_language

from tongzhou.finder.queries import FeverClinics, fever_clinics_in
from tongzhou.learning.queries import GuideTitle, guide_titles
from tongzhou.places.models import Division
from tongzhou.portal.queries.progress import Standing, standings
from tongzhou.portal.rules import (
    ASK_DOCTOR,
    FEVER_CLINICS,
    HOTLINES,
    MEDICINE_AID,
    PARTNERS,
    TITLES,
    Content,
    Service,
)


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody to turn to, in the reader's language."""

    name: str
    says: str
    phone: str
    dialled: str
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """One card of a page: `lines` to call or open, the `standings` of campaigns, how many
    `fever` clinics there are, or the `guides` to read."""

    name: str
    title: str
    lines: list[Line] = field(default_factory=list)
    standings: list[Standing] = field(default_factory=list)
    fever: FeverClinics | None = None
    guides: list[GuideTitle] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return self.name.replace("_", "-")

    @property
    def template(self) -> str:
        return f"portal/cards/{self.name}.html" if not self.lines else "portal/cards/services.html"


def cards_of(division: Division, above: list[Division], content: Content) -> list[Card]:
    """The cards in their order; one that has nothing to show is left out."""
    lines = {
        ASK_DOCTOR: _lines(content.ask_doctor),
        MEDICINE_AID: _lines(content.medicine_aid),
        HOTLINES: _lines(*content.hotlines),
        PARTNERS: _lines(*content.partners),
    }
    cards = []
    for name in content.order:
        title = str(TITLES[name])
        if lines.get(name):
            cards.append(Card(name, title, lines=lines[name]))
        elif name == FEVER_CLINICS:
            cards.append(Card(name, title, fever=fever_clinics_in(division)))
        elif name == "supplies":
            shown = standings(division) or _nearest(above)
            cards.append(Card(name, title, standings=shown))
        elif name == "guides":
            if guides := guide_titles():
                cards.append(Card(name, title, guides=guides))
        elif name == "medicines":
            cards.append(Card(name, title))
    return cards


def _lines(*services: Service | None) -> list[Line]:
    language = get_language() or "en"
    return [
        Line(one.name(language), one.says(language), one.phone, one.dialled, one.url)
        for one in services
        if one is not None
    ]


def _nearest(above: list[Division]) -> list[Standing]:
    """Sums are kept down to towns that were served: below, the nearest division above speaks."""
    for division in reversed(above):
        if found := standings(division):
            return found
    return []
