"""Every sentence that the scripts of the two checks may show, in the reader's language."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _


def camera_words() -> dict[str, str]:
    """What is said beside the camera."""
    return {
        "aim": _("Hold the code in the middle of the picture, a hand's width away."),
        "denied": _("The browser was not allowed to use the camera. Type the code instead."),
        "failed": _("The camera cannot be used here. Type the code instead."),
    }


def drawer_words() -> dict[str, str]:
    """What the medicine page says, by the short name that its script calls it."""
    return {
        "language": "zh" if (get_language() or "en").startswith("zh") else "en",
        "medicine": _("Medicine {n}"),
        "remove": _("Take medicine {n} off the list"),
        "choose": _("Choose what stands on the box:"),
        "chosen": _("In the catalogue as: {name}"),
        "nothing": _("Enter at least one medicine."),
        "number": _("{field} cannot be right. Correct it, or leave it empty."),
        "name": _("The name of a medicine"),
        "count": _("How many each time"),
        "times": _("How many times in 24 hours"),
        "strength_mg": _("Strength"),
        "age_months": _("Age"),
        "weight_kg": _("Body weight"),
        "pregnancy_weeks": _("Week of pregnancy"),
        "items": _("The number of medicines"),
        "stop": _("Stop: do not take it so"),
        "ask": _("Ask first"),
        "note": _("Mind"),
        "version": _("Catalogue version {version} of {issued}."),
        "answer": _("Answer this question"),
        "kept": _("This page now opens without a network."),
        "missing": _("The list of medicines did not load. Open the page again with a network."),
        **camera_words(),
    }
