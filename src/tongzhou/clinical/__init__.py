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
from tongzhou.clinical.fields import InputRefused, RuleFault
from tongzhou.clinical.rulebook import Rulebook, Urgency, load

__all__ = [
    "Decision",
    "InputRefused",
    "RuleFault",
    "Rulebook",
    "RulesChanged",
    "Urgency",
    "decide",
    "decide_again",
    "load",
    "profile_for",
]
