"""A call that was begun at another server goes on here, and one of ours there: media flow between the ends anyway."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from magroup.cti import events
from magroup.cti.types import Call, Cause
from magroup.sip.dialog import next_hop
from magroup.sip.errors import GrammarError
from magroup.sip.hop import Hop
from magroup.sip.resume import ResumedSession, forget, resumed, session_form
from magroup.sip.sdes_relay import same_keys
from magroup.sip.sdp_relay import Origin
from magroup.sip.session_form import HopForm, SessionForm
from magroup.sip.session_state import SessionState
from magroup.sip.uri import parse_uri
from magroup.switch.call import SwitchCall
from magroup.switch.connect import fresh, same_stream
from magroup.switch.leg import Leg, Route
from magroup.switch.phase import Phase
from magroup.switch.stand_in import StandIn
from magroup.switch.talk_form import LegForm, PartyForm, RouteForm, TalkForm
from magroup.switch.tracing import link

if TYPE_CHECKING:
    from magroup.model.lines import Registration
    from magroup.switch.switch import SipSwitch


def talk_form(call: SwitchCall) -> TalkForm | None:
    """What is to be known of the call; None as long as not two talk in it, straight to each other."""
    peer = call.peer
    if call.phase is not Phase.TALKING or peer is None or not (_is_simple(call.caller) and _is_simple(peer)):
        return None
    return TalkForm(
        leg_form(call.caller), leg_form(peer), min(max(call.forwards, 0), 255), call.passed, call.came_from,
        call.diverted_from,
    )  # fmt: skip


def talking(call: SwitchCall) -> Call:
    """The snapshot as far as it is about the two that talk: a transfer that is under way is given up."""
    snapshot = call.snapshot
    for connection in snapshot.connections:
        if not call.has_leg(connection.id.device):
            snapshot = snapshot.without(connection.id.device)
    return snapshot


def _is_simple(leg: Leg) -> bool:
    """Whether the end's dialog serves this call now, and it hears no sound of ours."""
    return (
        leg.announcer is None
        and not isinstance(leg, StandIn)
        and leg.session.state is SessionState.CONFIRMED
    )


def leg_form(leg: Leg) -> LegForm:
    """What is to be known of an end whose dialog is confirmed."""
    route, origin = leg.route, leg.origin
    return LegForm(
        leg.device, PartyForm.of(leg.party), session_form(leg.session), leg.remote_sdp, leg.is_held, leg.is_held_here,
        leg.digits_by_info, leg.origin_id, origin.version if origin is not None else 0,
        origin.address if origin is not None else "",
        None if route is None
        else RouteForm(route.target, HopForm.of(route.hop), route.routes, route.trunk, route.line),
    )  # fmt: skip


def resume(switch: "SipSwitch", snapshot: Call, form: TalkForm) -> SwitchCall:
    """Go on with the call: ``form`` is a checked one. Raises ValueError where it, or one of its dialogs, is here."""
    check_not_here(switch, snapshot, form.caller.session, form.peer.session)
    call = SwitchCall(switch, snapshot.id, snapshot.calling, snapshot.called, form.forwards)
    call.snapshot = snapshot
    # Somebody may be on hold.
    switch.holding[call.id] = call
    call.passed, call.came_from, call.diverted_from = form.passed, form.came_from, form.diverted_from
    call.phase = Phase.TALKING
    call.caller = leg_of(switch, call, form.caller)
    call.peer = leg_of(switch, call, form.peer)
    link(call, call.caller, call.peer)
    call.emit(events.Established, call.peer.device)
    return call


def check_not_here(switch: "SipSwitch", snapshot: Call, *sessions: SessionForm) -> None:
    """Raises ValueError where the call, or one of its dialogs, is here, or it is over."""
    for one in sessions:
        if (one.call_id, one.local_tag) in switch.endpoint.dialogs:
            raise ValueError("a dialog that is here")
    if snapshot.ended or snapshot.id in switch.calls_by_id:
        raise ValueError("a call that is here, or over")


