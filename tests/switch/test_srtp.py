"""Encrypted sound: keys pass between phones untouched, and what the switch itself plays and hears is sealed."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace

from twisted.logger import LogEvent, formatEvent, globalLogPublisher

from magroup.cti.switch import Accept, Ring
from magroup.cti.types import ConnectionId, Party
from magroup.rtp.srtp_keys import RemoteKey
from magroup.rtp.srtp_opening import Opening
from magroup.sip.sdes import lines
from magroup.sip.sdp import Session
from tests.switch.bench import BenchTest, Phone, Talk, run, sdp

SUITE = "AES_CM_128_HMAC_SHA1_80"


def described(phone: Phone, way: str, number: int, protocol: str, tag: int) -> bytes:
    """What a phone with SRTP says of itself; each number makes another key."""
    key = b64encode(f"{phone.number}-{number}".encode().ljust(30, b"k")).decode()
    plain = sdp(phone.host, phone.media_port, way).replace(b"RTP/AVP", protocol.encode())
    return plain + f"a=crypto:{tag} {SUITE} inline:{key}|2^31\r\na=x-vendor:1\r\n".encode()


def secure(phone: Phone, protocol: str = "RTP/SAVP", new_keys: bool = False, tag: int = 1) -> Phone:
    """Let a phone speak SRTP, with new keys in each of its descriptions or always the same."""
    made = [0]

    def says(way: str = "sendrecv") -> bytes:
        made[0] += new_keys
        return described(phone, way, made[0], protocol, tag)

    phone.sdp = says  # type: ignore[method-assign]
    phone.newest = lambda: described(phone, "sendrecv", made[0], protocol, tag)  # type: ignore[attr-defined]
    return phone


def key_in(description: bytes) -> str:
    """Its first a=crypto line."""
    audio = Session.parse(description).audio
    assert audio is not None
    return audio.attribute("crypto") or ""


class Secure(BenchTest):
    new_keys = False

    def setUp(self) -> None:
        super().setUp()
        self.tijana, self.raf, self.ara = (
            secure(self.bench.phone(number), new_keys=self.new_keys) for number in ("1047", "1175", "1068")
        )

    def talking(self) -> tuple[Talk, Talk]:
        """Raf's end and Tijana's."""
        talk = self.raf.dial("1047")
        self.tijana.call.answer()
        self.bench.run()
        self.assert_joined(talk, self.tijana.call)
        return talk, self.tijana.call

    def assert_joined(self, one: Talk, other: Talk) -> None:
        """Each has the other's newest key, and all else that the other says."""
        for here, there in ((one, other), (other, one)):
            newest = there.phone.newest()  # type: ignore[attr-defined]
            self.assertEqual(key_in(here.heard_sdp), key_in(newest))
            self.assertIn(b"m=audio 4000 RTP/SAVP 0 8 101\r\n", here.heard_sdp)
            self.assertIn(b"a=x-vendor:1\r\n", here.heard_sdp)
            self.assertIn(b"c=IN IP4 " + there.phone.host.encode(), here.heard_sdp)
            self.assertIn(b"a=sendrecv", here.heard_sdp)
        self.assertEqual(self.bench.telephony.media.active, 0)

    def mine(self, number: str) -> ConnectionId:
        (call,) = self.bench.switch.calls()
        return ConnectionId(call.id, number)


