"""Whole calls over a network that loses, repeats and reorders: each ends at both sides, and nothing of it stays."""

import re
from random import Random

from magroup.sip.modify import Offer
from magroup.sip.session_state import SessionState
from tests.sip.network import ANSWER, EVERYTHING_OVER, OFFER, OTHER, NetworkTestCase, Owner

CALLS = 500
CALLING = re.compile(r"(progressed )*(rejected |ended |answered (offered )*(ended )?)?\Z")
CALLED = re.compile(r"(offered )*(cancelled |acknowledged (offered )*(ended )?|ended )?\Z")


class LossTests(NetworkTestCase):
    def accept(self, offer: Offer) -> None:
        """Answer an offer, at once or a moment later."""
        self.network.clock.callLater(self.network.random.choice((0, 0, 0.3, 2)), offer.accept, ANSWER)

    def one_call(self, seed: int, loss: float, duplicates: float, jitter: float) -> tuple[Owner, Owner | None]:
        """INVITE, reliable 183, 180, 200, changes by both sides, and the end at any moment of it by either side."""
        self.setUp()
        network, chance = self.network, Random(seed)
        network.random.seed(seed)
        network.loss, network.duplicates, network.delay, network.jitter = loss, duplicates, 0.02, jitter
        ann, bob = self.phones("udp", session_expires=chance.choice((0, 90, 1800)))
        clock = network.clock
        bob.new_owner = lambda: Owner(offered=self.accept)
        reliable = chance.random() < 0.8
        answer_after = chance.choice((0.0, 0.5, 3.0, 10.0))
        changes = [(chance.uniform(0, 8), chance.choice((True, False))) for _ in range(chance.randrange(4))]

        def ring() -> None:
            if bob.owners:
                session = bob.owners[0].session
                if reliable:
                    session.progress(183, ANSWER)
                session.progress(180)
                clock.callLater(answer_after, session.answer, ANSWER)

        bob.on_call = lambda session: clock.callLater(0.1, ring) and None
        calling = ann.call(bob, OFFER, offered=self.accept)
        for when, by_ann in changes:
            clock.callLater(answer_after + when, self.change, calling, bob.owners, by_ann)
        end_by_ann = chance.random() < 0.5
        network.run(chance.choice((0.01, 0.2, 1.0, answer_after, answer_after + 0.1, 14.0, 20.0, 60.0)))
        if end_by_ann or not bob.owners:
            calling.session.bye("Q.850;cause=16")
        else:
            bob.owners[0].session.bye("Q.850;cause=16")
        network.run(2 * EVERYTHING_OVER)
        return calling, bob.owners[0] if bob.owners else None

    def change(self, calling: Owner, called: list[Owner], by_ann: bool) -> None:
        owner = calling if by_ann or not called else called[0]
        if owner.session.state is SessionState.CONFIRMED:
            owner.session.modifier.change(OTHER, lambda status, sdp: None)

    def check(self, seed: int, loss: float, duplicates: float, jitter: float) -> list[str]:
        calling, called = self.one_call(seed, loss, duplicates, jitter)
        for owner, grammar in ((calling, CALLING), (called, CALLED)):
            if owner is not None:
                words = "".join(f"{name} " for name in owner.names)
                self.assertTrue(grammar.match(words), f"seed {seed}: {words}")
                self.assertIs(owner.session.state, SessionState.ENDED, f"seed {seed}")
        self.network.run(EVERYTHING_OVER)
        for node in self.network.nodes.values():
            self.assertEqual(node.leftovers(), [], f"seed {seed}")  # type: ignore[attr-defined]
        self.assertEqual(self.network.clock.getDelayedCalls(), [], f"seed {seed}")
        self.assertEqual(self.flushLoggedErrors(), [], f"seed {seed}")
        return calling.names

    def test_perfect_network(self) -> None:
        for seed in range(CALLS // 5):
            self.check(seed, 0.0, 0.0, 0.0)

    def test_reordering_and_duplicates(self) -> None:
        for seed in range(CALLS // 2):
            self.check(seed, 0.0, 0.3, 0.6)

    def test_loss(self) -> None:
        """A fifth is lost: nearly all calls that are let be answered are."""
        names = [self.check(seed, 0.2, 0.1, 0.2) for seed in range(CALLS)]
        self.assertGreater(sum("answered" in heard for heard in names), CALLS // 3)

    def test_heavy_loss(self) -> None:
        names = [self.check(seed, 0.3, 0.3, 0.6) for seed in range(CALLS)]
        self.assertGreater(sum("answered" in heard for heard in names), CALLS // 3)

    def test_dead_network(self) -> None:
        """It works for a while, then nothing arrives any more in either direction."""
        for seed in range(CALLS // 5):
            self.setUp()
            ann, bob = self.phones("udp", session_expires=90)
            network, chance = self.network, Random(seed)
            bob.on_call = lambda session: session.progress(183, ANSWER)
            calling = ann.call(bob, OFFER)
            network.run()
            if chance.random() < 0.7:
                bob.owners[0].session.answer(ANSWER)
            network.delay = 0.1
            network.run(chance.uniform(0, 0.4))
            network.loss = 1.0
            if chance.random() < 0.5:
                calling.session.modifier.change(OTHER, lambda status, sdp: None)
            network.run(150)
            for owner in (calling, bob.owners[0]):
                owner.session.bye()
            network.run(2 * EVERYTHING_OVER)
            for node in (ann, bob):
                self.assertEqual(node.leftovers(), [], f"seed {seed}")
