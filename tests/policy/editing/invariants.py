"""What must be so in every configuration, whatever was edited."""

from collections import Counter
from collections.abc import Hashable, Iterable

from magroup.model.configuration import Configuration
from magroup.model.groups import OverflowTo


def broken(configuration: Configuration) -> list[str]:
    """A word for each thing that is wrong."""
    c = configuration
    users = {user.key for user in c.users}
    lines = {line.number for line in c.lines}
    groups = {group.id for group in c.groups}
    members = {member.id: member for member in c.members}
    found = [
        ("user names", _twice(user.key for user in c.users)),
        ("group names", _twice(group.name.casefold() for group in c.groups)),
        ("phone names", _twice(phone.device_name.casefold() for phone in c.phones)),
        ("trunk names", _twice(trunk.name.casefold() for trunk in c.trunks)),
        ("numbers", _twice(c.plan.canonical(n) for n in (*lines, *(g.number for g in c.groups if g.number)))),
        ("lines of users", [n for user in c.users for n in user.lines if n not in lines]),
        ("lines of phones", [n for phone in c.phones for n in phone.lines if n not in lines]),
        ("groups of members", [m.id for m in c.members if m.group_id not in groups]),
        ("users of members", [m.id for m in c.members if m.user_name.casefold() not in users]),
        ("lines of members", [m.id for m in c.members if m.number not in lines]),
        ("short names", [m.id for m in c.members if not 1 <= len(m.short_name) <= 8]),
        ("members", _twice((m.group_id, m.user_name.casefold(), m.number) for m in c.members)),
        ("managers", _twice(m.group_id for m in c.members if m.is_manager)),
        ("default trunks", _twice(trunk.is_default for trunk in c.trunks if trunk.is_default)),
        ("VIPs of nobody", [v.id for v in c.vips if v.member_id not in members or not members[v.member_id].is_manager]),
        ("shown groups", [line.number for line in c.lines if line.displayed_group not in {0, *groups}]),
        (
            "overflows",
            [g.id for g in c.groups if g.overflow.to is OverflowTo.GROUP and int(g.overflow.target) not in groups],
        ),
    ]
    for kind in ("users", "contacts", "trunks", "groups", "members", "announcements", "vips"):
        things = getattr(c, kind)
        found.append((f"ids of {kind}", _twice(thing.id for thing in things)))
        found.append((f"last id of {kind}", [t.id for t in things if t.id > getattr(c.last_ids, kind) > 0]))
    for group in groups:
        listed = [m.position for m in c.members_of(group)]
        found.append(("positions", [] if listed == list(range(1, len(listed) + 1)) else listed))
        played = [one.priority for one in c.announcements_of(group)]
        found.append(("priorities", [] if played == list(range(1, len(played) + 1)) else played))
    return [f"{what}: {wrong}" for what, wrong in found if wrong]


def _twice(values: Iterable[Hashable]) -> list[Hashable]:
    return [value for value, count in Counter(values).items() if count > 1]
