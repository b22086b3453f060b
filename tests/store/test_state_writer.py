"""Presence, forwardings and registrations written behind the call, and read after a restart."""

from dataclasses import replace

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.configuration import Configuration
from magroup.model.forwarding import NO_FORWARDING, Forwarding, ForwardTo
from magroup.model.groups import Group, Member
from magroup.model.lines import Line, Registration
from magroup.model.messages import Message
from magroup.model.people import User
from magroup.model.presence import Presence, PresenceState
from magroup.store import StateWriter, StoredState, StoreError, load_state, replace_all
from magroup.store.state_writer import BATCH, INTERVAL
from tests.store.databases import new_database
from tests.store.test_behind import Collected

AWAY = PresenceState(Presence.AWAY, "im Café", 1000.25, "ann")
DESK = Registration(
    "10",
    "sip:10@192.0.2.9:5060;transport=tcp",
    "abc@phone",
    7,
    2000.5,
    transport="tcp",
    received=("192.0.2.9", 40001),
    user_agent="Baresip",
    instance="<urn:uuid:1>",
    q=0.5,
    path=("<sip:edge;lr>", "<sip:core;lr>"),
)
COMPANY = Configuration(
    users=(User(1, "Ann", lines=("10",)), User(2, "Straße")),
    lines=(Line("10"), Line("11")),
    groups=(Group(3, "Board"),),
    members=(Member(7, 3, "Ann", "10", "Ann", True, 1),),
)


