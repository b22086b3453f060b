"""Pushes of a whole server to phones on sockets: tones by HTTP with the authentication URL asked back, and by SIP."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from treq.client import HTTPClient
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase
from twisted.web.client import Agent, HTTPConnectionPool

from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.store.audit import record
from tests.live.cisco_phone import CiscoPhone
from tests.live.phones import baresips
from tests.live.server import company
from tests.live.whole_server import WholeServer
from tests.peers import until
from tests.web.phone.push.phone_server import RESPONSE, PhoneServer, answer

RAF, ARA = "SEP0000000011A5", "SEP0000000010A8"
ERROR = b'<CiscoIPPhoneError Number="4"/>'


class Place:
    """Where baresips register."""

    def __init__(self, test: TestCase, whole: WholeServer) -> None:
        self.test = test
        self.sip = f"{whole.address}:5060"

    def uri(self, number: str) -> str:
        return f"sip:{number}@{self.sip}"


class AsksBack:
    """A phone that asks the authentication URL before it does anything; ``words`` are the answers to that."""

    def __init__(self, phone: PhoneServer, device: str, method: str = "GET") -> None:
        self.phone = phone
        self.device = device
        self.method = method
        self.url = ""
        self.words: list[bytes] = []
        self.headers: list[set[bytes]] = []
        phone.says = self

    def __call__(self, transport: Any) -> None:
        user, password = self.phone.credentials()

        async def ask() -> None:
            word = await self.ask(user, password, self.device)
            transport.write(answer(RESPONSE if word == b"AUTHORIZED" else ERROR))

        Deferred.fromCoroutine(ask())

    async def ask(self, user: str, password: str, device: str) -> bytes:
        """The answer to credentials."""
        fields = {"UserID": user, "Password": password, "devicename": device}
        client = HTTPClient(Agent(reactor, pool=HTTPConnectionPool(reactor, persistent=False)))
        if self.method == "GET":
            response = await client.get(f"{self.url}?{urlencode(fields)}")
        else:
            response = await client.post(self.url, data=fields)
        self.headers.append({name.lower() for name, _ in response.headers.getAllRawHeaders()})
        self.words.append(await response.content())
        return self.words[-1]


class PushedCase(TestCase):
    """``whole`` is the server."""

    timeout = 90
    whole: WholeServer

    @property
    def pushes(self) -> Any:
        return self.whole.server.assembly.pushes

    async def call(self) -> Any:
        """A call that rings at the manager."""
        place: Any = Place(self, self.whole)
        caller, manager = await baresips(place, "1201", "1047")
        await caller.dial(place.uri("1047"))
        await manager.wait("CALL_INCOMING")
        return caller


class Pushed(PushedCase):
    async def serve(self, more: str = "", tones: str = 'manager_alarm = "Harp.raw"\nassistant_alarm = "Chime.raw"\n',
                    file: str = "") -> WholeServer:  # fmt: skip
        self.whole = WholeServer(self, file)
        await self.whole.start(company(tones, more=more))
        return self.whole

    def phones(self) -> tuple[AsksBack, AsksBack]:
        found = AsksBack(PhoneServer(self), RAF), AsksBack(PhoneServer(self), ARA, "POST")
        self.more = "".join(
            f'[[phones]]\ndevice_name = "{one.device}"\nlines = ["{number}"]\naddress = "{one.phone.address}"\n'
            for one, number in zip(found, ("1175", "1068"), strict=True)
        )
        return found

    async def test_tones(self) -> None:
        """The others' phones play the manager's tone, each after it has asked us whether it may."""
        both = self.phones()
        whole = await self.serve(self.more)
        for one in both:
            one.url = f"{whole.web}/phone/authentication"
        caller = await self.call()
        for one in both:
            await until(lambda one=one: one.words, what="a push", seen=lambda: str(self.pushes.pusher.figures.outcomes))
            self.assertEqual(one.words, [b"AUTHORIZED"])
            self.assertIn('URL="Play:Harp.raw"', one.phone.pushed[0])
            usual = {b"content-type", b"content-length", b"content-encoding", b"cache-control", b"server", b"date"}
            self.assertEqual(one.headers[0] - usual, set())
        await until(lambda: self.pushes.pusher.figures.outcomes["done"] == 2, what="two done")
        first = both[0]
        user, password = first.phone.credentials()
        self.assertEqual(await first.ask(user, password, RAF), b"UN-AUTHORIZED")
        metrics = await HTTPClient(Agent(reactor, pool=HTTPConnectionPool(reactor, persistent=False))).get(
            f"{whole.web}/metrics"
        )
        self.assertIn('magroup_phone_pushes_total{outcome="done"} 2.0', await metrics.text())
        await caller.stop()
        await until(lambda: not len(self.pushes.ringtones), what="no call remembered")
        self.assertEqual(len(self.pushes.pusher), 0)

    async def test_a_phone_that_hangs(self) -> None:
        """It delays nobody, and is left alone."""
        first, second = self.phones()
        whole = await self.serve(self.more)
        first.phone.says = answer(b"rubbish")
        second.url = f"{whole.web}/phone/authentication"
        caller = await self.call()
        await until(lambda: second.words == [b"AUTHORIZED"], what="the other's push")
        await until(lambda: self.pushes.pusher.left_alone == 1, what="the first is left alone")
        await caller.stop()

    async def test_by_sip(self) -> None:
        """A phone registered with remotecc, of which no address and no credentials are set, is told by REFER."""
        more = f'[[phones]]\ndevice_name = "{RAF}"\nlines = ["1175"]\n'
        whole = await self.serve(more)
        phone = await CiscoPhone(self, f"{whole.address}:5060", "1175", RAF.removeprefix("SEP").lower()).register()
        await phone.hears(lambda told: b"<bulkupdate>" in told.body, "message lamp and forwarding")
        lamp = await phone.hears(lambda told: told.get("Event") == "presence", "a busy lamp")
        self.assertIn(b"<basic>closed</basic>", lamp.body)
        caller = await self.call()
        refer = await phone.hears(lambda told: b"Play:Harp.raw" in told.body, "the tone")
        self.assertIn(b"<datapassthroughreq>", refer.body)
        await phone.hears(
            lambda told: told.get("Event") == "presence" and b"alerting" in told.body and b"1047" in told.body, "a lamp"
        )
        self.assertEqual(self.pushes.pusher.figures.outcomes["silent"], 0)
        answered = await phone.ask("REFER", {
            "Refer-To": "<urn:x-cisco-remotecc:token-registration>", "Contact": phone.contact,
        })  # fmt: skip
        self.assertEqual(answered.status, 202)
        kept = await phone.ask("REGISTER", {"Contact": phone.contact + ";expires=0;cisco-keep-alive"})
        self.assertEqual(kept.status, 200)
        self.assertTrue(whole.server.assembly.telephony.registrar.is_registered("1175"))
        await caller.stop()

    async def test_status(self) -> None:
        """The page's URL is pushed when the group looks another way; what is there is the picture of that."""
        first, second = self.phones()
        more = self.more.replace('lines = ["1175"]', 'lines = ["1175"]\nmodel = "CP-8845"')
        more = more.replace('lines = ["1068"]', 'lines = ["1068"]\nmodel = "CP-8845"\nstrip = true')
        whole = await self.serve(more)
        server = whole.server
        for one in (first, second):
            one.url = f"{whole.web}/phone/authentication"
        book = server.assembly.settings_book
        await book.change({"public_url": whole.web}, "Ann", "127.0.0.1")
        self.assertEqual(first.phone.asked, [])
        await server.assembly.current.edit(
            server.assembly.database,
            lambda now: now.changed(lines=tuple(
                replace(line, displayed_group=1 if line.number in ("1175", "1068") else 0) for line in now.lines
            )),
            record,
        )  # fmt: skip
        for one in (first, second):
            await until(lambda one=one: one.phone.asked, 15.0, what="the first status")
        (document,) = first.phone.pushed
        self.assertIn(f'Priority="2" URL="{whole.web}/phone/display?device={RAF}"', document)
        page = await self.get(f"{whole.web}/phone/display?device={RAF}")
        self.assertIn(b"<CiscoIPPhoneImageFile", page)
        strip = second.phone.pushed[0]
        self.assertIn("<CiscoIPPhoneStatusFile>", strip)
        picture = await self.get(strip.partition("<URL>")[2].partition("</URL>")[0])
        self.assertTrue(picture.startswith(b"\x89PNG"))
        await until(lambda: self.pushes.pusher.figures.outcomes["done"] == 2, 15.0, what="both done")
        server.assembly.application.forwarding.set_line("1047", Forwarding(ForwardTo.NUMBER, "1201"), "test")
        for one in (first, second):
            await until(lambda one=one: len(one.phone.asked) == 2, 15.0, what="the second status")
        self.assertNotEqual(second.phone.pushed[1], strip)
        await until(lambda: len(self.pushes.pusher) == 0, 15.0, what="nothing left to push")

    async def get(self, url: str) -> bytes:
        """What a phone gets."""
        response = await HTTPClient(Agent(reactor, pool=HTTPConnectionPool(reactor, persistent=False))).get(url)
        self.assertEqual(response.code, 200)
        body: bytes = await response.content()
        return body

    async def test_switched_off(self) -> None:
        first, second = self.phones()
        await self.serve(self.more, file='[phones]\npush = "off"\n')
        caller = await self.call()
        await caller.stop()
        self.assertEqual(first.phone.asked + second.phone.asked, [])
