"""A node dies while callers wait at a manager number: another one begins with them anew, from the top, at once."""

from dataclasses import replace
from typing import Any

from twisted.internet.defer import Deferred

from magroup.cti.types import ConnectionState
from magroup.model.calls import ReasonCode
from magroup.model.groups import Announcement, Group, Member, Overflow, OverflowTo
from magroup.takeover import SETTLED, that_go_on
from tests.switch.bench import Talk
from tests.switch.secure_phone import key_in, secure
from tests.takeover.case import WITHIN, Case

NUMBER = "8973"


class WaitingCase(Case):
    """Group 8973 of Bert, the manager, and Cara; Anna calls, who has registered at a as they have."""

    knows_ends = True

    def setUp(self) -> None:
        super().setUp()
        before = self.office.configuration
        after = replace(
            before,
            groups=(
                Group(1, "Board", "Welcome.wav", number=NUMBER, manager_timeout=30, assistant_timeout=30),
                Group(2, "Sales", "Welcome.wav", number="8974", manager_timeout=1,
                      overflow=Overflow(OverflowTo.NUMBER, NUMBER)),
            ),
            members=(
                Member(1, 1, "user1175", "1175", "Ber", True, 1), Member(2, 1, "user1068", "1068", "Car", False, 2),
                Member(3, 2, "user1068", "1068", "Car", True, 1),
            ),
            announcements=(Announcement(1, 1, "Waiting1.wav", 1),),
        )  # fmt: skip
        self.office.configuration = after
        for node in self.nodes:
            node.telephony.configure(before, after)
            node.application.configure(after)
            node.bus.knows_ends = self.knows_ends

    def calls(self, seconds: float = 2.0, number: str = NUMBER) -> Talk:
        """Anna is answered, and hears us: the greeting for a second, and then Bert's phone is rung."""
        talk = self.anna.dial(number)
        self.office.run(seconds)
        self.assertTrue(talk.is_up)
        return talk


class Waiting(WaitingCase):
    def test_while_the_manager_rings(self) -> None:
        """The phone stops and rings anew, for a call that can be answered; one record tells of it all."""
        talk = self.calls()
        id = self.a.call.id
        first = self.bert.call
        first.ring()
        self.office.run(1.0)
        began = self.a.call.snapshot.started_at
        self.die(self.a)
        self.assertEqual(first.log, ["cancelled"])
        self.assertEqual((self.b.calls, talk.is_up, len(self.bert.calls)), ([id], True, 1))
        self.office.run(2.0)
        self.assertIn(b"c=IN IP4 127.0.0.2", talk.heard_sdp)
        self.assertGreater(self.office.packets(), 50)
        self.assertEqual(len(self.bert.calls), 2)
        second = self.bert.call
        second.ring()
        second.answer()
        self.office.run(1.0)
        self.assertTrue(talk.is_up and second.is_up)
        self.assertEqual(self.state("1175"), ConnectionState.CONNECTED)
        for here, there in ((talk, second), (second, talk)):
            self.assertIn(b"c=IN IP4 " + there.phone.host.encode(), here.heard_sdp)
        talk.hang_up()
        self.over(talk, second)
        (record,) = self.b.records.finished
        self.assertEqual((record.id, record.group_id, round(record.started_at, 3)), (id, 1, round(began, 3)))
        self.assertIn(ReasonCode.TAKEN_OVER, [reason.code for reason in record.trail])

    def test_while_the_greeting_plays(self) -> None:
        """It is heard in full, from its beginning."""
        talk = self.calls(0.5)
        self.assertEqual(self.bert.calls, [])
        self.die(self.a)
        self.assertEqual(len(self.b.calls), 1)
        self.office.run(2.0)
        self.bert.call.answer()
        self.office.run(1.0)
        self.bert.call.hang_up()
        self.over(talk)

    def test_the_caller_hangs_up(self) -> None:
        talk = self.calls()
        self.die(self.a)
        self.office.run(2.0)
        self.bert.call.ring()
        talk.hang_up()
        self.office.run(1.0)
        self.assertEqual(self.bert.call.log, ["cancelled"])
        self.over(talk)

    def test_hung_up_before_it_was_taken(self) -> None:
        """Who asks the phone hears that its call is over, and nobody is rung any more."""
        talk = self.calls()
        self.bert.call.ring()
        self.a.die()
        talk.hang_up()
        self.office.run(WITHIN)
        self.office.run(40.0)
        self.assertFalse(talk.is_up)
        self.assertEqual(self.b.calls, [])
        self.assertEqual({tuple(call.log) for call in self.bert.calls}, {("cancelled",)})

    def test_overflowed(self) -> None:
        """From the top of the number that was called, by whoever is there on the way to where it was."""
        talk = self.calls(4.0, "8974")
        self.assertEqual((self.a.call.route_point, self.a.call.passed), ("8974", ("8974",)))
        self.assertEqual(len(self.bert.calls), 0)
        self.die(self.a)
        self.office.run(6.0)
        self.assertEqual((self.b.call.route_point, self.b.call.passed), ("8974", ("8974",)))
        self.bert.call.answer()
        self.office.run(1.0)
        talk.hang_up()
        self.over(talk)
        self.assertEqual(self.b.records.finished[0].called_number, "8974")

    def test_encrypted(self) -> None:
        """Its keys are kept too: it hears the other node by new ones, and its own number goes on."""
        secure(self.anna)
        talk = self.calls()
        self.die(self.a)
        self.office.run(3.0)
        self.assertTrue(key_in(talk.heard_sdp))
        self.bert.call.answer()
        self.office.run(1.0)
        self.assertTrue(talk.is_up)
        self.bert.call.hang_up()
        self.over(talk)