class StateWriterTests(SynchronousTestCase):
    """``StateWriter`` and ``load_state``."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.database = new_database(self)
        self.database.do(replace_all, COMPANY)
        self.writer = StateWriter(self.database, self.clock)
        self.log = Collected(self)

    def stored(self, now: float = 0.0) -> StoredState:
        return self.database.do(load_state, now)

    def test_everything_comes_back(self) -> None:
        to_ann = Forwarding(ForwardTo.MEMBER, "", 7, 1001.5, "ann")
        outside = Forwarding(ForwardTo.NUMBER, "+41 31", 0, 1002.5, "ben")
        self.writer.save_presence("ANN", AWAY)
        self.writer.save_presence("STRASSE", replace(AWAY, value=Presence.DND))
        self.writer.save_application_forwarding(7, outside)
        self.writer.save_line_forwarding("10", to_ann)
        self.writer.save_line_forwarding("11", NO_FORWARDING)
        self.writer.save_registration(DESK)
        self.writer.save_do_not_disturb("11", True)
        self.clock.advance(INTERVAL)
        self.assertEqual(
            self.stored(),
            StoredState(
                {"ann": AWAY, "strasse": replace(AWAY, value=Presence.DND)},
                {7: outside},
                {"10": to_ann, "11": NO_FORWARDING},
                (DESK,),
                do_not_disturb=frozenset({"11"}),
            ),
        )

    def test_disturbed_again(self) -> None:
        for is_on in (True, False):
            self.writer.save_do_not_disturb("10", is_on)
            self.writer.save_do_not_disturb("11", True)
            self.clock.advance(INTERVAL)
            self.assertEqual(self.stored().do_not_disturb, {"10", "11"} if is_on else {"11"})

    def test_changes_are_collected_and_the_last_one_counts(self) -> None:
        for value in (Presence.BUSY, Presence.DND, Presence.AWAY):
            self.writer.save_presence("Ann", replace(AWAY, value=value))
        self.writer.save_registration(DESK)
        self.writer.remove_registration(DESK.number, DESK.contact)
        self.assertEqual((len(self.writer), self.database.runs), (2, 0))
        self.clock.advance(INTERVAL)
        self.assertEqual((len(self.writer), self.database.runs), (0, 1))
        self.assertEqual((self.stored().presence, self.stored().registrations), ({"ann": AWAY}, ()))

    def test_stored_things_change_and_go(self) -> None:
        self.writer.save_registration(DESK)
        self.writer.save_registration(replace(DESK, contact="sip:other"))
        self.clock.advance(INTERVAL)
        self.writer.save_registration(replace(DESK, cseq=8))
        self.writer.remove_registration("10", "sip:other")
        self.writer.remove_registration("10", "sip:unknown")
        self.clock.advance(INTERVAL)
        self.assertEqual(self.stored().registrations, (replace(DESK, cseq=8),))

    def test_expired_registrations_do_not_come_back(self) -> None:
        self.writer.save_registration(DESK)
        self.clock.advance(INTERVAL)
        self.assertEqual(self.stored(DESK.expires_at - 0.1).registrations, (DESK,))
        self.assertEqual(self.stored(DESK.expires_at).registrations, ())

    def test_messages(self) -> None:
        """They are forgotten when they are deleted, not with their box."""
        left = Message("2-a", "5047", "0315311111", "Bob\0\udc80", 1000.125, 12.5, 7, "a-1")
        first = replace(left, id="1-a", left_at=900.0)
        self.writer.save_message(left)
        self.writer.save_message(first)
        self.clock.advance(INTERVAL)
        stored = replace(left, caller_name="Bob?")
        self.assertEqual(self.stored().messages, (replace(first, caller_name="Bob?"), stored))
        self.writer.save_message(replace(left, heard=True))
        self.writer.remove_message("1-a")
        self.writer.remove_message("unknown")
        self.clock.advance(INTERVAL)
        self.database.do(replace_all, Configuration())
        self.assertEqual(self.stored().messages, (replace(stored, heard=True),))

    def test_strays_do_not_come_back(self) -> None:
        self.writer.save_presence("Nobody", AWAY)
        self.writer.save_application_forwarding(99, NO_FORWARDING)
        self.writer.save_line_forwarding("99", NO_FORWARDING)
        self.writer.save_do_not_disturb("99", True)
        self.writer.save_registration(replace(DESK, number="99"))
        self.clock.advance(INTERVAL)
        self.assertEqual(self.stored(), StoredState())

    def test_an_outage_loses_nothing(self) -> None:
        self.database.failures = [StoreError("gone")] * 3
        self.writer.save_presence("Ann", replace(AWAY, message="old"))
        self.writer.save_registration(DESK)
        self.clock.pump([INTERVAL, 1.0])
        self.writer.save_presence("Ann", AWAY)
        self.assertEqual(len(self.writer), 2)
        self.clock.pump([1.0] * 10)
        self.assertEqual((self.stored().presence, self.stored().registrations), ({"ann": AWAY}, (DESK,)))
        self.assertEqual(self.log.levels, ["error", "info"])

    def test_what_waits_is_bounded(self) -> None:
        writer = StateWriter(self.database, self.clock, limit=2)
        self.database.failures = [StoreError("gone")]
        writer.save_registration(DESK)
        writer.save_registration(replace(DESK, number="11"))
        writer.save_registration(replace(DESK, number="12"))
        writer.save_presence("Ann", AWAY)
        writer.save_registration(replace(DESK, cseq=9))
        self.assertEqual((len(writer), writer.lost, self.log.levels), (2, 2, ["error"]))
        self.clock.pump([INTERVAL, 1.0])
        self.assertEqual([(r.number, r.cseq) for r in self.stored().registrations], [("10", 9), ("11", 7)])
        writer.save_presence("Ann", AWAY)
        self.assertEqual(len(writer), 1)
        self.successResultOf(Deferred.fromCoroutine(writer.stop()))

    def test_one_that_is_refused_stops_no_other(self) -> None:
        self.writer.save_registration(replace(DESK, number="11", cseq=1 << 70))
        for number in range(20):
            self.writer.save_registration(replace(DESK, contact=f"sip:{number}"))
        self.clock.advance(INTERVAL)
        self.assertEqual(len(self.stored().registrations), 20)
        self.assertEqual(self.log.levels, ["error"])

    def test_hostile_text(self) -> None:
        self.writer.save_registration(replace(DESK, user_agent="a\0b\udc80", contact="sip:\udcff@x"))
        self.writer.save_registration(replace(DESK, contact="sip:y", path=("\ud800",)))
        self.clock.advance(INTERVAL)
        stored = self.stored().registrations
        self.assertEqual([(r.contact, r.user_agent) for r in stored], [("sip:?@x", "ab?"), ("sip:y", "Baresip")])
        self.writer.remove_registration("10", "sip:\udcff@x")
        self.clock.advance(INTERVAL)
        self.assertEqual([r.contact for r in self.stored().registrations], ["sip:y"])

    def test_more_than_a_batch(self) -> None:
        for number in range(BATCH + 10):
            self.writer.save_registration(replace(DESK, contact=f"sip:{number}"))
        self.clock.advance(INTERVAL)
        self.assertEqual((len(self.writer), self.database.runs), (0, 2))
        self.assertEqual(len(self.stored().registrations), BATCH + 10)

    def test_stop_writes_what_waits(self) -> None:
        self.writer.save_presence("Ann", AWAY)
        self.assertTrue(self.successResultOf(Deferred.fromCoroutine(self.writer.stop())))
        self.assertEqual(self.stored().presence, {"ann": AWAY})
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stop_without_a_database(self) -> None:
        self.database.failures = [StoreError("gone")] * 9
        self.writer.save_presence("Ann", AWAY)
        self.assertFalse(self.successResultOf(Deferred.fromCoroutine(self.writer.stop())))
        self.assertEqual(self.clock.getDelayedCalls(), [])
