"""Who of a group can be rung for a call now, where, and for everybody else why not (spec 1.2 steps 1 and 4, 1.5)."""

from collections.abc import Iterator
from dataclasses import replace

from magroup.model.calls import Reason, ReasonCode
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.forwarding import Forwarded, Forwarding, ForwardTo
from magroup.model.groups import Member, VipRouting
from magroup.model.presence import Presence
from magroup.model.snapshot import Snapshot
from magroup.policy.caller import Caller
from magroup.policy.forwarding import forwarded, instead_of_manager
from magroup.policy.plan import Callee, CallView


@fixed
class Candidate:
    """A member as one to be rung; ``why_not`` is None for those who can be, ``detour`` says why it rings elsewhere.

    ``group_id`` is the group to which the member's calls are forwarded, 0 where a phone rings.
    """

    callee: Callee
    why_not: Reason | None = None
    detour: tuple[Reason, ...] = ()
    group_id: int = 0


@fixed
class Asked:
    """What is the same for all candidates; ``routing`` is None for calls that are no VIP calls."""

    snapshot: Snapshot
    call: CallView
    caller: Caller
    routing: VipRouting | None


def callee_of(snapshot: Snapshot, member: Member) -> Callee:
    """The member at the own line."""
    line = snapshot.configuration.line(member.number)
    return Callee(member.id, line.number if line else member.number, member.short_name, member.is_manager)


def candidates(snapshot: Snapshot, call: CallView) -> Iterator[Candidate]:
    """All members of the call's group in ringing order, the manager first."""
    asked = Asked(snapshot, call, Caller.of(snapshot.configuration, call.caller_number), _vip_routing(snapshot, call))
    return (_candidate(asked, member) for member in snapshot.configuration.members_of(call.group_id))


def _vip_routing(snapshot: Snapshot, call: CallView) -> VipRouting | None:
    """How a VIP call is handled; None for all other calls, and where there is no manager any more."""
    if call.vip is None or snapshot.configuration.manager_of(call.group_id) is None:
        return None
    return snapshot.configuration.group_by_id[call.group_id].vip_routing


def _candidate(asked: Asked, member: Member) -> Candidate:
    callee = callee_of(asked.snapshot, member)
    if asked.caller.is_member(member):
        return Candidate(callee, Reason(ReasonCode.CALLER_IS_MEMBER, member.short_name))
    if not member.is_manager:
        return _assistant(asked, member, callee)
    if asked.routing is None:
        return _manager(asked, member, callee)
    return _at_line(asked, callee, forwarded(asked.snapshot, callee.number))


def _manager(asked: Asked, manager: Member, callee: Callee) -> Candidate:
    """Application forwarding decides, whatever the presence (spec 8)."""
    snapshot = asked.snapshot
    forwarding = snapshot.forwarding_of_member(manager.id)
    if forwarding.to is ForwardTo.GROUP:
        return Candidate(callee, Reason(ReasonCode.MANAGER_FORWARDS_TO_ASSISTANTS, manager.short_name))
    if to := instead_of_manager(snapshot, manager):
        return _instead(asked, callee, forwarding, to)
    if away := _away(snapshot, manager, ReasonCode.MANAGER_NOT_AVAILABLE):
        return Candidate(callee, away)
    return _at_line(asked, callee, forwarded(snapshot, callee.number))


def _assistant(asked: Asked, member: Member, callee: Callee) -> Candidate:
    """Available, or with forwarding set; for VIP calls as the routing says, whose third one counts presence alone."""
    if asked.routing is VipRouting.MANAGER_ONLY:
        return Candidate(callee, Reason(ReasonCode.VIP_MANAGER_ONLY))
    to = forwarded(asked.snapshot, callee.number)
    counts_forwarding = asked.routing is not VipRouting.AVAILABLE
    if asked.routing is not VipRouting.ALL and not (to.by and counts_forwarding):
        if away := _away(asked.snapshot, member, ReasonCode.ASSISTANT_NOT_AVAILABLE):
            return Candidate(callee, away)
    return _at_line(asked, callee, to)


def _away(snapshot: Snapshot, member: Member, code: ReasonCode) -> Reason | None:
    presence = snapshot.presence_of(member.user_name).value
    if presence is Presence.AVAILABLE:
        return None
    return Reason(code, member.short_name, detail=presence.name.lower())


