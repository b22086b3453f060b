"""CANCELs that wait for a phone's next connection: only that phone gets them, and not for ever."""

from dataclasses import replace

from magroup.sip.message import parse_message
from magroup.sip.session_form import HopForm
from magroup.switch import late_cancels
from magroup.switch.late_cancels import LASTS, LateCancels
from magroup.switch.talk_form import CancelForm
from tests.takeover.case import Case

PATH = "<sip:n1-0@127.0.0.77:5060;lr>"


def cancel(number: int = 1) -> bytes:
    return (
        b"CANCEL sip:1175@127.0.0.50:41000;transport=tcp SIP/2.0\r\n"
        b"Via: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bK%d\r\n"
        b"From: <sip:1047@x>;tag=1\r\nTo: <sip:1175@x>\r\nCall-ID: c\r\nCSeq: 1 CANCEL\r\nContent-Length: 0\r\n\r\n"
    ) % number


class Late(Case):
    def setUp(self) -> None:
        super().setUp()
        self.late = LateCancels(self.a.switch, self.office.clock)
        (registration,) = self.a.telephony.bindings.contacts("1175")
        self.phone = replace(
            registration, contact="sip:1175@127.0.0.50:42000;transport=tcp", transport="tcp", path=(PATH,),
            received=("127.0.0.50", 42000),
        )  # fmt: skip
        self.came: list[bytes] = []
        self.office.network.open("127.0.0.77", 5060, lambda data, host, port: self.came.append(data))

    @property
    def sent(self) -> list[bytes]:
        """What has come to the other node."""
        self.office.run(0.1)
        return self.came

    def form(self, number: int = 1, line: str = "1175") -> CancelForm:
        return CancelForm(HopForm("tcp", "127.0.0.50", 41000), cancel(number), line)

    def test_its_next_connection(self) -> None:
        """Once, however often it was to be sent, and that of each call."""
        for number in (1, 2, 1, 2):
            self.late.send(self.form(number))
        self.assertEqual((self.sent, len(self.late)), ([], 2))
        self.a.telephony.registrar.take(self.phone, "b", False)
        self.late.registered(self.phone)
        self.late.registered(self.phone)
        self.assertEqual(len(self.sent), 2)
        first = parse_message(self.sent[0])
        self.assertEqual((first.get("Route"), first.via.branch, first.via.transport), (PATH, "z9hG4bK1", "tcp"))
        self.office.run(LASTS)
        self.late.send(self.form(3, "1068"))
        self.assertEqual(len(self.late), 1)

    def test_the_one_that_it_has_made(self) -> None:
        """At once, and again should that one be gone too."""
        self.a.telephony.registrar.take(self.phone, "b", False)
        self.late.send(self.form())
        self.assertEqual((len(self.sent), len(self.late)), (1, 1))

    def test_others(self) -> None:
        """Another phone, user, transport or line, and one that can be reached by no connection."""
        self.late.send(self.form())
        for other in (
            replace(self.phone, received=("127.0.0.51", 42000)), replace(self.phone, contact="sip:x@127.0.0.50"),
            replace(self.phone, transport="tls"), replace(self.phone, number="1068"), replace(self.phone, path=()),
            replace(self.phone, contact="<"),
        ):  # fmt: skip
            self.late.registered(other)
        self.assertEqual((self.sent, len(self.late)), ([], 1))

    def test_other_targets(self) -> None:
        """Whoever wrote them: nobody gets it, and what is no URI is found before."""
        self.form().check()
        for target in (b"tel:1175", b"foo:1175", b"sip:127.0.0.50"):
            message = cancel().replace(b"sip:1175@127.0.0.50:41000;transport=tcp", target)
            form = CancelForm(self.form().hop, message, "1175")
            form.check()
            self.late.send(form)
        self.late.registered(self.phone)
        self.assertEqual(self.sent, [])
        bad = CancelForm(self.form().hop, cancel().replace(b"sip:1175@", b"sip:@@"), "1175")
        self.assertRaises(ValueError, bad.check)

    def test_forgotten(self) -> None:
        """When any phone has stopped by itself; no more than so many are kept."""
        self.late.send(self.form())
        self.office.run(LASTS + 1.0)
        self.a.telephony.registrar.take(self.phone, "b", False)
        self.late.registered(self.phone)
        self.assertEqual((self.sent, len(self.late)), ([], 0))
        self.patch(late_cancels, "MOST", 2)
        for number, line in ((1, "1175"), (2, "1068"), (3, "1175")):
            self.late.send(self.form(number, line))
        self.assertEqual(len(self.late), 2)
