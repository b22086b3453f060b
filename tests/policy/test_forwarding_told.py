"""Forwarding in the group flow: what a step says of whom it rings, its reasons, and where a number leads."""

from dataclasses import replace
from itertools import pairwise

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.forwarding import MAX_HOPS, Forwarded, Forwarding, ForwardTo
from magroup.model.groups import Group, Member, Overflow, OverflowTo
from magroup.model.lines import Line
from magroup.model.snapshot import Snapshot
from magroup.policy import Callee, OverflowVoicemail, RingStep, enter, forwarded, next_step
from tests.policy.company import (
    ARA,
    CALLER,
    LEO,
    NUMBER,
    OTHER_NUMBER,
    RAF,
    SAN,
    TIJ,
    TO_ASSISTANTS,
    TO_MOBILE,
    TO_VOICEMAIL,
    company,
    members,
    snapshot,
    to_member,
    to_number,
)
from tests.policy.forwarding import AWAY, BOX, MOBILE, OUT, RAFS_MOBILE, WITH_SALES
from tests.policy.walking import Row, told, walk


class CalleeTests(SynchronousTestCase):
    """What a step says of whom it rings: who it is, by which way, and whose phone it is."""

    def rung(self, at: int = 0, **world: object) -> Callee:
        steps, _ = walk(Row("", [], world), at + 1)
        step = steps[at]
        assert isinstance(step, RingStep)
        (callee,) = step.callees
        return callee

    def test_manager_at_home(self) -> None:
        self.assertEqual(self.rung(), Callee(1, TIJ, "Tij", True))

    def test_mobile(self) -> None:
        """It is the manager; the call was diverted from the manager number."""
        self.assertEqual(
            self.rung(instead={1: TO_MOBILE}),
            Callee(1, MOBILE, "Tij", True, (NUMBER,), ForwardTo.MOBILE, is_line=False),
        )

    def test_voicemail(self) -> None:
        by = ForwardTo.VOICEMAIL
        self.assertEqual(
            self.rung(instead={1: TO_VOICEMAIL}), Callee(1, BOX, "Tij", True, (NUMBER,), by, False, is_voicemail=True)
        )
        self.assertEqual(
            self.rung(instead={1: TO_VOICEMAIL}, pilot="80000"),
            Callee(1, "80000", "Tij", True, (NUMBER, BOX), by, False, is_voicemail=True),
        )

    def test_number(self) -> None:
        self.assertEqual(
            self.rung(instead={1: OUT}), Callee(1, "4321", "4321", True, (NUMBER,), ForwardTo.NUMBER, False)
        )
        self.assertEqual(self.rung(instead={1: to_number(LEO)}), Callee(1, LEO, LEO, True, (NUMBER,), ForwardTo.NUMBER))

    def test_member(self) -> None:
        """Who rings is the other member, for the manager."""
        self.assertEqual(self.rung(instead={1: to_member(3)}), Callee(1, ARA, "Ara", True, (NUMBER,), ForwardTo.MEMBER))

    def test_member_whose_line_is_forwarded(self) -> None:
        self.assertEqual(
            self.rung(instead={1: to_member(3)}, forwards={"Ara": OUT}),
            Callee(1, "4321", "Ara", True, (NUMBER, ARA), ForwardTo.MEMBER, False),
        )

    def test_line(self) -> None:
        self.assertEqual(self.rung(forwards={"Tij": OUT}), Callee(1, "4321", "Tij", True, (TIJ,), is_line=False))
        forwards = {"Raf": to_number(LEO), "Leo": to_member(3)}
        self.assertEqual(self.rung(1, forwards=forwards), Callee(2, ARA, "Raf", False, (RAF, LEO)))

    def test_overflow_to_voicemail(self) -> None:
        overflow = Overflow(OverflowTo.VOICEMAIL, "81-047")
        (step,), _ = walk(Row("", [], {"team": (), "overflow": overflow, "pilot": "80000"}), 1)
        assert isinstance(step, OverflowVoicemail)
        self.assertEqual((step.box, step.number, step.diverted_from), ("81-047", "80000", (NUMBER, "81047")))
        (step,), _ = walk(Row("", [], {"team": (), "overflow": overflow}), 1)
        assert isinstance(step, OverflowVoicemail)
        self.assertEqual((step.number, step.diverted_from), ("81047", (NUMBER,)))

    def test_anonymous_caller(self) -> None:
        """Nobody is the caller."""
        world = snapshot(forwards={"Tij": OUT})
        step = next_step(world, enter(world, 1, ""), 0.0)
        assert isinstance(step, RingStep)
        self.assertEqual(step.callees[0].number, "4321")


