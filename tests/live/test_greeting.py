"""What a caller hears from the first moment to the answer: greeting, announcements, ringback (spec 1.2)."""

from itertools import pairwise

from tests.live.case import FIRST, GREETING, SECOND, LiveCase
from tests.live.phones import Caller, Desk, baresips, desks, finished, together
from tests.live.server import company, group
from tests.peers import audio, until

GREETED = f'welcome = "{GREETING}"\nmanager_timeout = 30\nannouncements = ["{FIRST}", "{SECOND}"]\n'
PLAIN = "manager_timeout = 30\n"
RINGBACK = 425.0


class Heard(LiveCase):
    """Sample by sample at a caller with an RTP endpoint, or by the ear of a phone."""

    async def test_in_order_without_gaps(self) -> None:
        """The greeting once and in full, nobody rings before its end; then the announcements, over and over."""
        server = await self.serve(company(GREETED))
        (manager,) = await desks(Desk(server, "1047", "uas_ring"))
        caller = await Caller(server, "uac", stay=4.4).call()
        await manager.cancelled()
        await caller.finished()
        await finished(manager)
        expected = self.spoken(server, GREETING, FIRST, SECOND, FIRST, SECOND)
        start, score = audio.correlate(caller.sink.heard(), 8000, expected, 8000)
        self.assertGreater(score, 0.98)
        self.assertEqual(start, 0.0)
        packets = caller.sink.packets
        steps = {(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(packets)}
        self.assertEqual(steps, {1})
        self.in_time([(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in pairwise(packets)])
        call = await self.over(server, "greeting; manager rang; caller hung up")
        rang = next(leg for leg in call.legs if leg.number == "1047")
        self.assertGreater(rang.ringing_at, packets[59].seconds)

    async def test_manager_answers(self) -> None:
        """Announcements end with the answer; then each hears the other, and the server is out of the sound's way."""
        server = await self.serve(company(GREETED))
        (manager,) = await baresips(server, "1047", tone=880.0)
        caller = await Caller(server).call()
        await manager.wait("CALL_INCOMING")
        await until(lambda: len(caller.sink.packets) > 70, what="announcements")
        await manager.answer()
        await until(lambda: not server.left()["ports"], what="end of the announcements")
        description = [m.media() for m in caller.sipp.messages() if not m.sent and m.media()][-1]
        assert description is not None
        invited = [m.media() for m in manager.trace() if m.method == "INVITE" and m.media()]
        self.assertEqual(invited, [(caller.sink.ip, caller.sink.port), description])
        before = len(caller.sink.packets)
        caller.sink.start_sending(audio.g711_encode(audio.tone(440.0, 1)), description)
        await manager.hears(440.0)
        await caller.sink.receive(40)
        spoken = [p for p in caller.sink.packets[before:] if p.source[1] == description[1]][-25:]
        samples = audio.g711_decode(b"".join(p.payload for p in spoken), spoken[0].payload_type)
        self.assertLess(abs(audio.dominant_frequency(samples, 8000) - 880.0), 5)
        await manager.hangup()
        await caller.finished()
        await self.over(server, "greeting; answered by S1047")

    async def test_nothing_to_play(self) -> None:
        """180 until the manager answers, no sound and no port of the server; then both hear each other."""
        server = await self.serve(company(PLAIN))
        (manager,), (caller,) = await together(
            baresips(server, "1047", tone=880.0), baresips(server, "1201", tone=440.0)
        )  # fmt: skip
        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await caller.wait("CALL_RINGING")
        self.assertEqual((server.left()["streams"], server.left()["ports"]), (0, 0))
        await manager.answer()
        await together(manager.hears(440.0), caller.hears(880.0))
        answers = [m for m in caller.received() if m.method == "INVITE" and m.status not in (100, 407)]
        self.assertEqual([(m.status, m.media() is not None) for m in answers], [(180, False), (200, True)])
        self.assertEqual(answers[1].media(), next(m for m in manager.sent() if m.status == 200 and m.media()).media())
        await caller.hangup()
        await manager.wait("CALL_CLOSED")
        await self.over(server, "answered by S1047")

    async def test_missing_sounds(self) -> None:
        """What is not on disk is left out: the manager rings at once, what is there is played, else ringback."""
        none = company(
            f'welcome = "Gone.wav"\nmanager_timeout = 30\nannouncements = ["Gone.wav", "{FIRST}"]\n',
            more=group("Other", "8974", 'manager_timeout = 30\nannouncements = ["Gone.wav"]\n', ("1175",)),
        )
        server = await self.serve(none)
        await desks(Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas_ring"))
        some, nothing = await together(
            Caller(server, "uac", stay=3.0).call(), Caller(server, "uac", "8974", stay=3.0).call()
        )  # fmt: skip
        await together(some.finished(), nothing.finished())
        twice = self.spoken(server, FIRST, FIRST)
        self.assertGreater(audio.correlate(some.sink.heard(), 8000, twice, 8000)[1], 0.95)
        self.assertLess(abs(audio.dominant_frequency(nothing.sink.heard()[:7000], 8000) - RINGBACK), 5)
        await server.quiet()
        told = ["greeting; manager rang; caller hung up", "manager rang; caller hung up"]
        self.assertEqual(sorted(await server.stories()), told)

    async def test_no_greeting(self) -> None:
        """Announcements from the moment that the manager rings; the caller is answered for the first one."""
        server = await self.serve(company(f'manager_timeout = 30\nannouncements = ["{SECOND}", "{FIRST}"]\n'))
        (manager,) = await desks(Desk(server, "1047", "uas", ring=1.8))
        caller = await Caller(server, "uac", stay=2.6).call()
        await caller.finished()
        self.assertEqual([s for s in caller.sipp.result().statuses if s not in (100, 407)], [180, 200, 200])
        expected = self.spoken(server, SECOND, FIRST)
        self.assertGreater(audio.correlate(caller.sink.heard(), 8000, expected, 8000)[1], 0.95)
        await finished(manager)
        await self.over(server, "answered by S1047")

    async def test_phone_with_early_media(self) -> None:
        """A manager's phone that sends sound while it rings does not disturb the announcements."""
        server = await self.serve(company(GREETED))
        (manager,) = await baresips(server, "1047", tone=880.0, answer="early")
        caller = await Caller(server, "uac", stay=8.0).call()
        await until(manager.calls, what="ringing")
        await caller.sink.receive(80)
        await manager.answer()
        await until(lambda: not server.left()["ports"], what="end of the announcements")
        await caller.sink.receive(40)
        self.assertLess(abs(audio.dominant_frequency(caller.sink.heard()[-2400:], 8000) - 880.0), 5)
        await caller.finished()
        expected = self.spoken(server, GREETING, FIRST, SECOND)
        start, score = audio.correlate(caller.sink.heard(), 8000, expected, 8000)
        self.assertGreater(score, 0.98)
        self.assertEqual(start, 0.0)
        await manager.idle()
        await self.over(server, "greeting; answered by S1047")


class EarlyMedia(LiveCase):
    """With ``calls.early_media`` the caller is answered by the one who answers."""

    async def test_heard_before_the_answer(self) -> None:
        """183 with the sound's description, no 200 until the manager answers; speech both ways then."""
        server = await self.serve(company(GREETED), calls={"early_media": True})
        (manager,), (caller,) = await together(
            baresips(server, "1047", tone=880.0), baresips(server, "1201", tone=440.0)
        )  # fmt: skip
        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await caller.hears_file(server.sound_file(GREETING))
        await caller.hears_file(server.sound_file(SECOND))
        answers = [m for m in caller.received() if m.method == "INVITE" and m.status > 100 and m.status != 407]
        self.assertEqual([m.status for m in answers], [183])
        (call,) = server.assembly.telephony.switch.calls()
        self.assertFalse(call.ended)
        await manager.answer()
        await caller.wait("CALL_ESTABLISHED")
        await manager.hears(440.0)
        await caller.receives()
        final = next(m for m in caller.received() if m.method == "INVITE" and m.status == 200)
        self.assertEqual(final.body, answers[0].body)
        self.assertEqual(server.left()["ports"], 0)
        await manager.hangup()
        await caller.wait("CALL_CLOSED")
        await self.over(server, "greeting; answered by S1047")

    async def test_reliable(self) -> None:
        """A caller with 100rel acknowledges the 183 by PRACK, and a manager's phone its own 180."""
        server = await self.serve(company(GREETED), calls={"early_media": True})
        (manager,) = await desks(Desk(server, "1047", "uas_prack", ring=0.3))
        caller = await Caller(server, "uac_prack", stay=0.5).call()
        result = await caller.finished()
        self.assertEqual([s for s in result.statuses if s not in (100, 407)], [183, 200, 200, 200])
        self.assertIn("PRACK", manager.requests())
        await finished(manager)
        expected = self.spoken(server, GREETING)
        self.assertGreater(audio.correlate(caller.sink.heard(), 8000, expected, 8000)[1], 0.98)
        await self.over(server, "greeting; answered by S1047")

    async def test_ringback_is_left_to_the_caller(self) -> None:
        """Nothing to play: 180 until the answer, reliable or not, and no port."""
        server = await self.serve(company(PLAIN), calls={"early_media": True})
        (manager,) = await desks(Desk(server, "1047", "uas", ring=0.3))
        caller = await Caller(server, "uac", stay=0.3).call()
        result = await caller.finished()
        self.assertEqual([s for s in result.statuses if s not in (100, 407)], [180, 200, 200])
        self.assertEqual(caller.sink.packets, [])
        await finished(manager)
        await self.over(server, "answered by S1047")
