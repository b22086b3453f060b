"""A stream's other half and its reports: what callers say and dial, symmetric RTP, RTCP."""

import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from magroup.rtp import rtcp, telephone_event
from magroup.rtp.codec import CODECS
from magroup.rtp.dtmf import DtmfDetector
from magroup.rtp.rtcp import Goodbye, ReceiverReport, Reception, SenderReport, SourceDescription
from magroup.rtp.stream import Stream
from magroup.rtp.telephone_event import TelephoneEvent
from tests.rtp.desk import CALLER, EPOCH, SERVER, Caller, DeskTest, sound


class PayloadTests(DeskTest):
    def test_payloads(self) -> None:
        stream = self.stream()
        taken: list[tuple[bytes, int, int]] = []
        stream.on_payload = lambda *packet: taken.append(packet)
        for number in range(3):
            self.caller.speak(stream, b"word %d" % number)
        self.assertEqual(taken, [(b"word %d" % number, 8, 160 * (101 + number)) for number in range(3)])
        statistics = stream.statistics()
        self.assertEqual((statistics.packets_received, statistics.octets_received), (3, 18))

    def test_nobody_wants_them(self) -> None:
        stream = self.stream()
        self.caller.speak(stream)
        self.assertEqual(stream.statistics().packets_received, 1)

    def test_sink_that_fails(self) -> None:
        """It gets no more; the stream goes on."""
        stream = self.stream()
        stream.on_payload = lambda payload, kind, timestamp: 1 // 0
        for _ in range(3):
            self.caller.speak(stream)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(stream.statistics().packets_received, 3)

    def test_losses(self) -> None:
        stream = self.stream()
        for sequence in (1, 2, 5, 6):
            self.caller.speak(stream, sequence=sequence)
        self.caller.speak(stream, sequence=9000, ssrc=78)
        self.caller.speak(stream, sequence=9002, ssrc=78)
        self.assertEqual(stream.statistics().packets_lost, 3)

    def test_jitter(self) -> None:
        stream = self.stream()
        for number in range(50):
            self.caller.speak(stream, timestamp=160 * number)
            self.pass_ms(20)
        self.assertLess(stream.statistics().jitter, 0.001)
        for number in range(50, 100):
            self.caller.speak(stream, timestamp=160 * number)
            self.pass_ms(30 if number % 2 else 10)
        self.assertGreater(stream.statistics().jitter, 0.008)

    def test_rubbish(self) -> None:
        stream = self.stream()
        target = (SERVER, stream.local_port)
        for data in (b"", b"\0", b"\x80\x08short", b"\x8f\x08" + bytes(20), b"\0" * 40, bytes(range(256))):
            self.caller.rtp.send(data, target)
        statistics = stream.statistics()
        self.assertEqual((statistics.packets_received, statistics.malformed), (0, 6))

    def test_before_connect(self) -> None:
        stream = self.media.open(SERVER)
        for _ in range(5):
            self.caller.speak(stream)
        self.assertEqual((stream.statistics().packets_received, stream.statistics().strangers), (0, 5))

    def test_late_for_a_closed_stream(self) -> None:
        """The wire may still hand over what came before it was closed."""
        stream = self.stream()
        self.caller.speak(stream)
        wire = self.wires.open_wires[(SERVER, stream.local_port)]
        stream.on_payload = lambda *packet: self.done.append("payload")
        stream.close()
        wire._received(self.caller.rtp.sent[-1][0], (CALLER, 4000))
        self.assertEqual(self.done, [])


