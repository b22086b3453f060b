"""Phones register: digest, wrong passwords, expiry, and what becomes of phones that vanish."""

import hashlib
import re

from tests.live.log_watch import LogWatch
from tests.live.pbx import PbxCase, Reports, baresip, hear_each_other, linphone, talking
from tests.live.phones import baresips, together
from tests.live.requests import ask, request
from tests.live.server import SECRET, Live
from tests.peers import Baresip, Linphone, RawUdp, SipText, until


class Digest(PbxCase):
    """Who may register."""

    def algorithms(self, phone: Baresip | Linphone) -> set[str]:
        """Those of the credentials that a phone sent; without a word it is MD5."""
        given = [text for message in phone.sent() if (text := message.header("Authorization"))]
        return {(re.findall(r"algorithm=\"?([A-Za-z0-9-]+)", text) or ["MD5"])[0] for text in given}

    async def test_algorithms(self) -> None:
        """Each phone by the one that it knows: MD5 for baresip, the better one for linphone."""
        server = await self.plain()
        bob, lin = await together(baresip(server, "1201"), linphone(server, "1202"))
        self.assertEqual((self.algorithms(bob), self.algorithms(lin)), ({"MD5"}, {"SHA-256"}))
        challenges = [m.header("WWW-Authenticate") for m in bob.received() if m.status == 401]
        self.assertIn("algorithm=MD5", challenges[-1])

    async def test_wrong_password(self) -> None:
        """Refused with 401 and logged once, without the password; the phone is not in service and cannot call."""
        server = await self.plain()
        log = LogWatch(self)
        bob = Baresip(self, "1201", registrar=server.sip, secret="guessed-it")
        lin = Linphone(self, "1202", registrar=server.sip, secret="guessed-it")
        await together(bob.start(), lin.start())
        refusals = await together(bob.refused(), lin.refused())
        self.assertEqual([refusal.status for refusal in refusals], [401, 401])
        await bob.dial(server.uri("1202"))
        self.assertIn("407", (await bob.wait("CALL_CLOSED"))["param"])
        switch = server.assembly.telephony.switch
        self.assertFalse(switch.in_service("1201") or switch.in_service("1202"))
        for number in ("1201", "1202"):
            self.assertEqual(len(log.having(f"Wrong SIP password for {number}")), 1)
        self.assertEqual(log.having("guessed-it"), [])
        log.check(self, most=20)

    async def test_somebody_else(self) -> None:
        """The own line only: another one is forbidden, and one that nobody has is not found."""
        server = await self.plain()
        phone = Registrant(server, "1201")
        for number, status in (("1202", 403), ("4711", 404), ("1201", 200)):
            self.assertEqual((await phone.register(f"<sip:x@{phone.peer.ip}>", line=number)).status, status)
        self.assertFalse(server.assembly.telephony.switch.in_service("1202"))


