"""Filters and tags for numbers, dates, ages and states, the same on every page."""

from datetime import date, datetime, timedelta

from django import template
from django.utils import timezone, translation
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.jobs import title_of

register = template.Library()


@register.filter
def units(value: float | None) -> str:
    """A whole number with thousands separators; a missing one is a dash, never zero."""
    if value is None:
        return "—"
    return number_format(round(value), 0, force_grouping=True).replace("-", "−")


@register.filter
def signed(value: float | None) -> str:
    """A difference: with a plus or a minus sign, and 0 without."""
    return f"+{units(value)}" if value and round(value) > 0 else units(value)


@register.filter
def share(part: float | None, whole: float | None) -> str:
    """A part of a whole in percent; rounding never makes 0 % or 100 % of anything else."""
    if part is None or not whole:
        return "—"
    percent = 100 * part / whole
    if 0 < percent < 1:
        return "<1%"
    if 99 < percent < 100:
        return ">99%"
    return f"{percent:.0f}%"


@register.filter
def percent(value: float | None) -> str:
    """A share of 0 to 1 in percent, as `share` does."""
    return share(value, 1)


@register.filter
def width(part: float | None, whole: float | None) -> str:
    """A width for a bar, as a CSS percentage between 0 and 100."""
    return f"{min(100.0, max(0.0, 100 * (part or 0) / whole)) if whole else 0:.2f}%"


@register.filter
def stage(words: str) -> str:
    """A job's stage in the reader's language: the job keeps the English words, which its app marks
    with gettext_noop where it reports them."""
    return translation.gettext(words) if words else ""


@register.filter
def work(kind: str) -> str:
    """What a kind of job is called, in the reader's language."""
    return title_of(kind)


@register.filter
def rmb(fen: int | None) -> str:
    """An amount of fen as RMB; whole yuan lose their decimals."""
    if fen is None:
        return "—"
    decimals = 2 if fen % 100 else 0
    return "¥" + number_format(fen / 100, decimals, force_grouping=True)


@register.filter
def day(value: date | datetime | None) -> str:
    """A date in prose: 2023年1月8日 or 8 January 2023."""
    if value is None:
        return "—"
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    if (get_language() or "").startswith("zh"):
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {value:%B} {value.year}"


@register.filter
def day_short(value: date | datetime | None) -> str:
    """A date in a table: 2023-01-08."""
    if value is None:
        return "—"
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return value.isoformat()


@register.filter
def moment(value: datetime | None) -> str:
    """A date and a 24-hour time, in the office's time zone."""
    if value is None:
        return "—"
    local = timezone.localtime(value)
    between = " " if (get_language() or "").startswith("zh") else ", "
    return f"{day(local)}{between}{local:%H:%M}"


@register.filter
def age(value: datetime | date | None) -> str:
    """How long ago something was, in whole days or hours: only beside the exact time."""
    if value is None:
        return "—"
    if not isinstance(value, datetime):
        return _age_in_days((clock.today() - value).days)
    passed = max(clock.now() - value, timedelta())
    if passed.days:
        return ngettext("%(n)d day", "%(n)d days", passed.days) % {"n": passed.days}
    hours = passed.seconds // 3600
    if hours:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return _("less than an hour")


def _age_in_days(days: int) -> str:
    """A day that is still to come is said to be so, and is not a negative age."""
    if days == 0:
        return _("today")
    if days < 0:
        return ngettext("in %(n)d day", "in %(n)d days", -days) % {"n": -days}
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


@register.simple_tag
def state(kind: str, word: str) -> SafeString:
    """A state in a word with its shape: kind is done, going, late, warn or unknown."""
    return format_html('<span class="state {}">{}</span>', kind, word)


@register.inclusion_tag("kit/made_up.html")
def made_up() -> dict[str, object]:
    """The mark of made-up data."""
    return {}
