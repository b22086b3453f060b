"""What the status display of phones shows of a group: a table for each state, option and viewer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.types import Call, Connection, ConnectionId, ConnectionState, Party
from magroup.groups.picture import Scene
from magroup.groups.picture.status import (
    MOST_RINGING,
    CallSymbol,
    GroupStatus,
    RingingCall,
    StatusView,
    Tile,
    displayed,
)
from magroup.model.calls import Reason, ReasonCode, Vip
from magroup.model.configuration import Configuration
from magroup.model.forwarding import NO_FORWARDING, Forwarding, ForwardTo
from magroup.model.groups import Group, Member, ShowVipCalls
from magroup.model.lines import Line, LineState, Phone
from magroup.model.people import Contact, Privilege, User
from magroup.model.presence import Presence, PresenceState

RINGS, TALKS, HOLDS, DIALS = (
    ConnectionState.ALERTING, ConnectionState.CONNECTED, ConnectionState.HOLD, ConnectionState.INITIATED,
)  # fmt: skip
OUTSIDE = Party("0791112233", "Bob", external=True)
INSIDE = Party("15", "Eve")
COMPANY = Configuration(
    users=(
        User(1, "Ann", "Ann", "Boss", lines=("10", "1 9")),
        User(2, "ben", "Ben", "Aide", lines=("11",), voicemail="90", mobile="079"),
        User(3, "cid", "Cid", "Mate", lines=("12",)),
        User(4, "dora", "Dora", "Root", lines=("14",), privileges=frozenset({Privilege.ADMIN})),
        User(5, "eve", "Eve", "Star", lines=("15",)),
    ),
    lines=(*map(Line, ("10", "19", "11", "12")), Line("14", displayed_group=1), Line("15", displayed_group=1)),
    groups=(Group(1, "Board", number="50"), Group(2, "Another")),
    members=(
        Member(2, 1, "ben", "11", "Ben", position=2), Member(1, 1, "ann", "10", "Ann", True),
        Member(3, 1, "cid", "12", "Cid", position=3), Member(4, 2, "ben", "11", "Benny"),
        Member(5, 2, "eve", "15", "Eve", position=2),
    ),
    contacts=(Contact(1, "0319", "Shop"),),
)  # fmt: skip
GROUP = COMPANY.groups[0]
LISTED = Reason(ReasonCode.VIP_LISTED, detail="079!")


def connection(device: str, state: ConnectionState, party: Party | None = None, inbound: bool = True) -> Connection:
    return Connection(ConnectionId("c", device), state, party or Party(device), inbound, 7.0)


def incoming(state: ConnectionState, *devices: str, caller: Party = OUTSIDE, id: str = "c", at: float = 1.0) -> Call:
    parts = (connection(caller.number, TALKS, caller, False), *(connection(device, state) for device in devices))
    return Call(id, caller, Party("50"), at, parts)


def outgoing(state: ConnectionState, device: str, called: Party, answered: bool = False) -> Call:
    parts = (connection(device, state, None, False), connection(called.number, TALKS if answered else RINGS, called))
    return Call("c", Party(device), called, 1.0, parts)


def scene(
    *calls: Call, company: Configuration = COMPANY, vip: Vip | None = None,
    presence: Mapping[str, Presence] | None = None, lines: Mapping[str, LineState] | None = None,
    forwarded: Mapping[str | int, Forwarding] | None = None,
) -> Scene:  # fmt: skip
    """``forwarded`` by number as stored, or by the manager's member id."""

    def calls_at(number: str) -> Sequence[Call]:
        return sorted((call for call in calls if call.connection(number)), key=lambda call: call.started_at)

    def forwarding(whose: str | int) -> Forwarding:
        return (forwarded or {}).get(whose, NO_FORWARDING)

    return Scene(
        company, lambda name: PresenceState((presence or {}).get(name.casefold(), Presence.AVAILABLE)), forwarding,
        forwarding, lambda number: (lines or {}).get(number, LineState.IDLE), calls_at, lambda call_id: vip,
        lambda *one: "",
    )  # fmt: skip


