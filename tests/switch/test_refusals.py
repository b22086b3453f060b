"""How callers are refused: the status, and the headers that say more of it."""

from dataclasses import replace

from magroup.cti.errors import ServiceError
from magroup.cti.events import CallEvent
from magroup.cti.switch import Accept
from magroup.cti.types import Cause
from magroup.model.groups import Group
from magroup.model.settings import RtpSettings
from magroup.sip.message import Response
from magroup.sip.ping import ping
from magroup.switch.switch import Limits
from tests.switch.bench import SWITCH, BenchTest, Talk, company, run, sdp


class AtARoutePoint(BenchTest):
    """The application has the call; the caller has not been answered."""

    configuration = company(groups=(Group(1, "MA Group", number="8973"),))
    settings = replace(BenchTest.settings, rtp=RtpSettings("20000-20003"))

    def setUp(self) -> None:
        super().setUp()
        self.refusals: list[Response] = []

        def rejected(talk: Talk, status: int, reason: str, response: Response) -> None:
            self.refusals.append(response)

        self.patch(Talk, "rejected", rejected)
        self.bench.switch.route_register(["8973"])

    def offered(self, codecs: str = "0 8 101") -> str:
        """A call arrives at the group's number; returns its id."""
        caller = self.bench.phone("1175")
        caller.dial("8973", sdp(caller.host, 4000, codecs=codecs))
        event = self.bench.events[-1]
        assert isinstance(event, CallEvent)
        return event.call_id

    def refusal(self) -> Response:
        self.bench.run()
        (response,) = self.refusals
        return response

    def test_busy(self) -> None:
        self.bench.switch.clear(self.offered(), Cause.BUSY)
        self.assertEqual(self.refusal().status, 486)
        self.assertEqual(self.refusal().get("Reason"), 'Q.850;cause=17;text="User busy"')

    def test_no_common_codec(self) -> None:
        for how in (Accept.ANSWER, Accept.EARLY_MEDIA):
            self.refusals.clear()
            self.bench.switch.accept_call(self.offered("18"), how)
            self.assertEqual(self.refusal().status, 488)
            self.assertTrue(self.refusal().get("Warning").startswith("305 "))

    def test_no_port(self) -> None:
        ports = self.bench.telephony.ports
        taken = [ports.open("127.0.0.1", lambda *_: None, lambda *_: None) for _ in range(2)]
        self.bench.switch.accept_call(self.offered(), Accept.ANSWER)
        self.assertEqual(self.refusal().status, 503)
        self.assertEqual(self.refusal().get("Retry-After"), "5")
        for pair in taken:
            pair.close()


class Full(BenchTest):
    """A switch that has as many calls as it may have, together with others."""

    def test_calls_of_others(self) -> None:
        caller, _called = self.bench.phone("1175"), self.bench.phone("1047")
        switch = self.bench.switch
        switch.limits = Limits(3)
        switch.counted = ["b-1", "b-2", "b-3"]
        refused = caller.dial("1047")
        self.bench.run()
        self.assertEqual(refused.log, ["rejected 503"])
        with self.assertRaises(ServiceError):
            run(switch.make_call("1047", "1175"))
        switch.counted = ["b-1", "b-2"]
        self.assertEqual(caller.dial("1047").log, [])
        self.bench.run()
        switch.end_calls()
        self.bench.run(1.0)


class Drained(BenchTest):
    """A switch that others take the calls from."""

    def test_new_calls(self) -> None:
        """Are refused; what is up goes on and may consult others, until it takes calls again."""
        caller, called = self.bench.phone("1175"), self.bench.phone("1047")
        self.bench.phone("1068")
        caller.dial("1047")
        self.bench.run()
        called.calls[0].answer()
        self.bench.run()
        switch = self.bench.switch
        switch.is_draining = True
        refused = caller.dial("1068")
        self.bench.run()
        self.assertEqual(refused.log, ["rejected 503"])
        with self.assertRaises(ServiceError):
            run(switch.make_call("1047", "1068"))
        (call,) = switch.calls()
        run(switch.consultation_call(call.connections[1].id, "1068"))
        self.bench.run()
        self.assertEqual(len(switch.calls()), 2)
        switch.is_draining = False
        self.assertEqual(caller.dial("1068").log, [])
        self.bench.run()
        switch.end_calls()
        self.bench.run(1.0)

    def test_who_asks(self) -> None:
        """By OPTIONS: 503 with Retry-After, so that proxies send no calls."""
        phone, heard = self.bench.phone("1047"), []
        for is_draining in (False, True):
            self.bench.switch.is_draining = is_draining
            ping(phone.endpoint, SWITCH, "sip:x", "sip:x", lambda is_there, response: heard.append(response))
            self.bench.run()
        self.assertEqual([one.status for one in heard], [200, 503])
        self.assertEqual(heard[1].get("Retry-After"), "10")


class Deaf(BenchTest):
    """A caller who can hear nothing does not wait for the end of what is played."""

    def test_answer_to_our_offer(self) -> None:
        """An INVITE without a description; the ACK has another codec, no audio, or nothing."""
        self.bench.switch.route_register(["8973"])
        caller = self.bench.phone("1175")
        for answer in (sdp(caller.host, 4000, codecs="18"), sdp(caller.host, 0), b""):
            self.patch(caller, "sdp", lambda way="sendrecv", answer=answer: answer)
            self.bench.events.clear()
            talk = caller.dial("8973", b"")
            event = self.bench.events[-1]
            assert isinstance(event, CallEvent)
            self.bench.switch.accept_call(event.call_id, Accept.ANSWER)
            self.bench.switch.play_message(event.call_id, ["Welcome.wav"], False)
            self.bench.run(0.5)
            self.assertIn("MessageEnded 8973", self.bench.told())
            self.bench.switch.play_message(event.call_id, ["Welcome.wav"], True)
            self.bench.run(2.0)
            self.assertEqual(self.bench.told().count("MessageEnded 8973"), 1)
            talk.hang_up()
            self.bench.run()


class ByAPhone(BenchTest):
    """The phone's answer cannot be used."""

    def test_answer_without_a_description(self) -> None:
        """Acknowledged and hung up, and the caller is refused, whoever of the two was to make the offer."""
        tijana, raf = self.bench.phone("1047"), self.bench.phone("1175")
        for offer in (None, b""):
            talk = raf.dial("1047", offer)
            self.patch(tijana, "sdp", lambda way="sendrecv": b"")
            tijana.call.answer()
            self.bench.run()
            self.assertEqual(talk.log, ["rejected 488"])
            self.assertEqual(tijana.call.log, ["acknowledged", "ended"])
