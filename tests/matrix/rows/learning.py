"""Guides are public once they are published; writing them is for those who answer for all."""

from datetime import date

from tongzhou.kit.rules import SYSTEM
from tongzhou.learning.actions import create_guide
from tongzhou.learning.models import GuideVersion
from tongzhou.learning.rules.guides import GuideText, Source

from ..oracle import at_the_top
from ..table import Row, form, listing, open_to_all, page
from ..world import Built, Making

DAY = date(2023, 1, 5)


def written(making: Making, *, publish: bool = False) -> GuideVersion:
    text = GuideText(
        title={"zh": f"指南{making.token}", "en": f"Guide {making.token}"},
        body={"zh": "休息。", "en": "Rest."},
        sources=(Source("通知", "Notice", "P"),),
        as_of=DAY,
        valid_from=DAY,
    )
    slug = f"g-{making.token}".lower()
    return create_guide(slug, "residents", "care", text, by=SYSTEM, publish=publish)


def published(making: Making) -> Built:
    made = written(making, publish=True)
    return Built(kwargs={"slug": made.guide.slug}, marks=(making.token,))


def draft(making: Making) -> Built:
    """The form writes the next version of it."""
    made = written(making)
    return Built(
        kwargs={"slug": made.guide.slug},
        marks=(f"/desk/guides/{made.guide.slug}/",),
        secrets=(making.token,),
        data={
            "title_zh": "新题", "title_en": "New", "body_zh": "喝水。", "body_en": "Drink.",
            "sources": "D | 我们 | Ours", "as_of": "2023-01-05", "valid_from": "2023-01-05",
        },
    )  # fmt: skip


def draft_version(making: Making) -> Built:
    made = written(making)
    return Built(
        kwargs={"slug": made.guide.slug, "number": 1},
        marks=(making.token,),
        secrets=(making.token,),
    )


def published_version(making: Making) -> Built:
    built = published(making)
    return Built(kwargs={**built.kwargs, "number": 1}, secrets=(making.token,))


def hidden(making: Making) -> Built:
    """A draft is not there for readers."""
    made = written(making)
    return Built(kwargs={"slug": made.guide.slug}, secrets=(making.token,))


TOP = {"rule": at_the_top, "whole": True}
ROWS: list[Row] = [
    open_to_all("guides"),
    open_to_all("guide", published),
    open_to_all("guide", hidden, part="draft"),
    open_to_all("guides-worker"),
    form("guides-desk", "guides.edit", posts=False),
    listing("guide-new", "guides.edit", draft, marks=False, **TOP),
    page("guide-desk", "guides.edit", draft, posts=True, writes=True, marks=False, **TOP),
    page("guide-version", "guides.edit", draft_version, **TOP),
    page("guide-publish", "guides.edit", draft_version, gets=False, posts=True, writes=True, **TOP),
    page(
        "guide-withdraw",
        "guides.edit",
        published_version,
        gets=False,
        posts=True,
        writes=True,
        **TOP,
    ),
]
