"""The softkeys of a form with one field."""

from magroup.web.phone.objects import Place, SoftKey
from magroup.web.phone.visit import Visit
from magroup.web.phone.words import CANCEL, DELETE_LEFT, SAVE


def form_keys(visit: Visit) -> tuple[SoftKey, ...]:
    """Save, delete to the left, Cancel."""
    return (
        SoftKey(visit.say(SAVE), "SoftKey:Submit", Place.ACT), SoftKey(visit.say(DELETE_LEFT), "SoftKey:<<"),
        SoftKey(visit.say(CANCEL), "SoftKey:Cancel", Place.EXIT),
    )  # fmt: skip
