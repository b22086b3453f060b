"""Callers of every kind: codecs, no offer, no common codec, TCP, TLS, IPv6."""

from pathlib import Path

from tests.live.case import FIRST, GREETING, SECOND, LiveCase
from tests.live.phones import SCENARIOS, Caller, Desk, baresips, desks, finished, together
from tests.live.server import SECRET, Live, company
from tests.peers import Authority, Baresip, Linphone, address, audio, until
from tests.peers.sipp import SCENARIOS as STANDARD

GREETED = f'welcome = "{GREETING}"\nmanager_timeout = 30\nannouncements = ["{FIRST}", "{SECOND}"]\n'


class Codecs(LiveCase):
    """The announcement is heard in the caller's codec."""

    async def test_pcma_only(self) -> None:
        server = await self.serve(company(GREETED))
        (manager,) = await desks(Desk(server, "1047", "uas", ring=0.7))
        caller = await Caller(server, "uac", stay=2.4, keys={"formats": "8 101"}).call()
        await caller.finished()
        await finished(manager)
        self.assertEqual({p.payload_type for p in caller.sink.packets}, {8})
        expected = self.spoken(server, GREETING, FIRST)
        start, score = audio.correlate(caller.sink.heard(), 8000, expected, 8000)
        self.assertGreater(score, 0.98)
        self.assertEqual(start, 0.0)
        await self.over(server, "greeting; answered by S1047")

    async def test_g722_only(self) -> None:
        """In wide band; a phone that does not speak it refuses the call, and the next one has it."""
        server = await self.serve(company(GREETED, people=("1047", "1175")))
        (caller, assistant), (manager,) = await together(
            baresips(server, "1201", "1175", codecs=("G722",)), baresips(server, "1047")
        )  # fmt: skip
        await caller.dial(server.uri("8973"))
        await caller.hears_file(server.sound_file(GREETING))
        await assistant.wait("CALL_INCOMING")
        await caller.hears_file(server.sound_file(FIRST))
        await assistant.answer()
        await assistant.hears(440.0)
        await caller.receives()
        await caller.hangup()
        await assistant.idle()
        self.assertEqual(await manager.calls(), [])
        await self.over(server, "greeting; S1047 not reached; answered by S1175")

    async def test_nothing_in_common(self) -> None:
        """488 with the reason, at once, and nobody rings."""
        server = await self.serve(company(GREETED))
        (manager,) = await desks(Desk(server, "1047", "uas"))
        caller = await Caller(server, "uac_refused", keys={"formats": "18"}).call()
        result = await caller.finished()
        refusal = next(m for m in result.messages if m.status == 488)
        self.assertEqual(refusal.header("Warning").split(" ")[0], "305", refusal.text)
        self.assertEqual(manager.requests(), [])
        call = await self.over(server, "greeting")
        self.assertIn("488", call.cause)

    async def test_change_refused(self) -> None:
        """A caller whose phone cannot be turned to the manager's: nobody is left in a call without sound."""
        server = await self.serve(company(GREETED))
        before, after = (STANDARD / "uac_wait_bye.xml").read_text().split('<label id="reinvited"/>')
        stubborn = Path(self.mktemp()).absolute().with_suffix(".xml")
        after = after.replace("SIP/2.0 200 OK", "SIP/2.0 488 Not Acceptable Here", 1)
        stubborn.write_text(f'{before}<label id="reinvited"/>{after}')
        (manager,) = await desks(Desk(server, "1047", "uas"))
        caller = await Caller(server, str(stubborn)).call()
        await caller.finished()
        await finished(manager)
        call = await self.over(server, "greeting; answered by S1047")
        self.assertEqual(call.cause, 'SIP;cause=488;text="Not Acceptable Here"')


class Offerless(LiveCase):
    """A caller whose INVITE leaves the offer to us."""

    async def test_greeted(self) -> None:
        """Our offer in the 200, the answer in the ACK, then the greeting; at last the manager's description."""
        server = await self.serve(company(GREETED))
        (manager,) = await baresips(server, "1047")
        caller = await Caller(server, SCENARIOS / "uac_offerless.xml", stay=4.0).call()
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await manager.wait("CALL_ESTABLISHED")
        await caller.sink.receive(60)
        self.assertLess(abs(audio.dominant_frequency(caller.sink.heard()[-3000:], 8000) - 440.0), 5)
        await caller.finished()
        await manager.idle()
        expected = self.spoken(server, GREETING)
        self.assertGreater(audio.correlate(caller.sink.heard(), 8000, expected, 8000)[1], 0.98)
        await self.over(server, "greeting; answered by S1047")

    async def test_nothing_to_play(self) -> None:
        """The manager's phone makes the offer, and gets the caller's answer."""
        server = await self.serve(company("manager_timeout = 30\n"))
        (manager,) = await baresips(server, "1047")
        caller = await Caller(server, SCENARIOS / "uac_offerless.xml", stay=1.0).call()
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await manager.wait("CALL_ESTABLISHED")
        await caller.sink.receive(25)
        self.assertLess(abs(audio.dominant_frequency(caller.sink.heard()[-3000:], 8000) - 440.0), 5)
        await caller.finished()
        await manager.idle()
        await self.over(server, "answered by S1047")

    async def test_early_media(self) -> None:
        """An offer needs an answer: the caller is answered for the greeting all the same."""
        server = await self.serve(company(GREETED), calls={"early_media": True})
        caller = await Caller(server, SCENARIOS / "uac_offerless.xml", stay=1.4).call()
        result = await caller.finished()
        self.assertEqual([s for s in result.statuses if s not in (100, 407)], [200, 200])
        expected = self.spoken(server, GREETING)
        self.assertGreater(audio.correlate(caller.sink.heard(), 8000, expected, 8000)[1], 0.98)
        await server.quiet()


