"""Calls whose names, descriptions or sound are meant to break something, here or at whom they reach."""

import struct
from itertools import pairwise

from tests.live.case import FIRST, GREETING, LiveCase
from tests.live.log_watch import LogWatch
from tests.live.raw_caller import RawCaller
from tests.live.raw_phone import RawPhone
from tests.live.requests import OFFER
from tests.live.rubbish import examples, noise
from tests.live.server import company
from tests.live.serving import trunk
from tests.peers import RawUdp, RtpSink, address, audio, until
from tests.peers.rtp_sink import RtpPacket
from tests.peers.waiting import next_look

LONG = "Ä" * 500
ALL_AT_ONCE = ('"Zoë" \U0001f600 ' * 60)[:499] + "."
"""500 characters with quotes and emoji; it comes folded over lines."""
NAMES = (
    (r'"a \"quoted\" name\\" <sip:5551@x>', r'a "quoted" name\ '.strip(), "5551"),
    ('"a\\"; tag=evil" <sip:5551@x>', 'a"; tag=evil', "5551"),
    ('"<sip:evil@x>, <sip:other@x>" <sip:5551@x>', "<sip:evil@x>, <sip:other@x>", "5551"),
    (f'"{LONG}" <sip:5551@x>', LONG, "5551"),
    (
        '"' + ALL_AT_ONCE.replace('"', r"\"").replace(" ", "\r\n ") + '" <sip:5551@x>', ALL_AT_ONCE, "5551",
    ),
    ('"\U0001f600 Zo\u00eb \u202e" <sip:5551@x>', "\U0001f600 Zo\u00eb \u202e", "5551"),
    ('"a\\\0b\x07" <sip:5551@x>', "a b ", "5551"),
    ('"folded\r\n over lines" <sip:5551@x>', "folded over lines", "5551"),
    ('"no \udcff\udcfe text" <sip:5551@x>', "no \ufffd\ufffd text", "5551"),
    ('"%0d%0aX-Injected: yes" <sip:5551@x>', "%0d%0aX-Injected: yes", "5551"),
    ("<sip:55%0d%0aX-Injected%3a%20yes@x>", "", "55\r\nX-Injected: yes"),
    ("<sip:55%00%22%3c%3e%40%3b51@x>", "", '55\0"<>@'),
    ("<sip:\udcff51@x>", "", "\ufffd51"),
    ('"%callerNumber% %callerName%" <sip:5551@x>', "%callerNumber% %callerName%", "5551"),
)
"""What a caller says who it is, and how the phone called is to understand it: name and number."""

BAD_SDP = (
    b"\0" * 100, b"v=0", b"v=0\r\nm=audio", b"rubbish\r\n" * 50, OFFER.replace(b"40000", b"99999"),
    OFFER.replace(b"m=audio", b"m=audio\xff"), OFFER.replace(b"IP4 127.0.0.1\r\nt", b"IP4 224.0.0.1\r\nt"),
    OFFER.replace(b"IP4 127.0.0.1\r\nt", b"IP4 255.255.255.255\r\nt"), OFFER.replace(b"RTP/AVP", b"RTP/SAVP"),
    OFFER.replace(b"127.0.0.1\r\nt", b"host.invalid\r\nt"), OFFER.replace(b" 0 8", b" 18 97"),
    OFFER + b"a=" + b"x" * 33_000, OFFER + b"m=video 4000 RTP/AVP 31\r\n" * 100, OFFER.replace(b" 0 8", b" 300 -1 a"),
    b"v=0\r\n" + b"m=audio 0 RTP/AVP 0\r\n",
)  # fmt: skip


class Names(LiveCase):
    """From a trunk, whose word is taken for who calls."""

    async def test_on_the_other_phone(self) -> None:
        """Quoted and escaped: one From, no header that the caller made up, UTF-8 throughout."""
        log = LogWatch(self)
        outside = str(address(self))
        server = await self.serve(company(more=trunk(outside)))
        phone = await RawPhone(server, "1201").start()
        peer = RawUdp(self, outside).open()
        for identity, name, number in NAMES:
            RawCaller(peer, server, "1201", identity=identity).ring()
            invite = await phone.invited()
            invite.encode().decode("utf-8")
            self.assertEqual((invite.from_.name, invite.from_.uri.number), (name, number.split(";")[0]), identity)
            self.assertEqual(len(invite.headers["From"]), 1)
            self.assertEqual([header for header in invite.headers if "Injected" in header], [])
            self.assertEqual(set(invite.from_.params), {"tag"})
        await server.quiet()
        self.assertEqual(len(await server.records()), len(NAMES))
        log.check(self, most=20)

    async def test_to_the_assistant(self) -> None:
        """The masks of a group make nothing worse of it."""
        outside = str(address(self))
        server = await self.serve(company(MASKS, people=("1047", "1175"), more=trunk(outside)))
        phone = await RawPhone(server, "1175").start()
        peer = RawUdp(self, outside).open()
        for identity, name, _number in NAMES:
            caller = RawCaller(peer, server, "8973", identity=identity)
            caller.ring()
            invite = await phone.invited()
            invite.encode().decode("utf-8")
            self.assertEqual(letters(invite.from_.name), letters(f"S1047**{name}"), identity)
            self.assertEqual([header for header in invite.headers if "Injected" in header], [])
        await server.quiet()


