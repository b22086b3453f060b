"""How a phone is reached, and under which URL it reaches us."""

from functools import partial
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.configuration import Configuration
from magroup.model.lines import Line, Phone, Registration
from magroup.web.phone.models import model_of
from magroup.web.phone.push.answer import Answer, Outcome
from magroup.web.phone.push.by_sip import BySip, read_status
from magroup.web.phone.push.sites import Sites
from magroup.web.phone.push.ways import Ways

MAC = "001122334455"
URN = f"<urn:uuid:00000000-0000-0000-0000-{MAC}>"


def registration(host: str = "192.0.2.7", instance: str = "", expires: float = 100.0, agent: str = "Cisco-CP8861/1",
                 path: tuple[str, ...] = ()) -> Registration:  # fmt: skip
    return Registration("1047", f"sip:1047@{host}", "c", 1, expires, "tcp", (host, 5060), agent, instance, path=path)


class Remote:
    """Phones over SIP; ``heard`` answers."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, bytes, int]] = []
        self.heard: Any = None

    def knows(self, registration: Registration) -> bool:
        return registration.user_agent.startswith("Cisco-CP8861/")

    def show(self, registration: Registration, thing: bytes, priority: int, heard: Any) -> None:
        self.shown.append((registration.contact, thing, priority))
        self.heard = heard


class WaysTest(SynchronousTestCase):
    def setUp(self) -> None:
        self.registrations: list[Registration] = []
        self.chosen = "auto"
        self.clock = Clock()
        self.remote = Remote()

    def way(self, **phone: Any) -> str:
        """``sip``, or the URL that is pushed to, "" for none."""
        found = Phone(f"SEP{MAC}", lines=("1047",), **phone)
        configuration = Configuration(lines=(Line("1047"),), phones=(found,))
        ways = Ways(
            lambda: configuration, lambda number: self.registrations, self.post, BySip(self.remote, self.clock),  # type: ignore[arg-type]
            lambda: self.chosen,
        )  # fmt: skip
        self.assertIsNone(ways("sep000000000000"))
        way = ways(found.device_name.casefold())
        if way is None:
            return ""
        if isinstance(way, partial):
            self.assertIs(way.args[0], found)
            return str(way.args[1].authority)
        return "sip"

    async def post(self, *arguments: Any) -> Answer:
        raise AssertionError("not called")

    def test_address(self) -> None:
        """Only addresses that somebody of ours has said, or a registration has shown."""
        self.assertEqual(self.way(), "")
        self.assertEqual(self.way(address="192.0.2.9"), "192.0.2.9")
        self.assertEqual(self.way(address="phone.example.com"), "")
        self.registrations = [registration(agent="SIPp")]
        self.assertEqual(self.way(), "192.0.2.7")
        self.assertEqual(self.way(address="192.0.2.9:81"), "192.0.2.9:81")
        self.registrations = [registration(agent="SIPp", path=("<sip:proxy;lr>",))]
        self.assertEqual(self.way(), "")

    def test_sip_where_nothing_is_set(self) -> None:
        self.registrations = [registration()]
        self.assertEqual(self.way(), "sip")
        self.assertEqual(self.way(push_user="cti"), "192.0.2.7")
        self.assertEqual(self.way(address="192.0.2.9"), "192.0.2.9")

    def test_chosen(self) -> None:
        self.registrations = [registration()]
        for chosen, way in {"off": "", "sip": "sip", "http": "192.0.2.9"}.items():
            self.chosen = chosen
            self.assertEqual(self.way(address="192.0.2.9"), way)
        self.chosen = "sip"
        self.registrations = [registration(agent="Cisco-CP-8861-3PCC/11")]
        self.assertEqual(self.way(), "")

    def test_whose_registration(self) -> None:
        """The one with the hardware address of the device's name; that of another device never."""
        other = registration("192.0.2.8", URN.replace(MAC, "665544332211"), 500.0, "SIPp")
        unknown = registration("192.0.2.6", "", 400.0, "SIPp")
        own = registration("192.0.2.7", URN, 100.0, "SIPp")
        self.registrations = [other]
        self.assertEqual(self.way(), "")
        self.registrations = [other, unknown]
        self.assertEqual(self.way(), "192.0.2.6")
        self.registrations = [other, unknown, own]
        self.assertEqual(self.way(), "192.0.2.7")

    def test_by_sip(self) -> None:
        send = BySip(self.remote, self.clock)(registration())
        assert send is not None
        answers: list[Answer] = []
        for status in (202, 603, 408, 403):
            Deferred.fromCoroutine(send(b"<a/>")).addCallback(answers.append)  # type: ignore[arg-type]
            self.remote.heard(status)
        outcomes = [Outcome.DONE, Outcome.FAILED, Outcome.SILENT, Outcome.REFUSED]
        self.assertEqual([one.outcome for one in answers], outcomes)
        self.assertEqual([read_status(status).outcome for status in (202, 603, 408, 403)], outcomes)
        self.assertEqual(self.remote.shown[0], ("sip:1047@192.0.2.7", b"<a/>", 2))
        Deferred.fromCoroutine(send(b"<a/>")).addCallback(answers.append)  # type: ignore[arg-type]
        self.clock.advance(10)
        self.assertEqual(answers[-1].outcome, Outcome.SILENT)
        self.remote.heard(202)
        self.assertEqual(self.clock.getDelayedCalls(), [])


class SitesTest(SynchronousTestCase):
    def test_sites(self) -> None:
        url, port = "https://calls.example.com/", 8080
        sites = Sites(lambda: url, lambda registration: "2001:db8::5", lambda: port)
        self.assertEqual(sites.of("sep1", None), "https://calls.example.com")
        url = ""
        self.assertEqual(sites.of("sep1", None), "")
        self.assertEqual(sites.of("sep1", registration()), "http://[2001:db8::5]:8080")
        self.assertTrue(sites.seen("sep1", "http://10.0.0.5:8080", model_of("CP-8845")))
        self.assertFalse(sites.seen("sep1", "http://10.0.0.5:8080", model_of("CP-8845")))
        self.assertFalse(sites.seen("sep2", "http://" + "x" * 200, model_of("CP-8845")))
        self.assertEqual(sites.of("sep1", registration()), "http://10.0.0.5:8080")
        self.assertEqual(sites.of("sep2", None), "")
        self.assertEqual((sites.model("sep1"), sites.model("sep2")), (model_of("CP-8845"), None))
        sites.keep_only(["sep2"])
        port = 0
        self.assertEqual(sites.of("sep1", registration()), "")
