"""The board: what is told and in which order, what is kept, and who sees it."""

from dataclasses import replace
from typing import Any

from magroup.cti.events import DeviceCapabilitiesChanged
from magroup.groups import board as board_module
from magroup.groups.board import Board
from magroup.groups.changes import CallChange, ConfigurationChange, LineChange, News, PresenceChange, SettingsChange
from magroup.groups.forwarding import ForwardingChange
from magroup.groups.member_states import MemberStates
from magroup.groups.viewers import Viewer, Viewers
from magroup.model.configuration import Configuration
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.groups import VipEntry
from magroup.model.lines import Line, LineState
from magroup.model.people import Privilege, User
from magroup.model.presence import Presence
from tests.groups.world import WorldTestCase
from tests.policy.company import ARA, CALLER, LEO, LINES, RAF, SALES, TIJ, USERS, members


class BoardCase(WorldTestCase):
    """A board beside the application."""

    def setUp(self) -> None:
        super().setUp()
        self.states = MemberStates(self.switch, self.application)
        self.states.start()
        self.board = Board(
            self.clock, self.switch, self.states, self.book, self.forwardings.subscribe, self.configuration(), 20
        )  # fmt: skip
        self.board.start()
        self.told = 0
        self.addCleanup(self.board.subscribe(self.heard))
        self.leave = self.board.follow()

    def heard(self) -> None:
        self.told += 1

    def tearDown(self) -> None:
        super().tearDown()
        self.assertEqual((len(self.board), len(self.states)), (0, 0))
        self.board.stop()
        self.states.stop()

    def since(self, number: int, most: int = 100) -> list[News]:
        news = self.board.since(number, most)
        assert news is not None
        return list(news)

    def changes(self, number: int = 0) -> list[Any]:
        return [one.change for one in self.since(number)]

    def lines(self) -> list[tuple[str, LineState]]:
        return [(one.number, one.state) for one in self.changes() if isinstance(one, LineChange)]


class ToldTests(BoardCase):
    """What is told."""

    def test_books(self) -> None:
        """Presence with what was said, both kinds of forwarding; nothing where nothing changes."""
        self.sets("Raf", Presence.BUSY)
        self.sets("Raf", Presence.BUSY)
        self.book.take_out(USERS["Raf"], "line 1175")
        self.forwards("Raf", Forwarding(ForwardTo.NUMBER, CALLER))
        self.instead(Forwarding(ForwardTo.GROUP))
        said, out, line, member = self.changes()
        self.assertIs(said.state, said.said)
        self.assertEqual((out.state.value, out.said.value), (Presence.UNAVAILABLE, Presence.BUSY))
        self.assertEqual((line.number, member.member_id), (RAF, 1))
        self.assertEqual([one.number for one in self.since(0)], [1, 2, 3, 4])
        self.assertEqual(self.told, 4)

    def test_lines(self) -> None:
        """Each state once, in a call, beside another call, and out of service."""
        call = self.switch.arrive(CALLER, RAF)
        self.switch.device_answers(call, RAF)
        other = self.switch.arrive(CALLER, RAF)
        self.switch.caller_hangs_up(other)
        self.switch.device_holds(call, RAF)
        self.switch.set_in_service(RAF, False)
        self.switch.caller_hangs_up(call)
        self.switch.set_in_service(RAF)
        self.switch.set_in_service(CALLER, False)
        self.assertEqual(self.lines(), [(RAF, state) for state in (
            LineState.RINGING, LineState.BUSY, LineState.HELD, LineState.OUT_OF_SERVICE, LineState.IDLE,
        )])  # fmt: skip

    def test_what_a_phone_can_do(self) -> None:
        """It is told once more what the line does, so that its calls are looked at again; not without calls."""
        changed = DeviceCapabilitiesChanged(RAF, self.clock.seconds())
        self.board._heard(changed)
        call = self.switch.arrive(CALLER, RAF)
        self.board._heard(changed)
        self.assertEqual(self.lines(), [(RAF, LineState.RINGING)] * 2)
        self.switch.caller_hangs_up(call)

    def test_link(self) -> None:
        """Whoever follows reads everything anew when the link to the switch is down, and when it is there again."""
        for is_linked in (False, True):
            number, version = self.board.number, self.states.version
            self.switch.set_linked(is_linked)
            self.assertIsNone(self.board.since(number, 100))
            self.assertGreater(self.states.version, version)

    def test_not_lines(self) -> None:
        """Numbers of groups and outside are no lines; digits and ends of announcements are told to nobody."""
        self.sets("Tij", Presence.AWAY)
        call = self.dial_past_greeting()
        self.switch.dials(call, "1234")
        self.switch.caller_hangs_up(call)
        self.assertEqual(self.lines(), [(RAF, LineState.RINGING), (RAF, LineState.IDLE)])
        events = {type(one.event).__name__ for one in self.changes() if isinstance(one, CallChange)}
        self.assertLessEqual({"Offered", "Delivered", "CallCleared"}, events)
        self.assertFalse(events & {"DigitsGenerated", "MessageEnded"})

    def test_call_before_followed(self) -> None:
        """Lines in a call that is up when somebody begins to follow are known."""
        call = self.switch.arrive(CALLER, RAF)
        late = Board(self.clock, self.switch, self.states, self.book, self.forwardings.subscribe, self.configuration())
        late.start()
        self.assertEqual(len(late), 0)
        late.follow()
        self.assertEqual(len(late), 1)
        self.switch.caller_hangs_up(call)
        self.assertEqual(len(late), 0)
        late.stop()

    def test_configuration(self) -> None:
        """Each thing with its group and who did it; those who were in a group hear of its end."""
        old = self.configuration()
        manager = old.members[0]
        new = replace(
            old, vips=(*old.vips, VipEntry(77, manager.id, "1")), lines=(*old.lines, Line("99")),
            members=old.members[:-1],
        )  # fmt: skip
        self.board.configured(old, new, "tijana")
        last = old.members[-1]
        line, member, vip = self.changes()
        self.assertEqual(line, ConfigurationChange("lines", "99", "created", 0, "tijana"))
        self.assertEqual(member, ConfigurationChange("members", str(last.id), "deleted", 1, "tijana", member.concerned))
        self.assertIn(last.user_name, member.concerned)
        self.assertEqual((vip.kind, vip.key, vip.group_id, vip.how), ("vips", "77", 1, "created"))
        self.board.configured(new, replace(new, groups=(replace(new.groups[0], manager_timeout=1),)), "")
        self.assertEqual(self.changes()[-1], ConfigurationChange("groups", "1", "changed", 1, ""))

    def test_target_is_gone(self) -> None:
        """Who was forwarded to a member that leaves has no forwarding now, which is told."""
        self.forwards("Leo", Forwarding(ForwardTo.MEMBER, member_id=3))
        self.instead(Forwarding(ForwardTo.MEMBER, member_id=3))
        self.application.configure(self.configuration().changed(members=members("Tij", "Raf")))
        self.assertEqual([(one.member_id, one.number, bool(one.forwarding)) for one in self.changes(2)],
                         [(1, "", False), (0, LEO, False)])  # fmt: skip


