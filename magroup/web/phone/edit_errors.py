"""Why an edit is refused, in words so short that they fit into the title of a form."""

from collections.abc import Mapping

from magroup.groups.editing import EditError, Problem
from magroup.model.languages import Said

Reasons = Mapping[tuple[Problem, str], Said]
"""By the problem and the field to blame."""

CHANGED = Said("Was changed meanwhile", "Wurde inzwischen geändert", "Modifié entre-temps")
NO_NUMBER = Said("This is no phone number", "Das ist keine Telefonnummer", "Ce n'est pas un numéro")
NO_SECONDS = Said("Seconds from 0 to 86400", "Sekunden von 0 bis 86400", "Secondes, de 0 à 86400")
SECOND_MANAGER = Said("There is a manager already", "Es gibt schon einen Manager", "Il y a déjà un manager")
IN_GROUP = Said("Already in this group", "Schon in dieser Gruppe", "Déjà dans ce groupe")
NO_GROUP = Said("There is no such group", "Diese Gruppe gibt es nicht", "Ce groupe n'existe pas")
NO_MEMBER = Said("There is no such member", "Dieses Mitglied gibt es nicht", "Ce membre n'existe pas")
NO_SOUND = Said("There is no such sound", "Diesen Ton gibt es nicht", "Ce son n'existe pas")
NO_LINE = Said("There is no such line", "Diese Leitung gibt es nicht", "Cette ligne n'existe pas")
IS_GONE = Said("It is not there any more", "Das gibt es nicht mehr", "Cela n'existe plus")

_REASONS: Reasons = {
    (Problem.MISSING, "name"): Said("A name is needed", "Ein Name ist nötig", "Il faut un nom"),
    (Problem.INVALID, "name"): Said("This name is not possible", "Dieser Name geht nicht", "Ce nom est impossible"),
    (Problem.TAKEN, "name"): Said(
        "There is such a group already", "Diese Gruppe gibt es schon", "Ce groupe existe déjà"
    ),
    (Problem.MISSING, "short_name"): Said("A short name is needed", "Ein Kurzname ist nötig", "Il faut un nom court"),
    (Problem.INVALID, "short_name"): Said(
        "Short name: 1 to 8 characters", "Kurzname: 1 bis 8 Zeichen", "Nom court : 1 à 8 signes"
    ),
    (Problem.MISSING, "number"): Said("A number is needed", "Eine Nummer ist nötig", "Il faut un numéro"),
    (Problem.INVALID, "number"): NO_NUMBER,
    (Problem.TAKEN, "number"): Said("This number is taken", "Diese Nummer ist vergeben", "Ce numéro est déjà pris"),
    (Problem.UNKNOWN, "number"): NO_LINE,
    (Problem.INVALID, "manager_timeout"): NO_SECONDS,
    (Problem.INVALID, "assistant_timeout"): NO_SECONDS,
    (Problem.MISSING, "overflow"): Said("A number is needed", "Eine Nummer ist nötig", "Il faut un numéro"),
    (Problem.INVALID, "overflow"): NO_NUMBER,
    (Problem.UNKNOWN, "overflow"): NO_GROUP,
    (Problem.SECOND_MANAGER, "is_manager"): SECOND_MANAGER,
    (Problem.UNKNOWN, "group_id"): NO_GROUP,
    (Problem.UNKNOWN, "member_id"): NO_MEMBER,
    (Problem.UNKNOWN, "welcome"): NO_SOUND,
    (Problem.UNKNOWN, "wave"): NO_SOUND,
}

_OTHERS: Mapping[Problem, Said] = {
    Problem.MISSING: Said("Something is missing", "Es fehlt etwas", "Il manque quelque chose"),
    Problem.INVALID: Said("This cannot be used", "Das lässt sich nicht verwenden", "Ce n'est pas utilisable"),
    Problem.UNKNOWN: IS_GONE,
    Problem.TAKEN: Said("There is one already", "Das gibt es schon", "Cela existe déjà"),
    Problem.FULL: Said("There is no room for more", "Mehr geht nicht", "Il n'y a plus de place"),
    Problem.CONFLICT: CHANGED,
    Problem.IN_USE: Said("It is in use", "Es wird noch gebraucht", "C'est utilisé"),
}

NO_REASONS: Reasons = {}


def reason(error: EditError, reasons: Reasons = NO_REASONS) -> Said:
    """What is told; ``reasons`` are a page's own, before those for all."""
    key = (error.problem, error.field)
    found = reasons.get(key) or _REASONS.get(key) or _OTHERS.get(error.problem)
    return found or Said(error.sentence, error.sentence, error.sentence)