class DtmfTests(DeskTest):
    def dial(self, stream: Stream, digit: int, timestamp: int, durations: tuple[int, ...], end: bool) -> None:
        for number, duration in enumerate(durations):
            payload = telephone_event.pack(TelephoneEvent(digit, end, 10, duration))
            self.caller.speak(stream, payload, 101, marker=number == 0, timestamp=timestamp)

    def test_received(self) -> None:
        stream = self.stream()
        stream.on_dtmf = self.done.append
        stream.on_payload = lambda *packet: self.done.append("sound")
        self.dial(stream, 1, 1000, (160, 320), end=False)
        self.dial(stream, 1, 1000, (480, 480, 480), end=True)
        self.dial(stream, 11, 5000, (160,), end=False)
        self.dial(stream, 1, 9000, (480,), end=True)
        self.assertEqual(self.done, ["1", "#", "1"])

    def test_not_agreed_on(self) -> None:
        stream = self.stream(dtmf=None)
        stream.on_dtmf = self.done.append
        self.dial(stream, 1, 1000, (160, 320), end=False)
        self.assertEqual(self.done, [])
        self.assertFalse(stream.send_dtmf("1"))

    def test_callback_that_fails(self) -> None:
        stream = self.stream()
        stream.on_dtmf = lambda digit: self.done.append(digit) or 1 // 0  # type: ignore[func-returns-value]
        self.dial(stream, 1, 1000, (160, 320), end=False)
        self.dial(stream, 2, 5000, (160, 320), end=False)
        self.assertEqual(self.done, ["1", "2"])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 2)

    def test_closed_by_a_digit(self) -> None:
        stream = self.stream()
        stream.on_dtmf = lambda digit: stream.close()
        self.dial(stream, 1, 1000, (160, 320), end=False)
        self.assertEqual(self.media.active, 0)

    def test_sent(self) -> None:
        """The digits are understood at the other end; the sound waits and goes on where it was."""
        stream = self.stream()
        stream.play([sound("a", 10)], done=self.said("done"))
        self.pass_ms(70)
        self.assertTrue(stream.send_dtmf("19"))
        self.assertTrue(stream.send_dtmf("a"))
        self.pass_ms(1000)
        detector, digits = DtmfDetector(), ""
        for packet in self.caller.packets:
            if packet.payload_type == 101:
                digits += detector.digit(packet.payload, packet.marker, packet.timestamp)
        self.assertEqual(digits, "19A")
        sounds = [packet for packet in self.caller.packets if packet.payload_type == 8]
        self.assertEqual([packet.payload.decode() for packet in sounds], [f"a PCMA {number}" for number in range(10)])
        self.assertEqual(sum(packet.marker for packet in sounds), 2)
        sequences = [packet.sequence for packet in self.caller.packets]
        self.assertEqual([(number - sequences[0]) & 0xFFFF for number in sequences], list(range(10 + 3 * 7)))
        self.assertEqual(self.done, ["done"])

    def test_sent_after_a_change(self) -> None:
        """A re-INVITE without telephone-event ends the dialling, not the sound."""
        stream = self.stream()
        stream.play([sound("a", 5)], done=self.said("done"))
        stream.send_dtmf("123456789")
        self.pass_ms(101)
        stream.connect(CALLER, 4000, CODECS["PCMA"], None)
        self.pass_ms(150)
        self.assertEqual(self.done, ["done"])
        stream.connect(CALLER, 4000, CODECS["PCMA"], 97)
        stream.send_dtmf("5")
        self.pass_ms(300)
        late = [packet for packet in self.caller.packets if packet.payload_type == 97]
        self.assertEqual({packet.payload[0] for packet in late}, {5})

    def test_sent_while_held(self) -> None:
        stream = self.stream()
        stream.hold(True)
        stream.send_dtmf("12")
        self.pass_ms(1000)
        self.assertEqual(self.caller.heard, [])

    def test_no_digits(self) -> None:
        stream = self.stream()
        for digits in ("1x", "1 2", "\u0663"):
            self.assertRaises(ValueError, stream.send_dtmf, digits)
        self.pass_ms(100)
        self.assertEqual(self.caller.heard, [])


class SymmetricTests(DeskTest):
    def test_answers_go_where_media_comes_from(self) -> None:
        stream = self.media.open(SERVER)
        stream.connect("192.168.1.5", 7000, CODECS["PCMA"])
        stream.play([sound("a", 100)])
        self.pass_ms(100)
        self.assertEqual(self.caller.heard, [])
        self.caller.speak(stream)
        self.caller.speak(stream)
        self.pass_ms(100)
        self.assertEqual(len(self.caller.heard), 5)
        self.assertEqual(stream.describe()["latched"], True)
        stream.close()
        self.assertIn(Goodbye, [type(report) for report in self.caller.reports])

    def test_stranger(self) -> None:
        stranger = Caller(self.clock, self.wires, "192.0.2.66", 5000)
        stream = self.stream()
        taken: list[bytes] = []
        stream.on_payload = lambda payload, kind, timestamp: taken.append(payload)
        stream.on_dtmf = self.done.append
        stream.play([sound("a", 1000)])
        self.caller.speak(stream, b"caller")
        for _ in range(50):
            self.pass_ms(100)
            stranger.speak(stream, b"stranger")
            stranger.speak(stream, telephone_event.pack(TelephoneEvent(1, True, 10, 160)), 101)
            self.caller.speak(stream, b"caller")
        self.assertEqual((set(taken), self.done, stranger.heard), ({b"caller"}, [], []))
        self.assertEqual(stream.statistics().strangers, 100)
        stranger.close()

    def test_mute_address_comes_alive(self) -> None:
        """Where signalling knows no port, the first packets of the caller tell it."""
        stream = self.media.open(SERVER)
        stream.connect("0.0.0.0", 0, CODECS["PCMA"])
        stream.play([sound("a", 100)])
        self.caller.speak(stream)
        self.caller.speak(stream)
        self.pass_ms(100)
        self.assertEqual(len(self.caller.heard), 5)


