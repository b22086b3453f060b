"""Any company at any moment, for properties: two groups of five people, with all options, presence and forwardings."""

from dataclasses import replace

from hypothesis import strategies as st

from magroup.model.forwarding import NO_FORWARDING, Forwarding
from magroup.model.groups import Group, Overflow, OverflowTo, ShowVipCalls, VipRouting
from magroup.model.presence import Presence
from magroup.model.snapshot import Snapshot
from tests.policy.company import (
    CALLER,
    GROUP,
    LINES,
    MOBILES,
    NUMBER,
    OTHER_NUMBER,
    SALES,
    TO_ASSISTANTS,
    TO_MOBILE,
    TO_VOICEMAIL,
    company,
    members,
    snapshot,
    to_member,
    to_number,
)

names = st.sampled_from(sorted(LINES))
teams = st.lists(names, unique=True, max_size=5)
managers = st.sampled_from(["", *LINES])
timeouts = st.sampled_from([0, 1, 15])
overflows = st.sampled_from(
    [
        Overflow(),
        Overflow(OverflowTo.BUSY),
        Overflow(OverflowTo.NUMBER, "4321"),
        Overflow(OverflowTo.NUMBER, NUMBER),
        Overflow(OverflowTo.NUMBER, OTHER_NUMBER),
        Overflow(OverflowTo.NUMBER, LINES["Leo"]),
        Overflow(OverflowTo.VOICEMAIL, "1047"),
        Overflow(OverflowTo.VOICEMAIL, "81047"),
        Overflow(OverflowTo.VOICEMAIL, OTHER_NUMBER),
        Overflow(OverflowTo.GROUP, "1"),
        Overflow(OverflowTo.GROUP, "2"),
        Overflow(OverflowTo.GROUP, "3"),
    ]
)
callers = st.sampled_from(["", CALLER, *LINES.values(), *MOBILES.values()])
welcomes = st.sampled_from(["", "Welcome.wav"])
line_forwardings = st.sampled_from(
    [
        NO_FORWARDING,
        TO_MOBILE,
        TO_VOICEMAIL,
        *(to_number(number) for number in ("4321", NUMBER, OTHER_NUMBER, *LINES.values())),
        *(to_member(member_id) for member_id in (1, 2, 3, 11, 12, 99)),
    ]
)
application_forwardings = st.one_of(st.just(TO_ASSISTANTS), line_forwardings)


@st.composite
def groups(draw: st.DrawFn, group: Group) -> Group:
    return replace(
        group,
        overflow=draw(overflows),
        manager_timeout=draw(timeouts),
        assistant_timeout=draw(timeouts),
        welcome=draw(welcomes),
        ring_parallel=draw(st.booleans()),
        assistant_to_manager=draw(st.booleans()),
        vip_threshold=draw(st.sampled_from([0, 1, 3, 5, 6])),
        vip_routing=draw(st.sampled_from(VipRouting)),
        show_vip_calls=draw(st.sampled_from(ShowVipCalls)),
    )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    configuration = company(
        team=members(*draw(teams), manager=draw(managers)),
        other=draw(groups(SALES)),
        other_team=members(*draw(teams), manager=draw(managers), group_id=2, first_id=11),
        vips=draw(st.sampled_from([(), (CALLER,), ("!",)])),
    )
    configuration = replace(configuration, groups=(draw(groups(GROUP)), configuration.groups[1]))
    return snapshot(
        configuration,
        draw(st.dictionaries(names, st.sampled_from(list(Presence)))),
        draw(st.lists(st.sampled_from(list(LINES.values())))),
        draw(st.dictionaries(st.sampled_from([1, 2, 11, 12]), application_forwardings)),
        draw(st.dictionaries(names, line_forwardings, max_size=4)),
        draw(st.sampled_from(["", "80000"])),
    )


def as_set(world: Snapshot, name: str) -> Forwarding:
    """The forwarding of the line of ``name``."""
    return world.forwarding_of_line(LINES[name])