class Descriptions(LiveCase):
    """SDP that is none, or none that can be served."""

    async def test_to_the_group(self) -> None:
        """Refused with 400 or 488, or 200 where enough of it is good; the group's phones never ring for the former."""
        log = LogWatch(self)
        outside = str(address(self))
        server = await self.serve(company(GROUP, more=trunk(outside)))
        peer = RawUdp(self, outside).open()
        statuses = []
        for sdp in BAD_SDP:
            caller = RawCaller(peer, server, "8973", body=sdp)
            statuses.append((await caller.call()).status)
            self.assertIn(statuses[-1], (400, 488), sdp[-200:])
        await server.quiet()
        log.check(self, most=20 + len(BAD_SDP))

    async def test_noise(self) -> None:
        """Octets of all kinds, alone and after a good beginning; a call that comes of one is hung up."""
        log = LogWatch(self)
        outside = str(address(self))
        server = await self.serve(company(GROUP, more=trunk(outside)))
        peer = RawUdp(self, outside).open()
        bodies = [OFFER * (number % 2) + data for number, data in enumerate(examples(noise, 100))]
        for sdp in bodies:
            caller = RawCaller(peer, server, "8973", body=sdp)
            answer = await caller.call()
            self.assertIn(answer.status, (200, 400, 488), sdp)
            if answer.status == 200:
                await caller.hang_up()
        await server.quiet()
        log.check(self, most=150)

    async def test_in_the_call(self) -> None:
        """A bad offer in a re-INVITE or UPDATE is refused, and the call goes on as it was (RFC 3261 section 14.2)."""
        sink = RtpSink(self).open()
        server = await self.serve(company(GROUP, more=trunk(sink.ip)))
        peer = RawUdp(self, sink.ip).open()
        caller = RawCaller(peer, server, "8973", body=sink.sdp(0))
        self.assertEqual((await caller.call()).status, 200)
        for method in ("INVITE", "UPDATE"):
            for sdp in BAD_SDP:
                answer = await caller.ask(method, sdp)
                self.assertIn(answer.status, (400, 488), sdp[-200:])
                if method == "INVITE":
                    peer.send(caller.acknowledgement(answer), (str(server.address), 5060))
        await sink.receive(20)
        self.assertEqual((await caller.hang_up()).status, 200)
        await server.quiet()


class Sound(LiveCase):
    """What comes to the port of an announcement."""

    async def test_rubbish(self) -> None:
        """From the caller and from strangers, RTP and RTCP: the caller hears on, nobody else anything."""
        log = LogWatch(self)
        sink = RtpSink(self).open()
        server = await self.serve(company(GROUP, more=trunk(sink.ip)))
        peer = RawUdp(self, sink.ip).open()
        caller = RawCaller(peer, server, "8973", body=sink.sdp(0, 101))
        media = (await caller.call()).media()
        assert media is not None
        await sink.receive(5)
        sink.send(audio.g711_encode(audio.tone(440.0, 0.02)), media)
        stranger = RtpSink(self).open()
        rubbish = [*examples(noise, 150), *(packet(number) for number in range(200))]
        for start in range(0, len(rubbish), 50):
            for data in rubbish[start : start + 50]:
                sink.send_raw(data, media)
                stranger.send_raw(data, media)
                stranger.send_raw(data, (media[0], media[1] + 1))
            await next_look()
        await sink.receive(30)
        # The caller's RTP port shows RTCP (an empty receiver report), so reports come there too.
        sink.send_raw(struct.pack("!BBHI", 0x80, 201, 1, sink.ssrc), media)
        sound = [one for one in sink.packets if one.payload_type == 0]
        self.assertEqual({(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(sound)}, {1})
        await until(lambda: len(sink.packets) > len([one for one in sink.packets if one.payload_type == 0]), 15.0,
                    what="a report of the sender", seen=sink.report)  # fmt: skip
        self.assertEqual((stranger.packets, stranger.reports, stranger.strays), ([], [], []))
        self.assertEqual(sink.strays, [])
        await caller.hang_up()
        await server.quiet()
        log.check(self, most=20)


def letters(text: str) -> str:
    """What is seen of a name."""
    return "".join(letter for letter in text if letter.isprintable() and letter != " ")


def packet(number: int) -> bytes:
    """RTP and RTCP that contradict themselves."""
    payload = b"\xff" * (number % 60)
    made = bytearray(RtpPacket(number % 128, number * 321 & 0xFFFF, number << 20, number << 16, payload).encode())
    made[0] = 0x80 | number & 0x3F
    return bytes(made[: 12 + number % 80])


GROUP = f'welcome = "{GREETING}"\nannouncements = ["{FIRST}"]\n'
MASKS = 'caller_name = "%managerShortName%**%callerName%"\noverflow = "busy"\n'