def seen(one: Scene, viewer: str = "cid", group: Group = GROUP, most: int = 24) -> StatusView:
    return GroupStatus(one, group, most).view(viewer)


def tile(one: Scene, index: str, viewer: str = "cid", **options: Any) -> Tile:
    return next(tile for tile in seen(one, viewer, **options).tiles if tile.index == index)


class Members(SynchronousTestCase):
    """Who is there, in which order, with which index."""

    def test_in_list_order_the_manager_first(self) -> None:
        view = seen(scene())
        self.assertEqual((view.title, view.more), ("Board", 0))
        self.assertEqual(
            [(tile.index, tile.short, tile.is_manager, tile.member_id) for tile in view.tiles],
            [("1", "Ann", True, 1), ("2", "Ben", False, 2), ("3", "Cid", False, 3)],
        )

    def test_letters_after_nine_and_nothing_after_z(self) -> None:
        members = tuple(Member(n, 1, f"u{n}", str(100 + n), f"U{n}", position=n) for n in range(1, 41))
        one = scene(company=Configuration(groups=(GROUP,), members=members))
        for most, last in ((18, "I"), (24, "O"), (40, "")):
            view = seen(one, most=most)
            self.assertEqual((len(view.tiles), view.more), (most, 40 - most))
            self.assertEqual([view.tiles[n].index for n in (8, 9)], ["9", "A"])
            self.assertEqual(view.tiles[-1].index, last)
        self.assertEqual(seen(one, most=40).tiles[34].index, "Z")

    def test_presence_and_line(self) -> None:
        one = scene(presence={"ben": Presence.DND}, lines={"11": LineState.OUT_OF_SERVICE, "19": LineState.BUSY})
        self.assertEqual((tile(one, "2").presence, tile(one, "2").line), (Presence.DND, LineState.OUT_OF_SERVICE))
        self.assertEqual(tile(one, "1").line, LineState.IDLE)

    def test_names_without_control_characters(self) -> None:
        company = COMPANY.changed(
            groups=(replace(GROUP, name="A\x00\nB\ud800"),), members=(Member(1, 1, "ann", "10", "\u202eX\r"),)
        )  # fmt: skip
        view = seen(scene(company=company), group=company.groups[0])
        self.assertEqual((view.title, view.tiles[0].short), ("AB", "X"))


class Forwardings(SynchronousTestCase):
    """The arrow has an index where the calls go to somebody of the group."""

    def test_targets(self) -> None:
        for forwarding, expected in (
            (Forwarding(ForwardTo.MEMBER, member_id=3), "3"), (Forwarding(ForwardTo.MEMBER, member_id=1), "1"),
            (Forwarding(ForwardTo.MEMBER, member_id=4), "2"), (Forwarding(ForwardTo.MEMBER, member_id=5), ""),
            (Forwarding(ForwardTo.MEMBER, member_id=99), ""), (Forwarding(ForwardTo.NUMBER, "1 2"), "3"),
            (Forwarding(ForwardTo.NUMBER, "19"), "1"), (Forwarding(ForwardTo.NUMBER, "0791"), ""),
            (Forwarding(ForwardTo.NUMBER, "50"), ""), (Forwarding(ForwardTo.VOICEMAIL), ""),
            (Forwarding(ForwardTo.MOBILE), ""), (NO_FORWARDING, None),
        ):  # fmt: skip
            self.assertEqual(tile(scene(forwarded={"11": forwarding}), "2").forwarded, expected, forwarding)

    def test_the_managers_own_and_that_of_the_line(self) -> None:
        to_ben, to_cid = (Forwarding(ForwardTo.MEMBER, member_id=id) for id in (2, 3))
        for forwarded, expected in (
            ({1: to_ben}, "2"), ({"10": to_cid}, "3"), ({1: to_ben, "10": to_cid}, "2"),
            ({1: Forwarding(ForwardTo.GROUP)}, ""), ({2: to_cid}, None),
        ):  # fmt: skip
            self.assertEqual(tile(scene(forwarded=forwarded), "1").forwarded, expected, forwarded)
        self.assertEqual(tile(scene(forwarded={2: to_cid}), "2").forwarded, None)


