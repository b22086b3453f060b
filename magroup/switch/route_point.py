"""Calls at a route point: what the application does with them (the RoutePoints part of the port)."""

from collections.abc import Iterable, Sequence
from typing import Final

from twisted.logger import Logger

from magroup.cti import events
from magroup.cti.switch import Accept, Ring
from magroup.cti.types import Cause
from magroup.model.recording import Recorded, Recording, RecordingEnd
from magroup.sip.accept import IncomingSession
from magroup.sip.errors import SipError, phrase
from magroup.switch.call import SwitchCall
from magroup.switch.forwarding import go_to
from magroup.switch.media import Announcer, capture
from magroup.switch.phase import Phase
from magroup.switch.ringing import cause_of, status_of

log = Logger(__name__)
_ORDER: Final = {None: 0, Accept.RINGING: 1, Accept.EARLY_MEDIA: 2, Accept.ANSWER: 3}


def accept(call: SwitchCall, how: Accept) -> None:
    """Tell the caller how it stands; without media in common, or ports, the call is refused."""
    session = call.caller.session
    if call.caller.is_up:
        _accept_answered(call, how)
        return
    if how is Accept.EARLY_MEDIA and isinstance(session, IncomingSession) and not session.offer:
        # An early offer of ours would need a PRACK with the answer, which few phones do.
        how = Accept.ANSWER
    if _ORDER[how] <= _ORDER[call.accepted] or not isinstance(session, IncomingSession):
        return
    call.accepted = how
    if how is Accept.RINGING:
        session.progress(180)
        return
    try:
        announcer = announcer_of(call)
    except SipError as error:
        call.refuse(error.status, error.reason, cause_of(error.status), headers=error.headers)
        return
    if how is Accept.EARLY_MEDIA:
        session.progress(183, announcer.description)
        announcer.is_heard = True
    else:
        session.answer(announcer.description)


def _accept_answered(call: SwitchCall, how: Accept) -> None:
    """The caller was answered before it came here: by another group, or before it was transferred."""
    caller = call.caller
    if call.accepted is None and caller.announcer is None:
        try:
            capture(call.switch.media, caller)
        except SipError as error:
            call.refuse(error.status, error.reason, cause_of(error.status), headers=error.headers)
            return
    call.accepted = Accept.ANSWER
    if how is Accept.RINGING and caller.announcer is not None and not caller.announcer.is_playing:
        caller.announcer.tone("ringback")


def announcer_of(call: SwitchCall) -> Announcer:
    """What plays to the caller, made when first needed. Raises SipError(488, 503)."""
    caller = call.caller
    if caller.announcer is None:
        caller.announcer = Announcer(call.switch.media, caller)
        try:
            caller.announcer.describe(caller)
        except SipError:
            caller.silence()
            raise
    return caller.announcer


def play(call: SwitchCall, sounds: Sequence[str], repeat: bool) -> None:
    """Play sounds as soon as the caller can hear them."""
    if call.accepted in (None, Accept.RINGING):
        accept(call, Accept.EARLY_MEDIA)
    if call.phase is not Phase.AT_ROUTE_POINT:
        return
    caller = call.caller

    def ended() -> None:
        if call.phase is Phase.AT_ROUTE_POINT:
            call.emit(events.MessageEnded, call.route_point)

    def begin() -> None:
        if caller.announcer is not None:
            caller.announcer.is_heard = True
            caller.announcer.play(sounds, repeat, None if repeat else ended)

    session = caller.session
    if caller.announcer is None:
        call.switch.timers.after(0.0, ended)
    elif isinstance(session, IncomingSession) and caller.is_up and not session.is_acknowledged:
        call.then_play = begin
    else:
        begin()


def record(call: SwitchCall, recording: Recording) -> None:
    """Record the caller; an unanswered one is answered."""
    switch, point = call.switch, call.route_point

    def done(recorded: Recorded) -> None:
        switch.report(events.MessageRecorded(point, switch.clock.seconds(), call.id, recorded))

    accept(call, Accept.ANSWER)
    announcer = call.caller.announcer
    if call.phase is Phase.AT_ROUTE_POINT and announcer is not None:
        announcer.record(recording, done)
    else:
        done(Recorded(recording.path, 0.0, RecordingEnd.FAILED))


def stop(call: SwitchCall) -> None:
    call.then_play = None
    if call.caller.announcer is not None:
        call.caller.announcer.stop()


def ring(call: SwitchCall, rings: Sequence[Ring]) -> None:
    for one in rings:
        if call.phase is Phase.AT_ROUTE_POINT:
            call.ring(one.device, one.shown_as, (*call.diverted_from, *one.diverted_from))


def cancel(call: SwitchCall, devices: Iterable[str], cause: Cause) -> None:
    for device in tuple(devices):
        call.stop_ringing(device, cause)


def deflect(call: SwitchCall, ring: Ring) -> None:
    """Send the call on: it is rung there, or offered there when that is a route point too."""
    for device in tuple(call.ringing):
        call.stop_ringing(device, Cause.REDIRECTED)
    stop(call)
    left = call.route_point
    call.drop(left)
    call.route_point = ""
    call.emit(events.Diverted, left, Cause.REDIRECTED, new_destination=ring.device)
    if call.switch.is_route_point(ring.device):
        call.diverted_from = (*call.diverted_from, *ring.diverted_from)
        call.route(ring.device)
        return
    go_to(call, ring.device, ring.shown_as, (*call.diverted_from, *ring.diverted_from))


def clear(call: SwitchCall, cause: Cause) -> None:
    for device in tuple(call.ringing):
        call.stop_ringing(device, cause)
    stop(call)
    if cause is Cause.NORMAL_CLEARING and call.caller.is_up:
        call.end("", cause)
        return
    status = status_of(cause)
    headers = {"Reason": 'Q.850;cause=17;text="User busy"'} if cause is Cause.BUSY else None
    call.refuse(status, phrase(status), cause, headers=headers)
