"""Simulated phones, which refuse what real ones refuse, pushed to by a whole server."""

from dataclasses import replace
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import maybeDeferred

from magroup.cli.simulated_phone import MODELS, Effect, Failing, Fault, Handset, PhoneWebServer
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.store.audit import record
from tests.live.server import company
from tests.live.test_pushes import PushedCase
from tests.live.whole_server import WholeServer
from tests.peers import until


class Phone:
    """A simulated phone of a line, with its web server on a port of its own."""

    def __init__(self, test: Any, model: str, number: str, strip: bool = False) -> None:
        self.number = number
        self.strip = strip
        self.device = f"SEP00000000{number}"
        self.handset = Handset(reactor, MODELS[model], self.device, address="127.0.0.1")
        self.handset.playing = 0.05
        self.server = PhoneWebServer(self.handset)
        self.port: Any = reactor.listenTCP(0, self.server.site(), interface="127.0.0.1")  # type: ignore[attr-defined]
        test.addCleanup(self.stop)

    async def stop(self) -> None:
        self.handset.close()
        await maybeDeferred(self.port.stopListening)

    @property
    def toml(self) -> str:
        return (
            f'[[phones]]\ndevice_name = "{self.device}"\nlines = ["{self.number}"]\n'
            f'address = "127.0.0.1:{self.port.getHost().port}"\nmodel = "{self.handset.model.model_name}"\n'
            f"strip = {'true' if self.strip else 'false'}\n"
        )


class PushedPhones(PushedCase):
    async def start(self, *phones: Phone) -> None:
        """A server whose phones show the group, and ask us about passwords."""
        self.whole = WholeServer(self)
        options = 'manager_alarm = "Harp.raw"\nassistant_alarm = "Chime.raw"\n'
        server = await self.whole.start(company(options, more="".join(phone.toml for phone in phones)))
        for phone in phones:
            phone.server._authentication_url = f"{self.whole.web}/phone/authentication"
        await server.assembly.settings_book.change({"public_url": self.whole.web}, "Ann", "127.0.0.1")
        await server.assembly.current.edit(
            server.assembly.database,
            lambda now: now.changed(lines=tuple(replace(line, displayed_group=1) for line in now.lines)), record,
        )  # fmt: skip

    def forward(self, to: str) -> None:
        """The picture is another one from now on."""
        book = self.whole.server.assembly.application.forwarding
        book.set_line("1047", Forwarding(ForwardTo.NUMBER, to) if to else Forwarding(), "test")

    async def shows(self, phone: Phone, before: Any = None) -> Any:
        """Wait until something else is on the display than ``before``."""
        handset = phone.handset
        await until(
            lambda: handset.shown is not None and handset.shown is not before, 20.0, what="a picture",
            seen=lambda: f"{handset.refusals} {self.pushes.pusher.figures.outcomes}",
        )  # fmt: skip
        return handset.shown

    async def test_picture(self) -> None:
        """Each model shows its picture, and another one after a change; one in use later; nothing is refused."""
        phones = [Phone(self, "8845", "1175"), Phone(self, "7945", "1068"), Phone(self, "7975", "1047", strip=True)]
        await self.start(*phones)
        new, old, strip = phones
        shown = [await self.shows(one) for one in (new, old)]
        self.assertEqual([one.page.kind for one in shown], ["ImageFile", "ImageFile"])
        await until(lambda: strip.handset.strip is not None, 20.0, what="a strip")
        before = strip.handset.strip
        old.handset.become_busy()
        self.forward("1201")
        await self.shows(new, shown[0])
        await until(lambda: strip.handset.strip is not before, 20.0, what="another strip")
        await until(lambda: old.handset.effects, 20.0, what="a push that comes at a bad time")
        self.assertEqual([effect.scheme for effect in old.handset.effects], ["dropped"])
        self.assertIs(old.handset.shown, shown[1])
        old.handset.idle_url = f"{self.whole.web}/phone/display?device={old.device}"
        old.handset.become_idle()
        await self.shows(old, shown[1])
        for one in phones:
            self.assertEqual((one.handset.refusals, one.server.most_running), ([], 1))

    async def test_tones(self) -> None:
        """The others' phones play; the picture comes beside."""
        phones = [Phone(self, "8865", "1175"), Phone(self, "7841", "1068")]
        await self.start(*phones)
        caller = await self.call()
        for one in phones:
            await until(lambda one=one: Effect("Play", "Harp.raw") in one.handset.effects, 20.0, what="a tone")
        await caller.stop()
        self.assertEqual([one.handset.refusals for one in phones], [[], []])

    async def test_faults(self) -> None:
        """Phones that fail in every way there is: none of them keeps the others from their pictures."""
        elsewhere = Phone(self, "8845", "1201")
        for fault, number in ((Fault(Failing.HANG), "1175"), (Fault(Failing.GARBAGE), "1068")):
            ill, well = Phone(self, "8845", number), Phone(self, "8845", "1047")
            ill.server.fault = fault
            await self.start(ill, well)
            await self.shows(well)
            self.assertIsNone(ill.handset.shown)
            await self.whole.stop()
        ill = Phone(self, "8845", "1175")
        ill.server.fault = Fault(Failing.REDIRECT, url=f"http://127.0.0.1:{elsewhere.port.getHost().port}/CGI/Execute")
        await self.start(ill)
        await until(lambda: self.pushes.pusher.figures.outcomes["failed"] == 1, 20.0, what="a push that failed")
        self.assertEqual(self.pushes.pusher.left_alone, 1)
        ill.server.fault = Fault(Failing.ERROR, number=4)
        self.pushes.pusher.appeared(ill.device.casefold())
        await until(lambda: self.pushes.pusher.figures.outcomes["refused"] == 1, 20.0, what="refused credentials")
        ill.server.fault = None
        self.pushes.pusher.appeared(ill.device.casefold())
        await self.shows(ill)
        self.assertEqual((list(elsewhere.server.pushes), elsewhere.server.most_running), ([], 0))
