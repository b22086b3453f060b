"""RFC 4475 over real sockets: what the whole server answers to each message, and that it serves calls afterwards."""

import re
from collections.abc import Iterable, Iterator

from twisted.trial.unittest import TestCase

from tests.live.log_watch import LogWatch
from tests.live.requests import OFFER, ask, read, request
from tests.live.server import Live, company
from tests.live.serving import Serving, short_limits, trunk
from tests.peers import RawTcp, RawUdp, SipText, address, until
from tests.sip.messages import rows, torture

GOOD = {
    "INVITE": {404, 407, 480, 484, 488},
    "REGISTER": {200, 401, 404},
    "OPTIONS": {200},
    "MESSAGE": {405},
}
"""What a good request of a method may get here; every other method is unknown: 501."""

TWO_MESSAGES = {"dblreq.dat"}
WAITS_FOR_MORE = {"clerr.dat", "baddn.dat"}
"""Over a stream more is to come: the body, or the end of the headers."""

UNREADABLE_TO = {"quotbal.dat", "badaspec.dat", "baddn.dat"}
"""Nobody can say whether it has a tag."""


def allowed(outcome: str, data: bytes) -> set[int]:
    """The statuses that a cell of the manifest allows; 0 for no answer."""
    found: set[int] = set()
    for word in (word.strip() for word in outcome.split(",")):
        if word == "normal":
            is_within = any(";tag=" in value for value in headers(data, "to", "t"))
            found |= {481} if is_within else GOOD.get(method_of(data), {501})
        elif word.startswith("drop"):
            found.add(0)
        else:
            found.add(int(word))
    return found


def method_of(data: bytes) -> str:
    return data.split(b" ", 1)[0].decode()


def headers(data: bytes, *names: str) -> list[str]:
    """All values of a header by any of its names, unfolded, white space left out."""
    text = re.sub(r"\r?\n[ \t]+", " ", data.partition(b"\r\n\r\n")[0].decode("utf-8", "surrogateescape"))
    pattern = rf"^(?:{'|'.join(map(re.escape, names))})[ \t]*:(.*?)\r?$"
    return [re.sub(r"\s", "", value) for value in re.findall(pattern, text, re.M | re.I)]


def key(data: bytes) -> tuple[str, ...]:
    """What makes a transaction: two messages that have it in common cannot be told apart by a server."""
    via = (headers(data, "via", "v") or [""])[0]
    branch = re.search(r"branch=([^;,]+)", via)
    sent_by = re.search(r"SIP/2.0/\w+([^;]+)", via)
    return (branch[1] if branch else "", sent_by[1] if sent_by else "", method_of(data))


def rounds(names: Iterable[str]) -> Iterator[list[str]]:
    """The names such that no two messages of a round are the same transaction."""
    left = list(names)
    while left:
        seen: set[tuple[str, ...]] = set()
        now = []
        for name in left:
            if key(torture(name)) not in seen:
                seen.add(key(torture(name)))
                now.append(name)
        left = [name for name in left if name not in now]
        yield now


class Answers:
    """The answers that came to the ports at which the messages' Via headers want them."""

    def __init__(self, test: TestCase, ip: str) -> None:
        self.peers = [RawUdp(test, ip, port).open() for port in (5060, 5050, 5070)]

    def to(self, data: bytes) -> list[bytes]:
        """Every answer with this request's Call-ID or, where it has none of one kind, its first CSeq."""
        wanted = headers(data, "call-id", "i")[:1]
        cseq = headers(data, "cseq")[:1]
        return [
            datagram.data
            for peer in self.peers
            for datagram in peer.received
            if headers(datagram.data, "call-id")[:1] == wanted and headers(datagram.data, "cseq")[:1] == cseq
        ]


