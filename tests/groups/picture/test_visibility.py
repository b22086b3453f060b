"""Who sees what of which call: a table for each state, option and viewer."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.call_control import CANNOT, LINK_DOWN, NOT_PERMITTED, Service
from magroup.cti.types import Call, Connection, ConnectionId, ConnectionState, Party
from magroup.groups.picture import Eyes, MemberView, Onlooker, Scene, groups_for, member_view, onlooker
from magroup.groups.picture.calls import CallView, HiddenCall, VipView, calls_of
from magroup.model.calls import Reason, ReasonCode, Vip
from magroup.model.configuration import Configuration
from magroup.model.forwarding import NO_FORWARDING, Forwarding, ForwardTo
from magroup.model.groups import Group, Member, ShowVipCalls
from magroup.model.languages import Language
from magroup.model.lines import Line, LineState
from magroup.model.people import Contact, Privilege, User
from magroup.model.presence import PresenceState

RINGS, TALKS, HOLDS, DIALS = (
    ConnectionState.ALERTING, ConnectionState.CONNECTED, ConnectionState.HOLD, ConnectionState.INITIATED,
)  # fmt: skip
CALLER = Party("0791112233", "Bob")
COMPANY = Configuration(
    users=(
        User(1, "ann", "Ann", "Boss", "Board", picture="ann.png", lines=("10", "1 9")),
        User(2, "ben", "Ben", "Aide", lines=("11",)),
        User(3, "cid", "Cid", "Mate", lines=("12",), privileges=frozenset({Privilege.TEAMMATE_STATUS})),
        User(4, "dora", "Dora", "Root", privileges=frozenset({Privilege.ADMIN, Privilege.TEAMMATE_STATUS})),
        User(5, "eve", "Eve", "Star", lines=("15",), stars=4, picture="eve smiles.png"),
    ),
    lines=tuple(map(Line, ("10", "19", "11", "12", "15"))),
    groups=(Group(1, "Board", number="50"), Group(2, "Another"), Group(3, "accounting")),
    members=(
        Member(1, 1, "ann", "10", "Ann", True), Member(2, 1, "ben", "11", "Ben", position=2),
        Member(3, 1, "cid", "12", "Cid", position=3), Member(4, 2, "ben", "11", "Ben"),
    ),
    contacts=(Contact(1, "0319", "Shop", "shop.png", 2),),
)  # fmt: skip
GROUP = COMPANY.groups[0]


def connection(device: str, state: ConnectionState, party: Party | None = None, inbound: bool = True) -> Connection:
    return Connection(ConnectionId("c", device), state, party or Party(device), inbound, 7.0)


def incoming(state: ConnectionState, device: str = "10", caller: Party = CALLER) -> Call:
    parts = (connection(caller.number, TALKS, caller, False), connection(device, state))
    return Call("c", caller, Party(device), 1.0, parts)


def scene(*calls: Call, vip: Vip | None = None, can: Callable[[Service, ConnectionId], str] = lambda *one: "") -> Scene:
    def calls_at(number: str) -> Sequence[Call]:
        return [call for call in calls if call.connection(number)]

    return Scene(
        COMPANY, lambda name: PresenceState(), lambda id: NO_FORWARDING, lambda number: NO_FORWARDING,
        lambda number: LineState.IDLE, calls_at, lambda call_id: vip, can,
    )  # fmt: skip


def seen(one: Scene, eyes: Eyes, group: Group = GROUP, number: str = "10") -> Any:
    found = calls_of(one, group, (number,), frozenset({number}), eyes)
    return found[0] if found else None


OWN, OTHER = Eyes(is_own=True), Eyes(picks_up=True)
NOBODY_SHOWN = replace(GROUP, show_calls=False)
LISTED = Reason(ReasonCode.VIP_LISTED, detail="079!")


class CallTests(SynchronousTestCase):
    """``full`` with name, number and since; ``hidden`` without; None where there is no call at all."""

    def test_show_call_information(self) -> None:
        for state, shown, eyes, expected in (
            (RINGS, True, OTHER, CallView), (TALKS, True, OTHER, CallView), (HOLDS, True, OTHER, CallView),
            (RINGS, False, OTHER, CallView), (TALKS, False, OTHER, HiddenCall), (HOLDS, False, OTHER, HiddenCall),
            (DIALS, False, OTHER, HiddenCall),
            (RINGS, False, OWN, CallView), (TALKS, False, OWN, CallView), (HOLDS, False, OWN, CallView),
        ):  # fmt: skip
            group = GROUP if shown else NOBODY_SHOWN
            self.assertIs(type(seen(scene(incoming(state)), eyes, group)), expected, (state, shown, eyes))

    def test_nothing_in_what_is_hidden(self) -> None:
        hidden = seen(scene(incoming(TALKS), vip=Vip(LISTED)), OTHER, NOBODY_SHOWN)
        self.assertNotIn("079", repr(hidden))
        self.assertNotIn("Bob", repr(hidden))
        self.assertEqual((hidden.state, hidden.direction, hidden.can), ("active", "in", {}))

    def test_show_vip_calls(self) -> None:
        for show, eyes, expected in (
            (ShowVipCalls.MANAGER, OTHER, None), (ShowVipCalls.MANAGER, OWN, "Bob"), (ShowVipCalls.ALL, OTHER, "Bob"),
            (ShowVipCalls.ALL, OWN, "Bob"), (ShowVipCalls.MARKED, OTHER, "Bob <VIP>"),
            (ShowVipCalls.MARKED, OWN, "Bob <VIP>"),
        ):  # fmt: skip
            for state in (RINGS, TALKS, HOLDS):
                call = seen(scene(incoming(state), vip=Vip(LISTED, show)), eyes)
                self.assertEqual(call and call.name, expected, (show, eyes, state))
                if call is not None:
                    self.assertEqual(call.vip, VipView(0, "VIP by list entry 079!"))

    def test_vip_only_to_manager_without_call_information(self) -> None:
        vip = Vip(LISTED, ShowVipCalls.MANAGER)
        for state in (RINGS, TALKS, HOLDS):
            self.assertIsNone(seen(scene(incoming(state), vip=vip), OTHER, NOBODY_SHOWN))

    def test_vip_only_at_the_phone(self) -> None:
        """Whoever's phone rings or talks sees the call, the manager only where that is the manager's (spec 8)."""
        vip = Vip(LISTED, ShowVipCalls.MANAGER)
        table = {
            "ann": {"10": {"ann"}, "11": set(), "12": set()},
            "ben": {"10": set(), "11": {"ben"}, "12": set()},
            "cid": {"10": set(), "11": set(), "12": {"cid"}},
            "dora": {"10": set(), "11": set(), "12": set()},
        }  # fmt: skip
        for name, by_device in table.items():
            viewer = onlooker(COMPANY, COMPANY.user_by_name[name], 1, Language.ENGLISH)
            for device, at in by_device.items():
                for state in (RINGS, TALKS, HOLDS):
                    shown = scene(incoming(state, device), vip=vip)
                    entries = [
                        member_view(shown, GROUP, member, viewer.eyes(member.user_name))
                        for member in COMPANY.members_of(1)
                    ]
                    self.assertEqual({entry.user for entry in entries if entry.calls}, at, (name, device, state))

    def test_vip_is_the_caller_not_the_called(self) -> None:
        call = incoming(TALKS, caller=Party("15"))
        view = seen(scene(call, vip=Vip(LISTED, ShowVipCalls.MARKED)), OWN, number="15")
        self.assertEqual((view.name, view.vip, view.direction), ("Ann Boss", None, "out"))

    def test_stars_of_the_called(self) -> None:
        """Those who would be VIPs if they called."""
        for called, threshold, level in (
            ("15", 4, 4), ("15", 5, None), ("15", 6, None), ("0319", 0, 2), ("11", 0, None), ("0700", 0, None),
        ):  # fmt: skip
            parts = (connection("10", TALKS, inbound=False), connection(called, TALKS))
            out = Call("c", Party("10"), Party(called), 1.0, parts)
            view = seen(scene(out), OWN, replace(GROUP, vip_threshold=threshold))
            self.assertEqual(view.vip and view.vip.level, level, (called, threshold))

    def test_level(self) -> None:
        vip = Vip(Reason(ReasonCode.VIP_STARS, detail="4"))
        for caller, level in ((Party("15"), 4), (Party("0319"), 2), (CALLER, 0)):
            self.assertEqual(seen(scene(incoming(RINGS, caller=caller), vip=vip), OWN).vip.level, level)

    def test_why_in_ones_language(self) -> None:
        eyes = replace(OWN, language=Language.GERMAN)
        self.assertEqual(
            seen(scene(incoming(RINGS), vip=Vip(LISTED)), eyes).vip.why, "VIP durch Listeneintrag 079!"
        )

    def test_names(self) -> None:
        for caller, name, picture in (
            (Party("15", "Sent"), "Eve Star", "/pictures/eve%20smiles.png"),
            (Party("0319", "Sent"), "Shop", "/pictures/shop.png"), (Party("50"), "Board", ""),
            (Party("0700", "Se\x00nt"), "Sent", ""), (Party("0700", "x" * 5000), "x" * 100, ""),
            (Party("0700"), "", ""), (Party("0700", "<script>"), "<script>", ""),
        ):  # fmt: skip
            call = seen(scene(incoming(RINGS, caller=caller)), OWN)
            self.assertEqual((call.name, call.number, call.picture), (name, caller.number, picture))

    def test_other_end(self) -> None:
        out = Call("c", Party("10"), Party("50"), 1.0, (connection("10", TALKS, inbound=False),))
        self.assertEqual((seen(scene(out), OWN).number, seen(scene(out), OWN).state), ("50", "calling"))
        rings = out.with_connection(connection("11", RINGS))
        self.assertEqual((seen(scene(rings), OWN).number, seen(scene(rings), OWN).state), ("50", "calling"))
        talks = out.with_connection(connection("11", TALKS))
        self.assertEqual((seen(scene(talks), OWN).number, seen(scene(talks), OWN).state), ("11", "active"))
        moved = incoming(TALKS).without(CALLER.number).with_connection(connection("15", TALKS))
        self.assertEqual(seen(scene(moved), OWN).name, "Eve Star")

    def test_how_long(self) -> None:
        """Both have talked for as long as the one who was called; who calls has waited since then."""
        calls = replace(connection("10", TALKS, inbound=False), since=2.0)
        call = Call("c", Party("10"), Party("11"), 1.0, (calls,))
        self.assertEqual(seen(scene(call.with_connection(connection("11", RINGS))), OWN).since, 2.0)
        talks = scene(call.with_connection(connection("11", TALKS)))
        self.assertEqual([seen(talks, OWN, number=number).since for number in ("10", "11")], [7.0, 7.0])
        held = scene(call.with_connection(replace(connection("11", HOLDS), since=9.0)))
        self.assertEqual([seen(held, OWN, number=number).since for number in ("10", "11")], [9.0, 9.0])

    def test_failed_and_queued(self) -> None:
        for state in (ConnectionState.FAILED, ConnectionState.QUEUED, ConnectionState.NULL):
            self.assertIsNone(seen(scene(incoming(state)), OWN))


class CommandTests(SynchronousTestCase):
    """What is offered to whom."""

    def test_own(self) -> None:
        out = Call("c", Party("10"), Party("50"), 1.0, (connection("10", TALKS, inbound=False),))
        for call, names in (
            (incoming(RINGS), "answer end blind"), (incoming(TALKS), "end hold consult blind digits"),
            (incoming(HOLDS), "end retrieve consult blind"), (out, "end"),
        ):  # fmt: skip
            view = seen(scene(call), OWN)
            self.assertEqual((view.mine, view.can), (True, dict.fromkeys(names.split(), "")))

    def test_others(self) -> None:
        for eyes in (OTHER, Eyes(), Eyes(sets_state=True)):
            for state in (RINGS, TALKS, HOLDS):
                can = {"pickup": ""} if eyes.picks_up and state is RINGS else {}
                view = seen(scene(incoming(state)), eyes)
                self.assertEqual((view.mine, view.can), (False, can))

    def test_nobody_picks_up_a_hidden_call(self) -> None:
        vip = Vip(LISTED, ShowVipCalls.MANAGER)
        self.assertIsNone(seen(scene(incoming(RINGS), vip=vip), OTHER))

    def test_why_not(self) -> None:
        def can(service: Service, at: ConnectionId) -> str:
            return "No" if service is Service.ANSWER_CALL else ""

        eyes = replace(OWN, language=Language.FRENCH)
        why = "Ce téléphone ne peut pas décrocher à distance."
        self.assertEqual(seen(scene(incoming(RINGS), can=can), eyes).can, {"answer": why, "end": "", "blind": ""})

    def test_why_not_at_a_pbx(self) -> None:
        """What a PBX does not do is told as such, whatever the entry."""
        for why, said in (
            (LINK_DOWN, "The link to the PBX is down."),
            (f"{NOT_PERMITTED}: answerCall", "The PBX does not permit this now."),
            (f"{CANNOT}: it has no service answerCall", "The PBX cannot do this: use the keys of the phone."),
        ):
            view = seen(scene(incoming(RINGS), can=lambda service, at, why=why: why), OWN)  # type: ignore[misc]
            self.assertEqual(view.can, dict.fromkeys(("answer", "end", "blind"), said))

    def test_taken_back_while_another_is_active(self) -> None:
        """They change places: it is asked whether the active one can."""
        held = replace(incoming(HOLDS), id="held", connections=(Connection(ConnectionId("held", "10"), HOLDS, CALLER),))
        for refused, why in ((Service.RETRIEVE_CALL, ""), (Service.ALTERNATE_CALL, "This is not possible now.")):

            def can(service: Service, at: ConnectionId, refused: Service = refused) -> str:
                return "No" if (service, at.call_id) in ((refused, "c"), (Service.RETRIEVE_CALL, "held")) else ""

            first, second = calls_of(scene(held, incoming(TALKS), can=can), GROUP, ("10",), frozenset({"10"}), OWN)
            self.assertEqual(((first.can or {})["retrieve"], (second.can or {})["hold"]), (why, ""))

    def test_consultation(self) -> None:
        parts = (Connection(ConnectionId("held", "10"), HOLDS, CALLER),)
        held = replace(incoming(HOLDS), id="held", connections=parts)
        parts = (connection("10", TALKS, inbound=False), connection("11", RINGS))
        out = Call("c", Party("10"), Party("11"), 2.0, parts)
        views = calls_of(scene(held, out), GROUP, ("10",), frozenset({"10"}), OWN)
        self.assertEqual([one.consulting for one in views], ["", "held"])  # type: ignore[union-attr]
        self.assertEqual(list(views[1].can or {}), ["end", "complete", "cancel"])

    def test_lines_that_are_not_the_users(self) -> None:
        view = calls_of(scene(incoming(RINGS)), GROUP, ("10",), frozenset(), OWN)[0]
        self.assertEqual((view.mine, view.can), (False, {}))


class MemberTests(SynchronousTestCase):
    """Entries, and who sees them how."""

    def entry(self, member_id: int, viewer: str, one: Scene | None = None) -> MemberView:
        user = COMPANY.user_by_name[viewer]
        member = COMPANY.member_by_id[member_id]
        eyes = onlooker(COMPANY, user, 1, Language.ENGLISH).eyes(member.user_name)
        return member_view(one or scene(), GROUP, member, eyes)

    def test_rights(self) -> None:
        for member_id, viewer, expected in (
            (1, "ann", "presence forward_line forward_application"), (2, "ann", "dial"), (1, "ben", "dial"),
            (2, "ben", "presence forward_line"), (1, "cid", "presence forward_line forward_application dial"),
            (2, "cid", "presence forward_line dial"), (1, "dora", "presence forward_line forward_application"),
        ):  # fmt: skip
            can = self.entry(member_id, viewer).can
            self.assertEqual({name for name in can if can[name]}, set(expected.split()), (member_id, viewer))

    def test_entry(self) -> None:
        entry = self.entry(1, "ben")
        self.assertEqual(
            (entry.name, entry.department, entry.picture, entry.manager, entry.me),
            ("Ann Boss", "Board", "/pictures/ann.png", True, False),
        )

    def test_on_the_phone(self) -> None:
        """What the own phone shows; of others' phones nothing."""
        lines = tuple(replace(line, displayed_group=2) if line.number == "10" else line for line in COMPANY.lines)
        shown = replace(scene(), configuration=replace(COMPANY, lines=lines))
        nowhere = replace(scene(), configuration=replace(COMPANY, lines=()))
        for viewer, member_id, one, expected in (
            ("ann", 1, shown, 2), ("ben", 2, shown, 0), ("ben", 1, shown, None), ("dora", 1, shown, None),
            ("ann", 1, nowhere, None),
        ):  # fmt: skip
            self.assertEqual(self.entry(member_id, viewer, one).on_phone, expected, (viewer, member_id))

    def test_all_lines_of_the_user(self) -> None:
        self.assertEqual(COMPANY.numbers_of(COMPANY.members[0]), ("10", "19"))
        first, second = replace(incoming(RINGS, "19"), started_at=1.0), replace(incoming(RINGS), id="d", started_at=2.0)
        calls = self.entry(1, "ann", scene(first, second)).calls
        self.assertEqual([(call.device, call.mine) for call in calls], [("19", True), ("10", True)])

    def test_who_has_set_it(self) -> None:
        for by, shown in (("ben", "Ben"), ("EVE", "Eve Star"), ("line 10", "line 10"), ("", "")):
            one = replace(scene(), presence=lambda name, by=by: PresenceState(changed_by=by))
            self.assertEqual(self.entry(1, "ann", one).presence.by, shown)

    def test_forwarding(self) -> None:
        for forwarding, shown in (
            (Forwarding(ForwardTo.MEMBER, member_id=3), "Cid Mate"), (Forwarding(ForwardTo.NUMBER, "4321"), "4321"),
            (Forwarding(ForwardTo.GROUP), ""), (Forwarding(ForwardTo.MOBILE), ""),
        ):  # fmt: skip
            one = replace(scene(), application=lambda id, forwarding=forwarding: forwarding)
            application = self.entry(1, "ben", one).forwarding.application
            assert application is not None
            self.assertEqual((application.to, application.shown), (forwarding.to, shown))

    def test_classes_of_viewers(self) -> None:
        """Most see the entries of others with the same eyes."""
        ben, dora = (onlooker(COMPANY, COMPANY.user_by_name[name], 1, Language.ENGLISH) for name in ("ben", "dora"))
        self.assertEqual(ben.others, Eyes(picks_up=True, dials=True))
        self.assertEqual(dora, Onlooker("dora", Eyes(True, True), Eyes(sets_state=True)))

    def test_groups(self) -> None:
        for name, groups in (("ben", [2, 1]), ("dora", [3, 2, 1]), ("ann", [1]), ("eve", [])):
            self.assertEqual([group.id for group in groups_for(COMPANY, COMPANY.user_by_name[name])], groups)
