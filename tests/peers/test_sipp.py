"""SIPp against SIPp, every scenario with one that fits, and what is reported when they do not fit."""

from pathlib import Path
from typing import Any

from twisted.trial.unittest import TestCase

from tests.peers.addresses import address
from tests.peers.audio import dominant_frequency, g711_encode, tone
from tests.peers.raw import RawUdp
from tests.peers.rtp_sink import RtpSink
from tests.peers.sipp import SCENARIOS, Sipp, SippFailed, SippResult, Traced


def requests(result: SippResult) -> list[str]:
    """The methods received."""
    return [m.first_line.split()[0] for m in result.messages if not m.sent and not m.status]


def sent(result: SippResult, method: str) -> list[Traced]:
    return [m for m in result.messages if m.sent and m.first_line.startswith(method)]


class Pairs(TestCase):
    async def pair(self, calling_as: str, phone: str, **options: Any) -> tuple[SippResult, SippResult]:
        """Run caller and phone; both must end well, with nothing sent twice."""
        called = await Sipp(self, phone, **{k: v for k, v in options.items() if k != "service"}).start()
        remote = f"{called.ip}:{called.port}"
        calling = await Sipp(self, calling_as, remote, **options).run()
        answered = await called.finished()
        for result in (calling, answered):
            self.assertEqual((result.successful, result.failed, result.retransmissions), (1, 0, 0))
        return calling, answered

    async def test_call(self) -> None:
        """A call, its counters and its messages."""
        calling, called = await self.pair("uac", "uas", service="100", caller="alice")
        self.assertEqual(calling.statuses, [180, 200, 200])
        self.assertEqual(requests(called), ["INVITE", "ACK", "BYE"])
        invite = called.messages[0]
        self.assertIn("sip:100@", invite.first_line)
        self.assertIn("<sip:alice@", invite.header("from"))
        self.assertIn("m=audio", invite.body)
        self.assertEqual(calling.counters["SuccessfulCall(C)"], "1")

    async def test_call_over_tcp(self) -> None:
        calling, _ = await self.pair("uac", "uas", transport="tcp")
        self.assertIn("SIP/2.0/TCP", sent(calling, "INVITE")[0].header("Via"))

    async def test_call_over_ipv6(self) -> None:
        ports = [address(self).rtp_first for _ in range(2)]
        phone = await Sipp(self, "uas", ip="::1", port=ports[0]).start()
        calling = await Sipp(self, "uac", f"[::1]:{ports[0]}", ip="::1", port=ports[1]).run()
        self.assertIn("c=IN IP6 ::1", calling.messages[0].body)
        self.assertEqual((await phone.finished()).successful, 1)

    async def test_answered_at_once(self) -> None:
        """uac_greeting is content without ringing and fails with it."""
        calling, _ = await self.pair("uac_greeting", "uas_at_once")
        self.assertEqual(calling.statuses, [200, 200])
        phone = await Sipp(self, "uas").start()
        with self.assertRaises(SippFailed):
            await Sipp(self, "uac_greeting", phone.ip).run()

    async def test_other_side_hangs_up(self) -> None:
        calling, _ = await self.pair("uac_wait_bye", "uas_bye")
        self.assertEqual(requests(calling), ["BYE"])

    async def test_cancel(self) -> None:
        """Both are told: 200 for the CANCEL and 487 for the INVITE."""
        calling, called = await self.pair("uac_cancel", "uas_ring")
        self.assertEqual(sorted(calling.statuses), [180, 200, 487])
        self.assertEqual(requests(called), ["INVITE", "CANCEL", "ACK"])

    async def test_refused(self) -> None:
        """Each way to refuse reaches the caller with its status."""
        for phone, status in (("uas_busy", 486), ("uas_redirect", 302), ("uas_code", 480)):
            calling, _ = await self.pair("uac_refused", phone)
            self.assertEqual(calling.statuses[-1], status)
        calling, _ = await self.pair("uac_refused", "uas_code", keys={"code": "603", "reason": "Decline"})
        self.assertEqual(calling.messages[-2].first_line, "SIP/2.0 603 Decline")

    async def test_redirect_names_the_contact(self) -> None:
        calling, _ = await self.pair(
            "uac_refused", "uas_redirect", keys={"contact": "sip:bob@127.0.0.9:5070"}
        )
        self.assertEqual(calling.messages[-2].header("Contact"), "<sip:bob@127.0.0.9:5070>")

    async def test_reliable_ringing(self) -> None:
        calling, called = await self.pair("uac_prack", "uas_prack")
        self.assertEqual(requests(called), ["INVITE", "PRACK", "ACK", "BYE"])
        self.assertEqual(sent(calling, "PRACK")[0].header("RAck"), "1 1 INVITE")

    async def test_hold_by_the_caller(self) -> None:
        """A re-INVITE is answered with an SDP, whether the phone waits or pauses."""
        calling, called = await self.pair("uac_hold", "uas")
        self.assertEqual(requests(called), ["INVITE", "ACK"] * 3 + ["BYE"])
        self.assertIn("a=sendonly", sent(calling, "INVITE")[1].body)

    async def test_hold_by_the_phone(self) -> None:
        phone = await Sipp(self, "uas_hold", stay=0.1).start()
        calling = await Sipp(self, "uac", phone.ip, stay=0.6).run()
        self.assertEqual(requests(calling), ["INVITE", "ACK"] * 2)
        self.assertEqual((await phone.finished()).successful, 1)

    async def test_update(self) -> None:
        _, called = await self.pair("uac_update", "uas")
        self.assertEqual(requests(called), ["INVITE", "ACK", "UPDATE", "BYE"])

    async def test_register(self) -> None:
        """With the right secret in, with a wrong one out."""
        calling, called = await self.pair("register", "uas_registrar", caller="alice", password="s3cret")
        self.assertEqual(calling.statuses, [401, 200])
        self.assertIn('username="alice"', called.messages[2].header("Authorization"))
        registrar = await Sipp(self, "uas_registrar", user="alice", password="right").start()
        calling = await Sipp(self, "register_refused", registrar.ip, caller="alice", password="wrong").run()
        self.assertEqual(calling.statuses, [401, 403])

    async def test_challenged_caller(self) -> None:
        """Each caller answers a 401 and goes on in the second transaction; a second 401 is a refusal."""
        calling, called = await self.pair("uac", "uas_challenge")
        self.assertEqual(calling.statuses, [401, 180, 200, 200])
        self.assertEqual(requests(called), ["INVITE", "ACK", "INVITE", "ACK", "BYE"])
        self.assertEqual(sent(calling, "INVITE")[1].header("CSeq"), "2 INVITE")
        phone = await Sipp(self, "uas_challenge", user="caller", password="right").start()
        calling = await Sipp(self, "uac_refused", phone.ip, password="wrong").run()
        self.assertEqual(calling.statuses, [401, 401])
        self.assertEqual((await phone.finished()).successful, 1)

    async def test_options(self) -> None:
        await self.pair("options", "uas_options")

    async def test_ten_calls(self) -> None:
        """Many calls at a time, with a row of values for each."""
        phone = await Sipp(self, "uas", calls=10).start()
        calling = await Sipp(self, "uac", phone.ip, calls=10, rate=100, stay=0.3).run()
        called = await phone.finished()
        self.assertEqual((calling.successful, called.successful, called.created), (10, 10, 10))

    async def test_rows(self) -> None:
        phone = await Sipp(self, "uas", calls=2).start()
        own = Path(self.mktemp()).with_suffix(".xml")
        own.write_text((SCENARIOS / "uac.xml").read_text().replace("[caller]", "[field0]"))
        await Sipp(self, own.absolute(), phone.ip, calls=2, inject=[["100"], ["101"]]).run()
        froms = [m.header("From") for m in (await phone.finished()).messages if "INVITE" in m.first_line]
        self.assertEqual([("100@" in text, "101@" in text) for text in froms], [(True, False), (False, True)])

    async def test_media_of_another(self) -> None:
        """The SDP of SIPp can name an RTP endpoint of the test, which then hears the sound."""
        ear, mouth = RtpSink(self).open(), RtpSink(self).open()
        phone = await Sipp(self, "uas", media=(ear.ip, ear.port)).start()
        calling = await Sipp(self, "uac", phone.ip, stay=0.6).start()
        body = (await calling.message(200)).body
        self.assertIn(f"c=IN IP4 {ear.ip}", body)
        self.assertIn(f"m=audio {ear.port} ", body)
        mouth.start_sending(g711_encode(tone(660, 1)), (ear.ip, ear.port))
        await ear.receive(10)
        self.assertLess(abs(dominant_frequency(ear.heard(), 8000) - 660), 5)
        await calling.finished()
        await phone.finished()


