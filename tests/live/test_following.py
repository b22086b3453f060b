"""A call between real phones as whoever follows it by the API sees it: who rings, why, answered, held, over."""

import json
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.utils import getProcessOutputAndValue

from magroup.served import served
from magroup.web.site import Surroundings, WebSite
from magroup.web.status import Readiness, Status
from tests.live.case import LiveCase
from tests.live.pbx import hear_each_other
from tests.live.phones import baresips
from tests.live.server import Live, company
from tests.peers import until
from tests.web.admission.kit import admission
from tests.web.api.curl_stream import CurlStream
from tests.web.rest.server import CURL, Following

reactor: Any = _reactor


class Api:
    """The API of a running server, for users with tokens."""

    def __init__(self, server: Live) -> None:
        self._test = server.test
        self._admission = admission(Following(server.assembly.current), reactor)
        settings = server.settings
        services = served(server.assembly, self._admission, lambda connection, change: None)
        site = WebSite(
            Surroundings(
                settings.instance, "1", Status, Readiness(), reactor.seconds, self._admission, *services
            )
        )  # fmt: skip
        port = reactor.listenTCP(0, site.site(reactor), interface="127.0.0.1")
        server.test.addCleanup(port.stopListening)
        self._url = f"http://127.0.0.1:{port.getHost().port}/api/v1"

    async def token(self, user_key: str) -> str:
        _, secret = await self._admission.tokens.create(
            user_key, "test", ["presence:read", "calls:read", "events:read"], 0.0, user_key, "here"
        )  # fmt: skip
        return f"Authorization: Bearer {secret}"

    async def stream(self, token: str, query: str = "") -> CurlStream:
        """An open stream of events."""
        return await CurlStream(self._test, f"{self._url}/events{query}", token).begun()

    async def get(self, token: str, path: str) -> Any:
        out, err, code = await getProcessOutputAndValue(
            CURL, ("--silent", "--show-error", "--fail", "--noproxy", "*", "-H", token, self._url + path),
            env={"PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        self._test.assertEqual((code, err), (0, b""))
        return json.loads(out)


class FollowingTests(LiveCase):
    """The administrator is the manager, with the line 1047; 1175 is an assistant's, 1201 nobody's in the group."""

    async def test_call(self) -> None:
        """1201 calls the group, whose manager answers, holds, resumes and hangs up."""
        text = company(people=("1047", "1175"), users={"1047": 'privileges = ["Admin"]'})
        server = await self.serve(text)
        api = Api(server)
        admin, assistant = await api.token("u1047"), await api.token("u1175")
        calls, lines = await api.stream(admin, "?types=call"), await api.stream(assistant)
        caller, manager = await baresips(server, "1201", "1047")
        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await self.told(calls, "delivered", "1047")
        (call,) = (await api.get(admin, "/calls"))["items"]
        self.assertEqual((call["calling"]["number"], call["called"]["number"], call["group_id"]), ("1201", "8973", 1))
        self.assertEqual(call["calling"]["name"], "First1201 Last")
        self.assertEqual({c["device"]: c["state"] for c in call["connections"]}["1047"], "alerting")
        self.assertEqual(call["trail_in_words"], "manager rings")
        self.assertEqual((await api.get(assistant, "/lines/1047/state"))["state"], "ringing")
        await manager.answer()
        await self.told(calls, "established", "1047")
        await caller.wait("CALL_ESTABLISHED")
        await hear_each_other(caller, manager)
        await manager.hold()
        await self.told(calls, "held", "1047")
        states = (await api.get(assistant, "/groups/1/states"))["items"]
        self.assertEqual([(one["number"], one["line"]) for one in states],
                         [("1047", "held"), ("1175", "out_of_service")])  # fmt: skip
        await manager.resume()
        await self.told(calls, "retrieved", "1047")
        shown = await api.get(admin, f"/calls/{call['id']}")
        self.assertTrue(shown["trail_in_words"].startswith("answered by S1047"), shown)
        await manager.hangup()
        await until(lambda: calls.events and calls.events[-1].data["ended"], 20.0, seen=lambda: calls.text)
        self.assertEqual((await api.get(admin, "/calls"))["items"], [])
        self.assertEqual({event.data["call"]["id"] for event in calls.events}, {call["id"]})
        await until(lambda: self.states(lines)[-1:] == ["idle"], 20.0, seen=lambda: lines.text)
        found = self.states(lines)
        self.assertEqual(found[found.index("ringing") :], ["ringing", "busy", "held", "busy", "idle"])
        self.assertEqual({event.data["number"] for event in lines.events if event.type == "line"}, {"1047"})
        await server.quiet()
        self.assertEqual(len(server.assembly.board), 0)

    async def test_phone_is_gone(self) -> None:
        """With the last phone of a colleague, the line is out of service and the colleague unavailable."""
        server = await self.serve(company(people=("1047", "1175")))
        api = Api(server)
        (manager,) = await baresips(server, "1047")
        stream = await api.stream(await api.token("u1175"))
        await manager.stop()
        line, presence = sorted(await stream.has(2), key=lambda event: event.type)
        self.assertEqual(line.data, {"number": "1047", "state": "out_of_service"})
        self.assertEqual((presence.data["user_name"], presence.data["value"]), ("u1047", "unavailable"))
        self.assertEqual(presence.data["said"]["value"], "available")
        await server.stop()
        await stream.over()

    async def told(self, stream: CurlStream, event: str, device: str) -> None:
        """Wait until such an event of this device has come."""
        await until(
            lambda: (event, device) in [(e.data["event"], e.data["device"]) for e in stream.events], 20.0,
            what=f"{event} of {device}", seen=lambda: stream.text,
        )  # fmt: skip

    def states(self, stream: CurlStream) -> list[str]:
        return [event.data["state"] for event in stream.events if event.type == "line"]
