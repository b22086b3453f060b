"""What waits before what, what is kept of what is repeated, and how much."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.waiting import CALLS, EACH, LARGEST_PHONE, NEW, PHONES, Waiting, kind_of
from tests.sip.peer import raw_request

KINDS = [
    (raw_request("INVITE", 1), NEW),
    (raw_request("INVITE", 1, more="Replaces: a;to-tag=1;from-tag=2"), CALLS),
    (raw_request("INVITE", 2, "their"), CALLS),
    (raw_request("CANCEL", 1), NEW),
    (raw_request("ACK", 1, "their"), CALLS),
    (raw_request("BYE", 2, "their"), CALLS),
    (raw_request("OPTIONS", 1), NEW),
    (raw_request("SUBSCRIBE", 1), NEW),
    (raw_request("NOTIFY", 2, "their"), CALLS),
    (raw_request("REGISTER", 1), PHONES),
    (raw_request("REGISTER", 1, more="X: " + "x" * LARGEST_PHONE), NEW),
    (b"SIP/2.0 200 OK\r\n", CALLS),
    (b"", NEW),
    (b"SIP/2.0", NEW),
]


class WaitingTest(SynchronousTestCase):
    def test_kinds(self) -> None:
        for data, kind in KINDS:
            self.assertEqual(kind_of(data), kind, data)

    @given(st.lists(st.tuples(st.binary(max_size=3), st.integers(0, 1))), st.integers(EACH, 10 * EACH))
    def test_in_order(self, told: list[tuple[bytes, Any]], most: int) -> None:
        """Each once, with the time when it came first, and no more than there is room for; what is taken makes room."""
        waiting = Waiting(most)
        expected: dict[tuple[bytes, Any], float] = {}
        for at, (data, address) in enumerate(told):
            room = most - sum(len(one) + EACH for one, _ in expected)
            self.assertEqual(waiting.put(data, address, at), len(data) + EACH <= room)
            if len(data) + EACH <= room:
                expected.setdefault((data, address), at)
        self.assertEqual(len(waiting), len(expected))
        taken = [waiting.take() for _ in range(len(waiting))]
        self.assertEqual([((data, address), at) for data, address, at in taken], list(expected.items()))
        self.assertRaises(KeyError, waiting.take)
        self.assertTrue(waiting.put(b"x" * (most - EACH), 1, 0.0))
        waiting.clear()
        self.assertEqual(len(waiting), 0)
        self.assertTrue(waiting.put(b"y" * (most - EACH), 1, 0.0))
