"""Playing: order, repeating, the end told once, holding, changes of codec and address, stalls."""

from itertools import pairwise

from magroup.rtp.codec import CODECS
from tests.rtp.desk import CALLER, SERVER, Caller, DeskTest, sound


def names(first: str, frames: int, codec: str = "PCMA", start: int = 0) -> list[str]:
    return [f"{first} {codec} {number}" for number in range(start, frames)]


class PlayTests(DeskTest):
    def test_packets(self) -> None:
        """One in 20 ms, numbered one after another, the marker on the first only."""
        stream = self.stream()
        stream.play([sound("a", 10)])
        self.pass_ms(250)
        packets = self.caller.packets
        self.assertEqual(self.caller.payloads, names("a", 10))
        self.assertEqual([packet.marker for packet in packets], [True] + [False] * 9)
        self.assertEqual({(packet.payload_type, packet.ssrc) for packet in packets}, {(8, packets[0].ssrc)})
        for (at, before), (later, after) in pairwise(self.caller.heard):
            self.assertIn(later - at, (19, 20, 21))
            self.assertEqual((after.sequence - before.sequence) & 0xFFFF, 1)
            self.assertEqual((after.timestamp - before.timestamp) & 0xFFFFFFFF, 160)

    def test_order_and_done(self) -> None:
        """Sounds follow each other without a gap; done comes once, 20 ms after the last packet."""
        stream = self.stream()
        stream.play([sound("a", 3), sound("b", 1), sound("c", 2)], done=self.said("done"))
        while len(self.caller.heard) < 6:
            self.assertEqual(self.done, [])
            self.pass_ms(1)
        self.pass_ms(18)
        self.assertEqual(self.done, [])
        self.pass_ms(3)
        self.assertEqual(self.done, ["done"])
        self.pass_ms(200)
        self.assertEqual(self.done, ["done"])
        self.assertEqual(self.caller.payloads, names("a", 3) + names("b", 1) + names("c", 2))

    def test_repeat(self) -> None:
        stream = self.stream()
        stream.play([sound("a", 3), sound("b", 2)], repeat=True, done=self.said("done"))
        self.pass_ms(20 * 23)
        self.assertEqual(self.caller.payloads[:17], ((names("a", 3) + names("b", 2)) * 4)[:17])
        self.assertEqual(sum(packet.marker for packet in self.caller.packets), 1)
        self.assertEqual(self.done, [])

    def test_next_from_done(self) -> None:
        """What done begins to play follows in the very next 20 ms, as one talkspurt."""
        stream = self.stream()
        stream.play([sound("a", 3)], done=lambda: stream.play([sound("b", 2)], done=self.said("b")))
        self.pass_ms(200)
        self.assertEqual(self.caller.payloads, names("a", 3) + names("b", 2))
        self.assertEqual(sum(packet.marker for packet in self.caller.packets), 1)
        times = [at for at, _ in self.caller.heard]
        self.assertLessEqual(max(after - before for before, after in pairwise(times)), 21)
        self.assertEqual(self.done, ["b"])

    def test_replace(self) -> None:
        """The former done is not called."""
        stream = self.stream()
        stream.play([sound("a", 50)], done=self.said("a"))
        self.pass_ms(70)
        heard = len(self.caller.heard)
        stream.play([sound("b", 2)], done=self.said("b"))
        self.pass_ms(2000)
        self.assertEqual(self.caller.payloads, names("a", heard) + names("b", 2))
        self.assertEqual(self.done, ["b"])

    def test_stop(self) -> None:
        stream = self.stream()
        stream.play([sound("a", 50)], done=self.said("a"))
        self.pass_ms(70)
        heard = len(self.caller.heard)
        stream.stop()
        stream.stop()
        self.pass_ms(2000)
        self.assertEqual((len(self.caller.heard), self.done), (heard, []))

    def test_talkspurts(self) -> None:
        """After a pause the first packet is marked and has the timestamp of its time; no number is left out."""
        stream = self.stream()
        stream.play([sound("a", 2)])
        self.pass_ms(501)
        stream.play([sound("b", 2)])
        self.pass_ms(100)
        first, last, next_ = (self.caller.heard[index] for index in (0, 1, 2))
        self.assertEqual([packet.marker for packet in self.caller.packets], [True, False, True, False])
        self.assertEqual((next_[1].sequence - last[1].sequence) & 0xFFFF, 1)
        ticks = ((next_[1].timestamp - first[1].timestamp) & 0xFFFFFFFF) // 160
        self.assertApproximates(20 * ticks, next_[0] - first[0], 1)

    def test_nothing_to_play(self) -> None:
        stream = self.stream()
        stream.play([], done=self.said("empty"))
        self.pass_ms(21)
        self.assertEqual(self.done, ["empty"])
        stream.play([], repeat=True, done=self.said("never"))
        self.pass_ms(100)
        self.assertEqual((self.done, self.caller.heard), (["empty"], []))

    def test_play_before_connect(self) -> None:
        """It waits: the greeting is heard in full."""
        stream = self.media.open(SERVER)
        stream.play([sound("a", 3)], done=self.said("a"))
        self.pass_ms(200)
        self.assertEqual(self.done, [])
        stream.connect(CALLER, 4000, CODECS["PCMU"])
        self.pass_ms(200)
        self.assertEqual((self.caller.payloads, self.done), (names("a", 3, "PCMU"), ["a"]))

    def test_done_that_fails(self) -> None:
        """It is logged; the stream and the others go on."""
        stream, other = self.stream(), self.stream()
        stream.play([sound("a", 1)], done=lambda: self.done.append("failed") or 1 // 0)  # type: ignore[func-returns-value]
        other.play([sound("b", 5)], done=self.said("b"))
        self.pass_ms(100)
        stream.play([sound("c", 2)], done=self.said("c"))
        self.pass_ms(200)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(self.done, ["failed", "b", "c"])

    def test_many(self) -> None:
        """Streams share sounds and do not get into each other's way."""
        one = sound("a", 10)
        callers = [Caller(self.clock, self.wires, CALLER, 5000 + 2 * number) for number in range(20)]
        streams = [self.media.open(SERVER) for _ in callers]
        for number, stream in enumerate(streams):
            stream.connect(CALLER, 5000 + 2 * number, CODECS["PCMU"])
            stream.play([one, one], done=self.said(str(number)))
        self.pass_ms(450)
        for caller in callers:
            self.assertEqual(caller.payloads, names("a", 10, "PCMU") * 2)
            caller.close()
        self.assertEqual(sorted(self.done, key=int), [str(number) for number in range(20)])


class CloseTests(DeskTest):
    def test_in_the_middle(self) -> None:
        stream = self.stream()
        stream.play([sound("a", 50)], done=self.said("a"))
        self.pass_ms(100)
        heard = len(self.caller.heard)
        stream.close()
        stream.close()
        self.assertEqual((self.media.active, self.clock.getDelayedCalls()), (0, []))
        self.pass_ms(2000)
        self.assertEqual((len(self.caller.heard), self.done), (heard, []))

    def test_from_done(self) -> None:
        """While its tick is running, and that of another stream that is still to come in it."""
        streams = [self.stream() for _ in range(8)]

        def close_all() -> None:
            self.done.append("done")
            self.media.close()

        for stream in streams:
            stream.play([sound("a", 3)], done=close_all)
        self.pass_ms(200)
        self.assertEqual((self.done, self.media.active), (["done"], 0))

    def test_nothing_works_any_more(self) -> None:
        stream = self.stream()
        stream.close()
        stream.connect(CALLER, 4000, CODECS["PCMA"], 101)
        stream.play([sound("a", 3)], done=self.said("a"))
        stream.hold(False)
        stream.stop()
        self.assertFalse(stream.send_dtmf("1"))
        self.pass_ms(100)
        self.assertEqual((self.caller.heard, self.done), ([], []))
        self.assertEqual(stream.describe()["open"], False)

    def test_never_connected(self) -> None:
        stream = self.media.open(SERVER)
        self.pass_ms(100)
        stream.close()
        self.assertEqual(self.caller.reports, [])

    def test_ports_rest(self) -> None:
        stream = self.media.open(SERVER)
        port = stream.local_port
        stream.close()
        ports = [self.media.open(SERVER).local_port for _ in range(49)]
        self.assertNotIn(port, ports)
        self.clock.advance(6)
        self.assertEqual(self.media.open(SERVER).local_port, port)


class ChangeTests(DeskTest):
    def test_codec(self) -> None:
        """After a re-INVITE the sound goes on at its place, in the same session."""
        stream = self.stream("PCMU")
        stream.play([sound("a", 4), sound("b", 6)], done=self.said("done"))
        self.pass_ms(130)
        heard = len(self.caller.heard)
        stream.connect(CALLER, 4000, CODECS["G722"])
        self.pass_ms(300)
        whole = lambda codec: names("a", 4, codec) + names("b", 6, codec)  # noqa: E731
        self.assertEqual(self.caller.payloads, whole("PCMU")[:heard] + whole("G722")[heard:])
        packets = self.caller.packets
        self.assertEqual([packet.payload_type for packet in packets], [0] * heard + [9] * (10 - heard))
        self.assertEqual(len({packet.ssrc for packet in packets}), 1)
        for before, after in pairwise(packets):
            self.assertEqual((after.sequence - before.sequence) & 0xFFFF, 1)
            self.assertEqual((after.timestamp - before.timestamp) & 0xFFFFFFFF, 160)
        self.assertEqual(self.done, ["done"])

    def test_codec_while_repeating(self) -> None:
        stream = self.stream("PCMU")
        stream.play([sound("a", 3)], repeat=True)
        self.pass_ms(20 * 8 + 1)
        heard = len(self.caller.heard)
        stream.connect(CALLER, 4000, CODECS["PCMA"], payload_type=96)
        self.pass_ms(20 * 8)
        expected = [f"a {'PCMU' if at < heard else 'PCMA'} {at % 3}" for at in range(len(self.caller.heard))]
        self.assertEqual(self.caller.payloads, expected)
        self.assertEqual(self.caller.packets[-1].payload_type, 96)

    def test_address(self) -> None:
        other = Caller(self.clock, self.wires, "192.0.2.10", 6000)
        stream = self.stream()
        stream.play([sound("a", 10)])
        self.pass_ms(100)
        heard = len(self.caller.heard)
        stream.connect("192.0.2.10", 6000, CODECS["PCMA"])
        self.pass_ms(200)
        self.assertEqual(self.caller.payloads + other.payloads, names("a", 10))
        self.assertEqual(len(self.caller.heard), heard)
        self.assertTrue(other.packets[0].marker)
        other.close()

    def test_hold(self) -> None:
        """Time and sound go on, packets do not; done is told although nobody hears it."""
        stream = self.stream()
        stream.play([sound("a", 20)], done=self.said("a"))
        self.pass_ms(101)
        before = len(self.caller.heard)
        stream.hold(True)
        self.pass_ms(100)
        self.assertEqual(len(self.caller.heard), before)
        stream.hold(False)
        self.pass_ms(61)
        packets = self.caller.packets
        self.assertEqual(self.caller.payloads[before:], names("a", len(packets) + 5, start=before + 5))
        self.assertTrue(packets[before].marker)
        self.assertEqual((packets[before].sequence - packets[before - 1].sequence) & 0xFFFF, 1)
        self.assertEqual((packets[before].timestamp - packets[before - 1].timestamp) & 0xFFFFFFFF, 6 * 160)
        stream.hold(True)
        self.pass_ms(400)
        self.assertEqual(self.done, ["a"])

    def test_hold_of_old(self) -> None:
        """Port 0 and the address 0.0.0.0 are as good as a hold; hold and address are independent."""
        stream = self.stream()
        stream.play([sound("a", 100)])
        for host, port in ((CALLER, 0), ("0.0.0.0", 4000)):
            stream.connect(host, port, CODECS["PCMA"])
            before = len(self.caller.heard)
            self.pass_ms(100)
            self.assertEqual(len(self.caller.heard), before)
            stream.hold(True)
            stream.connect(CALLER, 4000, CODECS["PCMA"])
            self.pass_ms(100)
            self.assertEqual(len(self.caller.heard), before)
            stream.hold(False)
            self.pass_ms(100)
            self.assertEqual(len(self.caller.heard), before + 5)

    def test_refused(self) -> None:
        """What signalling cannot mean is refused, and nothing changes."""
        stream = self.stream()
        stream.play([sound("a", 10)])
        self.pass_ms(50)
        codec = CODECS["PCMU"]
        for host, port, dtmf, payload_type in (
            ("phone.example", 4000, None, None),
            ("", 4000, None, None),
            ("2001:db8::1", 4000, None, None),
            (CALLER, 65536, None, None),
            (CALLER, -1, None, None),
            (CALLER, 4000, 128, None),
            (CALLER, 4000, None, 128),
        ):
            self.assertRaises(ValueError, stream.connect, host, port, codec, dtmf, payload_type)
        self.assertRaises(ValueError, stream.connect, CALLER, 4000, codec, rtcp_address=("phone.example", 4001))
        self.pass_ms(250)
        self.assertEqual(self.caller.payloads, names("a", 10))

    def test_ipv6(self) -> None:
        caller = Caller(self.clock, self.wires, "2001:db8::9", 4000)
        stream = self.media.open("2001:db8::1")
        stream.connect("2001:DB8::0:9", 4000, CODECS["PCMU"])
        stream.play([sound("a", 3)])
        self.pass_ms(100)
        stream.close()
        self.assertEqual(caller.payloads, names("a", 3, "PCMU"))
        self.assertEqual(len(caller.reports), 3)
        caller.close()


class TroubleTests(DeskTest):
    def test_stall(self) -> None:
        """Three packets make up for it; the timestamps are those of the time; the sound is heard in full."""
        stream = self.stream()
        stream.play([sound("a", 20)], done=self.said("a"))
        self.pass_ms(101)
        before = self.caller.heard[-1]
        count = len(self.caller.heard)
        self.clock.advance(1.0)
        self.assertEqual(len(self.caller.heard), count + 3)
        self.pass_ms(500)
        self.assertEqual(self.caller.payloads, names("a", 20))
        self.assertEqual(self.done, ["a"])
        after = self.caller.heard[count + 3]
        self.assertEqual([packet.marker for packet in self.caller.packets[count : count + 3]], [True, False, False])
        ticks = ((after[1].timestamp - before[1].timestamp) & 0xFFFFFFFF) // 160
        self.assertApproximates(20 * ticks, after[0] - before[0], 2)
        self.assertGreater(stream.statistics().late_ticks, 45)

    def test_full_buffer(self) -> None:
        """What the socket does not take is lost and counted; time goes on."""
        stream = self.stream()
        stream.play([sound("a", 10)], done=self.said("a"))
        wire = self.wires.open_wires[(SERVER, stream.local_port)]
        self.pass_ms(61)
        heard = len(self.caller.heard)
        wire.full = True
        self.pass_ms(60)
        wire.full = False
        self.pass_ms(200)
        self.assertEqual(self.caller.payloads, names("a", heard) + names("a", 10, start=heard + 3))
        self.assertEqual(stream.statistics().packets_dropped, 3)
        self.assertEqual(self.done, ["a"])


class DescribeTests(DeskTest):
    def test_describe(self) -> None:
        stream = self.stream("G722")
        stream.play([sound("a", 10)])
        self.pass_ms(77)
        (described,) = self.media.describe()
        expected = {
            "local": f"192.0.2.1 {stream.local_port}",
            "remote": "192.0.2.9 4000",
            "codec": "G722",
            "playing": ["a"],
            "held": False,
            "latched": False,
            "open": True,
            "packets_sent": 4,
            "octets_sent": 4 * len("a G722 0"),
            "packets_received": 0,
        }
        self.assertEqual({name: described[name] for name in expected}, expected)
        self.assertEqual(self.media.active, 1)