class PassedOn(Secure):
    """Phones that keep their keys."""

    def test_untouched(self) -> None:
        """Nothing differs but the origin, of offer, answer, hold and retrieve."""
        raf, tijana = self.talking()

        def without_origin(description: bytes) -> list[bytes]:
            return [line for line in description.split(b"\r\n") if not line.startswith(b"o=")]

        self.assertEqual(without_origin(tijana.heard_sdp), without_origin(self.raf.sdp()))
        self.assertEqual(without_origin(raf.heard_sdp), without_origin(self.tijana.sdp()))
        tijana.hold()
        self.bench.run()
        self.assertEqual(without_origin(raf.heard_sdp), without_origin(self.tijana.sdp("sendonly")))
        self.assertEqual(without_origin(tijana.heard_sdp), without_origin(self.raf.sdp("recvonly")))
        tijana.retrieve()
        self.bench.run()
        self.assert_joined(raf, tijana)
        raf.hang_up()
        self.bench.run()

    def test_one_without(self) -> None:
        """A phone that refuses SRTP: 488 reaches who called."""
        talk = self.raf.dial("1047")
        self.tijana.call.reject(488)
        self.bench.run()
        self.assertEqual(talk.log[-1], "rejected 488")

    def steer(self, new_keys: bool = False) -> None:
        raf, tijana = self.talking()
        run(self.bench.switch.hold_call(self.mine("1047")))
        self.bench.run(0.3)
        run(self.bench.switch.retrieve_call(self.mine("1047")))
        self.bench.run(0.5)
        self.assert_joined(raf, tijana)
        raf.hang_up()
        self.bench.run()

    def test_held_by_service(self) -> None:
        self.steer()

    def test_blind_transfer(self) -> None:
        """By either end; who goes on has the keys of each other."""
        for by_caller in (False, True):
            raf, tijana = self.talking()
            leaves, stays = (raf, tijana) if by_caller else (tijana, raf)
            leaves.refer("<sip:1068@127.0.0.1>")
            self.bench.run()
            self.ara.call.answer()
            self.bench.run(0.5)
            self.assert_joined(stays, self.ara.call)
            stays.hang_up()
            self.bench.run()

    def test_attended_transfer(self) -> None:
        raf, tijana = self.talking()
        tijana.hold()
        self.bench.run()
        second = self.tijana.dial("1068")
        self.ara.call.answer()
        self.bench.run()
        tijana.refer(f"<sip:1068@127.0.0.1?Replaces={second.replaces()}>")
        self.bench.run(0.5)
        self.assert_joined(raf, self.ara.call)
        raf.hang_up()
        self.bench.run()

    def test_consultation(self) -> None:
        """The phone's one dialog serves both calls; then those who are left are joined."""
        raf, tijana = self.talking()
        run(self.bench.switch.consultation_call(self.mine("1047"), "1068"))
        self.bench.run(0.3)
        self.ara.call.answer()
        self.bench.run(0.5)
        self.assert_joined(tijana, self.ara.call)
        first, second = self.bench.switch.calls()
        # Meanwhile who is held may change its session: it is answered for the phone that holds it.
        raf.hold()
        self.bench.run()
        self.assertEqual(raf.log[-1], "changed 200")
        self.assertTrue(key_in(raf.heard_sdp).startswith(f"1 {SUITE} "))
        raf.retrieve()
        self.bench.run()
        run(self.bench.switch.transfer_call(ConnectionId(first.id, "1047"), ConnectionId(second.id, "1047")))
        self.bench.run(0.5)
        self.assert_joined(raf, self.ara.call)
        raf.hang_up()
        self.bench.run()

    def test_picked_up(self) -> None:
        """By a service: the phone that picks up is offered the caller's keys."""
        raf = self.raf.dial("1047")
        self.tijana.call.ring()
        self.bench.run()
        run(self.bench.switch.directed_pickup_call(self.mine("1047"), "1068"))
        self.bench.run()
        self.ara.call.answer()
        self.bench.run(0.5)
        self.assert_joined(raf, self.ara.call)
        raf.hang_up()
        self.bench.run()

    def test_picked_up_by_code(self) -> None:
        """Who picks up makes an offer of its own, and so did the caller: both get an answer that fits theirs first."""
        secure(self.ara, new_keys=self.new_keys, tag=7)
        self.bench.switch.pickup_code = "*8"
        self.bench.switch.pickup = lambda by, number: self.mine("1047")
        raf = self.raf.dial("1047")
        self.tijana.call.ring()
        self.bench.run()
        ara = self.ara.dial("*8")
        self.bench.run(0.5)
        for phone, tag in ((self.ara, 7), (self.raf, 1)):
            first = next(response.body for response in phone.heard if response.status == 200 and response.body)
            self.assertIn(f"a=crypto:{tag} {SUITE} inline:".encode(), first)
        self.assert_joined(raf, ara)
        raf.hang_up()
        self.bench.run()


class NewKeys(PassedOn):
    """Phones that make new keys for each description: an exchange of an offer and its answer is the last word."""

    new_keys = True

    def test_untouched(self) -> None:
        """Not with these."""
        raf, _ = self.talking()
        raf.hang_up()
        self.bench.run()


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
        # Those before a change may have come twice into the list, never onto the wire.
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