class TrailTests(SynchronousTestCase):
    def test_application(self) -> None:
        for forwarding, first in (
            (TO_ASSISTANTS, "manager forwards to the group"),
            (TO_MOBILE, "manager forwards to mobile; Tij rang 30 s"),
            (TO_VOICEMAIL, "manager forwards to voicemail; Tij rang 30 s"),
            (OUT, "manager forwards to 4321; 4321 rang 30 s"),
            (to_member(12), "manager forwards to Leo; Leo rang 30 s"),
        ):
            trail = told(instead={1: forwarding}, team=members("Tij", "Raf"), **WITH_SALES)
            self.assertEqual(trail, f"{first}; assistant Raf rang 15 s; overflow busy")

    def test_line(self) -> None:
        for forwarding, words in (
            (TO_MOBILE, "mobile"),
            (TO_VOICEMAIL, "voicemail"),
            (OUT, "4321"),
            (to_member(12), "Leo"),
        ):
            trail = told(forwards={"Raf": forwarding}, presence={"Tij": AWAY}, team=members("Tij", "Raf"), **WITH_SALES)
            self.assertEqual(
                trail, f"manager Away; Raf's line forwarded to {words}; assistant Raf rang 15 s; overflow busy"
            )

    def test_both(self) -> None:
        self.assertEqual(
            told(instead={1: to_member(2)}, forwards={"Raf": to_number(LEO)}, team=members("Tij", "Raf")),
            f"manager forwards to Raf; Raf's line forwarded to {LEO}; Raf rang 30 s; overflow busy",
        )

    def test_why_not(self) -> None:
        self.assertEqual(
            told(
                instead={1: to_number(NUMBER)},
                forwards={"Raf": to_number(CALLER), "Ara": to_number(LEO)},
                out_of_service=[LEO],
            ),
            "forwarding of Tij goes in a circle; forwarding of Raf leads to the caller; "
            f"Ara forwards to {LEO}, which is out of service; overflow busy",
        )

    def test_into_another_group(self) -> None:
        self.assertEqual(
            told(3, instead={1: to_number(OTHER_NUMBER)}, **WITH_SALES),
            "manager forwards to Sales; manager rang 20 s; assistant Leo rang 10 s",
        )
        self.assertEqual(
            told(3, forwards={"Raf": to_number(OTHER_NUMBER)}, presence={"Tij": AWAY}, **WITH_SALES),
            "manager Away; Raf's line forwarded to Sales; manager rang 20 s; assistant Leo rang 10 s",
        )
        self.assertEqual(
            told(
                2,
                forwards={"Tij": to_number(OTHER_NUMBER)},
                presence={"Raf": AWAY},
                ring_parallel=True,
                **WITH_SALES,
            ),
            "Tij's line forwarded to Sales; manager rang 20 s",
        )


