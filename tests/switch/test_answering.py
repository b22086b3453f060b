"""Phones that are told to answer: by remotecc, by the talk event, by a second INVITE, or not at all."""

from typing import Any

from magroup.cti.call_control import Service
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import DeviceCapabilitiesChanged, Established, Failed, Retrieved
from magroup.cti.types import ConnectionId
from magroup.model.lines import Trunk
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from tests.switch.bench import Bench, BenchTest, Phone, company, run

CISCO = "Cisco-CP8861/12.8.1"


class TalkingPhone(Phone):
    """Notes the NOTIFYs in its calls and the REFERs outside of them, answers them with ``status``, and does so."""

    def __init__(self, bench: Bench, number: str, host: str) -> None:
        super().__init__(bench, number, host)
        self.status = 200
        self.told: list[Request] = []
        self.endpoint.methods["REFER"] = self._referred

    def _referred(self, transaction: Any, request: Request, hop: Hop) -> None:
        self.told.append(request)
        transaction.respond(request.respond(202 if self.status == 200 else self.status, to_tag="r"))
        if self.status == 200:
            self.call.answer()

    def request(self, transaction: Any, request: Request, hop: Hop) -> None:
        if request.method == "NOTIFY":
            self.told.append(request)
            transaction.respond(request.respond(self.status))
            if self.status == 200:
                if self.call.is_up:
                    self.call.retrieve()
                else:
                    self.call.answer()
            return
        super().request(transaction, request, hop)


class AnsweringTest(BenchTest):
    """Raf calls Tijana, whose phone rings."""

    configuration = company(trunks=[Trunk(1, "PBX", "127.0.0.99", is_default=True, ping_interval=0)])

    def setUp(self) -> None:
        super().setUp()
        self.raf = self.bench.phone("1175")
        self.tijana = TalkingPhone(self.bench, "1047", "127.0.0.20")
        self.bench.phones.append(self.tijana)
        self.tijana.register()
        self.switch = self.bench.switch
        self.bench.events.clear()

    def shows(self, packages: str = "", agent: str = "") -> None:
        """What Tijana's phone says of itself when it registers."""
        registrar = self.bench.telephony.registrar
        (registration,) = registrar.bindings.contacts("1047")
        if packages:
            request = Request("REGISTER", "sip:x", {"Allow-Events": [packages]})
            registrar.phones.learn(registration, request)
        object.__setattr__(registration, "user_agent", agent)

    def rings(self) -> ConnectionId:
        self.talk = self.raf.dial("1047")
        self.tijana.call.ring()
        self.bench.run(0.3)
        (call,) = self.switch.calls()
        return ConnectionId(call.id, "1047")

    def answer(self, mine: ConnectionId) -> None:
        run(self.switch.answer_call(mine))
        self.bench.run(0.3)

    def assert_answered(self) -> None:
        self.assertEqual([e.device for e in self.bench.events if type(e) is Established], ["1047"])
        self.assertTrue(self.talk.is_up)
        self.talk.hang_up()
        self.bench.run(0.3)
        self.assertEqual(self.switch.calls(), ())


