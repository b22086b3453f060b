"""Application forwarding of a manager on real phones: to each kind of target, and who follows (spec 1.2 step 4)."""

from dataclasses import replace

from magroup.model.forwarding import NO_FORWARDING, Forwarding, ForwardTo
from tests.live.case import LiveCase
from tests.live.pbx import trunk
from tests.live.phones import Caller, Desk, baresips, desks, finished, together
from tests.live.server import Live, company, group
from tests.peers import Sipp, SipText, address, audio

TIMES = "manager_timeout = 1\nassistant_timeout = 30\n"
LONG = "manager_timeout = 30\nassistant_timeout = 30\n"
MASKED = 'caller_name = "%managerShortName%: %callerName%"\ncaller_number = "%callerNumber%"\n'
MOBILE, BOX, PILOT = "0791234567", "81047", "0315550000"
USERS = {"1047": f'mobile = "079 123 45 67"\nvoicemail = "{BOX}"\n'}
TO_GROUP, TO_MOBILE, TO_VOICEMAIL = (Forwarding(to) for to in (ForwardTo.GROUP, ForwardTo.MOBILE, ForwardTo.VOICEMAIL))


def numbers(message: SipText, header: str) -> list[str]:
    """The users of the SIP URIs in the values of a header."""
    lines = [line for line in message.text.splitlines() if line.lower().startswith(header.lower() + ":")]
    return [part.partition("@")[0] for line in lines for part in line.split("sip:")[1:]]