class Trouble(TestCase):
    async def test_pinged_phone(self) -> None:
        """OPTIONS is answered, and the call after it is served."""
        phone = await Sipp(self, "uas", calls=None).start()
        server = RawUdp(self).open()
        for number in (b"1", b"2"):
            ping = invitation(server, phone).replace(b"INVITE", b"OPTIONS").replace(b"late@", number + b"@")
            server.send(ping, phone.address)
            await server.receive(b"200 OK")
        calling = await Sipp(self, "uac", phone.ip, stay=0.5).start()
        await calling.message(200)
        result = await phone.dismiss()
        self.assertEqual((result.successful, result.failed), (3, 0))
        self.assertEqual((await calling.finished()).successful, 1)

    async def test_silent_phone(self) -> None:
        """Nothing comes back, not even for the INVITE sent again; then it ends well."""
        phone = await Sipp(self, "uas_silent", stay=1.5).start()
        caller = RawUdp(self).open()
        invite = invitation(caller, phone)
        caller.send(invite, phone.address)
        await phone.message("INVITE")
        caller.send(invite, phone.address)
        result = await phone.finished()
        self.assertEqual((caller.received, result.successful), ([], 1))

    async def test_late_answer(self) -> None:
        """The 200 to the INVITE comes after the CANCEL, and ACK and BYE end the phone's call well."""
        phone = await Sipp(self, "uas_late_200").start()
        caller = RawUdp(self).open()
        invite = invitation(caller, phone)
        caller.send(invite, phone.address)
        ringing = await caller.receive(b"180 Ringing")
        caller.send(invite.replace(b"INVITE", b"CANCEL"), phone.address)
        await caller.receive(lambda data: b" 200 " in data and b"CSeq: 1 CANCEL" in data)
        answer = (await caller.receive(lambda data: b" 200 " in data and b"CSeq: 1 INVITE" in data)).data
        self.assertIn(b"m=audio", answer)
        to = next(line for line in ringing.data.split(b"\r\n") if line.startswith(b"To:"))
        self.assertIn(to, answer)
        for method, cseq in ((b"ACK", b"1"), (b"BYE", b"2")):
            request = invite.replace(b"1 INVITE", cseq + b" " + method).replace(b"INVITE ", method + b" ")
            request = request.replace(b"To: <sip:bob@x>", to).replace(b"z9hG4bKi", b"z9hG4bK" + method)
            caller.send(request, phone.address)
        self.assertEqual((await phone.finished()).successful, 1)

    async def test_hung_up_in_a_change(self) -> None:
        """A BYE that comes before the ACK of a re-INVITE ends the call well."""
        phone = await Sipp(self, "uas").start()
        caller = RawUdp(self).open()
        invite = invitation(caller, phone)
        caller.send(invite, phone.address)
        answer = (await caller.receive(b" 200 ")).data
        to = next(line for line in answer.split(b"\r\n") if line.startswith(b"To:"))
        for method, cseq in ((b"ACK", b"1"), (b"INVITE", b"2"), (b"BYE", b"3")):
            request = invite.replace(b"1 INVITE", cseq + b" " + method).replace(b"INVITE sip:", method + b" sip:")
            request = request.replace(b"To: <sip:bob@x>", to).replace(b"z9hG4bKi", b"z9hG4bK" + method)
            caller.send(request, phone.address)
            if method == b"INVITE":
                await caller.receive(lambda data: b" 200 " in data and b"CSeq: 2 INVITE" in data)
        await caller.receive(lambda data: b" 200 " in data and b"CSeq: 3 BYE" in data)
        self.assertEqual((await phone.finished()).successful, 1)

    async def test_failure_is_explained(self) -> None:
        """A caller who is refused where an answer was due: exit code, messages and SIPp's own words."""
        phone = await Sipp(self, "uas_busy").start()
        with self.assertRaises(SippFailed) as caught:
            await Sipp(self, "uac", phone.ip).run()
        text = str(caught.exception)
        for part in (
            "exit code 1",
            "-> INVITE",
            "<- SIP/2.0 486 Busy Here",
            "received 'SIP/2.0 486 Busy Here",
        ):
            self.assertIn(part, text)

    async def test_nobody_there(self) -> None:
        """The global timeout bounds a run."""
        nobody = RawUdp(self).open()
        calling = await Sipp(self, "uac", nobody.ip, timeout=1).start()
        with self.assertRaises(SippFailed):
            await calling.finished()
        self.assertIn(b"INVITE sip:service@", nobody.received[0].data)

    async def test_message_that_never_comes(self) -> None:
        phone = await Sipp(self, "uas").start()
        with self.assertRaises(AssertionError) as caught:
            await phone.message("INVITE", timeout=0.05)
        self.assertIn("(no messages)", str(caught.exception))


def invitation(caller: RawUdp, phone: Sipp) -> bytes:
    return (
        f"INVITE sip:bob@{phone.ip} SIP/2.0\r\nVia: SIP/2.0/UDP {caller.ip}:5060;branch=z9hG4bKi\r\n"
        f"From: <sip:alice@x>;tag=1\r\nTo: <sip:bob@x>\r\nCall-ID: late@{caller.ip}\r\nCSeq: 1 INVITE\r\n"
        f"Contact: <sip:alice@{caller.ip}>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    ).encode()
