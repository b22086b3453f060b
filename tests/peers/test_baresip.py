"""baresip phones talk to each other without any server, and register at SIPp."""

from pathlib import Path
from typing import Any

import numpy as np
from twisted.trial.unittest import TestCase

from tests.peers import audio
from tests.peers.addresses import address
from tests.peers.baresip import Baresip
from tests.peers.baresip_control import Media
from tests.peers.baresip_setup import account
from tests.peers.certificates import Authority
from tests.peers.raw import RawUdp
from tests.peers.rtp_sink import RtpSink
from tests.peers.sip_trace import SipText
from tests.peers.sipp import Sipp
from tests.peers.waiting import PeerTimeout, until


class PeerToPeer(TestCase):
    async def phones(self, **options: Any) -> tuple[Baresip, Baresip]:
        alice = await Baresip(self, "alice", tone=440, **options).start()
        bob = await Baresip(self, "bob", tone=880, **options).start()
        return alice, bob

    async def talking(self, **options: Any) -> tuple[Baresip, Baresip]:
        """Two phones in a call that bob answered."""
        alice, bob = await self.phones(**options)
        await alice.dial(bob.uri)
        await bob.wait("CALL_INCOMING", peeruri=alice.aor)
        await bob.answer()
        await alice.wait("CALL_ESTABLISHED")
        await bob.wait("CALL_ESTABLISHED")
        return alice, bob

    async def test_call(self) -> None:
        """Rung, answered, heard both ways, hung up; the media went where the session descriptions say."""
        alice, bob = await self.phones()
        await alice.dial(bob.uri)
        incoming = await bob.wait("CALL_INCOMING")
        self.assertEqual(incoming["peeruri"], alice.aor)
        await alice.wait("CALL_RINGING", id=incoming["id"])
        self.assertEqual(len(await alice.calls()), 1)
        await bob.answer()
        await alice.wait("CALL_ESTABLISHED")
        await alice.hears(880)
        await bob.hears(440)
        media = await alice.media()
        self.assertEqual(media.remote, bob.sdps(incoming["id"])[-1].media())
        self.assertEqual(alice.sdps()[0].media(), (alice.ip, media.local_port))
        self.assertGreater(media.sent, 10)
        await bob.hangup()
        self.assertIn("reset", (await alice.wait("CALL_CLOSED"))["param"])
        await alice.idle()
        await bob.idle()
        self.assertEqual(await alice.media(), Media())
        self.assertEqual([m.first_line.split()[0] for m in alice.sent() if not m.status], ["INVITE", "ACK"])

    async def test_hold(self) -> None:
        """The holder says so, and nothing flows while another stream goes on; after resuming all is well."""
        alice, bob = await self.talking()
        await bob.hears(440)
        await alice.hold()
        self.assertEqual([m.direction() for m in alice.sdps()[-2:]], ["sendonly", "recvonly"])
        meter = RtpSink(self).open()
        meter.start_sending(bytes(160), (meter.ip, meter.port))
        await meter.receive(5)
        before = [await phone.received_packets() for phone in (alice, bob)]
        await meter.receive(15)
        self.assertEqual([await phone.received_packets() for phone in (alice, bob)], before)
        await alice.resume()
        self.assertEqual(alice.sdps()[-1].direction(), "sendrecv")
        await bob.receives(20)
        await alice.receives(20)

    async def test_dtmf(self) -> None:
        alice, bob = await self.talking()
        await alice.dtmf("12#")
        digits = [(await bob.wait("CALL_DTMF_START"))["param"] for _ in range(3)]
        self.assertEqual(digits, ["1", "2", "#"])

    async def test_blind_transfer(self) -> None:
        """Alice sends bob to carol."""
        alice, bob = await self.talking()
        carol = await Baresip(self, "carol", tone=1320, answer="auto").start()
        await alice.transfer(carol.uri)
        self.assertIn(carol.uri, (await bob.wait("TRANSFER"))["param"])
        await carol.wait("CALL_ESTABLISHED")
        await bob.hears(1320)
        await carol.hears(880)
        await alice.idle()

    async def test_refused(self) -> None:
        alice, bob = await self.phones()
        await alice.dial(bob.uri)
        await bob.wait("CALL_INCOMING")
        await bob.hangup()
        self.assertIn("486", (await alice.wait("CALL_CLOSED"))["param"])

    async def test_caller_gives_up(self) -> None:
        alice, bob = await self.phones()
        await alice.dial(bob.uri)
        await bob.wait("CALL_INCOMING")
        await alice.hangup()
        await bob.wait("CALL_CLOSED")
        self.assertIn("CANCEL", [message.first_line.split()[0] for message in bob.received()])

    async def test_early_media(self) -> None:
        """183 with a session description; the called hears the caller, and is heard when it has answered."""
        alice = await Baresip(self, "alice", tone=440).start()
        bob = await Baresip(self, "bob", tone=880, answer="early").start()
        await alice.dial(bob.uri)
        await alice.wait("CALL_PROGRESS")
        await bob.wait("CALL_RTPESTAB")
        self.assertEqual(alice.sdps()[-1].status, 183)
        await bob.answer()
        await alice.wait("CALL_ESTABLISHED")
        await alice.hears(880)

    async def test_early_media_is_heard(self) -> None:
        """A caller hears, and records, what comes before the answer."""
        switch, sink = RawUdp(self).open(), RtpSink(self).open()
        alice = await Baresip(self, "alice").start()
        await alice.dial(f"sip:100@{switch.ip}")
        invite = SipText((await switch.receive(b"INVITE")).data.decode())
        copied = "".join(f"{name}: {invite.header(name)}\r\n" for name in ("Via", "From", "Call-ID", "CSeq"))
        head = f"SIP/2.0 183 Session Progress\r\n{copied}To: {invite.header('To')};tag=s\r\n"
        body = sink.sdp(0)
        head += f"Contact: <sip:100@{switch.ip}>\r\nContent-Type: application/sdp\r\n"
        switch.send(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body, (alice.ip, 5060))
        await alice.wait("CALL_PROGRESS")
        destination = invite.media()
        assert destination is not None
        sink.start_sending(audio.g711_encode(audio.tone(1000, 1)), destination)
        await alice.hears(1000)
        self.assertLess(abs(audio.dominant_frequency(sink.heard(), 8000) - 440), 5)

    async def test_two_calls_one_after_the_other(self) -> None:
        """The events and recordings of the first call do not stand in for those of the second."""
        alice, bob = await self.talking()
        await bob.hears(440)
        await alice.hangup()
        await bob.idle()
        await alice.idle()
        await alice.dial(bob.uri)
        await bob.wait("CALL_INCOMING")
        with self.assertRaises(PeerTimeout):
            await alice.wait("CALL_ESTABLISHED", timeout=0.1)
        await bob.answer()
        await alice.wait("CALL_ESTABLISHED")
        await bob.hears(440)
        await alice.hears(880)

    async def test_tcp(self) -> None:
        alice, bob = await self.phones(transport="tcp")
        await alice.dial(bob.uri)
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        await alice.wait("CALL_ESTABLISHED")
        self.assertIn("SIP/2.0/TCP", alice.sent()[0].header("Via"))
        await bob.hears(440)

    async def test_tls(self) -> None:
        authority = Authority(Path(self.mktemp()).absolute())
        bob = Baresip(self, "bob", tone=880)
        bob = await Baresip(self, "bob", certificate=authority.certificate(bob.ip), ip=bob.ip).start()
        alice = await Baresip(self, "alice", transport="tls", authority=authority.path).start()
        await alice.dial(f"sip:bob@{bob.ip}:5061")
        await bob.wait("CALL_INCOMING")
        self.assertIn("SIP/2.0/TLS", alice.sent()[0].header("Via"))

    async def test_g722(self) -> None:
        alice, bob = await self.talking(codecs=("G722",))
        await bob.hears(440)
        self.assertEqual(bob.heard()[1], 16000)
        self.assertIn("a=rtpmap:9 G722/8000", alice.sdps()[0].body)

    async def test_ipv6(self) -> None:
        ports = [address(self).rtp_first for _ in range(2)]
        alice = await Baresip(self, "alice", "::1", port=ports[0]).start()
        bob = await Baresip(self, "bob", "::1", port=ports[1]).start()
        await alice.dial(f"sip:bob@[::1]:{ports[1]}")
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        await alice.wait("CALL_ESTABLISHED")
        await bob.hears(440)

    async def test_file_is_heard(self) -> None:
        """An announcement played by one phone is found whole in what the other recorded."""
        announcement = Path(self.mktemp()).absolute()
        spoken = audio.babble(1.5)
        audio.write_wav(announcement, spoken)
        source = audio.write_wav(
            announcement.with_suffix(".wav"), np.tile(np.append(audio.silence(0.4), spoken), 9)
        )
        alice = await Baresip(self, "alice", source=source).start()
        bob = await Baresip(self, "bob", answer="auto").start()
        await alice.dial(bob.uri)
        offset, score = await bob.hears_file(announcement)
        self.assertGreater(score, 0.95)
        self.assertLess(abs(offset % 1.9 - 0.4), 0.2)


