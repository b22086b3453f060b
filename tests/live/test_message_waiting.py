"""The lamp for messages on real phones: watched by baresip, unasked for linphone, refused by others (RFC 3842)."""

from magroup.model.messages import NO_MESSAGES, MessagesWaiting
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.sip.server_transaction import ServerTransaction
from tests.live.pbx import PbxCase, linphone
from tests.live.phones import Desk, baresips, desks
from tests.live.server import SECRET, Live, company
from tests.live.tls import with_tls
from tests.peers import Linphone, until


class Mailboxes:
    """How many messages wait, as the test says."""

    def __init__(self, server: Live) -> None:
        self.server = server
        self.waiting: dict[str, MessagesWaiting] = {}
        self.open()

    def open(self) -> None:
        self.server.assembly.events.message_waiting.waiting = lambda number: self.waiting.get(number, NO_MESSAGES)

    def wait(self, number: str, new: int, old: int = 0) -> None:
        self.waiting[number] = MessagesWaiting(new, old)
        self.server.assembly.events.message_waiting.changed(number)


def register_slowly(server: Live) -> None:
    """Let REGISTER take its time: a baresip that is registered within a millisecond subscribes for ever."""
    telephony = server.assembly.telephony
    register = telephony.endpoint.methods["REGISTER"]

    def later(transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        def now() -> None:
            try:
                register(transaction, request, hop)
            except SipError as error:
                transaction.reject(error.status, error.reason, error.headers)

        telephony.timers.after(0.05, now)

    telephony.endpoint.methods["REGISTER"] = later


class Lamps(PbxCase):
    async def test_baresip_watches(self) -> None:
        """It subscribes by itself when it has registered, shows what waits, and unsubscribes when it ends."""
        server = await self.plain()
        mailboxes = Mailboxes(server)
        register_slowly(server)
        (phone,) = await baresips(server, "1201", mwi=True)
        notifier = server.assembly.telephony.notifier
        await until(lambda: len(notifier) == 1, 15.0, what="a subscription", seen=phone.report)
        mailboxes.wait("1201", 2, 1)
        event = await phone.wait("MWI_NOTIFY", timeout=10.0)
        while "Voice-Message: 2/1" not in event["param"]:
            event = await phone.wait("MWI_NOTIFY", timeout=10.0)
        self.assertIn("Messages-Waiting: yes", event["param"])
        mailboxes.wait("1201", 0, 3)
        event = await phone.wait("MWI_NOTIFY", timeout=10.0)
        self.assertIn("Messages-Waiting: no", event["param"])
        await phone.stop()
        await server.quiet(10.0)
        self.assertEqual(len(notifier), 0)

    async def test_over_tls(self) -> None:
        """A phone that has registered over TLS is told over its own connection; what it publishes comes over it too."""
        server = Live(self, company(), sip={"options_ping_interval": 0})
        authority = with_tls(server)
        await server.start()
        phone = Linphone(
            self, "1201", registrar=f"{server.address}:5061", secret=SECRET, transport="tls", publish=True,
            authority=authority.path,
        )  # fmt: skip
        await phone.start()
        await phone.registered()
        telephony = server.assembly.telephony
        await until(lambda: len(telephony.publications) == 1, 15.0, what="a publication", seen=phone.report)
        Mailboxes(server).wait("1201", 4)
        await until(
            lambda: any("Voice-Message: 4/0" in message.text for message in phone.received()), 10.0,
            what="a NOTIFY", seen=phone.report,
        )  # fmt: skip
        self.assertEqual(telephony.transports.counters.connected, 0)
        await server.quiet()

    async def test_unasked(self) -> None:
        """linphone takes it; it hears of messages that wait when it registers, and of each change."""
        server = await self.plain()
        mailboxes = Mailboxes(server)
        mailboxes.waiting["1201"] = MessagesWaiting(1)
        phone = await linphone(server, "1201")

        def told() -> list[str]:
            return [line for message in phone.received() if message.method == "NOTIFY"
                    for line in message.text.splitlines() if line.startswith("Voice-Message")]  # fmt: skip

        await until(lambda: told() == ["Voice-Message: 1/0 (0/0)"], 10.0, what="a NOTIFY", seen=phone.report)
        mailboxes.wait("1201", 0, 1)
        await until(lambda: told()[1:] == ["Voice-Message: 0/1 (0/0)"], 10.0, what="another", seen=phone.report)
        await until(lambda: len([m for m in phone.sent() if m.status == 200]) >= 2, what="200s", seen=phone.report)

    async def test_refused(self) -> None:
        """baresip answers 481 to what it has not subscribed to: it is not asked again, until it registers anew."""
        server = await self.plain()
        mailboxes = Mailboxes(server)
        (phone,) = await baresips(server, "1201")
        mailboxes.wait("1201", 1)
        waiting = server.assembly.events.message_waiting
        await until(lambda: any(one.is_deaf for one in waiting._unasked.values()), what="481", seen=phone.report)
        mailboxes.wait("1201", 2)
        await phone.stop()
        self.assertEqual(len([m for m in phone.received() if m.method == "NOTIFY" and not m.status]), 1)
        await until(lambda: not waiting._unasked, what="nothing remembered")

    async def test_restart(self) -> None:
        """A phone that was registered before the restart hears of a message without having registered anew."""
        server = await self.plain()
        phone = await linphone(server, "1201")
        await server.stop()
        await server.start(take_company=False)
        Mailboxes(server).wait("1201", 1)
        await until(
            lambda: any("Voice-Message: 1/0" in message.text for message in phone.received()), 10.0,
            what="a NOTIFY", seen=phone.report,
        )  # fmt: skip

    async def test_phone_that_does_not_answer(self) -> None:
        """It costs nothing but the attempt."""
        server = await self.plain(sip={"t1": 0.05})
        (desk,) = await desks(Desk(server, "1201", "uas_silent", stay=0.5))
        Mailboxes(server).wait("1201", 1)
        waiting = server.assembly.events.message_waiting
        (unasked,) = waiting._unasked.values()
        await until(lambda: not unasked.is_sending, 10.0, what="giving up", seen=desk.sipp.report)
        self.assertIsNone(unasked.told)