class KeptTests(BoardCase):
    """What is kept, and how it is asked for."""

    def test_since(self) -> None:
        for n in range(30):
            self.board.settings_changed([str(n)], "")
        self.assertEqual([one.number for one in self.since(10)], list(range(11, 31)))
        self.assertEqual([one.number for one in self.since(25, 3)], [26, 27, 28])
        self.assertEqual(self.since(30), [])
        for number in (9, 0, 31, -1):
            self.assertIsNone(self.board.since(number, 5))

    def test_forget(self) -> None:
        """Whoever follows, wherever, must begin anew."""
        self.board.settings_changed(["x"], "")
        self.patch(board_module, "MOST_AT_ONCE", 2)
        old = self.configuration()
        self.board.configured(old, replace(old, lines=(*old.lines, *(Line(str(n)) for n in range(3)))), "")
        self.assertEqual((self.board.number, self.told), (2, 2))
        self.assertEqual([self.board.since(n, 5) for n in (0, 1, 2)], [None, None, []])

    def test_nobody_follows(self) -> None:
        """What happens is kept for a while when all have gone, then counted only, until somebody comes again."""
        self.book.set(USERS["Raf"], Presence.BUSY, "", "test")
        self.leave()
        call = self.switch.arrive(CALLER, RAF)
        known = self.board.number
        self.assertEqual(len(self.since(1)), known - 1)
        self.clock.advance(board_module.KEPT_FOR)
        self.switch.caller_hangs_up(call)
        self.book.set(USERS["Raf"], Presence.AVAILABLE, "", "test")
        self.assertGreater(self.board.number, known)
        self.assertEqual([self.board.since(number, 5) for number in (1, known)], [None, None])
        self.board.follow()
        self.assertEqual(self.since(self.board.number), [])
        self.book.set(USERS["Raf"], Presence.BUSY, "", "test")
        self.assertEqual([one.number for one in self.since(self.board.number - 1)], [self.board.number])

    def test_broken_subscriber(self) -> None:
        def breaks() -> None:
            raise ValueError("broken")

        end = self.board.subscribe(breaks)
        self.board.settings_changed(["x"], "")
        self.assertEqual((self.told, len(self.flushLoggedErrors(ValueError))), (1, 1))
        end()
        self.board.settings_changed(["x"], "")
        self.assertEqual(self.told, 2)


READERS = {kind: (Privilege.ADMIN,) for kind in ("users", "lines", "phones", "trunks")}
READERS |= {"contacts": (), "groups": (), "members": (), "announcements": ()}
READERS |= {"vips": (Privilege.VIP_LIST, Privilege.ADMIN)}


