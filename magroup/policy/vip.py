"""Who is a VIP of a group's manager (spec 1.5), and who gets to see the call."""

from collections.abc import Container, Iterable

from magroup.model.calls import Reason, ReasonCode, Vip
from magroup.model.groups import Group, Member, ShowVipCalls
from magroup.model.snapshot import Snapshot
from magroup.policy.caller import Caller

MARK = "<VIP>"


def vip_of(snapshot: Snapshot, group: Group, caller_number: str) -> Vip | None:
    """Whether a call that enters the group is a VIP call. A manager who calls the own number is none."""
    manager = snapshot.configuration.manager_of(group.id)
    if manager is None or Caller.of(snapshot.configuration, caller_number).is_member(manager):
        return None
    reason = _listed(snapshot, manager, caller_number) or _by_stars(snapshot, group, caller_number)
    return Vip(reason, group.show_vip_calls) if reason else None


def _listed(snapshot: Snapshot, manager: Member, caller_number: str) -> Reason | None:
    if not caller_number:
        return None
    plan = snapshot.configuration.plan
    entries = (entry.number for entry in snapshot.configuration.vips_of(manager.id))
    found = next((entry for entry in entries if plan.matches(entry, caller_number)), "")
    return Reason(ReasonCode.VIP_LISTED, detail=found) if found else None


def _by_stars(snapshot: Snapshot, group: Group, caller_number: str) -> Reason | None:
    """A user has at most 5 stars, so that a threshold above 5 makes nobody a VIP."""
    if group.vip_threshold <= 0:
        return Reason(ReasonCode.VIP_EVERYBODY)
    user = snapshot.configuration.user_of_number(caller_number)
    if user is None or user.stars < group.vip_threshold:
        return None
    return Reason(ReasonCode.VIP_STARS, detail=str(user.stars))


def is_hidden(vip: Vip | None) -> bool:
    """Whether the call is hidden everywhere but on the phone that rings or talks; nobody can pick it up then."""
    return vip is not None and vip.show is ShowVipCalls.MANAGER


def visible_to(vip: Vip | None, devices: Container[str], numbers: Iterable[str]) -> bool:
    """Whether somebody with the lines ``numbers`` sees the call that rings or talks at ``devices``."""
    return not is_hidden(vip) or any(number in devices for number in numbers)


def shown_name(vip: Vip | None, name: str, number: str) -> str:
    """The name to be shown for a caller: with a mark appended, to the number where there is no name."""
    if vip is None or vip.show is not ShowVipCalls.MARKED:
        return name
    return f"{name or number} {MARK}".lstrip()
