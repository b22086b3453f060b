"""The registrar on the bench: expiry in any order, restarts, pings, and lines that go away."""

from dataclasses import replace

from magroup.cti.events import BackInService, OutOfService
from magroup.model.lines import Line, Registration
from magroup.sip.message import Response
from tests.switch.bench import BenchTest, Phone, company, run


class Cisco(BenchTest):
    """Phones with enterprise firmware take remotecc only when the answer to their REGISTER switches it on."""

    def answer(self, agent: str) -> Response:
        phone = self.bench.phone("1047")
        phone.endpoint.agent = agent
        phone.register()
        return phone.heard[-1]

    def test_switched_on(self) -> None:
        response = self.answer("Cisco-CP8861/12.8.1")
        self.assertEqual(response.status, 200)
        self.assertEqual(response.content_type, "application/x-cisco-remotecc-response+xml")
        self.assertIn(b"<optionsind>", response.body)
        self.assertRegex(response.get("Date"), r"^\w{3}, \d\d \w{3} 20\d\d \d\d:\d\d:\d\d GMT$")

    def test_others(self) -> None:
        for agent in ("Cisco-CP-8861-3PCC/11.0", "SIPp", "x Cisco-CP8861/1"):
            self.assertEqual(self.answer(agent).body, b"", agent)


class Registered(BenchTest):
    """Phones come and go."""

    def short(self, number: str, expires: int) -> Phone:
        """A phone that registers for a short time, and is gone then."""
        phone = self.bench.phone(number, register=False)
        phone.expires(expires)
        phone.register()
        self.assertTrue(phone.is_registered)
        phone.unplug()
        return phone

    def service(self, number: str) -> list[bool]:
        return [isinstance(event, BackInService) for event in self.bench.events
                if isinstance(event, BackInService | OutOfService) and event.device == number]  # fmt: skip

    def test_expiry_in_any_order(self) -> None:
        """Each phone is gone when its own time is over, whoever came first."""
        times = {"1047": 300, "1175": 60, "1068": 600, "1118": 120}
        for number, seconds in times.items():
            self.short(number, seconds)
        for number, seconds in sorted(times.items(), key=lambda item: item[1]):
            self.bench.run(seconds - 1 - (self.bench.clock.seconds() - 1_700_000_000), 1.0)
            self.assertTrue(self.bench.switch.in_service(number), number)
            self.bench.run(3, 1.0)
            self.assertFalse(self.bench.switch.in_service(number), number)
            self.assertEqual(self.service(number), [True, False])
        self.assertEqual(self.bench.store.registrations, {})

    def test_refreshed(self) -> None:
        phone = self.bench.phone("1047", register=False)
        phone.expires(60)
        phone.register()
        self.bench.run(300, 1.0)
        self.assertTrue(self.bench.switch.in_service("1047"))
        self.assertEqual(self.service("1047"), [True])

    def test_restart(self) -> None:
        """What was registered is called at once; what expired meanwhile is not."""
        tijana, raf = self.bench.phone("1047"), self.bench.phone("1175")
        self.short("1068", 60)
        run(self.bench.telephony.stop())
        self.bench.clock.advance(100)
        self.bench.start()
        talk = raf.dial("1047")
        tijana.call.answer()
        self.bench.run()
        self.assertEqual(talk.log, ["answered"])
        talk.hang_up()
        self.bench.run(2)
        self.assertFalse(self.bench.switch.in_service("1068"))

    def test_line_that_goes_away(self) -> None:
        """So do its phones, its registration, and one whose secret has changed; others stay."""
        for number in ("1047", "1175", "1068"):
            self.bench.phone(number)
        old = self.bench.configuration
        lines = (Line("1047", "another"), *(line for line in old.lines if line.number not in ("1047", "1175")))
        self.bench.configuration = replace(old, lines=lines)
        self.bench.telephony.configure(old, self.bench.configuration)
        self.assertEqual([number for number, _ in self.bench.store.registrations], ["1068"])
        self.assertEqual((self.service("1047"), self.service("1068")), ([True, False], [True]))


