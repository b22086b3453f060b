"""kamailio: phones register and call each other through it, a prefix leads to another switch, nothing is left."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from twisted.trial.unittest import TestCase

from tests.peers import Baresip, Kamailio, RawUdp, Sipp, address, until
from tests.peers.kamailio import Front
from tests.peers.sip_trace import SipText


class KamailioTests(TestCase):
    """Its own phones, and what it sends on."""

    timeout = 60

    async def test_between_its_phones(self) -> None:
        """Called by number, hung up by the other side; unknown numbers are 404."""
        pbx = await Kamailio(self, {}).start()
        alice, bob = Baresip(self, "1201", registrar=pbx.sip), Baresip(self, "1202", registrar=pbx.sip)
        for phone in (alice, bob):
            await phone.start()
            await phone.registered()
        await alice.dial(pbx.uri("1202"))
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        await alice.wait("CALL_ESTABLISHED")
        await alice.receives(10)
        await bob.hangup()
        await alice.idle()
        await alice.dial(pbx.uri("4711"))
        self.assertIn("404", (await alice.wait("CALL_CLOSED"))["param"])

    async def test_onward(self) -> None:
        """The request goes on as it was dialled, and the PBX stays in the way of the call."""
        other = str(address(self))
        pbx = await Kamailio(self, {"89": f"{other}:5060"}).start()
        switch = await Sipp(self, "uas", ip=other).start()
        await Sipp(self, "uac", pbx.sip, caller="1201", service="8973").run()
        invite = await switch.message("INVITE")
        self.assertTrue(invite.first_line.startswith(f"INVITE sip:8973@{pbx.ip}"), invite.first_line)
        self.assertIn(pbx.ip, invite.header("Record-Route"))
        await switch.finished()

    async def test_forwards(self) -> None:
        """A line's calls go elsewhere, and say so."""
        other = str(address(self))
        pbx = await Kamailio(self, {"89": f"{other}:5060"}, {"1047": "8973"}).start()
        switch = await Sipp(self, "uas", ip=other).start()
        await Sipp(self, "uac", pbx.sip, caller="1201", service="1047").run()
        invite = await switch.message("INVITE")
        self.assertTrue(invite.first_line.startswith(f"INVITE sip:8973@{pbx.ip}"), invite.first_line)
        self.assertIn("sip:1047@", invite.header("Diversion"))
        await switch.finished()

    async def test_answers_pings(self) -> None:
        pbx = await Kamailio(self, {}).start()
        peer = RawUdp(self).open()
        host, port = peer.address
        peer.send(
            f"OPTIONS sip:{pbx.ip} SIP/2.0\r\nVia: SIP/2.0/UDP {host}:{port};branch=z9hG4bKping;rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{host}>;tag=1\r\nTo: <sip:{pbx.ip}>\r\nCall-ID: ping\r\n"
            "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n".encode(),
            (pbx.ip, 5060),
        )
        answer = await peer.receive(lambda data: data.startswith(b"SIP/2.0"), 5.0)
        self.assertEqual(SipText(answer.data.decode()).status, 200)

    async def test_ends_with_its_children(self) -> None:
        """Nothing of it is left that would hold the port, however it is ended."""
        await self.ends(lambda pbx: pbx.stop())
        await self.ends(lambda pbx: pbx.process.kill())

    async def ends(self, end: Callable[[Kamailio], Awaitable[None]]) -> None:
        pbx = await Kamailio(self, {}).start()

        def processes() -> list[str]:
            found = []
            for command in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    found += [command.parent.name] if str(pbx.directory).encode() in command.read_bytes() else []
                except OSError:
                    continue
            return found

        await until(lambda: len(processes()) > 1, 20.0, what="its children", seen=lambda: str(processes()))
        await end(pbx)
        self.assertEqual(processes(), [])


class InFrontOfNodes(TestCase):
    """The shipped configuration."""

    timeout = 60

    async def test_the_node_of_a_call_is_dead(self) -> None:
        """What comes in the call is asked of all nodes in turn; the answer of the one that has the call goes back."""
        phone, dead, first, taker, last = (RawUdp(self).open() for _ in range(5))
        front = await Front(self, *(node.ip for node in (dead, first, taker, last))).start()
        for node, status in ((first, "481 Gone"), (taker, "200 OK"), (last, "481 Gone")):
            node.answer = lambda data, status=status: _answer(data, "200 OK" if b"OPTIONS " in data else status)
        head = (
            f"BYE sip:1047@{dead.ip} SIP/2.0\r\nVia: SIP/2.0/UDP {phone.ip};branch=z9hG4bKgone\r\n"
            f"Max-Forwards: 70\r\nRoute: <sip:{front.ip};lr>\r\nFrom: <sip:1201@{front.ip}>;tag=one\r\n"
            f"To: <sip:1047@{front.ip}>;tag=two\r\nCall-ID: gone\r\nCSeq: 2 BYE\r\nContent-Length: 0\r\n\r\n"
        )
        phone.send(head.encode(), (front.ip, 5060))
        answer = await phone.receive(lambda data: data.startswith(b"SIP/2.0") and b" 100 " not in data)
        self.assertTrue(answer.data.startswith(b"SIP/2.0 200 OK"), answer.data)
        asked = [any(found.data.startswith(b"BYE ") for found in node.received) for node in (dead, first, taker, last)]
        self.assertEqual((asked[0], asked[2], asked[1] or asked[3]), (True, True, True))


def _answer(request: bytes, status: str) -> bytes:
    kept = [line for line in request.split(b"\r\n") if line.startswith((b"Via", b"From", b"To", b"Call-ID", b"CSeq"))]
    return b"\r\n".join([f"SIP/2.0 {status}".encode(), *kept, b"Content-Length: 0", b"", b""])