class Torture(Serving):
    """Each file, over UDP, from port 5060 of an address of its own."""

    async def send_all(self, server: Live, answers: Answers) -> dict[str, list[bytes]]:
        """Send every message; a good request after each round shows that all of it was read."""
        found = {}
        own = answers.peers[0]
        self.sender = own.ip
        where = (str(server.address), 5060)
        for names in rounds(row[0] for row in rows("RFC 4475")):
            for name in names:
                own.send(torture(name), where)
            # Registrations are put aside while much else waits, and each port is read by itself.
            await ask(own, request("REGISTER", server.uri("1047"), f"{own.ip}:5060"), where)
            for peer in answers.peers:
                await ask(peer, request("OPTIONS", server.uri("1047"), f"{peer.ip}:{peer.port}"), where)
            found |= {name: answers.to(torture(name)) for name in names}
            # Some messages have the branch of another one: the next round must not look like a repetition.
            server.assembly.telephony.layer.stop()
        return found

    def check(self, found: dict[str, list[bytes]]) -> None:
        wrong = {}
        for name, _section, _kind, _validity, outcome, _lengths, _text in rows("RFC 4475"):
            data = torture(name)
            statuses = [read(answer).status for answer in found[name]]
            if not set(statuses or [0]) <= allowed(outcome, data) or len(statuses) > 1:
                wrong[name] = (statuses, outcome)
            for answer in found[name]:
                self.check_echo(name, data, answer)
        self.assertEqual(wrong, {})
        self.assertEqual(len(found), 50)

    def check_echo(self, name: str, data: bytes, answer: bytes) -> None:
        """Via, From, To, Call-ID and CSeq come back as they were, but for received, rport and the To tag."""
        for names in (("from", "f"), ("call-id", "i"), ("cseq",)):
            self.assertEqual(headers(answer, *names), headers(data, *names), f"{name}: {names[0]}")
        to, wanted = headers(answer, "to")[0], headers(data, "to", "t")[0]
        self.assertTrue(to.startswith(wanted), f"{name}: {to}")
        self.assertEqual("tag=" in wanted or name in UNREADABLE_TO, to == wanted, f"{name}: {to}")
        came, sent = ",".join(headers(answer, "via")), ",".join(headers(data, "via", "v"))
        came = came.replace(f";received={self.sender}", "", 1).replace(";rport=5060", ";rport", 1)
        self.assertEqual(came, sent, name)

    async def test_strangers(self) -> None:
        """From somebody who is not known here."""
        log = LogWatch(self)
        server = await Live(self, company()).start()
        answers = Answers(self, str(address(self)))
        found = await self.send_all(server, answers)
        self.check(found)
        self.assertEqual(statuses(found, "wsinv.dat", "esc01.dat", "longreq.dat", "inv2543.dat"), [481, 407, 407, 407])
        self.assertEqual(statuses(found, "intmeth.dat", "esc02.dat", "bext01.dat", "unkscm.dat"), [501, 501, 420, 416])
        await self.serves(server)
        log.check(self, most=15)

    async def test_trunk(self) -> None:
        """From a trunk, whose calls are not asked for a password: they get as far as there is somebody to ring."""
        log = LogWatch(self)
        outside = str(address(self))
        server = await Live(self, company(more=trunk(outside))).start()
        answers = Answers(self, outside)
        found = await self.send_all(server, answers)
        self.check(found)
        self.assertEqual(statuses(found, "wsinv.dat", "esc01.dat", "longreq.dat", "inv2543.dat"), [481, 404, 404, 404])
        self.assertEqual(statuses(found, "invut.dat", "sdp01.dat"), [415, 406])
        await self.serves(server)
        log.check(self, most=40)