class Ringing(WaitingCase):
    """The caller is not answered: by its INVITE, which another node has kept, the call begins anew, as another one."""

    def rings(self, seconds: float = 2.0, number: str = "1175") -> Talk:
        talk = self.anna.dial(number)
        session: Any = talk.session
        # What is answered is acknowledged where the answer says.
        session.direct = False
        self.bert.call.ring()
        self.office.run(seconds)
        self.assertEqual(talk.log, ["progress 180"])
        return talk

    def test_rings_anew(self) -> None:
        """The phone stops and rings anew; the caller hears ringing again, and then who answers."""
        talk = self.rings()
        first = self.bert.call
        self.die(self.a)
        self.assertEqual((first.log, len(self.bert.calls), len(self.b.calls)), (["cancelled"], 2, 1))
        self.bert.call.ring()
        self.office.run(1.0)
        self.assertEqual(talk.log, ["progress 180", "progress 180"])
        self.bert.call.answer()
        self.office.run(1.0)
        self.assertTrue(talk.is_up and self.bert.call.is_up)
        self.bert.call.hang_up()
        self.over(talk, self.bert.call)
        self.assertEqual(self.a.records.finished, [])

    def test_for_a_moment_only(self) -> None:
        """What has just begun to ring is not kept: who answers by itself does so before."""
        self.rings(0.05)
        self.assertFalse(any(self.office.hub.kept.values()))
        self.die(self.a)
        self.assertEqual((self.b.calls, len(self.bert.calls)), ([], 1))

    def test_answered(self) -> None:
        """It is kept as one in which two talk then, and not at all when it is over."""
        talk = self.rings()
        (before,) = self.office.hub.kept["a.firsta"].values()
        self.bert.call.answer()
        self.office.run(1.0)
        (after,) = self.office.hub.kept["a.firsta"].values()
        self.assertTrue(b'"version":3' in before and b'"version":1' in after)
        talk.hang_up()
        self.office.run(2.5)
        self.assertFalse(any(self.office.hub.kept.values()))

    def test_rubbish(self) -> None:
        """It is left out, and said."""
        self.rings()
        kept = self.office.hub.kept["a.firsta"]
        ((id, form),) = kept.items()
        kept[id] = form.replace(b"SU5WSVRF", b"SU5WSVRG")
        self.die(self.a)
        self.assertEqual((self.b.calls, len(self.bert.calls)), ([], 1))
        self.assertFalse(any(self.office.hub.kept.values()))