class Transports(LiveCase):
    """A whole call over each transport; the manager's phone is on UDP where the families allow."""

    async def served(self, server: Live, caller: Baresip, manager: Baresip, uri: str) -> None:
        await caller.dial(uri)
        await manager.wait("CALL_INCOMING")
        await caller.hears_file(server.sound_file(GREETING))
        await caller.hears_file(server.sound_file(FIRST))
        await manager.answer()
        await manager.wait("CALL_ESTABLISHED")
        await together(manager.hears(440.0), caller.receives())
        await manager.hangup()
        await caller.wait("CALL_CLOSED")
        await together(caller.idle(), manager.idle())
        await self.over(server, "greeting; answered by S1047")

    async def test_tcp(self) -> None:
        server = await self.serve(company(GREETED))
        (caller,), (manager,) = await together(baresips(server, "1201", transport="tcp"), baresips(server, "1047"))
        await self.served(server, caller, manager, server.uri("8973"))

    async def test_tls(self) -> None:
        authority = Authority(Path(self.mktemp()).absolute())
        file = f"{authority.directory}/{{address}}.pem"
        server = Live(self, company(GREETED), listen=(f"tls:{{address}}:5061:cert={file}:key={file}",))
        authority.certificate(str(server.address))
        self.speak(server)
        await server.start()
        (caller,), (manager,) = await together(
            baresips(server, "1201", transport="tls", authority=authority.path, registrar=f"{server.address}:5061"),
            baresips(server, "1047"),
        )  # fmt: skip
        await self.served(server, caller, manager, f"sip:8973@{server.address}:5061")

    async def test_ipv6(self) -> None:
        """Signalling and sound; both phones, for sound goes directly between them."""
        server = await self.serve(company(GREETED), listen=("udp:[::1]:0",))
        ports = server.assembly.telephony.transports.listening()
        (port,) = [port for _, host, port in ports if host == "::1"]
        registrar = f"[::1]:{port}"
        own = [address(self).rtp_first + 1 for _ in range(2)]
        (caller,), (manager,) = await together(
            baresips(server, "1201", registrar=registrar, ip="::1", port=own[0]),
            baresips(server, "1047", registrar=registrar, ip="::1", port=own[1]),
        )  # fmt: skip
        await self.served(server, caller, manager, f"sip:8973@{registrar}")


class Holding(LiveCase):
    """A caller who presses hold while the announcements play."""

    async def test_hold_and_resume(self) -> None:
        """Nothing is sent to a phone that does not want to hear; resumed, it hears on."""
        server = await self.serve(company(GREETED))
        (caller, manager) = await baresips(server, "1201", "1047")
        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await caller.hold()
        await caller.resume()
        await caller.receives()
        await manager.answer()
        await manager.hears(440.0)
        await caller.receives()
        await caller.hangup()
        await manager.idle()
        await self.over(server, "greeting; answered by S1047")

    async def test_answered_meanwhile(self) -> None:
        """The manager answers a caller on hold; when the caller comes back, both hear each other."""
        server = await self.serve(company(GREETED))
        (caller, manager) = await baresips(server, "1201", "1047")
        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await caller.hold()
        await manager.answer()
        await manager.wait("CALL_ESTABLISHED")
        await until(lambda: not server.left()["ports"], what="end of the announcements")
        await caller.resume()
        await caller.receives()
        await manager.receives()
        await manager.hangup()
        await caller.idle()
        await self.over(server, "greeting; answered by S1047")


class Softphones(LiveCase):
    """Another make of phone, which knows SHA-256."""

    async def test_linphone(self) -> None:
        """It hears the greeting before the answer, and then both talk."""
        server = await self.serve(company(GREETED), calls={"early_media": True})
        (manager,), caller = await together(baresips(server, "1047"), self.linphone(server, "1201"))
        call = await caller.dial(server.uri("8973"))
        await caller.wait("OutgoingEarlyMedia", call)
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await caller.wait("StreamsRunning", call)
        await caller.wait("UpdatedByRemote", call)
        await caller.wait("StreamsRunning", call)
        await caller.play(audio.write_wav(Path(self.mktemp()).absolute().with_suffix(".wav"), audio.tone(660, 5)), call)
        await together(manager.hears(660.0), manager.receives())
        await manager.hangup()
        await caller.wait("End", call)
        self.assertIn("SHA-256", " ".join(m.header("Proxy-Authorization") for m in caller.sent()))
        self.assertGreater(caller.streams()[-1][1], 50)
        await self.over(server, "greeting; answered by S1047")

    async def linphone(self, server: Live, number: str) -> Linphone:
        phone = await Linphone(self, number, registrar=server.sip, secret=SECRET).start()
        await phone.registered()
        return phone