class Trouble(TestCase):
    async def test_unplugged(self) -> None:
        """A phone that vanishes says nothing, and who waits for it is told at once."""
        alice = await Baresip(self, "alice").start()
        bob = await Baresip(self, "bob", answer="auto").start()
        await alice.dial(bob.uri)
        await alice.wait("CALL_ESTABLISHED")
        await bob.unplug()
        with self.assertRaises(PeerTimeout) as caught:
            await bob.wait("CALL_CLOSED")
        self.assertIn("bob is gone", str(caught.exception))
        self.assertIn("exit code -9", str(caught.exception))
        self.assertEqual(len(await alice.calls()), 1)

    async def test_frozen(self) -> None:
        """A frozen phone answers nothing until it is thawed."""
        bob = await Baresip(self, "bob").start()
        bob.freeze()
        alice = await Baresip(self, "alice").start()
        await alice.dial(bob.uri)
        await until(lambda: len(alice.sent()) >= 2, seen=alice.report)
        self.assertEqual(alice.received(), [])
        bob.thaw()
        await alice.wait("CALL_RINGING")

    async def test_what_a_timeout_shows(self) -> None:
        alice = await Baresip(self, "alice").start()
        bob = await Baresip(self, "bob").start()
        await alice.dial(bob.uri)
        await bob.wait("CALL_INCOMING")
        with self.assertRaises(PeerTimeout) as caught:
            await bob.wait("CALL_ESTABLISHED", timeout=0.05, peeruri=alice.aor)
        text = str(caught.exception)
        for part in (
            "baresip bob: CALL_ESTABLISHED peeruri=sip:alice@",
            "CALL_INCOMING",
            "INVITE sip:bob@",
            "0.00 s heard",
        ):
            self.assertIn(part, text)

    async def test_unknown_command(self) -> None:
        alice = await Baresip(self, "alice").start()
        with self.assertRaises(AssertionError):
            await alice.command("no_such_command")

    def test_what_cannot_be_configured(self) -> None:
        with self.assertRaises(ValueError):
            account(Baresip(self, "alice", codecs=("PCMU", "G722")).setup)
        for secret in ("a;b", 'a"b', "a\nb"):
            with self.assertRaises(ValueError):
                account(Baresip(self, "alice", secret=secret).setup)


