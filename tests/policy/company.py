"""The company that the policy's and the groups' tests are about: that of the manual's pictures."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from magroup.model.configuration import Configuration
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.groups import Announcement, Group, Member, Overflow, OverflowTo, VipEntry
from magroup.model.lines import Line
from magroup.model.people import Contact, User
from magroup.model.presence import Presence, PresenceState
from magroup.model.snapshot import Snapshot

NUMBER = "8973"
OTHER_NUMBER = "8974"
LINES = {"Tij": "1047", "Raf": "1175", "Ara": "1068", "Leo": "1118", "San": "1072"}
USERS = {"Tij": "tijana", "Raf": "rafael", "Ara": "aradhana", "Leo": "leonard", "San": "san"}
TIJ, RAF, ARA, LEO, SAN = (LINES[name] for name in LINES)
CALLER = "0315311111"
STARS = {"Tij": 1, "Raf": 2, "Ara": 3, "Leo": 4, "San": 5}
MOBILES = {"Tij": "0791111111", "Raf": "079 222 22 22"}
MAILBOXES = {"Tij": "81047", "Raf": "81175"}
"""Leo, San and Ara have neither."""

TO_ASSISTANTS = Forwarding(ForwardTo.GROUP)
TO_MOBILE = Forwarding(ForwardTo.MOBILE)
TO_VOICEMAIL = Forwarding(ForwardTo.VOICEMAIL)


def to_number(number: str) -> Forwarding:
    return Forwarding(ForwardTo.NUMBER, number)


def to_member(member_id: int) -> Forwarding:
    return Forwarding(ForwardTo.MEMBER, member_id=member_id)


GROUP = Group(
    id=1,
    name="MA Group",
    number=NUMBER,
    manager_timeout=30,
    assistant_timeout=15,
    overflow=Overflow(OverflowTo.BUSY),
)
SALES = Group(
    id=2,
    name="Sales",
    number=OTHER_NUMBER,
    manager_timeout=20,
    assistant_timeout=10,
    overflow=Overflow(OverflowTo.BUSY),
)


def members(*short_names: str, manager: str = "Tij", group_id: int = 1, first_id: int = 1) -> tuple[Member, ...]:
    """Members in list order; ids count from ``first_id``."""
    return tuple(
        Member(first_id + at, group_id, USERS[name], LINES[name], name, name == manager, at + 1)
        for at, name in enumerate(short_names)
    )


def company(
    *,
    team: tuple[Member, ...] | None = None,
    other: Group | None = None,
    other_team: tuple[Member, ...] = (),
    waiting: Iterable[str] = (),
    vips: Iterable[str] = (),
    contacts: tuple[Contact, ...] = (),
    **options: Any,
) -> Configuration:
    """One group of Tij (manager), Raf and Ara, with ``options`` of the group, and perhaps another group.

    ``vips`` are the entries in the list of the first group's first member.
    """
    team = members("Tij", "Raf", "Ara") if team is None else team
    waves = (Announcement(at, 1, wave, at) for at, wave in enumerate(waiting, 1))
    users = (
        User(
            at,
            USERS[name],
            name,
            lines=(LINES[name],),
            stars=STARS[name],
            mobile=MOBILES.get(name, ""),
            voicemail=MAILBOXES.get(name, ""),
        )
        for at, name in enumerate(LINES, 1)
    )
    return Configuration(
        users=tuple(users),
        lines=tuple(Line(number, "secret") for number in LINES.values()),
        groups=(replace(GROUP, **options), *([other] if other else [])),
        members=(*team, *other_team),
        announcements=tuple(waves),
        vips=tuple(VipEntry(at, 1, number) for at, number in enumerate(vips, 1)),
        contacts=contacts,
    )


def snapshot(
    configuration: Configuration | None = None,
    presence: Mapping[str, Presence] | None = None,
    out_of_service: Iterable[str] = (),
    instead: Mapping[int, Forwarding] | None = None,
    forwards: Mapping[str, Forwarding] | None = None,
    pilot: str = "",
    **options: Any,
) -> Snapshot:
    """``presence`` by short name; ``out_of_service`` are numbers; ``options`` as for ``company``.

    ``instead`` is application forwarding by member id, ``forwards`` line forwarding by short name.
    """
    return Snapshot(
        configuration or company(**options),
        presence={USERS[name]: PresenceState(value) for name, value in (presence or {}).items()},
        application_forwarding=instead or {},
        line_forwarding={LINES[name]: forwarding for name, forwarding in (forwards or {}).items()},
        in_service=frozenset(LINES.values()) - frozenset(out_of_service),
        voicemail=pilot,
    )
