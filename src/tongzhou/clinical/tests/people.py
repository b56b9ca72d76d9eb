"""Made-up inputs for properties: any profile, any field of it known or not."""

from hypothesis import strategies as st

from tongzhou.clinical import rulebook
from tongzhou.clinical.rulebook import Urgency

BOOK = rulebook.load()


def fields_of(profile):
    """The fields that the rules of a profile look at."""
    rules = BOOK.profiles[profile].rules
    return sorted({name for rule in rules for leaf in rule.when.leaves() for name in leaf.fields})


def values(field):
    """Plausible values of a field, its limits among them more often than chance would have it."""
    if field.kind == "yesno":
        return st.booleans()
    steps = round((field.most - field.least) / field.step)
    near = {round((limit - field.least) / field.step) for limit in limits(field.id)}
    picks = sorted({n + d for n in near for d in (-1, 0, 1) if 0 <= n + d <= steps})
    anywhere = st.integers(0, steps)
    counts = st.one_of(st.sampled_from(picks), anywhere) if picks else anywhere
    return counts.map(lambda count: round(field.least + count * field.step, 6))


def limits(name):
    for rule in BOOK.rules.values():
        for leaf in rule.when.leaves():
            if getattr(leaf, "field", None) == name and hasattr(leaf, "limit") and not leaf.other:
                yield leaf.limit
    for score in BOOK.scores.values():
        for part in score.parts:
            if part.field == name:
                yield from (up_to for up_to, _ in part.bands[:-1])


def age_of(profile):
    """Ages that belong to a profile, in months."""
    asked = BOOK.profiles[profile]
    return st.integers(asked.from_months, min(asked.to_months, 1561) - 1).map(float)


@st.composite
def told(draw, profile=None):
    """A profile and what is known about one person of it: (profile, inputs)."""
    profile = profile or draw(st.sampled_from(sorted(BOOK.profiles)))
    names = draw(st.sets(st.sampled_from(fields_of(profile))))
    strategies = {
        name: age_of(profile) if name == "age_months" else values(BOOK.fields[name])
        for name in sorted(names)
    }
    return profile, draw(st.fixed_dictionaries(strategies))


def best(field):
    """The best that can be told of a field; None for a mere circumstance."""
    if field.worse == "away":
        return field.best[0]
    if field.worse == "yes":
        return False
    return {"lower": field.most, "higher": field.least}.get(field.worse)


def rank(urgency):
    return Urgency(urgency).rank