class Inside(LiveCase):
    """Targets whose phones are here."""

    async def company(self, options: str = LONG) -> Live:
        return await self.serve(company(options, others=("1201", "1202")))

    async def test_to_the_group(self) -> None:
        """The first assistant rings at once; the manager's phone stays silent."""
        server = await self.company()
        server.forward_calls_of("1047", TO_GROUP)
        manager, assistant, caller = await baresips(server, "1047", "1175", "1201")
        await caller.dial(server.uri("8973"))
        await assistant.wait("CALL_INCOMING")
        await assistant.answer()
        await together(assistant.wait("CALL_ESTABLISHED"), caller.wait("CALL_ESTABLISHED"))
        await together(assistant.receives(10), caller.receives(10))
        self.assertEqual(await manager.calls(), [])
        await assistant.hangup()
        await caller.idle()
        await self.over(server, "manager forwards to the group; answered by S1175")

    async def test_to_a_number(self) -> None:
        """Diverted from the manager number, shown through the group's masks; speech with whoever has that number."""
        server = await self.company(f"{LONG}{MASKED}")
        server.forward_calls_of("1047", Forwarding(ForwardTo.NUMBER, "12-02"))
        manager, target, caller = await baresips(server, "1047", "1202", "1201", tone=880.0)
        await caller.dial(server.uri("8973"))
        self.assertEqual((await target.wait("CALL_INCOMING"))["peerdisplayname"], "S1047: First1201 Last")
        await target.answer()
        await caller.wait("CALL_ESTABLISHED")
        await together(target.hears(880.0), caller.hears(880.0))
        (invite,) = [m for m in target.received() if m.method == "INVITE" and not m.status]
        self.assertEqual(numbers(invite, "Diversion"), ["8973"])
        self.assertEqual(await manager.calls(), [])
        await caller.hangup()
        await target.idle()
        await self.over(server, "manager forwards to 12-02; answered by 12-02")

    async def test_to_a_member(self) -> None:
        """The second assistant in the place of the manager, also when not available."""
        server = await self.company()
        server.forward_calls_of("1047", Forwarding(ForwardTo.MEMBER, member_id=server.member("1068").id))
        manager, first, second = await desks(
            Desk(server, "1047", "uas"), Desk(server, "1175", "uas"), Desk(server, "1068", "uas", ring=0.1)
        )  # fmt: skip
        caller = await Caller(server, "uac").call()
        await caller.finished()
        await finished(second)
        self.assertEqual((manager.requests(), first.requests()), ([], []))
        await self.over(server, "manager forwards to S1068; answered by S1068")

    async def test_to_a_member_of_another_group(self) -> None:
        more = group("Second", "8974", LONG, ("1202",))
        server = await self.serve(company(LONG, others=("1201", "1202"), more=more))
        server.forward_calls_of("1047", Forwarding(ForwardTo.MEMBER, member_id=server.member("1202", 2).id))
        (other,) = await desks(Desk(server, "1202", "uas", ring=0.1))
        caller = await Caller(server, "uac").call()
        await caller.finished()
        await finished(other)
        await self.over(server, "manager forwards to S1202; answered by S1202")

    async def test_target_does_not_answer(self) -> None:
        """A number and a member: after the manager's timeout the assistants, but not again the one who rang."""
        for forwarding, people, rings, told in (
            (Forwarding(ForwardTo.NUMBER, "1202"), ("1047", "1068"), "1202", "manager forwards to 1202; 1202 rang"),
            (
                Forwarding(ForwardTo.MEMBER, member_id=2), ("1047", "1175", "1068"), "1175",
                "manager forwards to S1175; S1175 rang",
            ),
        ):  # fmt: skip
            server = await self.serve(company(TIMES, people=people, others=("1201", "1202")))
            server.forward_calls_of("1047", forwarding)
            target, assistant = await desks(
                Desk(server, rings, "uas_ring"), Desk(server, "1068", "uas", ring=0.1)
            )  # fmt: skip
            caller = await Caller(server, "uac").call()
            await caller.finished()
            await finished(target, assistant)
            self.assertEqual(target.requests(), ["INVITE", "CANCEL", "ACK"])
            await self.over(server, f"{told}; answered by S1068")
            await server.stop()

    async def test_target_busy(self) -> None:
        """Left at once, whatever the timeout."""
        server = await self.company()
        server.forward_calls_of("1047", Forwarding(ForwardTo.NUMBER, "1202"))
        target, assistant = await desks(Desk(server, "1202", "uas_busy"), Desk(server, "1175", "uas", ring=0.1))
        caller = await Caller(server, "uac").call()
        await caller.finished()
        await finished(target, assistant)
        await self.over(server, "manager forwards to 1202; 1202 busy; answered by S1175")

    async def test_taken_back_in_mid_call(self) -> None:
        """The target rings until its time is over; the manager is not rung in that round, but for the next call."""
        server = await self.company(f'{TIMES}overflow = "busy"\n')
        server.forward_calls_of("1047", Forwarding(ForwardTo.NUMBER, "1202"))
        target, manager = await desks(Desk(server, "1202", "uas_ring"), Desk(server, "1047", "uas", ring=0.1))
        caller = await Caller(server, "uac_refused").call()
        await target.invited()
        server.forward_calls_of("1047", NO_FORWARDING)
        self.assertEqual((await caller.finished()).statuses[-1], 486)
        await finished(target)
        self.assertEqual(manager.requests(), [])
        await (await Caller(server, "uac").call()).finished()
        await finished(manager)
        await server.quiet()
        self.assertEqual((await server.stories())[1], "answered by S1047")