class ViewerTests(BoardCase):
    """Raf is in group 1 with Tij and Ara; Leo is in group 2; San's line is nobody's."""

    def company(self, *privileges: Privilege) -> Configuration:
        given = self.configuration()
        users = tuple(
            replace(user, privileges=frozenset(privileges)) if user.name == USERS["Raf"] else
            replace(user, lines=()) if user.name == USERS["San"] else user
            for user in given.users
        )  # fmt: skip
        leo = members("Leo", group_id=2, first_id=50)
        return replace(
            given, users=users, groups=(*given.groups, SALES), members=(*members("Tij", "Raf", "Ara"), *leo)
        )  # fmt: skip

    def viewer(self, *privileges: Privilege) -> Viewer:
        configuration = self.company(*privileges)
        user = configuration.user(USERS["Raf"])
        assert user is not None
        return Viewer(configuration, user, READERS)

    def test_people_and_lines(self) -> None:
        """As the rights have it, for everybody and every line."""
        for privileges in ((), (Privilege.ADMIN,), (Privilege.TEAMMATE_STATUS,)):
            viewer, configuration = self.viewer(*privileges), self.company(*privileges)
            seen = set()
            for user in configuration.users:
                state = self.book.get(user.name)
                sees = viewer.sees(PresenceChange(user.key, state, state))
                self.assertEqual(sees, viewer.rights.knows(configuration, user.name), user.name)
                seen |= {user.key} if sees else set()
            lines = {number for number in LINES.values() if viewer.sees(LineChange(number, LineState.IDLE))}
            self.assertEqual(lines, {n for n in LINES.values() if viewer.rights.knows_line(configuration, n)})
            if Privilege.ADMIN not in privileges:
                self.assertEqual(seen, {USERS[name] for name in ("Tij", "Raf", "Ara")})
                self.assertEqual(lines, {TIJ, RAF, ARA})
            off = Forwarding()
            for number in LINES.values():
                self.assertEqual(viewer.sees(ForwardingChange(off, number=number)), number in lines)
            found = [viewer.sees(ForwardingChange(off, member_id=id)) for id in (1, 50, 99)]
            self.assertEqual(found, [True, Privilege.ADMIN in privileges, False])

    def test_calls_and_settings(self) -> None:
        call = self.switch.arrive(CALLER, RAF)
        (change, *_) = self.changes()
        settings = SettingsChange(("x",))
        for privileges, sees in (((), (False, False)), ((Privilege.SETTINGS,), (False, True)),
                                 ((Privilege.ADMIN,), (True, True))):  # fmt: skip
            viewer = self.viewer(*privileges)
            self.assertEqual((viewer.sees(change), viewer.sees(settings)), sees)
        self.switch.caller_hangs_up(call)

    def test_configuration(self) -> None:
        """By privilege and by group; what has ended for those who were there."""
        for privileges, kinds in (
            ((), {"contacts", "groups", "members", "announcements"}),
            ((Privilege.VIP_LIST,), {"contacts", "groups", "members", "announcements", "vips"}),
            ((Privilege.ADMIN,), set(READERS)),
        ):  # fmt: skip
            viewer = self.viewer(*privileges)
            for group_id in (1, 2):
                found = {kind for kind in READERS if viewer.sees(ConfigurationChange(kind, "1", "changed", group_id))}
                own = group_id == 1 or Privilege.ADMIN in privileges
                self.assertEqual(found, {k for k in kinds if own or k == "contacts"}, (privileges, group_id))
        gone = ConfigurationChange("groups", "3", "deleted", 3, "", frozenset({USERS["Raf"]}))
        self.assertTrue(self.viewer().sees(gone))
        self.assertFalse(self.viewer().sees(replace(gone, concerned=frozenset())))

    def test_other_configuration(self) -> None:
        """Known once for each configuration; a user who is gone is nobody."""
        now = [self.company()]
        viewers = Viewers(lambda: now[0], READERS)
        before = viewers.get("RAFAEL")
        self.assertIs(viewers.get("rafael"), before)
        now.append(self.company(Privilege.ADMIN))
        del now[0]
        after = viewers.get("rafael")
        assert after is not None
        self.assertTrue(after.knows("leonard"))
        now[0] = replace(now[0], users=tuple(user for user in now[0].users if user.key != "rafael"))
        self.assertIsNone(viewers.get("rafael"))


class RightsTests(BoardCase):
    """Whose line may be forwarded by whom."""

    def test_lines(self) -> None:
        """The own one always, also one that is another user's as well; others' with TeammateStatus."""
        company = self.configuration()
        shared = replace(company, users=(*company.users, User(90, "zoe", lines=(RAF,))))
        for privileges, expected in (
            ((), (True, False, False)), ((Privilege.TEAMMATE_STATUS,), (True, True, False)),
            ((Privilege.ADMIN,), (True, False, False)), ((Privilege.ADMIN, Privilege.TEAMMATE_STATUS), (True,) * 3),
        ):  # fmt: skip
            rights = Viewer(company, User(2, USERS["Raf"], privileges=frozenset(privileges)), READERS).rights
            self.assertEqual(tuple(rights.sets_line(company, number) for number in (RAF, TIJ, "77")), expected)
            zoe = replace(rights, user_name="zoe")
            self.assertTrue(zoe.sets_line(shared, RAF))
            self.assertTrue(zoe.knows_line(shared, RAF))
