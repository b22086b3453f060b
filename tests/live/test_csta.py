"""The running server offers its switch over CSTA: programs watch and steer calls of real phones."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from magroup.csta import call_control_messages as c
from magroup.csta import event_messages as e
from magroup.csta import monitoring_messages as m
from magroup.csta import routeing_messages as r
from magroup.csta import session_messages as s
from magroup.csta.edition import Edition
from magroup.csta.system_messages import RequestSystemStatus
from magroup.csta.values import ConnectionID, DeviceId, subject
from magroup.cti.errors import Failure, ServiceError
from magroup.model.configuration import Configuration
from magroup.model.people import User
from magroup.store.audit import record
from tests.live.csta_client import CstaClient
from tests.live.gadgets import PASSWORD
from tests.live.pbx import hear_each_other
from tests.live.server import SECRET, company
from tests.live.serving import Serving
from tests.live.whole_server import WholeServer
from tests.peers import Authority, Baresip, until

SETTINGS = """[csta]
listen = ["tcp:0:interface=127.0.0.1"{more}]
users = ["u1201"]
watchers = ["U1202", "u1203"]
{options}
"""


class Csta(Serving):
    """Four lines, of which three are of users with a password."""

    async def serve(self, options: str = "", more: str = "") -> WholeServer:
        whole = WholeServer(self, SETTINGS.format(options=options, more=more))
        users = {number: f'password = "{PASSWORD}"' for number in ("1201", "1202", "1203", "1047")}
        await whole.start(company(others=("1201", "1202", "1203"), users=users))
        return whole

    def place(self, whole: WholeServer, at: int = 0) -> str:
        return f"tcp:127.0.0.1:{whole.server.csta.listening[at].port}"

    async def phones(self, whole: WholeServer, *numbers: str) -> list[Baresip]:
        found = [Baresip(self, number, registrar=whole.sip, secret=SECRET) for number in numbers]
        for phone in found:
            await phone.start()
        for phone in found:
            await phone.registered()
        return found

    async def client(self, whole: WholeServer, user: str, edition: Edition = Edition.ED4) -> CstaClient:
        """One that is logged in."""
        made = await CstaClient(self, edition).connect(self.place(whole))
        self.assertIsInstance(await made.log_in(user, PASSWORD), s.StartApplicationSessionPosResponse)
        return made

    async def test_watched_and_steered(self) -> None:
        """Bob's call is held, Carol consulted, and Alice left to her; who only watches sees all of it."""
        whole = await self.serve()
        alice, bob, carol = await self.phones(whole, "1201", "1202", "1203")
        dialer, dashboard = await self.client(whole, "u1201"), await self.client(whole, "u1202", Edition.ED6)
        for one in (dialer, dashboard):
            await one.monitor("1201", "1202", "1203")
        await alice.dial(f"sip:1202@{whole.address}")
        rings = await dialer.event(e.DeliveredEvent)
        self.assertEqual((rings.calling_device, rings.alerting_device), (subject("1201"), subject("1202")))
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        mine = (await dialer.event(e.EstablishedEvent)).established_connection
        await hear_each_other(alice, bob)
        with self.assertRaises(ServiceError) as caught:
            await dashboard.request(c.HoldCall(call_to_be_held=mine))
        self.assertIs(caught.exception.failure, Failure.PRIVILEGE_VIOLATION)
        consultation = c.ConsultationCall(existing_call=mine, consulted_device=DeviceId("1203"))
        active = (await dialer.request(consultation)).initiated_call
        await dialer.event(e.HeldEvent)
        await carol.wait("CALL_INCOMING")
        await carol.answer()
        await hear_each_other(bob, carol)
        snapshot = await dashboard.request(m.SnapshotDevice(snapshot_object=DeviceId("1202")))
        found = {one.connection_identifier: one.local_call_state.compound_call_state[0]
                 for one in snapshot.cross_ref_id_or_snapshot_data.snapshot_data}  # fmt: skip
        self.assertEqual(found, {mine: "hold", active: "connected"})
        new = (await dialer.request(c.TransferCall(held_call=mine, active_call=active))).transferred_call
        await bob.wait("CALL_CLOSED")
        await hear_each_other(alice, carol)
        transferred = await dashboard.event(e.TransferedEvent)
        self.assertEqual((transferred.primary_old_call, transferred.secondary_old_call), (mine, active))
        await dialer.request(c.ClearConnection(connection_to_be_cleared=new))
        await alice.wait("CALL_CLOSED")
        await until(lambda: not whole.server.assembly.telephony.switch.calls_by_id, what="no call")
        await until(lambda: len(dialer.told) == len(dashboard.told), what="both are told of all")
        self.assertEqual([type(one) for one in dialer.told], [type(one) for one in dashboard.told])

    async def test_made(self) -> None:
        """A call is made for Alice by a program over TLS, and its end is told."""
        authority = Authority(self.mktemp_path())
        file = authority.certificate("127.0.0.1")
        whole = await self.serve(more=f', "ssl:0:interface=127.0.0.1:privateKey={file}:certKey={file}"')
        alice, bob = await self.phones(whole, "1201", "1202")
        port = whole.server.csta.listening[1].port
        dialer = await CstaClient(self).connect(
            f"tls:localhost:{port}:trustRoots={authority.directory}"
        )  # fmt: skip
        await dialer.log_in("u1201", PASSWORD)
        await dialer.monitor("1201", "1202")
        call = c.MakeCall(calling_device=DeviceId("1201"), called_directory_number=DeviceId("1202"))
        mine = (await dialer.request(call)).calling_device
        self.assertEqual(mine, ConnectionID(mine.call_id, DeviceId("1201")))
        await alice.wait("CALL_INCOMING")
        await alice.answer()
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        await hear_each_other(alice, bob)
        await bob.hangup()
        await alice.wait("CALL_CLOSED")
        await dialer.event(e.ConnectionClearedEvent, 2)

    async def test_routed(self) -> None:
        """A program says where a call to its number goes; without the program there is nobody at the number."""
        whole = await self.serve('route_points = ["8500", "1047"]')
        alice, bob = await self.phones(whole, "1201", "1202")
        dialer = await self.client(whole, "u1201")
        registered = await dialer.request(r.RouteRegister(routeing_device=DeviceId("8500")))
        with self.assertRaises(ServiceError):
            await dialer.request(r.RouteRegister(routeing_device=DeviceId("1047")))
        await alice.dial(f"sip:8500@{whole.address}")
        asked = await dialer.event(r.RouteRequest)
        self.assertEqual(asked.route_register_req_id, registered.route_register_req_id)
        select = r.RouteSelect(cross_ref_identifier=asked.cross_ref_identifier, route_selected=DeviceId("1202"))
        dialer.association.request(select).addErrback(lambda failure: None)
        await bob.wait("CALL_INCOMING")
        await dialer.event(r.RouteEnd)
        await bob.answer()
        await hear_each_other(alice, bob)
        await bob.hangup()
        await alice.wait("CALL_CLOSED")
        await dialer.close()
        await alice.dial(f"sip:8500@{whole.address}")
        await alice.wait("CALL_CLOSED")

    async def test_let_in(self) -> None:
        """By name and password, and only whom the settings name."""
        whole = await self.serve()
        for user, password in (("u1201", "wrong"), ("u1047", PASSWORD), ("nobody", PASSWORD)):
            client = await CstaClient(self).connect(self.place(whole))
            self.assertIsInstance(await client.log_in(user, password), s.StartApplicationSessionNegResponse)
            with self.assertRaises(ServiceError):
                await client.request(RequestSystemStatus())
        whole = await self.serve('open_to = ["127.0.0.0/8"]')
        client = await CstaClient(self).connect(self.place(whole))
        self.assertEqual((await client.request(RequestSystemStatus())).system_status, "normal")
        self.assertEqual(len(whole.server.csta.describe()), 1)

    async def test_settings_change(self) -> None:
        """Who is taken out is told and cut off; the others stay, with what they may do now."""
        whole = await self.serve()
        dialer, dashboard = await self.client(whole, "u1201"), await self.client(whole, "u1203")
        text = whole.config.read_text()
        changed = text.replace('users = ["u1201"]', "users = []").replace('["U1202", "u1203"]', '["u1201"]')
        self.assertNotEqual(changed, text)
        whole.config.write_text(changed)
        whole.server.read_again()
        await until(lambda: dashboard.is_closed, what="cut off")
        await dashboard.event(s.ApplicationSessionTerminated)
        call = c.MakeCall(calling_device=DeviceId("1201"), called_directory_number=DeviceId("1202"))
        with self.assertRaises(ServiceError) as caught:
            await dialer.request(call)
        self.assertIs(caught.exception.failure, Failure.PRIVILEGE_VIOLATION)

    async def test_password_changes(self) -> None:
        """The program has to log in anew; a user who is gone has no program."""
        whole = await self.serve()
        dialer, dashboard = await self.client(whole, "u1201"), await self.client(whole, "u1203")
        assembly = whole.server.assembly
        user = assembly.current.value.user("u1201")
        assert user is not None

        def changed(to: User | None) -> Callable[[Configuration], Configuration]:
            return lambda value: value.changed(
                users=tuple(one for one in (to if each.key == "u1201" else each for each in value.users) if one)
            )

        await assembly.current.edit(assembly.database, changed(replace(user, last_name="Other")), record)
        self.assertFalse(dialer.is_closed)
        accounts = whole.server.accounts.admission.accounts
        new = await whole.server.accounts.admission.passwords.hashed("other words")
        self.assertTrue(await accounts.set_password("u1201", user.password_hash, new, None))
        await until(lambda: dialer.is_closed, what="cut off")
        await dialer.event(s.ApplicationSessionTerminated)
        again = await CstaClient(self).connect(self.place(whole))
        self.assertIsInstance(await again.log_in("u1201", PASSWORD), s.StartApplicationSessionNegResponse)
        self.assertIsInstance(await again.log_in("u1201", "other words"), s.StartApplicationSessionPosResponse)
        await assembly.current.edit(assembly.database, changed(None), record)
        await until(lambda: again.is_closed, what="cut off too")
        self.assertFalse(dashboard.is_closed)

    async def test_stop(self) -> None:
        """Programs are told."""
        whole = await self.serve()
        client = await self.client(whole, "u1203")
        await whole.stop()
        await until(lambda: client.is_closed, what="closed")
        await client.event(s.ApplicationSessionTerminated)

    def mktemp_path(self) -> Path:
        return Path(self.mktemp()).absolute()
