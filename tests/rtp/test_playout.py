"""Packets in any order, some lost or doubled, become the sound that was sent, with silence for what is missing."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.rtp.playout import LARGEST_PAYLOAD, Piece, Playout

FRAME = 160


def payload(number: int) -> bytes:
    """The 20 ms with that number."""
    return number.to_bytes(2, "big") * 80


def heard(pieces: list[Piece]) -> list[int | None]:
    """The numbers in order; None for each 20 ms of pause."""
    found: list[int | None] = []
    for piece in pieces:
        found += [None] * (piece.pause // FRAME)
        found.append(int.from_bytes(piece.payload[:2], "big"))
    return found


class PlayoutTests(SynchronousTestCase):
    def play(self, order: list[int], first: int = 1000) -> list[int | None]:
        """Packets with these numbers come one after the other, 20 ms apart."""
        self.playout = Playout()
        for at, number in enumerate(order):
            self.playout.put(payload(number), 0, (first + number * FRAME) & 0xFFFFFFFF, at * 0.02)
        return heard(self.playout.take() + self.playout.finish())

    def test_in_order(self) -> None:
        self.assertEqual(self.play(list(range(50))), list(range(50)))

    def test_waits_for_late_packets(self) -> None:
        playout = Playout()
        for number in range(10):
            playout.put(payload(number), 0, number * FRAME, number * 0.02)
        self.assertEqual(playout.take(), [])
        playout.put(payload(10), 0, 10 * FRAME, 0.2)
        self.assertEqual(heard(playout.take()), [0])
        self.assertEqual(heard(playout.finish()), list(range(1, 11)))

    def test_lost(self) -> None:
        self.assertEqual(self.play([0, 1, 4, 5]), [0, 1, None, None, 4, 5])

    def test_twice(self) -> None:
        self.assertEqual(self.play([0, 1, 1, 2, 0, 2]), [0, 1, 2])
        self.assertEqual(self.playout.dropped, 3)

    def test_too_late(self) -> None:
        order = [*range(5), *range(6, 30), 5]
        self.assertEqual(self.play(order), [*range(5), None, *range(6, 30)])
        self.assertEqual(self.playout.dropped, 1)

    def test_timestamps_start_anew(self) -> None:
        self.assertEqual(self.play(list(range(40)), first=0xFFFFFFFF - 17 * FRAME), list(range(40)))

    def test_pause_without_packets(self) -> None:
        """Silence is not sent by everybody; the timestamps go on."""
        playout = Playout()
        playout.put(payload(0), 0, 0, 0.0)
        playout.put(payload(1), 0, 100 * FRAME, 2.0)
        self.assertEqual(heard(playout.finish()), [0, *[None] * 99, 1])

    def test_another_timeline(self) -> None:
        """A timestamp from nowhere: what matters is the time that has passed."""
        for jump in (1 << 31, 3_000_000_000, 900_000, -900_000):
            playout = Playout()
            for number in range(3):
                playout.put(payload(number), 0, number * FRAME, number * 0.02)
            for number in range(3, 6):
                playout.put(payload(number), 0, (jump + number * FRAME) & 0xFFFFFFFF, 0.2 + number * 0.02)
            self.assertEqual(heard(playout.finish()), [0, 1, 2, *[None] * 10, 3, 4, 5], jump)

    def test_what_is_no_sound(self) -> None:
        playout = Playout()
        playout.put(b"", 0, 0, 0.0)
        playout.put(b"x" * (LARGEST_PAYLOAD + 1), 0, 0, 0.0)
        self.assertEqual(playout.finish(), [])
        self.assertEqual(playout.dropped, 2)

    @settings(max_examples=200, deadline=None)
    @given(st.data())
    def test_any_network(self, data: st.DataObject) -> None:
        """Lost, doubled and up to 100 ms late: nothing is heard twice, nothing out of order, nothing else is lost."""
        count = data.draw(st.integers(2, 120))
        arrivals = [(0.0, 0)]
        for number in range(1, count):
            for _ in range(data.draw(st.integers(0, 2))):
                arrivals.append((number * 0.02 + data.draw(st.floats(0.0, 0.1)), number))
        playout = Playout()
        first = data.draw(st.integers(0, 0xFFFFFFFF))
        for now, number in sorted(arrivals):
            playout.put(payload(number), 0, (first + number * FRAME) & 0xFFFFFFFF, now)
        came = {number for _, number in arrivals}
        expected = [number if number in came else None for number in range(max(came) + 1)]
        self.assertEqual(heard(playout.take() + playout.finish()), expected)

    @settings(max_examples=200, deadline=None)
    @given(
        st.lists(
            st.tuples(st.binary(max_size=200), st.integers(0, 127), st.integers(0, 0xFFFFFFFF), st.floats(0, 5)),
            max_size=60,
        )
    )
    def test_any_packets(self, packets: list[tuple[bytes, int, int, float]]) -> None:
        """Whatever comes, the sound is not much longer than the time and the packets."""
        playout = Playout()
        now = 0.0
        for content, payload_type, timestamp, after in packets:
            now += after
            playout.put(content, payload_type, timestamp, now)
        pieces = playout.take() + playout.finish()
        self.assertTrue(all(piece.pause >= 0 for piece in pieces))
        longest = now * 8000 + sum(8000 + len(content) for content, *_ in packets)
        self.assertLessEqual(sum(piece.pause + len(piece.payload) for piece in pieces), longest)
