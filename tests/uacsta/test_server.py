"""The switch offered in SIP dialogs: who gets a session, what is in its reach, and how it ends."""

from dataclasses import replace

from magroup.csta import call_control_messages as c
from magroup.csta import feature_messages as f
from magroup.csta import monitoring_messages as m
from magroup.csta import routeing_messages as r
from magroup.csta import session_messages as s
from magroup.csta import system_messages as y
from magroup.csta.codec import build, parse
from magroup.csta.edition import Edition
from magroup.csta.login import Login
from magroup.csta.values import ConnectionID, DeviceId
from magroup.cti.errors import Failure
from magroup.sip.message import Request
from tests.uacsta.offered import CSTA, OPEN, Offered, at
from tests.uacsta.pair import CLIENT, Client


class OpeningTests(Offered):
    def test_opened(self) -> None:
        """The flow of TR/87: INVITE and INFO ask, their 200s answer, INFOs from here tell."""
        client = self.client()
        client.monitor("2001")
        call = self.switch.arrive("3001", "2001")
        self.network.run()
        client.request(c.AnswerCall(call_to_be_answered=at(call, "2001")))
        client.session.close("done")
        self.network.run()
        flow = [(sent.source.host == CLIENT, sent.line, self.root(sent.data)) for sent in self.network.log]
        self.assertEqual(flow, [
            (True, "INVITE", "RequestSystemStatus"), (False, "200 INVITE", "RequestSystemStatusResponse"),
            (True, "ACK", ""),
            (True, "INFO", "MonitorStart"), (False, "200 INFO", "MonitorStartResponse"),
            (False, "INFO", "DeliveredEvent"), (True, "200 INFO", ""),
            (True, "INFO", "AnswerCall"), (False, "INFO", "EstablishedEvent"),
            (False, "200 INFO", "AnswerCallResponse"), (True, "200 INFO", ""),
            (True, "BYE", ""), (False, "200 BYE", ""),
        ])  # fmt: skip
        self.assertEqual((len(self.server.clients), len(self.server.monitors)), (0, 0))

    def root(self, data: bytes) -> str:
        body = data.partition(b"\r\n\r\n")[2]
        return parse(body).message.root if body else ""

    def test_headers(self) -> None:
        """As TR/87 has them, on what has a body."""
        self.client().monitor("2001")
        for sent in self.network.log:
            message = sent.message
            if message.body:
                self.assertEqual(message.content_type, CSTA)
                if isinstance(message, Request):
                    self.assertEqual(message.get("Content-Disposition"), "signal;handling=required")
        answer = self.network.last("200 INVITE")
        self.assertEqual(answer.get("Content-Disposition"), "signal;handling=required")
        self.assertIn("INFO", answer.get("Allow"))

    def test_edition_of_the_peer(self) -> None:
        for edition in (Edition.ED3, Edition.ED4, Edition.ED6):
            self.assertEqual(self.invite(build(y.RequestSystemStatus(), edition)), 200)
            self.assertEqual(parse(self.answer.body).edition, edition)

    def test_whose(self) -> None:
        """To one's own lines, or to the user in the settings; never to a line of others, and never by a stranger."""
        for to, of, status in (
            ("2001", "2001", 200), ("2002", "2001", 200), ("csta", "2001", 200), ("CSTA", "2002", 200),
            ("3001", "2001", 403), ("9999", "2001", 404), ("", "2001", 404), ("2001", "3001", 401),
            ("csta", "nobody", 401),
        ):  # fmt: skip
            self.assertEqual(self.invite(to=to, of=of), status, (to, of))
        self.assertEqual(self.switch.calls(), ())

    def test_no_csta(self) -> None:
        """What is something else is refused in the words of SIP."""
        for body, more, status in (
            (OPEN, f"Content-Type: {CSTA}\nAccept: {CSTA}", 200),
            (OPEN, f"Content-Type: {CSTA}; charset=utf-8\nContent-Disposition: signal;handling=required", 200),
            (OPEN, f"Content-Type: {CSTA}\nContent-Disposition: session", 415),
            (OPEN, "Content-Type: text/xml", 415),
            (OPEN, f"Content-Type: {CSTA}\nContent-Encoding: gzip", 415),
            (OPEN, f"Content-Type: {CSTA}\nAccept: text/plain", 406),
            (OPEN, f"Content-Type: {CSTA}\nRequire: x-unheard-of", 420),
            (b"", f"Content-Type: {CSTA}", 488),
            (b"rubbish \xff\x00", f"Content-Type: {CSTA}", 488),
            (OPEN[:-3], f"Content-Type: {CSTA}", 488),
            (b'<!DOCTYPE a [<!ENTITY b "c">]>' + OPEN.partition(b"?>")[2], f"Content-Type: {CSTA}", 488),
            (b"<a>" * 100 + b"</a>" * 100, f"Content-Type: {CSTA}", 488),
            (build(y.GetCSTAFeatures(), Edition.ED3), f"Content-Type: {CSTA}", 488),
            (OPEN, f"Content-Type: {CSTA}\nSupported: timer\nSession-Expires: 20", 422),
        ):
            self.assertEqual(self.invite(body, more), status, (body[:60], more))
            if status == 415 and "gzip" not in more:
                self.assertIn(CSTA, self.answer.get("Accept"))
        self.assertEqual(self.server.clients, {})

    def test_most_sessions(self) -> None:
        """As many as TCP clients, from one address."""
        self.client("2001")
        sessions = [self.client("2001", "192.0.2.9", 5060), self.client("2002", "192.0.2.9", 5070)]
        self.assertEqual(len(self.server.clients), 3)
        third = Client(self.network, "2001", "192.0.2.9", 5080).open()
        self.assertEqual(third.states, ["503 Service Unavailable"])
        sessions[0].session.close("room")
        self.network.run()
        self.assertEqual(Client(self.network, "2001", "192.0.2.9", 5090).open().states, ["up"])


