"""Encrypted calls: keys pass between phones untouched, and both ends always have the other's newest."""

from magroup.cti.types import ConnectionId
from tests.switch.bench import BenchTest, Talk, run
from tests.switch.secure_phone import SUITE, key_in, secure


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

    def test_held_by_service(self) -> None:
        raf, tijana = self.talking()
        run(self.bench.switch.hold_call(self.mine("1047")))
        self.bench.run(0.3)
        run(self.bench.switch.retrieve_call(self.mine("1047")))
        self.bench.run(0.5)
        self.assert_joined(raf, tijana)
        raf.hang_up()
        self.bench.run()

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