def leg_of(switch: "SipSwitch", call: SwitchCall, form: LegForm) -> Leg:
    """The end that ``form``, a checked one, is about."""
    route = None
    if form.route is not None:
        one = form.route
        route = Route(one.target, one.hop.hop(), one.routes, one.trunk, one.line)
    leg = Leg(call, form.device, form.party.party(), form.origin, route)
    leg.remote_sdp = form.remote_sdp
    leg.is_held, leg.is_held_here = form.is_held, form.is_held_here
    leg.digits_by_info = form.digits_by_info
    session = resumed(switch.endpoint, leg, form.session)
    leg.session = session
    if form.address:
        leg.origin = Origin(form.origin, form.address, form.version, form.session.local_sdp)
    if route is not None and route.trunk:
        session.authenticator = switch.trunks.authenticator(route.trunk)
    if session.awaits_connection and not switch.is_line(leg.device):
        # Another switch takes connections; a phone makes them.
        session.awaits_connection = False
        dialog = session.confirmed_dialog
        dialog.hop = next_hop(dialog.routes, parse_uri(dialog.target), Hop("udp", "", 0), False)
    return leg


def show_contacts(call: SwitchCall, is_known: Callable[[Hop], bool]) -> None:
    """Both ends are told where their requests go from now on; who is gone meanwhile is found out by it.

    Not the one at a hop where that ``is_known``.
    """
    ends = [(leg, leg.session) for leg in (call.caller, call.peer) if leg is not None]
    _show(call, *(
        (leg, session) for leg, session in ends
        if isinstance(session, ResumedSession) and not session.awaits_connection
        and not is_known(session.confirmed_dialog.hop)
    ))  # fmt: skip


def _show(call: SwitchCall, *ends: tuple[Leg, ResumedSession]) -> None:
    """One that has no UPDATE is asked by a re-INVITE: what it says anew in its answer is told to the other end."""
    left, is_changed = len(ends), False

    def shown(leg: Leg, answer: bytes) -> None:
        nonlocal left, is_changed
        left -= 1
        other = call.other(leg)
        if answer and other is not None:
            before, leg.remote_sdp = leg.remote_sdp, answer
            is_same = same_stream(before, answer) and same_keys(before, other.remote_sdp, answer)
            is_changed = is_changed or not is_same
        if is_changed and not left and _is_quiet(call) and call.peer is not None:
            fresh(call, call.caller, call.peer)

    for leg, session in ends:
        session.show_contact(lambda answer, leg=leg: shown(leg, answer))  # type: ignore[misc]


def _is_quiet(call: SwitchCall) -> bool:
    """Whether the two hear each other, and nothing is done to the call."""
    peer = call.peer
    if call.phase is not Phase.TALKING or peer is None or call.transfer is not None or call.steering is not None:
        return False
    return not (call.caller.is_held or peer.is_held)


def _waiting(call: SwitchCall) -> list[tuple[Leg, ResumedSession]]:
    """The ends whose phones are to make a connection first."""
    ends = [(leg, leg.session) for leg in (call.caller, call.peer) if leg is not None]
    return [
        (leg, session) for leg, session in ends
        if isinstance(session, ResumedSession) and session.awaits_connection and leg.is_up
    ]  # fmt: skip


def awaits_connection(call: SwitchCall) -> bool:
    """Whether a phone in the call is reached only when it has made a connection to this server."""
    return bool(_waiting(call))


def reconnected(call: SwitchCall, registration: "Registration") -> None:
    """A phone has registered here, or at another node: if it is one that the call waits for, it is reached again."""
    for leg, session in _waiting(call):
        dialog = session.confirmed_dialog
        if leg.device != registration.number or not is_same_phone(dialog.target, dialog.hop, registration):
            continue
        hop = call.switch.registrar.bindings.hop(registration)
        if hop.flow or registration.path:
            session.reconnected(hop, registration.path)
            _show(call, (leg, session))


def is_same_phone(target: str, hop: Hop, registration: "Registration") -> bool:
    """Whether who was reached by a connection at ``hop`` as ``target``, a URI, is who registers now."""
    try:
        contact, user = parse_uri(registration.contact), parse_uri(target).user
    except GrammarError:
        return False
    place = registration.received[0] or contact.host, registration.transport
    return user == contact.user and place == (hop.host, hop.transport)


def let_go(call: SwitchCall) -> None:
    """Another server has the call: it is none of ours any more, and nobody is told so but who looks at our calls."""
    if call.phase is Phase.ENDED:
        return
    call.phase = Phase.ENDED
    call.give_up_steering()
    call.transfer = None
    for ringing in call.ringing.values():
        ringing.cancel()
    for leg in (call.caller, call.peer):
        if isinstance(leg, StandIn):
            leg.hang_up()
        elif leg is not None:
            leg.silence()
            forget(leg.session)
    call.close("", Cause.NETWORK_NOT_OBTAINABLE)