class Registrant:
    """A bare socket that registers as ``number``, with an MD5 digest made by hand."""

    def __init__(self, server: Live, number: str) -> None:
        self.server = server
        self.number = number
        self.peer = RawUdp(server.test).open()
        self.call_id = f"registrant-{number}@{self.peer.ip}"
        self.sequence = 0

    async def register(self, *contacts: str, line: str = "", extra: str = "", sequence: int = 0) -> SipText:
        """The final answer to a REGISTER for ``line`` with these Contact values."""
        challenge = await self._ask(contacts, line or self.number, extra, "", sequence)
        self.server.test.assertEqual(challenge.status, 401, challenge.first_line)
        nonce = re.findall(r'nonce="([^"]+)"', challenge.header("WWW-Authenticate"))[0]
        realm = re.findall(r'realm="([^"]+)"', challenge.header("WWW-Authenticate"))[0]
        target = f"sip:{self.server.address}"
        hashes = [md5(f"{self.number}:{realm}:{SECRET}"), nonce, "00000001", "c", "auth", md5(f"REGISTER:{target}")]
        credentials = (
            f'Authorization: Digest username="{self.number}", realm="{realm}", nonce="{nonce}", uri="{target}", '
            f'qop=auth, nc=00000001, cnonce="c", algorithm=MD5, response="{md5(":".join(hashes))}"\r\n'
        )
        return await self._ask(contacts, line or self.number, extra, credentials, sequence)

    async def _ask(self, contacts: tuple[str, ...], line: str, extra: str, credentials: str, sequence: int) -> SipText:
        self.sequence += 1
        data = request(
            "REGISTER", f"sip:{self.server.address}", self.peer.ip, call_id=self.call_id, extra=extra + credentials
        ).decode()  # fmt: skip
        data = re.sub(r"To: .*", f"To: <sip:{line}@{self.server.address}>\r", data)
        data = data.replace("CSeq: 1 ", f"CSeq: {sequence or self.sequence} ")
        lines = "".join(f"Contact: {contact}\r\n" for contact in contacts)
        data = re.sub(r"Contact: .*\r\n", lambda _: lines, data, count=1)
        return await ask(self.peer, data.encode(), (str(self.server.address), 5060))


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


class Contacts(PbxCase):
    """What a REGISTER changes."""

    async def test_come_and_go(self) -> None:
        """A phone that comes, goes and comes back is in service, out of it, and in service."""
        server = await self.plain()
        reports = Reports(server)
        switch = server.assembly.telephony.switch
        for _ in range(2):
            bob = await baresip(server, "1202")
            self.assertTrue(switch.in_service("1202"))
            await bob.stop()
            await until(lambda: not switch.in_service("1202"), what="out of service")
        self.assertEqual(reports.of("1202"), ["BackInService", "OutOfService"] * 2)

    async def test_expired(self) -> None:
        """Nobody refreshes: it is gone, and callers hear so at once."""
        server = await self.plain(sip={"expiry_min": 1})
        log = LogWatch(self)
        phone, alice = Registrant(server, "1202"), await baresip(server, "1201")
        answer = await phone.register(f"<sip:1202@{phone.peer.ip}>;expires=1")
        self.assertIn("expires=1", answer.header("Contact"))
        await until(lambda: not server.assembly.telephony.switch.in_service("1202"), what="expired")
        self.assertEqual(len(log.having("Registration of line 1202 expired")), 1)
        await alice.dial(server.uri("1202"))
        self.assertIn("480", (await alice.wait("CALL_CLOSED"))["param"])

    async def test_too_short(self) -> None:
        """423 tells the shortest time."""
        server = await self.plain()
        phone = Registrant(server, "1201")
        answer = await phone.register(f"<sip:1201@{phone.peer.ip}>;expires=59")
        self.assertEqual((answer.status, answer.header("Min-Expires")), (423, "60"))
        answer = await phone.register(f"<sip:1201@{phone.peer.ip}>;expires=60")
        self.assertEqual(answer.status, 200)

    async def test_all_at_once(self) -> None:
        """Two contacts come in one request, are told to who asks, and go with one star."""
        server = await self.plain()
        phone = Registrant(server, "1201")
        await phone.register("<sip:a@127.0.0.1:7001>;q=0.5", "<sip:b@127.0.0.1:7002>")
        fetched = await phone.register()
        told = re.findall(r"^Contact: (\S+?)[;\s]", fetched.text, re.M)
        self.assertEqual(told, ["<sip:b@127.0.0.1:7002>", "<sip:a@127.0.0.1:7001>"])
        self.assertEqual((await phone.register("*")).status, 400)
        gone = await phone.register("*", extra="Expires: 0\r\n")
        self.assertEqual((gone.status, gone.header("Contact")), (200, ""))
        self.assertFalse(server.assembly.telephony.switch.in_service("1201"))

    async def test_another_contact_of_the_same_phone(self) -> None:
        """A phone that starts again at another port replaces itself: it is called once."""
        server = await self.plain()
        phone, alice = Registrant(server, "1202"), await baresip(server, "1201")
        instance = '+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"'
        await phone.register(f"<sip:old@{phone.peer.ip}:7001>;{instance}")
        await phone.register(f"<sip:new@{phone.peer.ip}>;{instance}")
        await alice.dial(server.uri("1202"))
        invite = await phone.peer.receive(b"INVITE ")
        self.assertIn(b"INVITE sip:new@", invite.data)
        self.assertEqual(len(server.assembly.telephony.bindings), 2)
        phone.peer.send(busy(invite.data), invite.source)
        self.assertIn("486", (await alice.wait("CALL_CLOSED"))["param"])

    async def test_overtaken(self) -> None:
        """A REGISTER that is older than the last one changes nothing."""
        server = await self.plain()
        phone = Registrant(server, "1201")
        await phone.register("<sip:a@127.0.0.1:7001>", sequence=10)
        answer = await phone.register("<sip:a@127.0.0.1:7001>;expires=0", sequence=5)
        self.assertEqual(answer.status, 500)
        self.assertTrue(server.assembly.telephony.switch.in_service("1201"))

    async def test_too_many(self) -> None:
        """One line cannot fill the memory."""
        server = await self.plain()
        phone = Registrant(server, "1201")
        contacts = [f"<sip:a{at}@127.0.0.1:7001>" for at in range(40)]
        self.assertEqual((await phone.register(*contacts)).status, 403)
        self.assertFalse(server.assembly.telephony.switch.in_service("1201"))


