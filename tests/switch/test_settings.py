"""Settings applied to the telephony while phones call: the next call has them, those that are up go on."""

from dataclasses import replace
from typing import Any

from magroup.cti.switch import Accept
from tests.switch.bench import BenchTest


class Applied(BenchTest):
    """Without pings at first."""

    settings = replace(BenchTest.settings, sip=replace(BenchTest.settings.sip, options_ping_interval=0))

    def tearDown(self) -> None:
        self.bench.telephony.registrar.stop()
        super().tearDown()

    def apply(self, table: str, **values: Any) -> None:
        """Other settings of a table."""
        settings = self.bench.settings
        self.bench.settings = replace(settings, **{table: replace(getattr(settings, table), **values)})
        self.bench.telephony.apply(self.bench.settings)

    def test_pings(self) -> None:
        phone = self.bench.phone("1047")
        self.bench.run(30, 0.5)
        self.assertEqual(phone.pings, 0)
        self.apply("sip", options_ping_interval=10)
        self.apply("sip", options_ping_interval=5)
        self.bench.run(31, 0.5)
        self.assertIn(phone.pings, range(5, 9))
        self.apply("sip", options_ping_interval=0)
        before = phone.pings
        self.bench.run(30, 0.5)
        self.assertEqual(phone.pings, before)

    def test_no_more_pings(self) -> None:
        """Who did not answer counts as there again: nothing would show that it is."""
        self.apply("sip", options_ping_interval=5)
        phone = self.bench.phone("1047")
        phone.unplug()
        self.bench.run(90, 0.5)
        self.assertFalse(self.bench.switch.in_service("1047"))
        self.apply("sip", options_ping_interval=0)
        self.assertTrue(self.bench.switch.in_service("1047"))
        self.assertEqual(self.bench.events[-1].device, "1047")

    def test_ringing_time(self) -> None:
        """The call that rings does so for its 180 s."""
        tijana, raf = self.bench.phone("1047"), self.bench.phone("1175")
        first = raf.dial("1047")
        tijana.call.ring()
        self.apply("calls", ring_timeout=20)
        second = raf.dial("1047")
        self.bench.run(21)
        self.assertEqual((second.log, first.log), (["rejected 408"], ["progress 180"]))
        self.bench.run(160)
        self.assertEqual(first.log, ["progress 180", "rejected 408"])

    def test_session_timers(self) -> None:
        """A call keeps the least interval that it began with."""
        tijana, raf = self.bench.phone("1047"), self.bench.phone("1175")
        talk = raf.dial("1047")
        tijana.call.answer()
        self.bench.run()
        self.apply("sip", min_se=3000, session_expires=3600)
        statuses: list[int] = []
        timers = {"Session-Expires": "1800", "Supported": "timer", "Contact": f"<sip:1175@{raf.host}>"}
        talk.session.send("UPDATE", headers=timers, answered=lambda response: statuses.append(response.status))
        self.bench.run(1)
        self.assertEqual(statuses, [200])
        talk.hang_up()

    def test_payload_type_of_digits(self) -> None:
        """The next offer of ours has it, the call that is up its own."""
        switch = self.bench.switch
        switch.route_register(["8973"])
        phone = self.bench.phone("1047")
        talks = []
        for payload in (101, 99):
            self.apply("rtp", dtmf_payload_type=payload)
            talk = phone.dial("8973", offer=b"")
            switch.accept_call(switch.calls()[-1].id, Accept.ANSWER)
            self.bench.run(0.1)
            self.assertIn(f"a=rtpmap:{payload} telephone-event/8000".encode(), talk.heard_sdp)
            talks.append(talk)
        for talk in talks:
            talk.hang_up()

    def test_server_name(self) -> None:
        self.apply("sip", server_name="Nobody")
        talk = self.bench.phone("1175").dial("9999")
        self.assertEqual(talk.log, ["rejected 404"])
        self.assertEqual(self.bench.telephony.endpoint.agent, "Nobody")
