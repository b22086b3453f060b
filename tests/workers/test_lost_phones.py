"""A phone is reached by another worker's connection, and that worker ends: it hears of its call when it is back."""

from dataclasses import replace

from magroup.sip.hop import Hop
from magroup.workers.lost_phones import LostPhones
from tests.takeover.case import Case

INSIDE = "127.77.71.2"


class Lost(Case):
    def setUp(self) -> None:
        super().setUp()
        self.phones = LostPhones(self.a.switch)
        self.one, self.other = self.talk()
        peer = self.a.call.peer
        assert peer is not None
        self.dialog = peer.session.confirmed_dialog
        self.dialog.hop = Hop("udp", INSIDE, 40000)
        self.dialog.routes = [f"<sip:n1-0@{INSIDE}:40000;lr>"]

    def test_back_at_this_worker(self) -> None:
        self.phones.lost(INSIDE)
        self.assertEqual(len(self.phones), 1)
        self.cara.register()
        self.office.run(1.0)
        self.assertEqual((self.dialog.hop.host, len(self.phones)), (INSIDE, 1))
        self.bert.register()
        self.office.run(1.0)
        self.assertEqual((self.dialog.hop.host, self.dialog.routes, len(self.phones)), (self.bert.host, [], 0))
        self.one.hang_up()
        self.office.run(2.5)
        self.assertFalse(self.other.is_up)

    def test_back_at_another_worker(self) -> None:
        """By that one's connection; another phone of the line is another one."""
        self.phones.lost(INSIDE)
        path = "<sip:n2-0@127.77.71.3:50000;lr>"
        (registration,) = self.a.telephony.bindings.contacts("1175")
        for contact in ("sip:other@127.0.0.9", "<", registration.contact):
            self.a.telephony.registrar.take(replace(registration, contact=contact, path=(path,)), "b", False)
        self.assertEqual((self.dialog.hop.host, self.dialog.routes, len(self.phones)), ("127.77.71.3", [path], 0))

    def test_who_was_elsewhere(self) -> None:
        """Other hosts, and calls that are over."""
        self.phones.lost("127.77.71.3")
        self.assertEqual(len(self.phones), 0)
        self.phones.lost(INSIDE)
        self.other.hang_up()
        self.office.run(2.5)
        self.bert.register()
        self.office.run(1.0)
        self.assertEqual(len(self.phones), 0)


class Rung(Case):
    """Anna calls Bert, whose phone was reached by a connection that has just gone: nothing comes to the INVITE."""

    def setUp(self) -> None:
        super().setUp()
        self.phones = LostPhones(self.a.switch)
        (self.registration,) = self.a.telephony.bindings.contacts("1175")
        path = f"<sip:n1-0@{INSIDE}:40000;lr>"
        self.a.telephony.registrar.take(replace(self.registration, path=(path,)), "b", False)
        self.phones.lost(INSIDE)
        self.talk_to_bert = self.anna.dial("1175")
        self.office.run(1.0)
        self.assertEqual(self.bert.calls, [])

    def test_rings_when_it_is_back(self) -> None:
        self.cara.register()
        self.bert.register()
        self.office.run(1.0)
        self.bert.call.ring()
        self.bert.register()
        self.office.run(1.0)
        self.bert.call.answer()
        self.office.run(1.0)
        self.assertTrue(self.talk_to_bert.is_up)
        self.assertEqual(len(self.bert.calls), 1)
        self.bert.call.hang_up()
        self.office.run(2.5)
        self.assertFalse(self.talk_to_bert.is_up)

    def test_another_phone_of_the_line_comes(self) -> None:
        """It is not rung in the place of the one that was."""
        away = replace(self.registration, contact="sip:1175@127.0.0.99", received=("127.0.0.99", 5060))
        self.a.telephony.registrar.take(replace(away, path=(f"<sip:n1-0@{INSIDE}:50000;lr>",)), "b", False)
        self.office.run(1.0)
        self.assertEqual(len(self.a.call.ringing["1175"].legs), 1)
        self.bert.register()
        self.office.run(1.0)
        self.assertEqual(len(self.bert.calls), 1)
        self.talk_to_bert.hang_up()
        self.office.run(2.5)
        self.assertEqual(self.bert.call.log, ["cancelled"])

    def test_given_up_before(self) -> None:
        self.talk_to_bert.hang_up()
        self.office.run(1.0)
        self.bert.register()
        self.office.run(1.0)
        self.assertEqual((self.bert.calls, self.a.calls), ([], []))

    def test_forgotten(self) -> None:
        """With the next worker that ends, when nobody can wait any more."""
        self.assertEqual(list(self.phones._rung), ["1175"])
        self.office.run(41.0)
        self.phones.lost("127.77.71.9")
        self.assertEqual(self.phones._rung, {})
