"""Changes in a call: hold and resume by either side and by both, UPDATE, offers asked for, session timers."""

from pathlib import Path

from tests.live.pbx import (
    REINVITE_WITHOUT_OFFER,
    PbxCase,
    Reports,
    baresip,
    changed,
    hear_each_other,
    in_call,
    linphone,
    talking,
    wav,
)
from tests.live.phones import Desk, baresips, together
from tests.live.server import Live
from tests.peers import Baresip, Sipp, until


class Hold(PbxCase):
    """By real phones."""

    async def pair(self, server: Live) -> tuple[Baresip, Baresip]:
        """Two lines that talk."""
        alice, bob = await baresips(server, "1201", "1202")
        await talking(server, alice, bob)
        return alice, bob

    async def test_by_both_sides(self) -> None:
        """Held by the caller and by the called one: the other hears so, and both are heard again."""
        server = await self.plain()
        reports = Reports(server)
        alice, bob = await self.pair(server)
        for holds, other in ((alice, bob), (bob, alice)):
            await holds.hold()
            self.assertEqual([m.direction() for m in other.sdps()[-2:]], ["sendonly", "recvonly"])
            self.assertEqual(reports.of(holds.name)[-1], "Held")
            await holds.resume()
            self.assertEqual([m.direction() for m in other.sdps()[-2:]], ["sendrecv", "sendrecv"])
            self.assertEqual(reports.of(holds.name)[-1], "Retrieved")
            await hear_each_other(alice, bob)
        await alice.hangup()
        await bob.wait("CALL_CLOSED")

    async def test_both_hold(self) -> None:
        """One holds while the other does; they are heard again when both have resumed, whoever is first."""
        server = await self.plain()
        alice, bob = await self.pair(server)
        for first, second in ((alice, bob), (bob, alice)):
            await alice.hold()
            await bob.hold()
            await first.resume()
            await second.resume()
            await hear_each_other(alice, bob)
        await bob.hangup()
        await alice.wait("CALL_CLOSED")

    async def test_hung_up_while_held(self) -> None:
        server = await self.plain()
        alice, bob = await self.pair(server)
        await alice.hold()
        await bob.hangup()
        await alice.wait("CALL_CLOSED")
        await talking(server, alice, bob)
        await alice.hold()
        await alice.hangup()
        await bob.wait("CALL_CLOSED")

    async def test_linphone(self) -> None:
        """It holds and resumes, and is held and resumed."""
        server = await self.plain()
        lin, bob = await together(linphone(server, "1201"), baresip(server, "1202"))
        call = await lin.dial(server.uri("1202"))
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        await lin.wait("StreamsRunning", call)
        await lin.hold(call)
        self.assertEqual(bob.sdps()[-1].direction(), "recvonly")
        await lin.resume(call)
        lin.mark()
        await bob.hold()
        await lin.wait("PausedByRemote", call)
        await bob.resume()
        await lin.wait("StreamsRunning", call)
        await lin.play(wav(self, 660.0), call)
        await bob.receives(10)
        await lin.hangup(call)
        await bob.wait("CALL_CLOSED")

    async def test_both_at_once(self) -> None:
        """Two re-INVITEs that cross in the server: at least one comes through, a linphone gives its own up at 491."""
        server = await self.plain()
        one, other = await together(linphone(server, "1201"), linphone(server, "1202"))
        here = await one.dial(server.uri("1202"))
        there = await other.incoming()
        await other.answer(there)
        await together(one.wait("StreamsRunning", here), other.wait("StreamsRunning", there))
        await together(one.command(f"call-pause {here}"), other.command(f"call-pause {there}"))

        async def settled() -> bool:
            states = {await one.call_state(here), await other.call_state(there)}
            return "Paused" in states and states <= {"Paused", "PausedByRemote"}

        await until(settled, 12.0, what="on hold", seen=lambda: one.report() + other.report())
        await one.hangup(here)
        await other.wait("Released", there)


