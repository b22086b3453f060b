"""Presence by phone: published, watched, taken up by the group flow at once, and Unavailable by itself (spec 2)."""

from magroup.model.presence import Presence
from magroup.switch.pidf import read_pidf, write_pidf
from tests.live.case import FIRST, LiveCase
from tests.live.pbx import linphone
from tests.live.phones import Caller, Desk, baresips, desks, finished
from tests.live.server import Live, company
from tests.live.watcher import Watcher
from tests.peers import until

WAITING = f'manager_timeout = 30\nassistant_timeout = 30\nannouncements = ["{FIRST}"]\n'


def pidf(presence: Presence, message: str = "") -> bytes:
    return write_pidf("sip:somebody@magroup", presence, message)


def value(server: Live, number: str) -> int:
    return server.assembly.application.presence.get(f"u{number}").value


class Publishing(LiveCase):
    async def test_linphone(self) -> None:
        """It says that it is there when it has registered, which changes nothing that a person has set, and takes it
        back when it ends.
        """
        server = await self.serve(company())
        server.presence("1047", Presence.AWAY)
        phone = await linphone(server, "1047", publish=True)
        publications = server.assembly.telephony.publications
        await until(lambda: len(publications) == 1, 15.0, what="a publication", seen=phone.report)
        self.assertEqual(value(server, "1047"), Presence.AWAY)
        published = [m for m in phone.sent() if m.method == "PUBLISH" and not m.status]
        body = published[-1].text.partition("\n\n")[2].strip().encode()
        self.assertEqual(read_pidf(body).presence, Presence.AVAILABLE)
        await phone.stop()
        await until(lambda: not len(publications), 5.0, what="no publication", seen=phone.report)
        self.assertEqual(value(server, "1047"), Presence.AWAY)

    async def test_watched_by_another(self) -> None:
        """What one phone says is shown on the other, until it takes it back."""
        server = await self.serve(company())
        await baresips(server, "1047")
        boss, assistant = Watcher(server, "1047"), Watcher(server, "1175")
        await assistant.subscribe("presence", "1047")
        await assistant.hears(b"<basic>open</basic>")
        answer = await boss.publish(pidf(Presence.BUSY, "Besprechung für Müller"))
        self.assertEqual(answer.status, 200)
        notify = await assistant.hears(b"rpid:busy", timeout=15.0)
        self.assertEqual(read_pidf(notify.body).message, "Besprechung für Müller")
        state = server.assembly.application.presence.get("u1047")
        self.assertEqual((state.value, state.changed_by), (Presence.BUSY, "line 1047"))
        self.assertEqual((await boss.publish(b"", answer.get("SIP-ETag"), 0)).status, 200)
        self.assertEqual(value(server, "1047"), Presence.AVAILABLE)
        await assistant.subscribe("presence", "1047", 0)
        await server.quiet()

    async def test_a_call_that_waits_goes_on(self) -> None:
        """Nobody is available; the assistant who ends DND on the phone rings at once."""
        server = await self.serve(company(WAITING, people=("1047", "1175")))
        manager, assistant = await desks(Desk(server, "1047", "uas"), Desk(server, "1175", "uas", ring=0.3))
        server.presence("1047", Presence.AWAY)
        phone = Watcher(server, "1175")
        answer = await phone.publish(pidf(Presence.DND))
        caller = await Caller(server, "uac", stay=1.0).call()
        await caller.sink.receive(5)
        await phone.publish(pidf(Presence.AVAILABLE), answer.get("SIP-ETag"))
        await assistant.invited()
        await caller.finished()
        await finished(assistant)
        self.assertEqual(manager.requests(), [])
        await self.over(server, "manager Away; S1175 Do Not Disturb; nobody available, waiting; answered by S1175")

    async def test_survives_a_restart(self) -> None:
        """What was set on the phone stays; the phone that refreshes is told to publish anew, and takes it back then."""
        server = await self.serve(company())
        await desks(Desk(server, "1047", "uas"))
        phone = Watcher(server, "1047")
        tag = (await phone.publish(pidf(Presence.DND))).get("SIP-ETag")
        await server.stop()
        await server.start(take_company=False)
        self.assertEqual(value(server, "1047"), Presence.DND)
        self.assertEqual((await phone.publish(pidf(Presence.DND), tag)).status, 412)
        tag = (await phone.publish(pidf(Presence.DND))).get("SIP-ETag")
        await phone.publish(b"", tag, 0)
        self.assertEqual(value(server, "1047"), Presence.AVAILABLE)

    async def test_refused(self) -> None:
        """Rubbish, and what others are to say of themselves, changes nothing."""
        server = await self.serve(company())
        phone = Watcher(server, "1175")
        for body, status in ((b"rubbish", 400), (b'<!DOCTYPE p [<!ENTITY x SYSTEM "/etc/passwd">]><p>&x;</p>', 400),
                             (b"x" * 20000, 413), (b"", 400)):  # fmt: skip
            self.assertEqual((await phone.publish(body)).status, status)
        headers = {"Event": "presence", "Content-Type": "application/pidf+xml"}
        answer = await phone.ask("PUBLISH", "1047", headers, pidf(Presence.DND))
        self.assertEqual((answer.status, len(server.assembly.telephony.publications)), (403, 0))


class WithoutPhone(LiveCase):
    async def test_last_phone_and_first(self) -> None:
        """Unavailable without a phone, also after a restart; what was set comes back with the first phone."""
        server = await self.serve(company())
        self.assertEqual(value(server, "1047"), Presence.UNAVAILABLE)
        (phone,) = await baresips(server, "1047")
        server.presence("1047", Presence.AWAY)
        self.assertEqual(value(server, "1047"), Presence.AWAY)
        watcher = Watcher(server, "1175")
        await watcher.subscribe("presence", "1047")
        await watcher.hears(b"rpid:away")
        await phone.stop()
        await until(lambda: value(server, "1047") == Presence.UNAVAILABLE, what="Unavailable")
        await watcher.hears(b"<basic>closed</basic>", timeout=15.0)
        await server.stop()
        await server.start(take_company=False)
        self.assertEqual(value(server, "1047"), Presence.UNAVAILABLE)
        await baresips(server, "1047")
        self.assertEqual(value(server, "1047"), Presence.AWAY)

    async def test_registrations_of_before_a_restart_count(self) -> None:
        server = await self.serve(company())
        await desks(Desk(server, "1047", "uas"))
        await server.stop()
        await server.start(take_company=False)
        self.assertEqual((value(server, "1047"), value(server, "1175")), (Presence.AVAILABLE, Presence.UNAVAILABLE))
