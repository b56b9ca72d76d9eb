"""The refusal of a change of a run."""


class PlanRefused(Exception):
    """A change of a run is not possible now; the text says why and what to do."""
