"""Where a call goes by the forwardings that are set (spec 2): chains of lines, and what a manager has set instead."""

from magroup.model.configuration import Configuration
from magroup.model.forwarding import MAX_HOPS, NO_FORWARDING, Forwarded, Forwarding, ForwardTo
from magroup.model.groups import Member
from magroup.model.numbers import bare
from magroup.model.people import User
from magroup.model.snapshot import Snapshot


def forwarded(snapshot: Snapshot, number: str) -> Forwarded:
    """Where a call to ``number`` goes: through at most MAX_HOPS lines, the last of which rings though it is forwarded.

    A forwarding that names nothing, such as the mobile of somebody who has none any more, is none.
    """
    return _follow(snapshot, number, (), NO_FORWARDING)


def instead_of_manager(snapshot: Snapshot, manager: Member) -> Forwarded | None:
    """Where calls to the group go by its manager's application forwarding; None where that names no number."""
    configuration = snapshot.configuration
    forwarding = snapshot.forwarding_of_member(manager.id)
    target = target_of(configuration, forwarding, configuration.user(manager.user_name))
    if not target:
        return None
    line = configuration.line(manager.number)
    return _send_on(snapshot, forwarding, target, (line.number if line else manager.number,))


def target_of(configuration: Configuration, forwarding: Forwarding, user: User | None) -> str:
    """The number or mailbox that a forwarding of ``user`` names now, "" when it names none."""
    match forwarding.to:
        case ForwardTo.VOICEMAIL:
            return user.voicemail if user else ""
        case ForwardTo.MOBILE:
            return user.mobile if user else ""
        case ForwardTo.NUMBER:
            return forwarding.number
        case ForwardTo.MEMBER:
            member = configuration.member_by_id.get(forwarding.member_id)
            return member.number if member else ""
        case _:
            return ""


def to_mailbox(snapshot: Snapshot, box: str, through: tuple[str, ...], by: Forwarding = NO_FORWARDING) -> Forwarded:
    """To the pilot number, diverted from the mailbox; without a pilot to the mailbox's own number."""
    if snapshot.voicemail:
        return Forwarded(snapshot.voicemail, (*through, bare(box)), by)
    return Forwarded(bare(box), through, by)


def _follow(snapshot: Snapshot, number: str, lines: tuple[str, ...], by: Forwarding) -> Forwarded:
    """On from ``number``, which the call reached through ``lines``."""
    configuration = snapshot.configuration
    line = configuration.line(number)
    if line is None:
        group = configuration.group_of_number(number)
        return Forwarded(group.number if group else bare(number), lines, by)
    if line.number in lines:
        return Forwarded(line.number, lines, by, is_loop=True)
    forwarding = snapshot.forwarding_of_line(line.number)
    target = target_of(configuration, forwarding, configuration.user_of_number(line.number))
    if not target or len(lines) >= MAX_HOPS:
        return Forwarded(line.number, lines, by)
    return _send_on(snapshot, forwarding, target, (*lines, line.number))


def _send_on(snapshot: Snapshot, forwarding: Forwarding, target: str, lines: tuple[str, ...]) -> Forwarded:
    if forwarding.to is ForwardTo.VOICEMAIL:
        return to_mailbox(snapshot, target, lines, forwarding)
    return _follow(snapshot, target, lines, forwarding)