def _at_line(asked: Asked, callee: Callee, to: Forwarded) -> Candidate:
    """At the member's line or where that is forwarded to."""
    if not to.by:
        return _reached(asked, callee.short_name, callee, to, ())
    detour = _line_detour(asked.snapshot.configuration, callee.short_name, to)
    return _reached(asked, callee.short_name, replace(callee, number=to.number, through=to.through), to, detour)


def _instead(asked: Asked, manager: Callee, forwarding: Forwarding, to: Forwarded) -> Candidate:
    """At the target of application forwarding; the call was diverted from the manager number, not from the line."""
    configuration = asked.snapshot.configuration
    group_number = configuration.group_by_id[asked.call.group_id].number
    match forwarding.to:
        case ForwardTo.MOBILE:
            who, reason = manager.short_name, Reason(ReasonCode.MANAGER_FORWARDS_TO_MOBILE, manager.short_name)
        case ForwardTo.VOICEMAIL:
            who, reason = manager.short_name, Reason(ReasonCode.MANAGER_FORWARDS_TO_VOICEMAIL, manager.short_name)
        case _:
            who = _name_of_target(configuration, forwarding, forwarding.number)
            reason = Reason(ReasonCode.MANAGER_FORWARDS, manager.short_name, detail=who)
    detour = (reason, *(_line_detour(configuration, who, to) if to.by != forwarding else ()))
    callee = replace(
        manager,
        number=to.number,
        short_name=who,
        through=tuple(number for number in (group_number, *to.through[1:]) if number),
        instead=forwarding.to,
    )
    return _reached(asked, manager.short_name, callee, to, detour)


def _reached(asked: Asked, who: str, callee: Callee, to: Forwarded, detour: tuple[Reason, ...]) -> Candidate:
    """Whether the one at the end of the way of ``who`` can be rung."""
    configuration, call = asked.snapshot.configuration, asked.call
    if to.is_loop:
        return Candidate(callee, Reason(ReasonCode.FORWARD_LOOP, who))
    if to.by.to is ForwardTo.VOICEMAIL and (asked.snapshot.voicemail or not asked.caller.is_at(to.number)):
        return Candidate(replace(callee, is_voicemail=True, is_line=False), None, detour)
    line = configuration.line(to.number)
    if line is None and (group := configuration.group_of_number(to.number)):
        if group.id in (call.group_id, *call.passed):
            return Candidate(callee, Reason(ReasonCode.FORWARD_LOOP, who))
        return Candidate(callee, None, detour, group.id)
    if asked.caller.is_at(to.number):
        return Candidate(callee, Reason(ReasonCode.FORWARD_TO_CALLER, who))
    if line is None and to.by:
        return Candidate(replace(callee, is_line=False), None, detour)
    if to.number not in asked.snapshot.in_service:
        return Candidate(callee, _out_of_service(who, callee, to))
    return Candidate(callee, None, detour)


def _out_of_service(who: str, callee: Callee, to: Forwarded) -> Reason:
    if to.by:
        return Reason(ReasonCode.FORWARD_OUT_OF_SERVICE, who, detail=to.number)
    return Reason(ReasonCode.MANAGER_OUT_OF_SERVICE if callee.is_manager else ReasonCode.ASSISTANT_OUT_OF_SERVICE, who)


def _line_detour(configuration: Configuration, who: str, to: Forwarded) -> tuple[Reason, ...]:
    """That the line of ``who`` is forwarded, and where the call ends up by that."""
    match to.by.to:
        case ForwardTo.NONE:
            return ()
        case ForwardTo.MOBILE:
            return (Reason(ReasonCode.LINE_FORWARDS_TO_MOBILE, who),)
        case ForwardTo.VOICEMAIL:
            return (Reason(ReasonCode.LINE_FORWARDS_TO_VOICEMAIL, who),)
        case _:
            target = _name_of_target(configuration, to.by, to.number)
            return (Reason(ReasonCode.LINE_FORWARDS, who, detail=target),)


def _name_of_target(configuration: Configuration, forwarding: Forwarding, number: str) -> str:
    """The short name of a member, the name of a group, else the number."""
    if member := configuration.member_by_id.get(forwarding.member_id):
        return member.short_name
    group = configuration.group_of_number(number)
    return group.name if group else number