class ReportTests(DeskTest):
    def reports_of(self, kind: type) -> list[object]:
        return [report for report in self.caller.reports if isinstance(report, kind)]

    def test_sender_reports(self) -> None:
        """Every 2.5 to 7.5 s, 5 s on average, with what was sent until then."""
        stream = self.stream()
        stream.play([sound("a", 10_000)])
        counts = []
        for _ in range(1200):
            self.clock.pump([0.005] * 20)
            counts.append(len(self.reports_of(SenderReport)))
        self.assertTrue(20 <= counts[-1] <= 28, counts[-1])
        steps = [at for at in range(1, 1200) if counts[at] != counts[at - 1]]
        gaps = [after - before for before, after in pairwise(steps)]
        self.assertTrue(24 <= min(gaps) < 40 < 60 < max(gaps) <= 76, gaps)
        report = self.reports_of(SenderReport)[-1]
        assert isinstance(report, SenderReport)
        earlier = self.reports_of(SenderReport)[-2]
        assert isinstance(earlier, SenderReport)
        self.assertEqual(report.ssrc, self.caller.packets[0].ssrc)
        sent = [packet for _, packet in self.caller.heard]
        matching = next(number for number, packet in enumerate(sent) if packet.timestamp >= report.timestamp)
        self.assertApproximates(report.packets, matching, 1)
        self.assertEqual(report.octets, sum(len(packet.payload) for packet in sent[: report.packets]))
        seconds = (report.ntp - earlier.ntp) / 2**32
        self.assertApproximates((report.timestamp - earlier.timestamp) / 8000, seconds, 0.001)
        names = {report.cname for report in self.caller.reports if isinstance(report, SourceDescription)}
        self.assertEqual([len(name) for name in names], [16])

    def test_time_of_the_report(self) -> None:
        """The RTP time of a report is that of its NTP time: a packet sent then would have it."""
        stream = self.stream()
        stream.play([sound("a", 1000)])
        self.clock.pump([0.001] * 8000)
        report = self.reports_of(SenderReport)[0]
        assert isinstance(report, SenderReport)
        at, packet = self.caller.heard[0]
        wall = report.ntp / 2**32 - rtcp.NTP_EPOCH - EPOCH - 1000
        media = ((report.timestamp - packet.timestamp) & 0xFFFFFFFF) / 8000
        self.assertApproximates(wall - at / 1000, media, 0.002)

    def test_receiver_reports(self) -> None:
        """Who sends nothing reports what it received."""
        stream = self.stream()
        for sequence in (1, 2, 5, 6):
            self.caller.speak(stream, sequence=sequence)
        self.clock.pump([0.01] * 800)
        self.assertEqual(self.reports_of(SenderReport), [])
        (report, *_) = self.reports_of(ReceiverReport)
        assert isinstance(report, ReceiverReport)
        (reception,) = report.receptions
        self.assertEqual(reception[:4], (77, 85, 2, 6))

    def test_round_trip_and_loss(self) -> None:
        stream = self.stream()
        stream.play([sound("a", 1000)])
        while not self.reports_of(SenderReport):
            self.pass_ms(10)
        report = self.reports_of(SenderReport)[0]
        assert isinstance(report, SenderReport)
        self.pass_ms(250)
        middle = (report.ntp >> 16) & 0xFFFFFFFF
        reception = Reception(report.ssrc, 64, 12, 0, 80, middle, int(0.2 * 65536))
        other = Reception(report.ssrc + 1, 255, 999, 0, 80, middle, 0)
        answer = rtcp.pack([SenderReport(77, 5 << 32, 0, 0, 0, (other, reception))])
        self.caller.rtcp.send(answer, (SERVER, stream.local_port + 1))
        statistics = stream.statistics()
        self.assertEqual((statistics.remote_lost, statistics.remote_fraction_lost), (12, 0.25))
        self.assertEqual(statistics.remote_jitter, 0.01)
        self.assertApproximates(statistics.round_trip, 0.05, 0.011)

    def test_last_sender_report_is_named(self) -> None:
        stream = self.stream()
        self.caller.speak(stream)
        self.pass_ms(100)
        report = rtcp.pack([SenderReport(77, 0x1122334455667788, 0, 0, 0)])
        self.caller.rtcp.send(report, (SERVER, stream.local_port + 1))
        self.clock.pump([0.01] * 400)
        last = self.reports_of(ReceiverReport)[0]
        assert isinstance(last, ReceiverReport)
        self.assertEqual(last.receptions[0].last_report, 0x33445566)
        self.assertGreater(last.receptions[0].delay, 65536)

    def test_goodbye(self) -> None:
        stream = self.stream()
        stream.play([sound("a", 5)])
        self.pass_ms(200)
        stream.close()
        kinds = [type(report) for report in self.caller.reports]
        self.assertEqual(kinds, [SenderReport, SourceDescription, Goodbye])
        self.assertEqual(self.caller.reports[-1], Goodbye((self.caller.packets[0].ssrc,)))

    def test_no_goodbye_without_a_word(self) -> None:
        self.stream().close()
        self.assertEqual(self.caller.reports, [])

    def test_mux(self) -> None:
        stream = self.media.open(SERVER)
        stream.connect(CALLER, 4000, CODECS["PCMA"], rtcp_mux=True)
        stream.play([sound("a", 500)])
        self.clock.pump([0.01] * 800)
        port = self.wires.open_wires[(SERVER, stream.local_port)]
        self.assertTrue([data for data, _ in port.sent if data[1] == 200])
        self.assertEqual(self.wires.open_wires[(SERVER, stream.local_port + 1)].sent, [])
        ssrc = self.caller.packets[0].ssrc
        report = rtcp.pack([ReceiverReport(77, (Reception(ssrc, 0, 3, 0, 0, 0, 0),))])
        self.caller.rtp.send(report, (SERVER, stream.local_port))
        self.assertEqual(stream.statistics().remote_lost, 3)

    def test_where_reports_go(self) -> None:
        """One port above, or where signalling says, or where the other end's reports come from."""
        stream = self.stream()
        stream.play([sound("a", 5)])
        signalled = Caller(self.clock, self.wires, CALLER, 8000)
        stream.connect(CALLER, 4000, CODECS["PCMA"], rtcp_address=(CALLER, 8001))
        self.clock.pump([0.01] * 400)
        self.assertEqual(([], True), (self.caller.reports, bool(signalled.reports)))
        real = Caller(self.clock, self.wires, CALLER, 9000)
        real.rtcp.send(rtcp.pack([ReceiverReport(77)]), (SERVER, stream.local_port + 1))
        self.clock.pump([0.01] * 800)
        self.assertTrue(real.reports)
        for caller in (signalled, real):
            caller.close()

    def test_stranger(self) -> None:
        """Reports from elsewhere are not believed."""
        stranger = Caller(self.clock, self.wires, "192.0.2.66", 5000)
        stream = self.stream()
        stream.play([sound("a", 5)])
        self.pass_ms(100)
        ssrc = self.caller.packets[0].ssrc
        report = rtcp.pack([ReceiverReport(77, (Reception(ssrc, 0, 3, 0, 0, 0, 0),))])
        for port in (stream.local_port, stream.local_port + 1):
            stranger.rtcp.send(report, (SERVER, port))
        self.assertEqual((stream.statistics().remote_lost, stream.statistics().strangers), (None, 2))
        stream.close()
        self.assertEqual(stranger.reports, [])
        stranger.close()

    def test_held(self) -> None:
        """Reports go on while nothing is sent; to nowhere they do not."""
        stream = self.stream()
        stream.hold(True)
        self.clock.pump([0.01] * 800)
        count = len(self.caller.reports)
        self.assertGreater(count, 0)
        stream.connect("0.0.0.0", 4000, CODECS["PCMA"])
        self.clock.pump([0.01] * 1600)
        self.assertEqual(len(self.caller.reports), count)


class HostileTests(DeskTest):
    @settings(deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 1), st.binary(max_size=60)), max_size=30), st.integers(0, 2**32))
    def test_any_bytes(self, datagrams: list[tuple[int, bytes]], seed: int) -> None:
        """Whatever comes, to either port, the sound goes on."""
        rng = random.Random(seed)
        stream = self.stream()
        stream.on_dtmf = lambda digit: None
        stream.on_payload = lambda payload, kind, timestamp: None
        before = len(self.caller.heard)
        stream.play([sound("a", 3)])
        for offset, data in datagrams:
            if rng.random() < 0.5:
                data = bytes((0x80 | data[0] & 0x3F if data else 0x80,)) + data[1:]
            self.caller.rtp.send(data, (SERVER, stream.local_port + offset))
        self.pass_ms(81)
        self.assertEqual(len(self.caller.heard) - before, 3)
        stream.close()
        self.clock.advance(6)