class Symbols(SynchronousTestCase):
    """The call that is shown beside the name."""

    def test_in_and_out_from_inside_and_outside(self) -> None:
        for call, expected in (
            (incoming(RINGS, "11"), CallSymbol(True, True)), (incoming(TALKS, "11"), CallSymbol(True, True)),
            (incoming(HOLDS, "11", caller=INSIDE), CallSymbol(True, False)),
            (outgoing(DIALS, "11", OUTSIDE), CallSymbol(False, True)),
            (outgoing(TALKS, "11", INSIDE), CallSymbol(False, False)),
            (outgoing(TALKS, "11", OUTSIDE, answered=True), CallSymbol(False, True)),
            (incoming(ConnectionState.FAILED, "11"), None), (incoming(TALKS, "12"), None),
        ):  # fmt: skip
            for shows_calls in (True, False):
                group = replace(GROUP, show_calls=shows_calls)
                self.assertEqual(tile(scene(call), "2", group=group).call, expected, call)

    def test_the_one_that_makes_the_state_of_the_line(self) -> None:
        held = incoming(HOLDS, "11", caller=INSIDE, id="held")
        rings = incoming(RINGS, "11", id="rings", at=2.0)
        talks = incoming(TALKS, "11", caller=Party("12"), id="talks", at=3.0)
        for calls, external in (((held,), False), ((held, rings), True), ((held, rings, talks), False)):
            self.assertEqual(tile(scene(*calls), "2").call, CallSymbol(True, external))

    def test_all_lines_of_the_user(self) -> None:
        self.assertEqual(tile(scene(incoming(RINGS, "19")), "1").call, CallSymbol(True, True))


class Ringing(SynchronousTestCase):
    """Calls that ring are listed with Show call information, as the group identifies callers."""

    def rings(self, *calls: Call, group: Group = GROUP, viewer: str = "cid", vip: Vip | None = None) -> Any:
        return seen(scene(*calls, vip=vip), viewer, group).ringing

    def test_identification(self) -> None:
        for caller, options, expected in (
            (OUTSIDE, {}, ("Bob", "0791112233")), (Party("0319"), {}, ("Shop", "0319")),
            (Party("031"), {}, ("", "031")), (Party("", "Anonymous"), {}, ("Anonymous", "")), (Party(""), {}, ("", "")),
            (OUTSIDE, {"caller_name": "%managerShortName%: %callerName%"}, ("Ann: Bob", "0791112233")),
            (OUTSIDE, {"caller_name": "%callerNumber% %callerName%"}, ("0791112233 Bob", "")),
            (OUTSIDE, {"caller_number": "%managerNumber%", "caller_name": "%callerName%"}, ("Bob", "50")),
        ):  # fmt: skip
            found = self.rings(incoming(RINGS, "11", caller=caller), group=replace(GROUP, **options))
            self.assertEqual(found, (RingingCall(*expected, ("Ben",)),))

    def test_only_ringing_ones_and_only_where_shown(self) -> None:
        for call, shows_calls, count in (
            (incoming(RINGS, "11"), True, 1), (incoming(RINGS, "11"), False, 0), (incoming(TALKS, "11"), True, 0),
            (incoming(HOLDS, "11"), True, 0), (outgoing(DIALS, "11", OUTSIDE), True, 0),
            (outgoing(DIALS, "11", Party("12")), True, 1),
        ):  # fmt: skip
            found = self.rings(call, group=replace(GROUP, show_calls=shows_calls))
            self.assertEqual(len(found), count, call)

    def test_the_managers_first_and_each_once(self) -> None:
        calls = (incoming(RINGS, "11", id="b"), incoming(RINGS, "12", "10", id="a", at=2.0))
        self.assertEqual([call.rung for call in self.rings(*calls)], [("Ann", "Cid"), ("Ben",)])

    def test_those_without_a_tile_too(self) -> None:
        view = seen(scene(incoming(RINGS, "12")), most=2)
        self.assertEqual([call.rung for call in view.ringing], [("Cid",)])

    def test_no_more_than_fit_anywhere(self) -> None:
        calls = [incoming(RINGS, "11", id=str(n), at=n) for n in range(MOST_RINGING + 9)]
        self.assertEqual(len(self.rings(*calls)), MOST_RINGING)