class ForwardedTests(SynchronousTestCase):
    """Chains of lines, for any call (spec 2)."""

    def world(self, **chain: Forwarding) -> Snapshot:
        return snapshot(forwards=chain, **WITH_SALES)

    def test_no_forwarding(self) -> None:
        for number, is_at in ((RAF, RAF), ("11-75", RAF), ("031 531 11 11", CALLER), (NUMBER, NUMBER), ("", "")):
            self.assertEqual(forwarded(self.world(), number), Forwarded(is_at))

    def test_targets(self) -> None:
        for forwarding, number in (
            (OUT, "4321"),
            (TO_MOBILE, RAFS_MOBILE),
            (TO_VOICEMAIL, "81175"),
            (to_member(11), SAN),
            (to_number("89 74"), OTHER_NUMBER),
        ):
            self.assertEqual(forwarded(self.world(Raf=forwarding), RAF), Forwarded(number, (RAF,), forwarding))

    def test_application_forwarding_does_not_touch_the_line(self) -> None:
        self.assertEqual(forwarded(snapshot(instead={1: OUT}), TIJ), Forwarded(TIJ))

    def test_voicemail_by_its_pilot(self) -> None:
        world = replace(self.world(Leo=to_member(2), Raf=TO_VOICEMAIL), voicemail="80000")
        self.assertEqual(forwarded(world, LEO), Forwarded("80000", (LEO, RAF, "81175"), TO_VOICEMAIL))

    def test_a_mailbox_is_no_line(self) -> None:
        """Also where it has a line's number: voicemail ends the chain."""
        configuration = company()
        users = tuple(replace(user, voicemail=user.lines[0]) for user in configuration.users)
        world = snapshot(replace(configuration, users=users), forwards={"Raf": TO_VOICEMAIL})
        self.assertEqual(forwarded(world, RAF), Forwarded(RAF, (RAF,), TO_VOICEMAIL))

    def test_member_follows_the_number(self) -> None:
        moved = company(team=(*members("Tij"), Member(2, 1, "rafael", LEO, "Raf")))
        world = snapshot(moved, forwards={"Ara": to_member(2)})
        self.assertEqual(forwarded(world, ARA).number, LEO)

    def test_loops(self) -> None:
        rows = [
            ({"Raf": to_number(RAF)}, (RAF,), RAF),
            ({"Raf": to_member(2)}, (RAF,), RAF),
            ({"Raf": to_number(ARA), "Ara": to_number(RAF)}, (RAF, ARA), RAF),
            ({"Raf": to_number(ARA), "Ara": to_number(LEO), "Leo": to_number(ARA)}, (RAF, ARA, LEO), ARA),
        ]
        for chain, through, number in rows:
            to = forwarded(self.world(**chain), RAF)
            self.assertEqual((to.is_loop, to.through, to.number), (True, through, number))

    def chain(self, length: int) -> Forwarded:
        """Lines 2000, 2001 ..., each of ``length`` forwarded to the next."""
        numbers = [str(2000 + at) for at in range(length + 1)]
        configuration = replace(company(), lines=tuple(Line(number) for number in numbers))
        forwardings = {one: to_number(other) for one, other in pairwise(numbers)}
        return forwarded(Snapshot(configuration, line_forwarding=forwardings), "2000")

    def test_five_hops(self) -> None:
        """Followed that far; the line there rings."""
        for length in range(9):
            to = self.chain(length)
            hops = min(length, MAX_HOPS)
            self.assertEqual((to.number, len(to.through), to.is_loop), (str(2000 + hops), hops, False))

    def test_two_users_of_a_line(self) -> None:
        """The mobile is that of the first one."""
        configuration = company()
        tij, raf, *others = configuration.users
        shared = replace(configuration, users=(tij, raf, *(replace(user, lines=(RAF,)) for user in others)))
        self.assertEqual(forwarded(snapshot(shared, forwards={"Raf": TO_MOBILE}), RAF).number, RAFS_MOBILE)

    def test_line_of_nobody(self) -> None:
        configuration = replace(company(), users=())
        self.assertEqual(forwarded(snapshot(configuration, forwards={"Raf": TO_MOBILE}), RAF), Forwarded(RAF))

    def test_group_without_a_number(self) -> None:
        configuration = replace(company(), groups=(Group(1, "A"),))
        self.assertEqual(forwarded(snapshot(configuration, forwards={"Raf": to_number("4")}), RAF).number, "4")
