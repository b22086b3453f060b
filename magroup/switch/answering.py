"""Letting a phone that rings answer by itself, in the way that it understands (ECMA-269 17.1.3).

Cisco's own phones by remotecc, phones with the event package ``talk`` by NOTIFY, all others by a second INVITE that
asks to be answered at once (RFC 5373, and what came before it). Replaces would be no help there: a phone must not let
a dialog that it has not started be replaced while that is early (RFC 3891 section 3).
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import TYPE_CHECKING

from twisted.logger import Logger

from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import DeviceCapabilitiesChanged
from magroup.cti.types import ConnectionId
from magroup.model.lines import Registration
from magroup.switch.demands import call_of
from magroup.switch.leg import Leg
from magroup.switch.remotecc import answer_by_remotecc, knows_remotecc
from magroup.switch.ringing import Ringing
from magroup.switch.talk_event import talk

if TYPE_CHECKING:
    from magroup.switch.switch import SipSwitch

log = Logger()
ANSWERS_WITHIN = 4.0
"""Seconds after which a phone that was asked to answer by itself, and rings, is known not to do so."""


class Way(IntEnum):
    """How a phone is told to answer, the best first."""

    REMOTECC = 1
    TALK = 2
    INVITE = 3


def check_answer(switch: "SipSwitch", connection: ConnectionId) -> tuple[Ringing, Leg, Registration, Way]:
    """What rings, the leg of the phone that is to answer, and how. Raises ServiceError."""
    call, device = call_of(switch, connection), connection.device
    ringing = call.ringing.get(device)
    if ringing is None or not ringing.is_started:
        raise ServiceError(Failure.NO_CALL_TO_ANSWER, f"No call rings at {device}")
    if ringing.is_prompted:
        raise ServiceError(Failure.RESOURCE_BUSY, f"{device} is just being answered")
    ways = sorted(_ways(switch, ringing), key=lambda found: found[0])
    if ways:
        way, leg, registration = ways[0]
        return ringing, leg, registration, way
    if all(leg.route is None or leg.route.trunk for leg in ringing.legs):
        raise ServiceError(Failure.NOT_SUPPORTED, f"{device} is behind a trunk and cannot be told to answer")
    raise ServiceError(Failure.NOT_SUPPORTED, f"The phone of {device} does not answer by itself")


def _ways(switch: "SipSwitch", ringing: Ringing) -> Iterator[tuple[Way, Leg, Registration]]:
    registrar = switch.registrar
    for leg in ringing.legs:
        phone = registrar.phone_of(leg.route) if leg.route is not None and not leg.route.trunk else None
        if phone is None:
            continue
        if leg.session.dialog is not None and knows_remotecc(phone.user_agent):
            yield Way.REMOTECC, leg, phone
        elif leg.session.dialog is not None and registrar.phones.talks(phone):
            yield Way.TALK, leg, phone
        elif not registrar.phones.is_deaf(phone):
            yield Way.INVITE, leg, phone


def answer_call(switch: "SipSwitch", connection: ConnectionId) -> None:
    """Tell one phone of the device to answer; one that refuses the short way is asked by the long one."""
    ringing, leg, phone, way = check_answer(switch, connection)
    phones = switch.registrar.phones
    log.info("{device} is told to answer by {way}", device=connection.device, way=way.name)

    def refused(status: int) -> None:
        log.info("{device} refuses to answer by {way} ({status})",
                 device=connection.device, way=way.name, status=status)  # fmt: skip
        if way is Way.TALK:
            phones.does_not_talk(phone)
        if leg in ringing.legs and not ringing.is_prompted and not phones.is_deaf(phone):
            _invite(switch, ringing, leg, phone)

    if way is Way.REMOTECC:
        answer_by_remotecc(leg, refused)
    elif way is Way.TALK:
        talk(leg, refused)
    else:
        _invite(switch, ringing, leg, phone)


def answer_own(switch: "SipSwitch", ringing: Ringing) -> None:
    """A phone that rings for a call of its own wish is asked to answer by its INVITE; tell one that wants more."""
    for way, leg, _ in sorted(_ways(switch, ringing), key=lambda found: found[0])[:1]:
        if way is Way.REMOTECC:
            answer_by_remotecc(leg, _nothing)
        elif way is Way.TALK:
            talk(leg, _nothing)


def _nothing(status: int) -> None:
    """It rings, and may be answered by hand."""


def _invite(switch: "SipSwitch", ringing: Ringing, leg: Leg, phone: Registration) -> None:
    assert leg.route is not None
    second = ringing.prompt(leg.route)

    def look() -> None:
        if second in ringing.legs:
            log.info("{device} does not answer by itself", device=phone.number)
            switch.registrar.phones.was_deaf(phone)
            ringing.stop_prompting(second)
            switch.report(DeviceCapabilitiesChanged(phone.number, switch.clock.seconds()))

    switch.timers.after(ANSWERS_WITHIN, look)
