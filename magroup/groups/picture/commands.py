"""What a menu offers for a call in each state, and why an entry is not possible now (spec 4)."""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum

from magroup.cti.call_control import CANNOT, LINK_DOWN, NOT_PERMITTED, Service
from magroup.cti.types import ConnectionId
from magroup.model.languages import Language, Said

Can = Callable[[Service, ConnectionId], str]


class State(StrEnum):
    """What a call is for the one at a line."""

    RINGING = "ringing"
    ACTIVE = "active"
    HELD = "held"
    CALLING = "calling"


_MENUS: Mapping[State, Mapping[str, Service]] = {
    State.RINGING: {
        "answer": Service.ANSWER_CALL,
        "end": Service.CLEAR_CONNECTION,
        "blind": Service.DEFLECT_CALL,
    },
    State.ACTIVE: {
        "end": Service.CLEAR_CONNECTION,
        "hold": Service.HOLD_CALL,
        "consult": Service.CONSULTATION_CALL,
        "blind": Service.SINGLE_STEP_TRANSFER_CALL,
        "digits": Service.GENERATE_DIGITS,
    },
    State.HELD: {
        "end": Service.CLEAR_CONNECTION,
        "retrieve": Service.RETRIEVE_CALL,
        "consult": Service.CONSULTATION_CALL,
        "blind": Service.SINGLE_STEP_TRANSFER_CALL,
    },
    State.CALLING: {"end": Service.CLEAR_CONNECTION},
}
_CONSULTATION = {"complete": Service.TRANSFER_CALL, "cancel": Service.RECONNECT_CALL}

_NOT_NOW = Said("This is not possible now.", "Das ist jetzt nicht möglich.", "Ce n'est pas possible maintenant.")
_OF_PBX: Mapping[str, Said] = {
    LINK_DOWN: Said(
        "The link to the PBX is down.",
        "Die Verbindung zur Telefonanlage ist unterbrochen.",
        "La liaison avec le central téléphonique est interrompue.",
    ),
    NOT_PERMITTED: Said(
        "The PBX does not permit this now.",
        "Die Telefonanlage lässt das jetzt nicht zu.",
        "Le central téléphonique ne le permet pas maintenant.",
    ),
    CANNOT: Said(
        "The PBX cannot do this: use the keys of the phone.",
        "Die Telefonanlage kann das nicht: es geht mit den Tasten des Telefons.",
        "Le central téléphonique ne sait pas le faire : utilisez les touches du téléphone.",
    ),
}
_WHY_NOT: Mapping[Service, Said] = {
    Service.ANSWER_CALL: Said(
        "This phone cannot be made to answer from here.",
        "Dieses Telefon kann von hier aus nicht abheben.",
        "Ce téléphone ne peut pas décrocher à distance.",
    ),
    Service.GENERATE_DIGITS: Said(
        "The other end takes no digits.",
        "Die Gegenstelle nimmt keine Ziffern an.",
        "Le correspondant n'accepte pas de chiffres.",
    ),
    Service.RETRIEVE_CALL: Said(
        "The phone is in another call.",
        "Das Telefon ist in einem anderen Gespräch.",
        "Le téléphone est dans un autre appel.",
    ),
}


def commands(
    can: Can, connection: ConnectionId, state: State, consults: bool, active: ConnectionId | None, language: Language
) -> dict[str, str]:  # fmt: skip
    """What the call's own user may do: "" where it is possible, else why it is not.

    ``active`` is what the device talks in while it holds the call: that one is held when this one is taken back.
    """
    menu = {**_MENUS[state], **_CONSULTATION} if consults else _MENUS[state]
    offered = dict(_offered(can, connection, menu, language))
    if active is not None:
        why = can(Service.ALTERNATE_CALL, active)
        offered["retrieve"] = reason(why, _NOT_NOW).by(language) if why else ""
    return offered


def pickup(can: Can, connection: ConnectionId, language: Language) -> dict[str, str]:
    """What others may do with a call that rings."""
    return dict(_offered(can, connection, {"pickup": Service.DIRECTED_PICKUP_CALL}, language))


def _offered(
    can: Can, connection: ConnectionId, menu: Mapping[str, Service], language: Language
) -> Iterator[tuple[str, str]]:  # fmt: skip
    for name, service in menu.items():
        why = can(service, connection)
        yield name, reason(why, _WHY_NOT.get(service, _NOT_NOW)).by(language) if why else ""


def reason(why: str, otherwise: Said) -> Said:
    """What people are told where the switch says ``why``; ``otherwise`` where that is no matter of the PBX."""
    return _OF_PBX.get(why.partition(":")[0], otherwise)