class Pinged(BenchTest):
    """OPTIONS every 10 seconds."""

    settings = replace(BenchTest.settings, sip=replace(BenchTest.settings.sip, options_ping_interval=10))

    def tearDown(self) -> None:
        self.bench.telephony.registrar.stop()
        super().tearDown()

    def test_vanished_phone(self) -> None:
        """Two pings without an answer: it is out of service, but rung where there is no other."""
        tijana, raf = self.bench.phone("1047"), self.bench.phone("1175")
        self.bench.run(20)
        self.assertGreaterEqual(tijana.pings, 1)
        tijana.unplug()
        self.bench.run(90, 0.5)
        self.assertFalse(self.bench.switch.in_service("1047"))
        self.assertTrue(self.bench.switch.in_service("1175"))
        talk = raf.dial("1047")
        self.bench.run(33, 0.5)
        self.assertEqual(talk.log, ["rejected 408"])

    def test_comes_back(self) -> None:
        """Its next REGISTER puts it into service."""
        tijana = self.bench.phone("1047")
        tijana.unplug()
        self.bench.run(90, 0.5)
        again = Phone(self.bench, "1047", tijana.host)
        self.bench.phones.append(again)
        again.register()
        self.assertTrue(self.bench.switch.in_service("1047"))

    def test_many_phones(self) -> None:
        """Each is asked once an interval, not all at once."""
        self.bench.configuration = company([str(number) for number in range(100, 130)])
        phones = [self.bench.phone(str(number)) for number in range(100, 130)]
        self.bench.run(31, 0.5)
        self.assertEqual({2 <= phone.pings <= 4 for phone in phones}, {True}, [phone.pings for phone in phones])


class Elsewhere(BenchTest):
    """Phones that have registered at another node."""

    settings = replace(BenchTest.settings, sip=replace(BenchTest.settings.sip, options_ping_interval=10))

    phone = Registration("1047", "sip:1047@127.0.0.77:5060", "c1", 1, 1_700_000_600.0, "udp", ("127.0.0.77", 5060))

    def setUp(self) -> None:
        super().setUp()
        self.registrar = self.bench.telephony.registrar
        self.said: list[tuple[str, bool]] = []
        self.registrar.silence = lambda registration, is_silent: self.said.append((registration.contact, is_silent))

    def test_in_service(self) -> None:
        """As the other node says; nothing of it is stored here, and nobody here asks the phone."""
        self.registrar.take(self.phone, "b", False)
        self.assertTrue(self.bench.switch.in_service("1047"))
        (route,) = self.registrar.routes("1047")
        self.assertEqual((route.target, route.hop.host), (self.phone.contact, "127.0.0.77"))
        self.registrar.take(self.phone, "b", True)
        self.assertFalse(self.bench.switch.in_service("1047"))
        self.registrar.take(self.phone, "b", False)
        self.registrar.take_away("1047", self.phone.contact)
        self.assertFalse(self.bench.switch.in_service("1047"))
        self.registrar.take_away("1047", self.phone.contact)
        kinds = [type(event) for event in self.bench.events]
        self.assertEqual(kinds, [BackInService, OutOfService, BackInService, OutOfService])
        self.assertEqual((self.bench.store.registrations, self.registrar.elsewhere), ({}, {}))

    def test_expires(self) -> None:
        """Where the other node says nothing more of it. What is stored of it is the other's."""
        self.bench.store.registrations["1047", self.phone.contact] = self.phone
        self.registrar.take(self.phone, "b", False)
        self.bench.run(602, 2.0)
        self.assertFalse(self.bench.switch.in_service("1047"))
        self.assertEqual(list(self.bench.store.registrations), [("1047", self.phone.contact)])

    def test_comes_here(self) -> None:
        """The same phone registers here: from now on it is this node's."""
        phone = self.bench.phone("1047", register=False)
        contact = f"sip:1047@{phone.host}"
        self.registrar.take(replace(self.phone, contact=contact), "b", False)
        self.assertEqual(list(self.registrar.elsewhere), [("1047", contact)])
        phone.register()
        (bound,) = self.bench.telephony.bindings.contacts("1047")
        self.assertNotIn(("1047", bound.contact), self.registrar.elsewhere)

    def test_before_the_start(self) -> None:
        """Another one looks after the phones that had registered before all started."""
        self.registrar.ping_every(0)
        self.registrar.restore([self.phone, replace(self.phone, number="no line")], "a")
        self.assertEqual(self.registrar.elsewhere, {("1047", self.phone.contact): "a"})
        self.assertTrue(self.bench.switch.in_service("1047"))
        self.bench.run(602, 2.0)

    def test_answers_no_more(self) -> None:
        """The other nodes are told of a phone of this one."""
        phone = self.bench.phone("1175")
        (bound,) = self.bench.telephony.bindings.contacts("1175")
        phone.unplug()
        self.bench.run(120, 1.0)
        self.assertEqual(self.said, [(bound.contact, True)])
        self.registrar.ping_every(0)
        self.bench.run(40, 1.0)