class OnlySilent(WaitingCase):
    """Nodes that have left may come back."""

    knows_ends = False

    def test_dead(self) -> None:
        """Phones are told a little later."""
        talk = self.calls()
        first = self.bert.call
        first.ring()
        self.office.run(1.0)
        self.die(self.a)
        self.assertEqual((first.log, len(self.b.calls)), ([], 1))
        self.office.run(5.0)
        self.assertEqual((first.log, len(self.bert.calls)), (["cancelled"], 2))
        self.bert.call.answer()
        self.office.run(1.0)
        talk.hang_up()
        self.over(talk)

    def test_not_dead(self) -> None:
        """One that was only slow lets go of it at once: one phone rings, there is one record."""
        talk = self.calls()
        first = self.bert.call
        first.ring()
        self.a.stall()
        self.office.run(WITHIN)
        self.assertEqual(len(self.b.calls), 1)
        self.a.wake()
        self.a.bus.overslept[0]()
        self.office.run(2.0)
        self.assertEqual((self.a.calls, len(self.b.calls), talk.is_up, first.log), ([], 1, True, ["cancelled"]))
        self.office.run(2.0)
        self.bert.call.answer()
        self.office.run(1.0)
        talk.hang_up()
        self.over(talk)
        self.assertEqual(self.a.records.finished, [])

    def test_ringing_that_somebody_else_wrote(self) -> None:
        """A call in the name of a line is not begun by what stands in Redis."""
        self.anna.dial("1175")
        self.bert.call.ring()
        self.a.bus.knows_ends = True
        self.office.run(1.0)
        self.a.takeover._keeping.touch(self.a.call.id, True)
        self.office.run(1.0)
        self.assertEqual(len(self.office.hub.kept["a.firsta"]), 1)
        self.die(self.a)
        self.assertEqual((self.b.calls, len(self.bert.calls)), ([], 1))
        self.assertFalse(any(self.office.hub.kept.values()))

    def test_ringing(self) -> None:
        """Is not kept: who comes back would tell the caller that its phones have refused."""
        talk = self.anna.dial("1175")
        self.bert.call.ring()
        self.office.run(2.0)
        self.assertFalse(any(self.office.hub.kept.values()))
        self.die(self.a)
        self.assertEqual((self.b.calls, len(self.bert.calls), talk.log), ([], 1, ["progress 180"]))


class LastLife(WaitingCase):
    """The only node is killed, and started again three seconds later."""

    names = ("a",)

    def test_goes_on(self) -> None:
        talk = self.calls()
        id = self.a.call.id
        first = self.bert.call
        first.ring()
        self.a.die()
        self.office.run(3.0)
        self.start_again(id)
        self.office.run(3.0)
        self.assertEqual((self.b.calls, first.log, len(self.bert.calls)), ([id], ["cancelled"], 2))
        self.bert.call.answer()
        self.office.run(1.0)
        talk.hang_up()
        self.over(talk)

    def start_again(self, id: str) -> None:
        self.b = self.office.again(self.a)
        self.b.bus.knows_ends = self.knows_ends
        self.b.telephony.registrar.restore(self.office.store.registrations.values())
        owned = Deferred.fromCoroutine(that_go_on(self.b.takeover, self.b.bus, self.office.clock)([id]))  # type: ignore[arg-type]
        self.office.run(SETTLED + 0.1)
        self.assertEqual(set(self.successResultOf(owned)), {id})
        self.b.takeover.go_on()

    def test_rings_anew(self) -> None:
        """The caller gives up: the phone stops."""
        talk = self.anna.dial("1175")
        first = self.bert.call
        first.ring()
        self.office.run(2.0)
        id = self.a.call.id
        self.a.die()
        self.office.run(3.0)
        self.start_again(id)
        self.office.run(1.0)
        self.assertEqual((len(self.b.calls), first.log, len(self.bert.calls)), (1, ["cancelled"], 2))
        self.bert.call.ring()
        self.office.run(1.0)
        session: Any = talk.session
        session.cancel()
        self.office.run(1.0)
        self.assertEqual(self.bert.call.log, ["cancelled"])
        self.over(talk)
