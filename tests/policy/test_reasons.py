"""Reasons in words: every code has its own, and a trail of a call that was answered or given up."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.calls import Reason, ReasonCode
from magroup.policy import trail_in_words, words

RINGS = [
    Reason(ReasonCode.MANAGER_RINGS, "Tij", 30),
    Reason(ReasonCode.ASSISTANT_RINGS, "Raf", 30),
]


class ReasonsTests(SynchronousTestCase):
    def test_every_code_has_words_of_its_own(self) -> None:
        said = {words(Reason(code, "Raf", 15, "away")) for code in ReasonCode}
        self.assertEqual(len(said), len(ReasonCode))

    def test_ringing_now(self) -> None:
        self.assertEqual(trail_in_words(RINGS), "manager rings 30 s; assistant Raf rings 30 s")

    def test_ringing_without_end(self) -> None:
        self.assertEqual(trail_in_words([Reason(ReasonCode.ASSISTANT_RINGS, "Raf")]), "assistant Raf rings")

    def test_answered_with_another_ringing(self) -> None:
        self.assertEqual(
            trail_in_words([*RINGS, Reason(ReasonCode.ANSWERED, "Raf", 4)]),
            "manager rang; answered by Raf after 4 s",
        )

    def test_caller_hung_up(self) -> None:
        trail = [RINGS[0], Reason(ReasonCode.NO_ANSWER, "Tij", 7), Reason(ReasonCode.CALLER_HUNG_UP)]
        self.assertEqual(trail_in_words(trail), "manager rang 7 s; caller hung up")

    def test_empty(self) -> None:
        self.assertEqual(trail_in_words([]), "")