class Registration(TestCase):
    async def test_registers(self) -> None:
        """With the digest of its secret, to the registrar's address, in its own name."""
        registrar = await Sipp(self, "uas_registrar", user="alice", password="p=w?").start()
        alice = await Baresip(self, "alice", registrar=registrar.ip, secret="p=w?").start()
        await alice.registered()
        self.assertIn(f"<sip:alice@{registrar.ip}>", (await registrar.finished()).messages[0].header("To"))

    async def test_registers_over_tcp(self) -> None:
        registrar = await Sipp(self, "uas_registrar", user="alice", transport="tcp").start()
        alice = await Baresip(
            self, "alice", registrar=registrar.ip, transport="tcp", domain="example.com"
        ).start()
        await alice.registered()
        self.assertIn("<sip:alice@example.com", registrar.messages()[0].header("To"))

    async def test_wrong_secret(self) -> None:
        registrar = await Sipp(self, "uas_registrar", user="alice", password="right").start()
        alice = await Baresip(self, "alice", registrar=registrar.ip, secret="wrong").start()
        self.assertEqual((await alice.refused()).status, 403)

    async def test_sha256_offered_beside_md5(self) -> None:
        """It gives up when one of the challenges is SHA-256, whichever comes first: offer it MD5 alone."""
        registrar = RawUdp(self).open()
        alice = await Baresip(self, "alice", registrar=registrar.ip).start()
        request = SipText((await registrar.receive(b"REGISTER")).data.decode())
        copied = "".join(f"{name}: {request.header(name)}\r\n" for name in ("Via", "From", "Call-ID", "CSeq"))
        challenges = "".join(
            f'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth", algorithm={algorithm}\r\n'
            for algorithm in ("MD5", "SHA-256")
        )
        head = f"SIP/2.0 401 Unauthorized\r\n{copied}To: {request.header('To')};tag=r\r\n{challenges}"
        registrar.send(f"{head}Content-Length: 0\r\n\r\n".encode(), (alice.ip, 5060))
        self.assertIn("not implemented", (await alice.wait("REGISTER_FAIL"))["param"])

    async def test_no_registrar(self) -> None:
        registrar = RawUdp(self).open()
        alice = await Baresip(self, "alice", registrar=registrar.ip).start()
        await registrar.receive(b"REGISTER")
        with self.assertRaises(PeerTimeout):
            await alice.registered(timeout=0.1)
