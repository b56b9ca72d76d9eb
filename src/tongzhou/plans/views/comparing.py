"""Two plans of one campaign side by side: signed differences, worst-off beside average."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongzhou.kit.access import requires
from tongzhou.kit.templatetags.look import day, percent, signed, units
from tongzhou.people.queries import scope
from tongzhou.places.models import Division
from tongzhou.plans.forms import CompareForm
from tongzhou.plans.models import Run
from tongzhou.plans.queries.runs import difference, runs_of
from tongzhou.plans.queries.summary import SHARES, Fairness, summary

from .pages import run_crumbs, run_or_404
from .pictures import Coverage, coverage, coverage_curve, days_of


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of both plans, in words, and their difference where it is one."""

    name: str
    old: str
    new: str
    change: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of two plans: its totals, how even it is, and who is served by day."""

    metrics: Mapping[str, Any]
    fairness: Sequence[Fairness]
    line: Coverage


@requires("plans.view")
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """What another plan changes: for all, by day, and by province, or within one by county."""
    run = run_or_404(request, pk)
    form = CompareForm(request.GET)
    if not form.is_valid():
        raise Http404
    other = get_object_or_404(
        runs_of(run.campaign).filter(computed_at__isnull=False), number=form.cleaned_data["other"]
    )
    seen = scope(request.user, "plans.view")
    top, level = run.campaign.division, int(Division.Level.PROVINCE)
    if code := form.cleaned_data["within"]:
        top = get_object_or_404(Division.objects.filter(seen.q()), code=code)
        level = Division.Level.COUNTY
    rows = [d for d in difference(other, run, top, level=level) if seen.contains(d.division)]
    if not rows:  # whoever sees less than a province gets its counties
        counties = difference(other, run, top, level=Division.Level.COUNTY)
        rows = [d for d in counties if seen.contains(d.division)]
    before, after = _side(other), _side(run)
    old, new = before.line, after.line
    names = [_name(other), _name(run)]
    return render(
        request,
        "plans/compare.html",
        {
            "run": run,
            "other": other,
            "within": top if code else None,
            "names": names,
            "measures": measures(before, after),
            "finding": finding(names[0], before, after),
            "curve": coverage_curve(
                list(zip(names, (old, new), strict=True)),
                _("Share of places served by day, both plans"),
            ),
            "days": [(at, old.on(at), new.on(at)) for at in days_of(old, new)],
            "rows": rows,
            "crumbs": [*run_crumbs(run), (_("Comparison"), "")],
        },
    )


def _name(run: Run) -> str:
    return _("Plan %(number)d") % {"number": run.number}


def _side(run: Run) -> Side:
    line = coverage(run, list(run.waves.order_by("number")))
    return Side(run.metrics, summary(run).fairness, line)


def finding(name: str, before: Side, after: Side) -> str:
    """The day on which the two differ most, in places."""
    old, new, places = before.line, after.line, after.metrics.get("places", 0)
    days, gains = [], []
    for at in days_of(old, new):
        one, two = old.on(at), new.on(at)
        if one is not None and two is not None:  # a plan says nothing of the days before it
            days.append(at)
            gains.append(round((two - one) * places))
    most = max(range(len(days)), key=lambda at: abs(gains[at]))
    if not gains[most]:
        return _("Both plans serve as many places on every day.")
    return ngettext(
        "%(places)s place served by day %(number)s (%(day)s), against %(name)s",
        "%(places)s places served by day %(number)s (%(day)s), against %(name)s",
        abs(gains[most]),
    ) % {
        "places": signed(gains[most]),
        "number": (days[most] - new.run.campaign.opened_on).days + 1,
        "day": day(days[most]),
        "name": name,
    }


def measures(before: Side, after: Side) -> list[Measure]:
    """Totals, then the worst-off beside the average, then the days, then how even it is."""
    one, two = before.metrics, after.metrics
    counts = [
        _count(word, one.get(name), two.get(name))
        for word, name in (
            (_("Units in the plan"), "units"),
            (_("Places served"), "served"),
            (_("Places that still wait"), "waiting"),
        )
    ]
    shares = [
        _share(
            _("Share of places served, average"),
            *(m["served"] / m["places"] if m.get("places") else None for m in (one, two)),
        ),
        _share(
            _("Share of places served, worst-off province"),
            one.get("worst_share"),
            two.get("worst_share"),
        ),
    ]
    return [*counts, *shares, *_days(before.line, after.line), *_fairness(before, after)]


def _fairness(old: Side, new: Side) -> list[Measure]:
    """By item; with one item it needs no name."""
    before = {fair.item_id: fair for fair in old.fairness}
    after = {fair.item_id: fair for fair in new.fairness}
    both = sorted(before.keys() & after.keys())
    names = dict(new.line.run.campaign.items.values_list("item", "item__name"))
    found = []
    for item in both:
        tail = f" · {names.get(item, item)}" if len(both) > 1 else ""
        one, two = before[item], after[item]
        found += [
            _share(_("Fill of the worst-off place") + tail, one.least, two.least),
            _share(_("Fill that 95% of places reach") + tail, one.p5, two.p5),
            _gini(_("Gini of units by weight, 0 is even") + tail, one.gini, two.gini),
        ]
    return found


def _count(name: str, old: int | None, new: int | None) -> Measure:
    known = old is not None and new is not None
    return Measure(name, units(old), units(new), signed(new - old) if known else "—")  # type: ignore[operator]


def _share(name: str, old: float | None, new: float | None) -> Measure:
    change = "—"
    if old is not None and new is not None:
        change = _("%(points)s points") % {"points": signed(100 * (new - old))}
    return Measure(name, percent(old), percent(new), change)


def _gini(name: str, old: float | None, new: float | None) -> Measure:
    one, two = ("—" if value is None else f"{value:.3f}" for value in (old, new))
    if old is None or new is None:
        return Measure(name, one, two, "—")
    change = round(new - old, 3)
    return Measure(name, one, two, f"{change:+.3f}".replace("-", "−") if change else "0")


def _days(old: Coverage, new: Coverage) -> list[Measure]:
    found = []
    for share in SHARES:
        one, two = old.day_of(share / 100), new.day_of(share / 100)
        was, is_now = (at.isoformat() if at else _("not reached") for at in (one, two))
        change = _("%(n)s days") % {"n": signed((two - one).days)} if one and two else "—"
        found.append(
            Measure(_("%(share)s%% of places served") % {"share": share}, was, is_now, change)
        )
    return found