class Ways(AnsweringTest):
    def test_talk(self) -> None:
        """A NOTIFY in the early dialog."""
        self.shows("dialog, talk, hold")
        self.answer(self.rings())
        (notify,) = self.tijana.told
        self.assertEqual((notify.get("Event"), notify.get("Subscription-State")), ("talk", "active"))
        self.assertEqual(notify.call_id, self.tijana.call.session.invite.call_id)  # type: ignore[attr-defined]
        self.assert_answered()

    def test_remotecc(self) -> None:
        """A REFER outside of the dialog that names it as the phone sees it."""
        self.shows(agent=CISCO)
        self.answer(self.rings())
        (refer,) = self.tijana.told
        self.assertEqual(refer.get("Require"), "norefersub")
        self.assertEqual(refer.get("Refer-To"), "cid:" + refer.get("Content-Id"))
        self.assertEqual(refer.content_type, "application/x-cisco-remotecc-request+xml")
        dialog = self.tijana.calls[0].session
        invite, tag = dialog.invite, dialog.tag  # type: ignore[attr-defined]
        self.assertIn(
            f"<answercallreq><dialogid><callid>{invite.call_id}</callid><localtag>{tag}</localtag>"
            f"<remotetag>{invite.from_.tag}</remotetag></dialogid></answercallreq>",
            refer.body.decode(),
        )
        self.assert_answered()

    def test_invite(self) -> None:
        """A second call to the same phone, which answers it; the first one was answered elsewhere."""
        mine = self.rings()
        self.answer(mine)
        first, second = self.tijana.calls
        asked = {"Call-Info": "answer-after=0", "Alert-Info": "alert-autoanswer", "Answer-Mode": "Auto"}
        for header, value in asked.items():
            self.assertIn(value, second.invite.get(header))
            self.assertEqual(first.invite.get(header), "")
        with self.assertRaises(ServiceError) as caught:
            run(self.switch.answer_call(mine))
        self.assertIs(caught.exception.failure, Failure.RESOURCE_BUSY)
        second.answer()
        self.bench.run(0.3)
        self.assertEqual(first.log, ['cancelled SIP;cause=200;text="Call completed elsewhere"'])
        self.assert_answered()

    def test_learned_from_a_ping(self) -> None:
        registrar = self.bench.telephony.registrar
        (registration,) = registrar.bindings.contacts("1047")
        self.tijana.endpoint.methods["OPTIONS"] = self._pinged
        registrar._send_ping(registration)
        self.bench.run(0.3)
        self.assertTrue(registrar.phones.talks(registration))
        self.tijana.unregister()
        self.assertEqual(len(registrar.phones), 0)

    def _pinged(self, transaction: Any, request: Request, hop: Hop) -> None:
        response = request.respond(200, to_tag="x")
        response.headers["Allow-Events"] = ["talk"]
        transaction.respond(response)


class OwnWish(AnsweringTest):
    """Phones that ring for a call that they are to make, or that they pick up."""

    def test_made_call(self) -> None:
        for packages, agent, method in (("talk", "", "NOTIFY"), ("", CISCO, "REFER")):
            self.shows(packages, agent)
            self.tijana.told.clear()
            run(self.switch.make_call("1047", "1175"))
            self.bench.run(0.3)
            self.tijana.call.ring()
            self.tijana.call.ring()
            self.bench.run(0.3)
            self.assertEqual([request.method for request in self.tijana.told], [method])
            self.assertTrue(self.tijana.call.is_up)
            self.assertIn("Originated 1047", self.bench.told())
            self.tijana.call.hang_up()
            self.bench.run(0.3)

    def test_picked_up(self) -> None:
        self.shows("talk")
        ara = self.bench.phone("1068")
        talk = self.raf.dial("1068")
        ara.call.ring()
        self.bench.run(0.3)
        (call,) = self.switch.calls()
        run(self.switch.directed_pickup_call(ConnectionId(call.id, "1068"), "1047"))
        self.bench.run(0.3)
        self.tijana.call.ring()
        self.bench.run(0.3)
        self.assertTrue(talk.is_up)
        talk.hang_up()

    def test_refused(self) -> None:
        """It rings on, and is answered by hand."""
        self.shows("talk")
        self.tijana.status = 489
        run(self.switch.make_call("1047", "1175"))
        self.bench.run(0.3)
        self.tijana.call.ring()
        self.bench.run(6.0)
        self.tijana.call.answer()
        self.bench.run(0.3)
        self.assertIn("Originated 1047", self.bench.told())
        self.tijana.call.hang_up()


