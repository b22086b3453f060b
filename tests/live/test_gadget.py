"""A call between real phones, seen and steered in gadgets."""

from typing import Any

from twisted.internet import reactor as _reactor

from magroup.served import served
from magroup.web.site import Surroundings, WebSite
from magroup.web.status import Readiness, Status
from tests.live.case import LiveCase
from tests.live.pbx import hear_each_other
from tests.live.phones import baresips
from tests.live.server import Live, company
from tests.web.admission.kit import admission
from tests.web.gadget.server import Browser, browse
from tests.web.rest.server import INSTANCE, Following

reactor: Any = _reactor


class Gadgets:
    """Browsers of a running server's users."""

    def __init__(self, server: Live) -> None:
        self._server = server
        self._admission = admission(Following(server.assembly.current), reactor)
        services = served(server.assembly, self._admission, lambda connection, change: None)
        site = WebSite(
            Surroundings(INSTANCE, "1", Status, Readiness(), reactor.seconds, self._admission, *services)
        )  # fmt: skip
        self._port = reactor.listenTCP(0, site.site(reactor), interface="127.0.0.1")
        server.test.addCleanup(self._port.stopListening)

    async def looks(self, user_name: str, group: int = 1) -> Browser:
        """A gadget of the user that has the snapshot of the group."""
        user = self._server.assembly.current.value.user(user_name)
        assert user is not None
        cookie = f"magroup-{INSTANCE}={self._admission.sessions.begin(user, '127.0.0.1')}"
        browser = await browse(f"127.0.0.1:{self._port.getHost().port}", cookie)
        self._server.test.addCleanup(self._close, browser)
        await browser.opened
        await browser.next("hello")
        await browser.done("group", group=group)
        browser.snapshot = await browser.next("snapshot")
        return browser

    async def _close(self, browser: Browser) -> None:
        if not browser.is_closed_now:
            browser.transport.abortConnection()
        await browser.closed


class GadgetTests(LiveCase):
    """1047 is the manager's line, 1175 an assistant's, 1201 nobody's in the group."""

    async def test_call(self) -> None:
        """1201 calls the group; the manager answers, holds and goes on in the gadget, which the assistant sees."""
        server = await self.serve(company(people=("1047", "1175")))
        gadgets = Gadgets(server)
        manager, assistant = await gadgets.looks("u1047"), await gadgets.looks("u1175")
        ids = {member["number"]: member["id"] for member in manager.snapshot["members"]}
        caller, called = await baresips(server, "1201", "1047")
        await caller.dial(server.uri("8973"))
        (call,) = (await manager.until(ids["1047"], calls=["ringing"]))["calls"]
        self.assertEqual((call["number"], call["mine"], call["can"]["end"]), ("1201", True, ""))
        (seen,) = (await assistant.until(ids["1047"], calls=["ringing"]))["calls"]
        self.assertEqual((seen["id"], seen["mine"], seen["can"]), (call["id"], False, {"pickup": ""}))
        await called.answer()
        await manager.until(ids["1047"], line="busy", calls=["active"])
        await hear_each_other(caller, called)
        at = {"call": call["id"], "device": "1047"}
        await manager.done("hold", **at)
        await assistant.until(ids["1047"], line="held")
        await manager.until(ids["1047"], line="held", calls=["held"])
        await manager.done("retrieve", **at)
        await manager.until(ids["1047"], line="busy", calls=["active"])
        await hear_each_other(caller, called)
        code, _ = await assistant.refused("end", **at)
        self.assertEqual(code, "forbidden")
        await manager.done("end", **at)
        await assistant.until(ids["1047"], line="idle", calls=[])
        await caller.wait("CALL_CLOSED")
        await server.quiet()

    async def test_consultation(self) -> None:
        """1201 calls 1047, who asks 1175 by the gadget and joins the two."""
        server = await self.serve(company(people=("1047", "1175")))
        manager = await Gadgets(server).looks("u1047")
        ids = {member["number"]: member["id"] for member in manager.snapshot["members"]}
        caller, called, asked = await baresips(server, "1201", "1047", "1175")
        await caller.dial(server.uri("1047"))
        (call,) = (await manager.until(ids["1047"], calls=["ringing"]))["calls"]
        await called.answer()
        await manager.until(ids["1047"], calls=["active"])
        at = {"call": call["id"], "device": "1047"}
        other = (await manager.done("consult", **at, to={"member": ids["1175"]}))["call"]
        await manager.until(ids["1175"], line="ringing")
        await asked.answer()
        held, active = (await manager.until(ids["1047"], calls=["held", "active"]))["calls"]
        self.assertEqual((held["id"], active["id"], active["consulting"]), (call["id"], other, call["id"]))
        self.assertEqual((active["can"]["complete"], active["can"]["cancel"]), ("", ""))
        await manager.done("complete", call=other, device="1047")
        await manager.until(ids["1047"], line="idle", calls=[])
        await hear_each_other(caller, asked)
        await caller.hangup()
        await server.quiet()
