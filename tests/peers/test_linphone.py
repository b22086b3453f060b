"""linphone-daemon calls baresip, SIPp and itself without any server, and registers with MD5 and SHA-256."""

import hashlib
import re
from pathlib import Path

from twisted.trial.unittest import TestCase

from tests.peers import audio
from tests.peers.baresip import Baresip
from tests.peers.certificates import Authority
from tests.peers.linphone import Linphone
from tests.peers.raw import RawUdp
from tests.peers.sip_trace import SipText
from tests.peers.sipp import Sipp
from tests.peers.waiting import PeerTimeout, until


class Calls(TestCase):
    def wav(self, frequency: float) -> Path:
        path = Path(self.mktemp()).absolute().with_suffix(".wav")
        return audio.write_wav(path, audio.tone(frequency, 20))

    async def talking(self, codecs: tuple[str, ...] = ("PCMU", "PCMA")) -> tuple[Linphone, Baresip, int]:
        """linphone in a call with a baresip that answered."""
        lin = await Linphone(self, "lin", codecs=codecs).start()
        bob = await Baresip(self, "bob", tone=880, answer="auto", codecs=codecs).start()
        call = await lin.dial(bob.uri)
        await lin.wait("StreamsRunning", call)
        await bob.wait("CALL_ESTABLISHED")
        return lin, bob, call

    async def test_call(self) -> None:
        """Rung, answered, heard, hung up; the packets are counted at the end."""
        lin = await Linphone(self, "lin").start()
        bob = await Baresip(self, "bob").start()
        call = await lin.dial(bob.uri)
        await bob.wait("CALL_INCOMING")
        await lin.wait("OutgoingRinging", call)
        await bob.answer()
        await lin.wait("StreamsRunning", call)
        self.assertEqual(await lin.call_state(call), "StreamsRunning")
        await lin.play(self.wav(1100), call)
        await bob.hears(1100)
        media = await bob.media()
        self.assertEqual(lin.sdps()[0].media(), media.remote)
        self.assertEqual(lin.sdps()[-1].media(), (bob.ip, media.local_port))
        await lin.hangup(call)
        await bob.wait("CALL_CLOSED")
        await lin.wait("Released", call)
        self.assertEqual(await lin.call_state(call), "Released")
        await until(lambda: lin.streams(), seen=lin.report)
        sent, received = lin.streams()[-1]
        self.assertGreater(min(sent, received), 10)

    async def test_called(self) -> None:
        """Answered, and refused."""
        lin = await Linphone(self, "lin").start()
        bob = await Baresip(self, "bob").start()
        for answers in (True, False):
            await bob.dial(lin.uri)
            call = await lin.incoming()
            if answers:
                await lin.answer(call)
                await bob.wait("CALL_ESTABLISHED")
            await lin.hangup(call)
            closed = await bob.wait("CALL_CLOSED")
            await lin.wait("Released", call)
        self.assertIn("603", closed["param"])

    async def test_dtmf(self) -> None:
        lin, bob, _ = await self.talking()
        await lin.dtmf("#")
        await bob.wait("CALL_DTMF_START", param="#")
        await bob.dtmf("7")
        await lin.wait("receiving-tone")

    async def test_hold(self) -> None:
        lin, bob, call = await self.talking()
        await lin.hold(call)
        self.assertEqual(lin.sdps()[-2].direction(), "sendonly")
        await lin.resume(call)
        self.assertEqual(lin.sdps()[-2].direction(), "sendrecv")
        await lin.play(self.wav(600), call)
        await bob.receives(10)

    async def test_early_media(self) -> None:
        """It sends 183 with a session description before it is answered."""
        lin = await Linphone(self, "lin", early_media=True).start()
        bob = await Baresip(self, "bob", tone=880).start()
        await bob.dial(lin.uri)
        await bob.wait("CALL_PROGRESS")
        call = int((await lin.wait("IncomingEarlyMedia"))["call"])
        await lin.answer(call)
        await bob.wait("CALL_ESTABLISHED")

    async def test_blind_transfer(self) -> None:
        """bob goes on to carol."""
        lin, bob, call = await self.talking()
        carol = await Baresip(self, "carol", tone=1320, answer="auto").start()
        await lin.transfer(call, carol.uri)
        await carol.wait("CALL_ESTABLISHED")
        await bob.hears(1320)
        await carol.hears(880)
        await lin.wait("Released", call)

    async def test_attended_transfer(self) -> None:
        """Two who were called are connected, by REFER with Replaces, and the one between them is out."""
        lin = await Linphone(self, "lin").start()
        bob = await Linphone(self, "bob", auto_answer=True).start()
        carol = await Linphone(self, "carol", auto_answer=True).start()
        first = await lin.dial(bob.uri)
        await lin.wait("StreamsRunning", first)
        await lin.hold(first)
        second = await lin.dial(carol.uri)
        await lin.wait("StreamsRunning", second)
        bob.mark()
        await lin.transfer_attended(first, second)
        await lin.wait("Released", first)
        await lin.wait("Released", second)
        referred = await bob.wait("StreamsRunning")
        self.assertEqual(referred["call"], 2)
        refer = next(message for message in lin.sent() if message.first_line.startswith("REFER"))
        self.assertRegex(refer.header("Refer-To"), r"Replaces=.*%3bfrom-tag%3d.*%3bto-tag%3d")
        invite = [message for message in carol.received() if message.first_line.startswith("INVITE")][-1]
        self.assertIn("from-tag", invite.header("Replaces"))

    async def test_g722(self) -> None:
        lin, bob, call = await self.talking(codecs=("G722",))
        self.assertRegex(lin.sdps()[0].body, r"m=audio \d+ RTP/AVP 9 ")
        await lin.play(self.wav(900), call)
        await bob.hears(900)

    async def test_tls(self) -> None:
        """To a phone whose certificate it checks."""
        authority = Authority(Path(self.mktemp()).absolute())
        unstarted = Baresip(self, "bob")
        certificate = authority.certificate(unstarted.ip)
        bob = await Baresip(self, "bob", unstarted.ip, certificate=certificate, transport="tls").start()
        lin = await Linphone(self, "lin", transport="tls", authority=authority.path).start()
        await lin.dial(f"sip:bob@{bob.ip}:5061;transport=tls")
        await bob.wait("CALL_INCOMING")

    async def test_sipp(self) -> None:
        """PRACK and UPDATE, which baresip does not know."""
        lin = await Linphone(self, "lin", auto_answer=True).start()
        await Sipp(self, "uac_update", lin.ip, service="lin").run()
        await lin.wait("Released", 1)


