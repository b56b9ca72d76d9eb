"""Rules about health as data, and the engine that decides by them, as a pure library (floor 0).

    from tongzhou import clinical

    decision = clinical.decide({"spo2": 93, "breathless": None}, "adult")
    decision.urgency      # Urgency.HOUR; none < watch < ask < today < hour < emergency
    decision.questions    # fields still to be asked, the most important first
    decision.fired        # rule id, version, urgency of each rule that says yes
    stored = decision.to_json()               # plain data; decide_again(stored) gives the same
    rules = clinical.load()                   # texts: rules.rules[id].text["zh"], .action, .source
    rules.fields["spo2"].question["zh"]       # what to ask; rules.urgency_texts[urgency]["zh"]
    rules.unreviewed()                        # ids that no clinician has signed

    drawer = [clinical.Item("对乙酰氨基酚片 0.5 g", count=1, times=3), clinical.Item("感冒灵颗粒")]
    found = clinical.check_drawer(drawer, clinical.Person(age_months=480))
    found.verdict         # stop, ask, note or nothing; found.text["zh"]
    found.findings        # rule id, severity, positions in the drawer, text in both languages
    clinical.browser_data()                   # all of it as JSON for portal/medicine.js
    clinical.load_catalogue().products        # what is known, with source and reviewer

What is not known is None or left out, and is never taken for normal: it asks. A value that cannot
be true raises InputRefused, whose `texts` has the sentence in English and Chinese.
"""

from tongzhou.clinical.engine import (
    Decision,
    RulesChanged,
    decide,
    decide_again,
    profile_for,
)
from tongzhou.clinical.export import browser_data
from tongzhou.clinical.fields import InputRefused, RuleFault
from tongzhou.clinical.medicines.catalogue import Catalogue
from tongzhou.clinical.medicines.catalogue import load as load_catalogue
from tongzhou.clinical.medicines.check import check_drawer
from tongzhou.clinical.medicines.findings import Finding, Findings
from tongzhou.clinical.medicines.items import Item, Person
from tongzhou.clinical.rulebook import Rulebook, Urgency, load

__all__ = [
    "Catalogue",
    "Decision",
    "Finding",
    "Findings",
    "InputRefused",
    "Item",
    "Person",
    "RuleFault",
    "Rulebook",
    "RulesChanged",
    "Urgency",
    "browser_data",
    "check_drawer",
    "decide",
    "decide_again",
    "load",
    "load_catalogue",
    "profile_for",
]