class TortureOverTcp(Serving):
    """A stream has no end of a message but the one that Content-Length names."""

    async def test_each(self) -> None:
        """Every file on a connection of its own."""
        log = LogWatch(self)
        server = await Live(self, company()).start()
        short_limits(server, incomplete=0.5)
        where = (str(server.address), 5060)
        ip = str(address(self))
        wrong = {}
        for name, _section, _kind, _validity, outcome, _lengths, _text in rows("RFC 4475"):
            if name in TWO_MESSAGES:
                continue
            data = torture(name)
            async with await RawTcp(self, ip).connect(where) as peer:
                peer.send(data)
                statuses = allowed(outcome, data) | ({400} if not headers(data, "content-length", "l") else set())
                if name in WAITS_FOR_MORE or 0 in statuses:
                    continue
                await until(lambda peer=peer: peer.received or peer.closed, what=name)
                status = read(bytes(peer.received)).status if peer.received else 0
                if status not in statuses:
                    wrong[name] = (status, outcome)
        self.assertEqual(wrong, {})
        await self.serves(server)
        log.check(self, most=15)

    async def test_bad_lengths(self) -> None:
        """A length that is none is refused and ends the connection."""
        server = await Live(self, company()).start()
        for name in ("ncl.dat", "mcl01.dat"):
            peer = await RawTcp(self).connect((str(server.address), 5060))
            peer.send(torture(name))
            await peer.wait_closed()
            self.assertEqual(read(bytes(peer.received)).status, 400, name)

    async def test_length_too_large(self) -> None:
        """What is missing is waited for, but not for ever."""
        server = await Live(self, company()).start()
        short_limits(server, incomplete=0.5)
        peer = await RawTcp(self).connect((str(server.address), 5060))
        peer.send(torture("clerr.dat"))
        await peer.wait_closed()
        self.assertEqual(bytes(peer.received), b"")


class Ipv6(Serving):
    """RFC 5118 over a real IPv6 socket."""

    async def asked(self, server: Live, data: bytes) -> SipText:
        """The answer to a message on the server's IPv6 socket."""
        port = next(port for transport, host, port in server.assembly.telephony.transports.listening() if host == "::1")
        async with RawUdp(self, "::1", 0) as peer:
            return await ask(peer, data.replace(b"MYPORT", str(peer.port).encode()), ("::1", port))

    async def test_facts(self) -> None:
        text = company(more=trunk("::1"))
        server = await Live(self, text, listen=("udp:[::1]:0",)).start()
        via = "[2001:db8::9:1]"
        sdp = OFFER.replace(b"IN IP4 127.0.0.1", b"IN IP6 2001:db8::20")
        both = sdp + b"c=IN IP4 192.0.2.1\r\nm=video 6024 RTP/AVP 107\r\nc=IN IP6 2001:db8::1\r\n"
        mapped = OFFER.replace(b"127.0.0.1", b"::ffff:192.0.2.2").replace(b"IP4", b"IP6")
        cases = [
            ("4.1", request("REGISTER", "sip:[2001:db8::10]", via), 401),
            ("4.2", request("REGISTER", "sip:2001:db8::10", via), 400),
            ("4.3", request("REGISTER", "sip:[2001:db8::10:5070]", via), 401),
            ("4.4", request("REGISTER", "sip:[2001:db8::10]:5070", via), 401),
            ("4.5", request("OPTIONS", "sip:[::1]", f"{via};received=[2001:db8::9:255]"), 200),
            ("4.5", request("OPTIONS", "sip:[::1]", f"{via};received=2001:db8::9:255"), 200),
            ("4.6", request("INVITE", "sip:1201@[2001:db8::10]", via, body=sdp), 480),
            ("4.7", request("OPTIONS", "sip:[::1]", via, extra=f"Via: SIP/2.0/UDP 192.0.2.1\r\nVia: SIP/2.0/TCP {via}"
                                                              "\r\n"), 200),
            ("4.8", request("INVITE", "sip:1201@[2001:db8::10]", via, body=both), 480),
            ("4.9", request("INVITE", "sip:1201@[::1]", "[::ffff:192.0.2.10]", body=mapped), 480),
            ("4.10", request("OPTIONS", "sip:user@[2001:db8:::192.0.2.1]", via), 200),
            ("4.10", request("OPTIONS", "sip:user@[2001:db8::192.0.2.1]", via), 200),
        ]  # fmt: skip
        found = [(section, (await self.asked(server, data)).status) for section, data, _ in cases]
        self.assertEqual(found, [(section, status) for section, _, status in cases])
        await self.serves(server)


def statuses(found: dict[str, list[bytes]], *names: str) -> list[int]:
    return [read(answer).status for name in names for answer in found[name]]