class Pings(PbxCase):
    """Phones are asked whether they are there (OPTIONS)."""

    async def test_vanished_and_back(self) -> None:
        """One that does not answer is out of service, until it answers again."""
        server = await self.plain(sip={"options_ping_interval": 1, "t1": 0.05})
        log = LogWatch(self)
        switch = server.assembly.telephony.switch
        bob = await baresip(server, "1202")
        await until(lambda: any(m.first_line.startswith("OPTIONS") for m in bob.received()), what="a ping")
        bob.freeze()
        await until(lambda: not switch.in_service("1202"), 15.0, what="out of service")
        bob.thaw()
        await until(lambda: switch.in_service("1202"), what="back in service")
        self.assertEqual(len(log.having("The phone of line 1202")), 1)
        await bob.registered()

    async def test_linphone(self) -> None:
        """An empty 200 is an answer too, and so is a refusal."""
        server = await self.plain(sip={"options_ping_interval": 1, "t1": 0.05})
        lin = await linphone(server, "1202")

        def answered() -> int:
            return len([m for m in lin.sent() if m.method == "OPTIONS"])

        await until(lambda: answered() >= 3, 15.0, what="three pings answered", seen=lin.report)
        self.assertTrue(server.assembly.telephony.switch.in_service("1202"))

    async def test_unplugged_phone_of_two(self) -> None:
        """Once it is known to be gone, calls go to the other one only."""
        server = await self.plain(sip={"options_ping_interval": 1, "t1": 0.05})
        alice, desk, mobile = await baresips(server, "1201", "1202", "1202")
        await desk.unplug()
        registrar = server.assembly.telephony.registrar
        await until(lambda: len(registrar.routes("1202")) == 1, 15.0, what="one way to the line")
        await talking(server, alice, mobile)
        await hear_each_other(alice, mobile)
        await mobile.hangup()
        await alice.wait("CALL_CLOSED")


def busy(invite: bytes) -> bytes:
    """486 to an INVITE."""
    message = SipText(invite.decode())
    names = ("Via", "From", "Call-ID", "CSeq")
    lines = ["SIP/2.0 486 Busy Here", *(f"{name}: {message.header(name)}" for name in names)]
    return "\r\n".join([*lines, f"To: {message.header('To')};tag=x", "Content-Length: 0", "", ""]).encode()