class ReachTests(Offered):
    def test_own_lines(self) -> None:
        """All lines of the user: calls are made, steered, looked at."""
        client = self.client()
        client.monitor("2001")
        client.monitor("tel:2002;phone-context=dialstring")
        made = client.request(
            c.MakeCall(calling_device=DeviceId("2002"), called_directory_number=DeviceId("3001"))
        ).calling_device  # fmt: skip
        self.switch.device_answers(made.call_id, "2002")
        self.assertIn("DeliveredEvent", client.names())
        snapshot = client.request(m.SnapshotDevice(snapshot_object=DeviceId("2002")))
        (info,) = snapshot.cross_ref_id_or_snapshot_data.snapshot_data
        self.assertEqual(info.connection_identifier, made)
        call = client.request(m.SnapshotCall(snapshot_object=ConnectionID(made.call_id)))
        self.assertTrue(call.cross_ref_id_or_snapshot_data.snapshot_data)
        client.request(f.SetDoNotDisturb(device=DeviceId("2001"), do_not_disturb_on=True))
        self.assertIn("DoNotDisturbEvent", client.names())
        client.request(c.ClearConnection(connection_to_be_cleared=made))
        self.assertIn("ConnectionClearedEvent", client.names())

    def test_nothing_of_others(self) -> None:
        client = self.client()
        theirs = self.switch.arrive("3001", "3002")
        mine = self.switch.arrive("3001", "2001")
        here, there = at(mine, "2001"), at(theirs, "3002")
        line = DeviceId("3001")
        device = m.MonitorObject(device_object=line)
        call = m.MonitorObject(call_object=ConnectionID(theirs))
        for message in (
            m.MonitorStart(monitor_object=device, monitor_type="device"),
            m.SnapshotDevice(snapshot_object=line),
            m.SnapshotCall(snapshot_object=ConnectionID(theirs)),
            c.MakeCall(calling_device=line, called_directory_number=DeviceId("2001")),
            c.AnswerCall(call_to_be_answered=there),
            c.ClearConnection(connection_to_be_cleared=there),
            c.ClearConnection(connection_to_be_cleared=at(mine, "3001")),
            c.HoldCall(call_to_be_held=there),
            c.RetrieveCall(call_to_be_retrieved=there),
            c.AlternateCall(held_call=here, active_call=there),
            c.ConsultationCall(existing_call=there, consulted_device=DeviceId("2001")),
            c.ReconnectCall(active_call=there, held_call=here),
            c.TransferCall(held_call=there, active_call=here),
            c.TransferCall(held_call=here, active_call=there),
            c.SingleStepTransferCall(active_call=there, transferred_to=DeviceId("2001")),
            c.DeflectCall(call_to_be_diverted=there, new_destination=DeviceId("2001")),
            c.DirectedPickupCall(call_to_be_picked_up=there, requesting_device=DeviceId("2001")),
            c.DirectedPickupCall(call_to_be_picked_up=here, requesting_device=line),
            c.GenerateDigits(connection_to_send_digits=there, characters_to_send="1"),
            f.GetForwarding(device=line),
            f.SetForwarding(device=line, activate_forward=True, forward_dn=DeviceId("2001")),
            f.GetDoNotDisturb(device=line),
            f.SetDoNotDisturb(device=line, do_not_disturb_on=True),
        ):
            self.assertIs(self.refused(client, message), Failure.PRIVILEGE_VIOLATION, message)
            self.network.clock.advance(0.1)
        for message in (
            m.MonitorStart(monitor_object=call),
            m.MonitorStart(monitor_object=m.MonitorObject(device_object=DeviceId("2001")), monitor_type="call"),
            r.RouteRegister(routeing_device=DeviceId("2001")),
            r.RouteRegister(),
            c.ClearConnection(connection_to_be_cleared=at(mine, "0401234567")),
            c.ClearConnection(connection_to_be_cleared=ConnectionID(mine)),
        ):
            self.refused(client, message)
            self.network.clock.advance(0.1)
        self.assertEqual({call.id for call in self.switch.calls()}, {theirs, mine})
        self.assertEqual((client.names(), len(self.server.monitors)), ([], 0))

    def test_features(self) -> None:
        """Routeing is not offered."""
        found = self.client().request(y.GetCSTAFeatures())
        groups = dict(found.supported_services)
        self.assertIn("makeCall", groups["callControlServices"])
        self.assertNotIn("routeingServices", groups)

    def test_no_other_rights_by_a_login(self) -> None:
        """The password of a program gives nothing here."""
        client = self.client()
        info = s.ApplicationInfo(application_id="test", login=Login("recorder", "secret"))
        for _ in range(2):
            answer = client.request_any(s.StartApplicationSession(application_info=info))
            self.assertIn(b"StartApplicationSessionNegResponse", answer)
        self.assertIs(self.refused(client, m.SnapshotDevice(snapshot_object=DeviceId("3001"))),
                      Failure.PRIVILEGE_VIOLATION)  # fmt: skip

    def test_not_admitted_any_more(self) -> None:
        client = self.client()
        self.server.admit_again(lambda account, address: account)
        self.network.run()
        self.assertEqual(client.states, ["up"])
        self.server.admit_again(lambda account, address: None)
        self.network.run()
        self.assertIn("not admitted any more", client.states[-1])
        self.assertEqual(self.server.clients, {})

    def test_lines_change(self) -> None:
        """What the client may do follows."""
        client = self.client()
        self.server.admit_again(lambda account, address: replace(account, lines=frozenset(("2002",))))
        self.assertIs(self.refused(client, m.SnapshotDevice(snapshot_object=DeviceId("2001"))),
                      Failure.PRIVILEGE_VIOLATION)  # fmt: skip
