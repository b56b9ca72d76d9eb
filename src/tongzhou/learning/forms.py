"""What the desk takes in: a guide's short name, and the text of a version."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tongzhou.kit import clock

from .models import Guide, GuideVersion
from .queries import text_of
from .rules.guides import TITLE_CHARACTERS, GuideRefused, GuideText, Source, lines_of, sources_of
from .rules.markdown import MOST_CHARACTERS

MARKS = _("## heading, - point, 1. step, **bold**, [words](https://address)")
DAY = forms.DateInput(attrs={"type": "date"})


class TextForm(forms.Form):
    """The text of a version in both languages, with its sources and days."""

    title_zh = forms.CharField(max_length=TITLE_CHARACTERS, label=_("Title in Chinese"))
    title_en = forms.CharField(max_length=TITLE_CHARACTERS, label=_("Title in English"))
    body_zh = forms.CharField(
        max_length=MOST_CHARACTERS, label=_("Text in Chinese"), help_text=MARKS,
        widget=forms.Textarea(attrs={"rows": 12}),
    )  # fmt: skip
    body_en = forms.CharField(
        max_length=MOST_CHARACTERS, label=_("Text in English"), help_text=MARKS,
        widget=forms.Textarea(attrs={"rows": 12}),
    )  # fmt: skip
    sources = forms.CharField(
        label=_("Sources"),
        help_text=_("One a line: P | Chinese | English. P seen, M from memory, D our own"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    as_of = forms.DateField(label=_("Facts looked at on"), widget=DAY)
    valid_from = forms.DateField(label=_("Valid from"), widget=DAY)
    note = forms.CharField(
        max_length=200,
        required=False,
        label=_("Why it changes"),
        help_text=_("One line for the next person; residents do not see it"),
    )

    def clean_sources(self) -> tuple[Source, ...]:
        try:
            return sources_of(self.cleaned_data["sources"])
        except GuideRefused as refused:
            raise ValidationError(str(refused)) from refused

    @property
    def text(self) -> GuideText:
        """What was typed, once the form is valid."""
        given = self.cleaned_data
        return GuideText(
            title={"zh": given["title_zh"], "en": given["title_en"]},
            body={name: _one_ending(given[f"body_{name}"]) for name in ("zh", "en")},
            sources=given["sources"],
            as_of=given["as_of"],
            valid_from=given["valid_from"],
        )


class NewGuideForm(TextForm):
    """A guide that is not there yet."""

    slug = forms.SlugField(
        max_length=40, label=_("Short name"), help_text=_("In its address, such as care-at-home")
    )
    audience = forms.ChoiceField(choices=Guide.Audience.choices, label=_("For whom"))
    topic = forms.ChoiceField(choices=Guide.Topic.choices, label=_("About what"))
    field_order = ("slug", "audience", "topic")


def initial_of(version: GuideVersion | None) -> dict[str, Any]:
    """The fields as the last version has them; today for one that is not there yet."""
    if version is None:
        return {"as_of": clock.today().isoformat(), "valid_from": clock.today().isoformat()}
    names = ("title_zh", "title_en", "body_zh", "body_en")
    return {name: getattr(version, name) for name in names} | {
        "sources": lines_of(text_of(version).sources),
        "as_of": version.as_of.isoformat(),
        "valid_from": version.valid_from.isoformat(),
    }


def _one_ending(text: str) -> str:
    """A browser ends lines with two characters; the same text shall have the same digest."""
    return text.replace("\r\n", "\n").strip()
