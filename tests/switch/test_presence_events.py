"""Presence of users, watched and published by phones."""

from lxml import etree

from magroup.model.presence import Presence, PresenceState
from magroup.switch.pidf import Published, read_pidf, write_pidf
from tests.switch.bench import company
from tests.switch.watching import Watch, WatchTest

OPEN = write_pidf("sip:1047@magroup", Presence.AVAILABLE, "")


def said(watch: Watch) -> list[Published]:
    return [read_pidf(notify.body) for notify in watch.told if notify.body]


class Watched(WatchTest):
    configuration = company()

    def test_told(self) -> None:
        watch = self.watch(self.bench.phone("1068"), "presence", "1047", Accept="application/pidf+xml")
        self.bench.book.set("user1047", 1, "Lunch", "test")
        self.bench.run(1)
        self.bench.book.set("user1047", 3)
        self.bench.book.set("user1047", 4, "No")
        self.bench.run(6)
        self.assertEqual(said(watch), [Published(Presence.AVAILABLE), Published(Presence.DND, "No")])
        self.assertEqual(watch.last.get("Content-Type"), "application/pidf+xml")
        self.assertEqual(etree.fromstring(watch.last.body).get("entity"), "sip:1047@127.0.0.1")

    def test_at_once_after_a_pause(self) -> None:
        watch = self.watch(self.bench.phone("1068"), "presence", "1047")
        self.bench.run(6)
        self.bench.book.set("user1047", 1)
        self.bench.run(0.1)
        self.assertEqual(said(watch)[-1], Published(Presence.AWAY))

    def test_nobody(self) -> None:
        self.assertEqual(self.watch(self.bench.phone("1068"), "presence", "4711").status, 404)


class Publishing(WatchTest):
    configuration = company()

    def now(self) -> PresenceState:
        return self.bench.book.get("user1047")

    def test_life(self) -> None:
        phone = self.bench.phone("1047")
        first = self.publish(phone, OPEN)
        self.assertEqual((first.status, len(self.bench.book)), (200, 0))
        busy = self.publish(phone, write_pidf("sip:1047@magroup", Presence.BUSY, "Meeting"), first.get("SIP-ETag"))
        self.assertEqual((busy.status, busy.get("Expires")), (200, "600"))
        self.assertEqual((self.now().value, self.now().message, self.now().changed_by), (3, "Meeting", "line 1047"))
        again = self.publish(phone, b"", busy.get("SIP-ETag"))
        self.assertEqual(self.publish(phone, b"", busy.get("SIP-ETag")).status, 412)
        back = self.publish(phone, OPEN, again.get("SIP-ETag"))
        self.assertEqual(self.now().value, 0)
        self.assertEqual(self.publish(phone, b"", back.get("SIP-ETag"), 0).status, 200)

    def test_expired(self) -> None:
        phone = self.bench.phone("1047")
        self.bench.book.set("user1047", 1, "Lunch", "user1047")
        self.publish(phone, write_pidf("sip:1047@magroup", Presence.DND, ""), expires=60)
        self.assertEqual(self.now().value, 4)
        self.bench.run(61)
        self.assertEqual((self.now().value, self.now().message, self.now().changed_by), (1, "Lunch", "user1047"))

    def test_refused(self) -> None:
        phone = self.bench.phone("1047")
        self.assertEqual(self.publish(phone, OPEN, number="1175").status, 403)
        self.assertEqual(self.publish(phone, b"<presence/>").status, 400)
        self.assertEqual(self.publish(phone, OPEN, "unknown").status, 412)
        self.assertEqual(len(self.bench.telephony.publications), 0)

    def test_another_secret(self) -> None:
        phone = self.bench.phone("1047")
        self.publish(phone, write_pidf("sip:1047@magroup", Presence.DND, ""))
        self.bench.configure(company(("1175", "1068", "1118")))
        self.assertEqual(len(self.bench.telephony.publications), 0)
