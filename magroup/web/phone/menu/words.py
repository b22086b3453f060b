"""Words for what people and their lines are doing, in English, German and French."""

from collections.abc import Mapping

from magroup.model.languages import Said
from magroup.model.lines import LineState
from magroup.model.presence import Presence

PRESENCE: Mapping[Presence, Said] = {
    Presence.AVAILABLE: Said("Available", "Verfügbar", "Disponible"),
    Presence.AWAY: Said("Away", "Abwesend", "Absent"),
    Presence.BUSY: Said("Busy", "Beschäftigt", "Occupé"),
    Presence.DND: Said("DND", "Nicht stören", "Ne pas déranger"),
    Presence.UNAVAILABLE: Said("Unavailable", "Nicht erreichbar", "Indisponible"),
}
LINE: Mapping[LineState, Said] = {
    LineState.RINGING: Said("ringing", "klingelt", "sonne"),
    LineState.BUSY: Said("on the phone", "im Gespräch", "en communication"),
    LineState.OUT_OF_SERVICE: Said("out of service", "außer Betrieb", "hors service"),
    LineState.HELD: Said("call on hold", "Anruf gehalten", "appel en attente"),
}
"""Of a line that is idle nothing is said."""

CURRENT = "> "
"""Before what is so now."""

WHY_NOT = Said("{detail}", "{detail}", "{detail}")
"""A reason that is in the person's language already."""

NO_GROUPS = Said("You are in no group.", "Sie sind in keiner Gruppe.", "Vous n'êtes dans aucun groupe.")
NOBODY = Said(
    "There is nobody to choose.", "Es gibt niemanden zur Auswahl.", "Il n'y a personne à choisir."
)  # fmt: skip
