"""What each reason says in English, German and French, side by side.

``{who}`` and ``{detail}`` are the reason's own; ``{state}`` is a presence, ``{lasting}`` " 30 s" or nothing and
``{after}`` " after 4 s" or nothing, in the language's own words.
"""

from collections.abc import Mapping

from magroup.model.calls import ReasonCode
from magroup.model.languages import Said

REASONS: Mapping[ReasonCode, Said] = {
    ReasonCode.GREETING: Said("greeting", "Ansage", "annonce"),
    ReasonCode.MANAGER_RINGS: Said(
        "manager rings{lasting}", "klingelt beim Manager{lasting}", "sonne chez le manager{lasting}"
    ),
    ReasonCode.MANAGER_NOT_AVAILABLE: Said("manager {state}", "Manager {state}", "manager {state}"),
    ReasonCode.MANAGER_OUT_OF_SERVICE: Said(
        "manager's line out of service", "Leitung des Managers außer Betrieb", "ligne du manager hors service"
    ),
    ReasonCode.ASSISTANT_RINGS: Said(
        "assistant {who} rings{lasting}", "klingelt bei Assistenz {who}{lasting}", "sonne chez {who}{lasting}"
    ),
    ReasonCode.ASSISTANT_NOT_AVAILABLE: Said("{who} {state}", "{who} {state}", "{who} {state}"),
    ReasonCode.ASSISTANT_OUT_OF_SERVICE: Said(
        "{who}'s line out of service", "Leitung von {who} außer Betrieb", "ligne de {who} hors service"
    ),
    ReasonCode.CALLER_IS_MEMBER: Said("{who} is calling", "{who} ruft selbst an", "{who} appelle"),
    ReasonCode.NO_ANSWER: Said(
        "{who} rang{lasting}", "hat bei {who}{lasting} geklingelt", "a sonné chez {who}{lasting}"
    ),
    ReasonCode.LINE_BUSY: Said("{who} busy", "bei {who} besetzt", "occupé chez {who}"),
    ReasonCode.DECLINED: Said("{who} declined", "{who} hat abgelehnt", "{who} a refusé"),
    ReasonCode.FAILED: Said("{who} not reached", "{who} nicht erreicht", "{who} injoignable"),
    ReasonCode.NOBODY_ELIGIBLE: Said(
        "nobody available, waiting", "niemand verfügbar, wartet", "personne de disponible, en attente"
    ),
    ReasonCode.NOBODY_REACHED: Said(
        "nobody reached, waiting", "niemand erreicht, wartet", "personne n'a été joint, en attente"
    ),
    ReasonCode.OVERFLOW_AGAIN: Said("again from the top", "wieder von vorn", "de nouveau depuis le début"),
    ReasonCode.OVERFLOW_NUMBER: Said("overflow to {who}", "Überlauf zu {who}", "débordement vers {who}"),
    ReasonCode.OVERFLOW_BUSY: Said("overflow busy", "Überlauf besetzt", "débordement occupé"),
    ReasonCode.OVERFLOW_VOICEMAIL: Said(
        "overflow to voicemail of {who}", "Überlauf zur Mailbox von {who}", "débordement vers la messagerie de {who}"
    ),
    ReasonCode.OVERFLOW_GROUP: Said(
        "overflow to group {detail}", "Überlauf zur Gruppe {detail}", "débordement vers le groupe {detail}"
    ),
    ReasonCode.OVERFLOW_LOOP: Said(
        "overflow back to group {detail}, ended busy",
        "Überlauf zurück zur Gruppe {detail}, mit Besetztton beendet",
        "débordement de retour au groupe {detail}, terminé par occupé",
    ),
    ReasonCode.GROUP_DELETED: Said(
        "group deleted, ended busy", "Gruppe gelöscht, mit Besetztton beendet", "groupe supprimé, terminé par occupé"
    ),
    ReasonCode.DIRECT: Said(
        "{who} directly to the manager", "{who} direkt zum Manager", "{who} directement chez le manager"
    ),
    ReasonCode.DEFLECTED: Said(
        "{who} sent it to {detail}", "{who} gab weiter an {detail}", "{who} a envoyé à {detail}"
    ),
    ReasonCode.SYSTEM_ERROR: Said(
        "ended by an internal error", "durch einen internen Fehler beendet", "terminé par une erreur interne"
    ),
    ReasonCode.ANSWERED: Said("answered by {who}{after}", "angenommen von {who}{after}", "pris par {who}{after}"),
    ReasonCode.ANSWERED_BY_VOICEMAIL: Said(
        "answered by voicemail of {who}", "angenommen von der Mailbox von {who}", "pris par la messagerie de {who}"
    ),
    ReasonCode.PICKED_UP: Said(
        "picked up by {who}{after}", "übernommen von {who}{after}", "intercepté par {who}{after}"
    ),
    ReasonCode.CALLER_HUNG_UP: Said("caller hung up", "Anrufer hat aufgelegt", "l'appelant a raccroché"),
    ReasonCode.MEMBER_LEFT: Said("{who} left the group", "{who} hat die Gruppe verlassen", "{who} a quitté le groupe"),
    ReasonCode.VIP_LISTED: Said(
        "VIP by list entry {detail}", "VIP durch Listeneintrag {detail}", "VIP par l'entrée {detail} de la liste"
    ),
    ReasonCode.VIP_STARS: Said(
        "VIP by stars: {detail}", "VIP durch Sterne: {detail}", "VIP par les étoiles : {detail}"
    ),
    ReasonCode.VIP_EVERYBODY: Said("VIP like every caller", "VIP wie alle Anrufer", "VIP comme tous les appelants"),
    ReasonCode.VIP_MANAGER_ONLY: Said("VIP to manager only", "VIP nur zum Manager", "VIP chez le manager seulement"),
    ReasonCode.MANAGER_FORWARDS: Said(
        "manager forwards to {detail}", "Manager leitet um zu {detail}", "manager renvoie vers {detail}"
    ),
    ReasonCode.MANAGER_FORWARDS_TO_MOBILE: Said(
        "manager forwards to mobile", "Manager leitet um aufs Mobiltelefon", "manager renvoie vers le mobile"
    ),
    ReasonCode.MANAGER_FORWARDS_TO_VOICEMAIL: Said(
        "manager forwards to voicemail", "Manager leitet um zur Mailbox", "manager renvoie vers la messagerie"
    ),
    ReasonCode.MANAGER_FORWARDS_TO_ASSISTANTS: Said(
        "manager forwards to the group", "Manager leitet um zur Gruppe", "manager renvoie vers le groupe"
    ),
    ReasonCode.LINE_FORWARDS: Said(
        "{who}'s line forwarded to {detail}",
        "Leitung von {who} umgeleitet zu {detail}",
        "ligne de {who} renvoyée vers {detail}",
    ),
    ReasonCode.LINE_FORWARDS_TO_MOBILE: Said(
        "{who}'s line forwarded to mobile",
        "Leitung von {who} umgeleitet aufs Mobiltelefon",
        "ligne de {who} renvoyée vers le mobile",
    ),
    ReasonCode.LINE_FORWARDS_TO_VOICEMAIL: Said(
        "{who}'s line forwarded to voicemail",
        "Leitung von {who} umgeleitet zur Mailbox",
        "ligne de {who} renvoyée vers la messagerie",
    ),
    ReasonCode.FORWARD_RINGS: Said("{who} rings{lasting}", "klingelt bei {who}{lasting}", "sonne chez {who}{lasting}"),
    ReasonCode.FORWARD_LOOP: Said(
        "forwarding of {who} goes in a circle", "Umleitung von {who} geht im Kreis", "le renvoi de {who} tourne en rond"
    ),
    ReasonCode.FORWARD_TO_CALLER: Said(
        "forwarding of {who} leads to the caller",
        "Umleitung von {who} führt zum Anrufer",
        "le renvoi de {who} mène à l'appelant",
    ),
    ReasonCode.FORWARD_OUT_OF_SERVICE: Said(
        "{who} forwards to {detail}, which is out of service",
        "{who} leitet um zu {detail}, das außer Betrieb ist",
        "{who} renvoie vers {detail}, qui est hors service",
    ),
    ReasonCode.ENDLESS: Said(
        "came back too often, ended", "kam zu oft zurück, beendet", "revenu trop souvent, terminé"
    ),
    ReasonCode.LEAVES_MESSAGE: Said(
        "leaves a message for {who}", "hinterlässt eine Nachricht für {who}", "laisse un message pour {who}"
    ),
    ReasonCode.LISTENS_TO_MESSAGES: Said(
        "listens to the messages for {who}", "hört die Nachrichten für {who}", "écoute les messages pour {who}"
    ),
    ReasonCode.TAKEN_OVER: Said(
        "taken over by node {who}", "übernommen von Knoten {who}", "repris par le nœud {who}"
    ),
}

PAST: Mapping[ReasonCode, Said] = {
    ReasonCode.MANAGER_RINGS: Said(
        "manager rang{lasting}", "hat beim Manager{lasting} geklingelt", "a sonné chez le manager{lasting}"
    ),
    ReasonCode.ASSISTANT_RINGS: Said(
        "assistant {who} rang{lasting}", "hat bei Assistenz {who}{lasting} geklingelt", "a sonné chez {who}{lasting}"
    ),
    ReasonCode.FORWARD_RINGS: REASONS[ReasonCode.NO_ANSWER],
}
"""The same when it is over."""

PRESENCE: Mapping[str, Said] = {
    "away": Said("Away", "abwesend", "absent"),
    "busy": Said("status Busy", "mit Status Beschäftigt", "au statut Occupé"),
    "dnd": Said("Do Not Disturb", "mit Status Nicht stören", "au statut Ne pas déranger"),
    "unavailable": Said("Unavailable", "nicht erreichbar", "indisponible"),
}
NOT_AVAILABLE = Said("not available", "nicht verfügbar", "pas disponible")
LASTING = Said(" {seconds} s", " {seconds} s", " {seconds} s")
AFTER = Said(" after {seconds} s", " nach {seconds} s", " après {seconds} s")
