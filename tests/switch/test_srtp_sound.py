"""Encrypted sound of the switch itself: what it plays is sealed, as offered and as it is set."""

from collections.abc import Callable
from dataclasses import replace

from twisted.logger import LogEvent, formatEvent, globalLogPublisher

from magroup.cti.switch import Accept, Ring
from magroup.cti.types import Party
from magroup.rtp.srtp_keys import RemoteKey
from magroup.rtp.srtp_opening import Opening
from magroup.sip.sdes import lines
from magroup.sip.sdp import Session
from tests.switch.bench import BenchTest, Phone, Talk, sdp
from tests.switch.secure_phone import SUITE, key_in, secure


class OwnSound(BenchTest):
    """Announcements at a route point, and what is recorded there."""

    def setUp(self) -> None:
        super().setUp()
        self.switch = self.bench.switch
        self.switch.route_register(["8973"])
        self.raf, self.tijana = self.bench.phone("1175"), self.bench.phone("1047")

    def policy(self, policy: str) -> None:
        settings = self.bench.settings
        self.bench.telephony.apply(replace(settings, rtp=replace(settings.rtp, srtp=policy)))

    def played(self, offer: bytes | None = None) -> Talk:
        """The phone calls the route point, which plays to it."""
        talk = self.raf.dial("8973", offer)
        (call,) = self.switch.calls()
        self.switch.accept_call(call.id, Accept.ANSWER)
        self.bench.run()
        self.switch.play_message(call.id, ["Welcome.wav"], True)
        self.bench.run(0.2)
        return talk

    def sent(self) -> list[bytes]:
        """The packets of sound so far."""
        return [data for address, wire in self.bench.wires.open_wires.items()
                for data, _ in wire.sent if not address[1] % 2]  # fmt: skip

    def assert_sealed(self, talk: Talk) -> None:
        audio = Session.parse(talk.heard_sdp).audio
        assert audio is not None
        (crypto,) = lines(audio)
        opening = Opening(RemoteKey(crypto.suite, crypto.master))
        sent = self.sent()
        self.assertTrue(sent)
        self.assertTrue(all(opening.rtp(data) for data in sent))

    def test_announcement(self) -> None:
        for policy in ("off", "optional", "required"):
            for protocol in ("RTP/SAVP", "RTP/SAVPF"):
                self.policy(policy)
                secure(self.raf, protocol)
                talk = self.played()
                self.assertIn(protocol.encode() + b" 0 101\r\n", talk.heard_sdp)
                self.assert_sealed(talk)
                talk.hang_up()
                self.bench.run()

    def test_as_phones_write_it_too(self) -> None:
        """RTP/AVP with keys."""
        secure(self.raf, "RTP/AVP")
        talk = self.played()
        self.assertIn(b" RTP/AVP 0 101\r\n", talk.heard_sdp)
        self.assert_sealed(talk)
        talk.hang_up()
        self.bench.run()
        self.policy("off")
        talk = self.played()
        self.assertEqual(key_in(talk.heard_sdp), "")
        self.assertEqual({len(data) for data in self.sent()}, {172})
        talk.hang_up()

    def refused(self, offer: bytes | None = None) -> None:
        talk = self.raf.dial("8973", offer)
        (call,) = self.switch.calls()
        self.switch.accept_call(call.id, Accept.ANSWER)
        self.bench.run()
        self.assertEqual(talk.log[-1], "rejected 488")

    def test_refused(self) -> None:
        """SRTP without anything that we have; plain RTP where that is not wanted."""
        secure(self.raf)
        self.refused(self.raf.sdp().replace(SUITE.encode(), b"F8_128_HMAC_SHA1_80"))
        self.policy("required")
        self.refused(sdp(self.raf.host, 4000))

    def test_changed_while_it_listens(self) -> None:
        """Hold and retrieve: the same key in each answer, and the numbers go on."""
        secure(self.raf)
        talk = self.played()
        before = key_in(talk.heard_sdp)
        for change in (talk.hold, talk.retrieve):
            change()
            self.bench.run(0.2)
            self.assertEqual(talk.log[-1], "changed 200")
            self.assertEqual(key_in(talk.heard_sdp), before)
        self.assert_sealed(talk)
        talk.hang_up()

    def test_keys_are_nowhere_to_be_seen(self) -> None:
        """Neither in the log, whatever happens, nor in the trace, nor in what the parts say of themselves."""
        logged: list[str] = []

        def watch(event: LogEvent) -> None:
            logged.append(f"{event} {formatEvent(event)}")

        globalLogPublisher.addObserver(watch)
        self.addCleanup(globalLogPublisher.removeObserver, watch)
        secure(self.raf)
        self.refused(self.raf.sdp().replace(SUITE.encode(), b"F8_128_HMAC_SHA1_80"))
        self.refused(self.raf.sdp().replace(b"RTP/SAVP 0 8", b"RTP/SAVP 18"))
        talk = self.played()
        (call,) = self.switch.calls()
        keys = [line.split()[2].removeprefix("inline:").partition("|")[0]
                for line in (key_in(self.raf.sdp()), key_in(talk.heard_sdp))]  # fmt: skip
        self.assertEqual({len(key) for key in keys}, {40})
        talk.hold()
        self.bench.run()
        read = self.bench.telephony.traces.find(call.id)
        assert read is not None
        messages = b"".join(message.data for message in read().messages).decode()
        # Two INVITEs, the second one with credentials, and one that holds; two answers.
        self.assertEqual(messages.count("a=crypto:*"), 5)
        said = messages + str(self.bench.telephony.describe()) + str(self.switch.calls()) + str(self.bench.events)
        talk.hang_up()
        self.bench.run()
        for key in keys:
            self.assertNotIn(key, said)
            self.assertNotIn(key, "\n".join(logged))

    def moved(self, transferee: Callable[[Phone], Phone]) -> Talk:
        """Somebody who talks is transferred to the route point: the offer is ours."""
        transferee(self.raf)
        transferee(self.tijana)
        talk = self.raf.dial("1047")
        self.tijana.call.answer()
        self.bench.run()
        self.tijana.call.refer("<sip:8973@127.0.0.1>")
        self.bench.run()
        (call,) = self.switch.calls()
        self.switch.accept_call(call.id, Accept.ANSWER)
        self.switch.play_message(call.id, ["Welcome.wav"], True)
        self.bench.run(0.2)
        return talk

    def test_own_offers(self) -> None:
        """As the phone has described itself, or as it is set."""
        for policy, protocol, expected in (
            ("optional", "", "RTP/AVP"), ("optional", "RTP/SAVP", "RTP/SAVP"), ("optional", "RTP/AVP", "RTP/AVP"),
            ("off", "RTP/AVP", "RTP/AVP"), ("required", "RTP/SAVP", "RTP/SAVP"),
        ):  # fmt: skip
            self.policy(policy)
            talk = self.moved(lambda phone, protocol=protocol: secure(phone, protocol) if protocol else phone)  # type: ignore[misc]
            self.assertIn(f" {expected} 0 8 9 101".encode(), talk.heard_sdp)
            offered = Session.parse(talk.heard_sdp).media[0]
            is_sealed = bool(protocol) and policy != "off"
            self.assertEqual(len(lines(offered)), 2 if is_sealed else 0)
            sent = self.sent()
            self.assertTrue(sent)
            if is_sealed:
                opening = Opening(RemoteKey(SUITE, lines(offered)[0].master))
                self.assertTrue(all(map(opening.rtp, sent)))
            else:
                self.assertEqual({len(data) for data in sent}, {172})
            talk.hang_up()
            self.bench.run()

    def test_plain_answer_to_required(self) -> None:
        """Nothing is played to who will not have it encrypted."""
        self.policy("required")
        talk = self.moved(lambda phone: phone)
        self.assertEqual(self.sent(), [])
        talk.hang_up()

    def test_on_to_a_plain_phone(self) -> None:
        """The re-INVITE has what that phone has; one who does both goes on in plain RTP."""
        secure(self.raf, "RTP/AVP")
        talk = self.played()
        (call,) = self.switch.calls()
        self.switch.ring(call.id, [Ring("1047", Party("1175"))])
        self.bench.run()
        self.assertIn(b"a=crypto:1 ", self.tijana.call.invite.body)
        self.tijana.call.answer()
        self.raf.sdp = lambda way="sendrecv": sdp(self.raf.host, 4000, way)  # type: ignore[method-assign, misc]
        self.bench.run(0.5)
        self.assertEqual(key_in(talk.heard_sdp), "")
        self.assertIn(b"c=IN IP4 " + self.tijana.host.encode(), talk.heard_sdp)
        self.assertTrue(talk.is_up and self.tijana.call.is_up)
        self.assertEqual(self.bench.telephony.media.active, 0)
        talk.hang_up()
        self.bench.run()

    def test_on_to_a_secure_phone(self) -> None:
        for new_keys in (False, True):
            secure(self.raf, new_keys=new_keys)
            secure(self.tijana, new_keys=new_keys)
            talk = self.played()
            (call,) = self.switch.calls()
            self.switch.ring(call.id, [Ring("1047", Party("1175"))])
            self.bench.run()
            self.tijana.call.answer()
            self.bench.run(0.5)
            for here, there in ((talk, self.tijana), (self.tijana.call, self.raf)):
                self.assertEqual(key_in(here.heard_sdp), key_in(there.newest()))  # type: ignore[attr-defined]
            talk.hang_up()
            self.bench.run()