class Outside(LiveCase):
    """Targets behind a trunk, which is SIPp: it sees who calls and by which way."""

    async def behind(self, scenario: str, options: str = LONG, **given: object) -> tuple[Live, Sipp]:
        """A server and what answers at its trunk."""
        pbx = str(address(self))
        gateway = await Sipp(self, scenario, ip=pbx, **{"timeout": 60.0, **given}).start()  # type: ignore[arg-type]
        more = trunk(pbx, "default = true")
        return await self.serve(company(f"{options}{MASKED}", users=USERS, more=more)), gateway

    async def test_to_the_mobile(self) -> None:
        """The caller as received, for it is the manager who is called; media goes to the trunk."""
        server, gateway = await self.behind("uas", ring=0.3)
        server.forward_calls_of("1047", TO_MOBILE)
        caller = await Caller(server, "uac", stay=0.3).call()
        invite = await gateway.message("INVITE")
        self.assertTrue(invite.first_line.startswith(f"INVITE sip:{MOBILE}@"), invite.first_line)
        self.assertTrue(invite.header("P-Asserted-Identity").startswith('"First1201 Last" <sip:1201@'))
        self.assertEqual(numbers(invite, "Diversion"), ["8973"])
        self.assertEqual(numbers(invite, "History-Info"), ["8973", MOBILE])
        await caller.finished()
        await gateway.finished()
        call = await self.over(server, "manager forwards to mobile; answered by S1047")
        leg = call.legs[-1]
        self.assertEqual((leg.number, leg.member_id, leg.group_id), (MOBILE, server.member("1047").id, 1))

    async def test_mobile_does_not_answer(self) -> None:
        """The assistants follow; the network's own voicemail does not get the call."""
        server, gateway = await self.behind("uas_ring", TIMES)
        server.forward_calls_of("1047", TO_MOBILE)
        (assistant,) = await desks(Desk(server, "1175", "uas", ring=0.1))
        caller = await Caller(server, "uac").call()
        await caller.finished()
        await finished(assistant)
        await gateway.finished()
        await self.over(server, "manager forwards to mobile; S1047 rang; answered by S1175")

    async def test_mobile_not_reached(self) -> None:
        """The network refuses: the assistants at once."""
        server, gateway = await self.behind("uas_code", keys={"code": "480", "reason": "Temporarily Unavailable"})
        server.forward_calls_of("1047", TO_MOBILE)
        (assistant,) = await desks(Desk(server, "1175", "uas", ring=0.1))
        caller = await Caller(server, "uac").call()
        await caller.finished()
        await finished(assistant)
        await gateway.finished()
        await self.over(server, "manager forwards to mobile; S1047 not reached; answered by S1175")

    async def test_to_voicemail(self) -> None:
        """A mailbox outside that is called at its own number: whose calls they were is in the headers."""
        server, gateway = await self.behind("uas")
        server.forward_calls_of("1047", TO_VOICEMAIL)
        await self.left(server, gateway, BOX, ["8973"])

    async def test_to_voicemail_by_its_pilot(self) -> None:
        """One number for all mailboxes: the mailbox is the last that the call was diverted from."""
        server, gateway = await self.behind("uas")
        application = server.assembly.application
        application.settings = replace(application.settings, voicemail=PILOT)
        server.forward_calls_of("1047", TO_VOICEMAIL)
        await self.left(server, gateway, PILOT, ["8973", BOX])

    async def left(self, server: Live, gateway: Sipp, number: str, way: list[str]) -> None:
        """A caller comes to voicemail at ``number`` by ``way``."""
        caller = await Caller(server, "uac", stay=0.3).call()
        invite = await gateway.message("INVITE")
        self.assertTrue(invite.first_line.startswith(f"INVITE sip:{number}@"), invite.first_line)
        self.assertEqual(numbers(invite, "Diversion"), way[::-1])
        self.assertEqual(numbers(invite, "History-Info"), [*way, number])
        await caller.finished()
        await gateway.finished()
        await self.over(server, "manager forwards to voicemail; answered by voicemail of S1047")

    async def test_overflow_to_voicemail(self) -> None:
        """Of another box than the manager's, over the pilot; the box is the last that the call was diverted from."""
        server, gateway = await self.behind("uas", f'{TIMES}welcome = "Hello.wav"\noverflow = "voicemail:{BOX}"\n')
        application = server.assembly.application
        application.settings = replace(application.settings, voicemail=PILOT)
        caller = await Caller(server, "uac", stay=3.0).call()
        invite = await gateway.message("INVITE")
        self.assertTrue(invite.first_line.startswith(f"INVITE sip:{PILOT}@"), invite.first_line)
        self.assertEqual(numbers(invite, "Diversion"), [BOX, "8973"])
        self.assertEqual(numbers(invite, "History-Info"), ["8973", BOX, PILOT])
        self.assertTrue(invite.header("From").startswith('"S1047: First1201 Last"'), invite.header("From"))
        await caller.finished()
        await gateway.finished()
        start, score = audio.correlate(caller.sink.heard(), 8000, self.spoken(server, "Hello.wav"), 8000)
        self.assertGreater(score, 0.98)
        self.assertEqual(start, 0.0)
        call = await self.over(
            server,
            "greeting; manager's line out of service; S1175's line out of service; S1068's line out of service;"
            f" overflow to voicemail of {BOX}",
        )
        self.assertEqual(call.overflow, f"voicemail:{BOX}")