class Trouble(TestCase):
    async def test_unplugged(self) -> None:
        lin = await Linphone(self, "lin").start()
        bob = await Baresip(self, "bob", answer="auto").start()
        call = await lin.dial(bob.uri)
        await bob.wait("CALL_ESTABLISHED")
        await lin.unplug()
        with self.assertRaises(PeerTimeout) as caught:
            await lin.wait("End", call)
        self.assertIn("lin is gone", str(caught.exception))
        self.assertEqual(len(await bob.calls()), 1)
        self.assertFalse(lin.socket.exists())

    async def test_frozen(self) -> None:
        lin = await Linphone(self, "lin").start()
        await lin.freeze()
        bob = await Baresip(self, "bob").start()
        await bob.dial(lin.uri)
        await until(lambda: len(bob.sent()) >= 2, seen=bob.report)
        self.assertEqual(bob.received(), [])
        lin.thaw()
        await lin.incoming()

    async def test_what_a_timeout_shows(self) -> None:
        lin = await Linphone(self, "lin").start()
        nobody = RawUdp(self).open()
        call = await lin.dial(f"sip:x@{nobody.ip}")
        with self.assertRaises(PeerTimeout) as caught:
            await lin.wait("Connected", call, timeout=0.3)
        for part in ("linphone lin: Connected call=1", "OutgoingProgress", "INVITE sip:x@"):
            self.assertIn(part, str(caught.exception))

    async def test_refused_command(self) -> None:
        lin = await Linphone(self, "lin").start()
        for command, reason in (("answer 7", "No call with such id"), ("nonsense", "Unknown command")):
            with self.assertRaises(AssertionError) as caught:
                await lin.command(command)
            self.assertIn(reason, str(caught.exception))


class Registration(TestCase):
    async def test_md5(self) -> None:
        for transport in ("udp", "tcp"):
            registrar = await Sipp(self, "uas_registrar", user="lin", transport=transport).start()
            lin = await Linphone(self, "lin", registrar=registrar.ip, transport=transport).start()
            await lin.registered()
            self.assertEqual((await registrar.finished()).successful, 1)

    async def test_wrong_secret(self) -> None:
        registrar = await Sipp(self, "uas_registrar", user="lin", password="right").start()
        lin = await Linphone(self, "lin", registrar=registrar.ip, secret="wrong").start()
        self.assertEqual((await lin.refused()).status, 403)
        self.assertEqual(await lin.register_status(), "Failed")

    async def test_sha256(self) -> None:
        """It answers a challenge with SHA-256 (RFC 8760) and knows how to."""
        registrar = RawUdp(self).open()
        lin = await Linphone(self, "lin", registrar=registrar.ip, secret="s3cret").start()
        challenge = 'WWW-Authenticate: Digest realm="here", nonce="n1", algorithm=SHA-256, qop="auth"'
        answer(registrar, await self.register(registrar, b"CSeq:"), "401 Unauthorized", challenge)
        request = await self.register(registrar, b"Authorization:")
        given = dict(re.findall(r'(\w+)="?([^",]+)"?', request.header("Authorization")))
        self.assertEqual(given["algorithm"], "SHA-256")
        secret = sha256(f"lin:here:{'s3cret'}")
        asked = sha256(f"REGISTER:{given['uri']}")
        self.assertEqual(
            given["response"], sha256(f"{secret}:n1:{given['nc']}:{given['cnonce']}:auth:{asked}")
        )
        answer(registrar, request, "200 OK", f"Contact: {request.header('Contact')};expires=600")
        await lin.registered()

    async def register(self, registrar: RawUdp, marked: bytes) -> SipText:
        datagram = await registrar.receive(lambda data: data.startswith(b"REGISTER") and marked in data)
        return SipText(datagram.data.decode(), f"{datagram.source[0]}:{datagram.source[1]}")


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def answer(registrar: RawUdp, request: SipText, status: str, header: str) -> None:
    copied = [f"{name}: {request.header(name)}" for name in ("Via", "From", "Call-ID", "CSeq")]
    lines = [f"SIP/2.0 {status}", *copied, f"To: {request.header('To')};tag=r", header, "Content-Length: 0"]
    ip, port = request.source.split(":")
    registrar.send("".join(f"{line}\r\n" for line in [*lines, ""]).encode(), (ip, int(port)))