class Refused(AnsweringTest):
    def test_by_a_phone_that_said_so(self) -> None:
        """The other way is tried: for the talk event from then on at once."""
        for agent, packages in ((CISCO, ""), ("", "talk")):
            self.shows(packages, agent)
            self.tijana.status = 489
            self.answer(self.rings())
            self.tijana.calls[-1].answer()
            self.bench.run(0.3)
            self.assert_answered()
            self.bench.events.clear()
        told = len(self.tijana.told)
        self.answer(self.rings())
        self.assertEqual(len(self.tijana.told), told)
        self.tijana.calls[-1].answer()
        self.bench.run(0.3)
        self.assert_answered()

    def test_by_one_that_only_rings(self) -> None:
        """The second call is given up, the first one rings on; the menu knows from then on."""
        mine = self.rings()
        self.answer(mine)
        first, second = self.tijana.calls
        second.ring()
        self.bench.run(5.0)
        told = [event.device for event in self.bench.events if type(event) is DeviceCapabilitiesChanged]
        self.assertEqual(told, ["1047"], "for menus that are shown")
        self.assertEqual((first.log, second.log), ([], ["cancelled"]))
        self.assertIn("does not answer by itself", self.switch.can(Service.ANSWER_CALL, mine))
        with self.assertRaises(ServiceError) as caught:
            run(self.switch.answer_call(mine))
        self.assertIs(caught.exception.failure, Failure.NOT_SUPPORTED)
        first.answer()
        self.bench.run(0.3)
        self.assert_answered()

    def test_by_one_that_is_busy(self) -> None:
        """What it says to the second call, even 603, is nothing to the first one."""
        for status in (486, 603):
            mine = self.rings()
            self.answer(mine)
            first, second = self.tijana.calls[-2:]
            second.reject(status)
            self.bench.run(0.3)
            self.assertEqual(first.log, [])
            self.assertEqual(self.switch.can(Service.ANSWER_CALL, mine), "")
            first.answer()
            self.bench.run(0.3)
            self.assert_answered()
            self.bench.events.clear()

    def test_declined_meanwhile(self) -> None:
        """The first call is declined by hand, then the second one too: that is the end."""
        self.answer(self.rings())
        first, second = self.tijana.calls
        first.reject(486)
        self.bench.run(0.3)
        second.reject(486)
        self.bench.run(0.3)
        self.assertEqual(len([e for e in self.bench.events if type(e) is Failed]), 1)
        self.assertEqual(self.switch.calls(), ())

    def test_declined_and_silent(self) -> None:
        """The first call is declined, the second one never answered."""
        self.answer(self.rings())
        self.tijana.calls[0].reject(486)
        self.bench.run(6.0)
        self.assertEqual(self.switch.calls(), ())

    def test_given_up_meanwhile(self) -> None:
        """The caller hangs up: both calls at the phone end."""
        self.answer(self.rings())
        self.talk.hang_up()
        self.bench.run(0.5)
        self.assertEqual([talk.log for talk in self.tijana.calls], [["cancelled"], ["cancelled"]])
        self.bench.run(6.0)

    def test_given_up_before_the_refusal(self) -> None:
        """Nothing is tried for a call that is over."""
        self.shows("talk")
        self.tijana.status = 489
        mine = self.rings()
        run(self.switch.answer_call(mine))
        self.talk.hang_up()
        self.bench.run(0.5)
        self.assertEqual(len(self.tijana.calls), 1)

    def test_behind_a_trunk(self) -> None:
        """The PBX is not asked."""
        pbx = Phone(self.bench, "pbx", "127.0.0.99")
        self.bench.phones.append(pbx)
        self.bench.run(0.3)
        talk = self.raf.dial("4711")
        pbx.call.ring()
        self.bench.run(0.3)
        (call,) = self.switch.calls()
        self.assertIn("behind a trunk", self.switch.can(Service.ANSWER_CALL, ConnectionId(call.id, "4711")))
        talk.hang_up()


class TakenBack(AnsweringTest):
    def test_by_the_talk_event(self) -> None:
        """A phone that holds by its key and knows the event takes the call back by itself."""
        self.shows("talk")
        self.answer(mine := self.rings())
        self.tijana.call.hold()
        self.bench.run(0.3)
        run(self.switch.retrieve_call(mine))
        self.bench.run(0.3)
        self.assertEqual(len(self.tijana.told), 2)
        self.assertEqual(len([e for e in self.bench.events if type(e) is Retrieved]), 1)
        self.assert_answered()