class Vips(SynchronousTestCase):
    """VIP calls: to the manager only, to all, marked."""

    def test_who_sees_what(self) -> None:
        call = incoming(RINGS, "11")
        for show, viewer, name in (
            (ShowVipCalls.MANAGER, "ann", "Bob"), (ShowVipCalls.MANAGER, "ben", "Bob"),
            (ShowVipCalls.MANAGER, "cid", None), (ShowVipCalls.MANAGER, "dora", None), (ShowVipCalls.ALL, "cid", "Bob"),
            (ShowVipCalls.MARKED, "cid", "Bob <VIP>"), (ShowVipCalls.MARKED, "ann", "Bob <VIP>"),
        ):  # fmt: skip
            one = scene(call, vip=Vip(LISTED, show), lines={"11": LineState.RINGING})
            view = seen(one, viewer)
            self.assertEqual([ringing.caller for ringing in view.ringing], [name] if name else [], (show, viewer))
            self.assertEqual(view.tiles[1].call, CallSymbol(True, True) if name else None)
            self.assertEqual(view.tiles[1].line, LineState.RINGING)

    def test_a_number_is_marked(self) -> None:
        one = scene(incoming(RINGS, "11", caller=Party("031")), vip=Vip(LISTED, ShowVipCalls.MARKED))
        self.assertEqual(seen(one).ringing, (RingingCall("031 <VIP>", "", ("Ben",)),))

    def test_who_sees_the_same_has_the_same_view(self) -> None:
        status = GroupStatus(scene(incoming(RINGS, "10")), GROUP, 24)
        self.assertIs(status.view("ann"), status.view("cid"))
        hidden = GroupStatus(scene(incoming(RINGS, "11"), vip=Vip(LISTED, ShowVipCalls.MANAGER)), GROUP, 24)
        self.assertIs(hidden.view("cid"), hidden.view("dora"))
        self.assertEqual(hidden.view("ann"), hidden.view("ben"))
        self.assertNotEqual(hidden.view("ann"), hidden.view("cid"))

    def test_views_are_keys(self) -> None:
        one, other = (seen(scene(incoming(RINGS, "11"))) for _ in range(2))
        self.assertEqual((one, hash(one)), (other, hash(other)))


class Unlinked(SynchronousTestCase):
    """The link to a PBX is down: groups with members there say so, others do not."""

    def test_title(self) -> None:
        lines = tuple(replace(line, on_pbx=line.number == "12") for line in COMPANY.lines)
        for is_linked, group_id, title in ((False, 1, "(!) PBX: Board"), (True, 1, "Board"), (False, 2, "Another")):
            beside = replace(scene(), configuration=COMPANY.changed(lines=lines), is_linked=lambda it=is_linked: it)
            self.assertEqual(GroupStatus(beside, COMPANY.group_by_id[group_id], 18).view("ann").title, title)


class Displayed(SynchronousTestCase):
    """Which group a phone shows."""

    def test_that_of_its_first_line(self) -> None:
        for lines, expected in (
            (("14",), (1, "dora")), (("14", "10"), (1, "dora")), (("10", "14"), None), ((), None), (("99",), None),
        ):  # fmt: skip
            found = displayed(COMPANY, Phone("SEP1", lines=lines))
            self.assertEqual((found[0].id, found[1].name) if found else None, expected, lines)

    def test_only_what_its_user_may_see(self) -> None:
        self.assertIsNone(displayed(COMPANY, Phone("SEP1", lines=("15",))))

    def test_no_group_and_one_that_is_gone(self) -> None:
        for group in (0, 7):
            company = COMPANY.changed(lines=(Line("14", displayed_group=group),))
            self.assertIsNone(displayed(company, Phone("SEP1", lines=("14",))))

    def test_a_line_of_nobody(self) -> None:
        company = COMPANY.changed(lines=(Line("77", displayed_group=1),))
        self.assertIsNone(displayed(company, Phone("SEP1", lines=("77",))))