class Scripted(PbxCase):
    """By SIPp, where the phones do not do it."""

    async def test_hold(self) -> None:
        """By a caller and by a phone of SIPp."""
        server = await self.plain()
        bob = await baresip(server, "1202", answer="auto")
        caller = await Sipp(self, "uac_hold", server.sip, caller="1201", service="1202", stay=0.3).start()
        await caller.finished()
        directions = [m.direction() for m in bob.sdps() if m in bob.received()]
        self.assertEqual(directions, ["sendrecv", "sendonly", "sendrecv"])
        await Desk(server, "1203", "uas_hold", stay=0.3).start()
        await bob.idle()
        await bob.dial(server.uri("1203"))
        await bob.wait("CALL_ESTABLISHED")
        call = bob.sdps()[-1].header("Call-ID")

        def ways() -> list[str]:
            return [m.direction() for m in bob.sdps(call) if m in bob.received()]

        await until(lambda: ways() == ["sendrecv", "sendonly", "sendrecv"], what="hold and resume")
        await bob.hangup()

    async def test_update(self) -> None:
        """An UPDATE with an offer becomes a re-INVITE to the other end, which knows no UPDATE."""
        server = await self.plain()
        bob = await baresip(server, "1202", answer="auto")
        await Sipp(self, "uac_update", server.sip, caller="1201", service="1202", stay=0.3).run()
        await bob.wait("CALL_CLOSED")
        self.assertEqual([m.first_line.split(" ")[0] for m in bob.received() if not m.status].count("INVITE"), 2)

    async def test_asked_for_an_offer(self) -> None:
        """A re-INVITE without a description brings the other end's offer, and the answer goes back to it."""
        server = await self.plain()
        bob = await baresip(server, "1202", answer="auto")
        script = in_call(self, REINVITE_WITHOUT_OFFER)
        caller = await Sipp(self, script, server.sip, caller="1201", service="1202", stay=0.5).start()
        await bob.wait("CALL_ESTABLISHED")
        await caller.finished()
        invites = [m for m in caller.messages() if m.status == 200 and m.method == "INVITE"]
        self.assertEqual([m.media() for m in invites], [bob.sdps()[1].media()] * 2)

    def timed(self, name: str, interval: str) -> Path:
        """A caller's script that asks for this session interval (RFC 4028)."""
        old = "      User-Agent: SIPp\n      Allow:"
        return changed(self, name, old, f"      Supported: timer\n      Session-Expires: {interval}\n{old}")

    async def test_session_is_refreshed(self) -> None:
        """A caller that leaves the refreshing to the server gets UPDATEs at half time."""
        server = await self.plain(sip={"min_se": 1, "session_expires": 60})
        await baresip(server, "1202", answer="auto")
        script = self.timed("uac", "2;refresher=uas")
        caller = await Sipp(self, script, server.sip, caller="1201", service="1202", stay=2.6).start()
        await caller.message("UPDATE", count=2)
        await caller.finished()

    async def test_caller_that_is_gone(self) -> None:
        """One that promised to refresh and does not is hung up, and so is the other end."""
        server = await self.plain(sip={"min_se": 1, "session_expires": 60})
        bob = await baresip(server, "1202", answer="auto")
        script = self.timed("uac_wait_bye", "2;refresher=uac")
        caller = await Sipp(self, script, server.sip, caller="1201", service="1202").start()
        await bob.wait("CALL_ESTABLISHED")
        await bob.wait("CALL_CLOSED")
        self.assertIn("Session expired", (await caller.message("BYE")).header("Reason"))
        await caller.finished()

    async def test_too_short_a_session(self) -> None:
        """422 tells the shortest one."""
        server = await self.plain()
        script = self.timed("uac_refused", "30")
        result = await Sipp(self, script, server.sip, caller="1201", service="1202").run()
        self.assertEqual(result.statuses, [407, 422])
        self.assertEqual([m.header("Min-SE") for m in result.messages if m.status == 422], ["90"])
